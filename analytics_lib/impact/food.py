"""The formulas of shared food: one function each, units, bases and places checked."""

from collections.abc import Mapping

import numpy as np

from analytics_lib.core.checks import require_choice
from analytics_lib.core.errors import ParameterError
from analytics_lib.impact.amounts import Amount, times, total
from analytics_lib.impact.factors.factor import Factor, Number
from analytics_lib.impact.factors.factor_set import FactorSet


def food_shared(servings: Mapping[str, int], factors: FactorSet, *, region: str) -> Amount:
    """How many kilograms of food were in so many servings?

    Args:
        servings: How many servings of each size were handed over.
        factors: Factor set that knows the sizes.
        region: Where.

    Returns:
        Kilograms of food shared.

    Raises:
        ParameterError: A size is unknown, a count is negative, or there are none.

    Examples:
        >>> from analytics_lib.impact.factors.platform_default import PLATFORM_DEFAULT
        >>> food_shared({"small": 10, "family": 1}, PLATFORM_DEFAULT, region="global").value
        5.4
    """
    sizes = factors.items("serving_mass")
    for size, count in servings.items():
        require_choice(size, sizes, name="serving")
        if count < 0:
            raise ParameterError(f"`servings` of {size!r} is {count}; it must be 0 or more.")
    return total(
        times(
            Amount(value=float(count), unit="servings", of="servings", region=region),
            factors.require("serving_mass", region=region, item=size),
            of="food shared",
        )
        for size, count in servings.items()
    )


def food_consumed(shared: Amount, *, consumed_share: float) -> Amount:
    """How many kilograms of the food shared were eaten?

    Args:
        shared: Food shared.
        consumed_share: Share of it that was eaten, from reports of recipients.

    Raises:
        ParameterError: The share is not between 0 and 1, or the amount is of something else.
    """
    _require_of(shared, "food shared")
    return share_of(shared, consumed_share, name="consumed_share", of="food consumed")


def waste_prevented(shared: Amount, rate: Factor | None) -> Amount:
    """How many kilograms of waste did sharing prevent?

    Not all food that is shared would have been thrown away. A set without a
    rate of its own counts every kilogram: an upper bound, and the page says so.

    Args:
        shared: Food shared.
        rate: Waste prevention rate (`kg per kg`), or None.

    Returns:
        Kilograms of waste prevented.

    Examples:
        >>> from analytics_lib.impact.factors.platform_default import PLATFORM_DEFAULT
        >>> rate = PLATFORM_DEFAULT.require("waste_prevention", region="global")
        >>> given = Amount(value=4500.0, unit="kg", of="food shared")
        >>> waste_prevented(given, rate).value  # 4,500 times 0.85
        3825.0
    """
    _require_of(shared, "food shared")
    if rate is None:
        return Amount(
            value=shared.value, unit=shared.unit, of="waste prevented", region=shared.region
        )
    return times(shared, rate, of="waste prevented")


def greenhouse_gas_avoided(food: Amount, factor: Factor) -> Amount:
    """How many kilograms of CO2e would the food have cost if it had been produced again?

    Args:
        food: Waste prevented, or food shared where the factor is per kilogram shared.
        factor: `ghg` of a factor set.

    Returns:
        Kilograms of CO2e, gross: before rebound and transport.

    References:
        The source of the factor.
    """
    return _of_quantity(food, factor, quantity="ghg", of="greenhouse gas")


def water_saved(food: Amount, factor: Factor) -> Amount:
    """How many litres of water would the food have cost?

    Gross, before rebound. The sets count different waters (FAO blue water only); the unit is the
    same, the scope is not: read `factor.scope`.
    """
    return _of_quantity(food, factor, quantity="water", of="water")


def land_spared(food: Amount, factor: Factor) -> Amount:
    """How much land would the food have occupied?

    Gross; in `m2`, or `m2 year` where the source says so.
    """
    return _of_quantity(food, factor, quantity="land", of="land")


def meals(shared: Amount, meal_mass: Factor) -> Amount:
    """How many meals is that much food?

    Args:
        shared: Food shared.
        meal_mass: Kilograms for each meal (0.42 by WRAP's convention).

    Returns:
        Meals.

    Raises:
        ParameterError: The factor is no mass of a meal, or the base differs.

    Examples:
        >>> from analytics_lib.impact.factors.published import WRAP_MEAL
        >>> given = Amount(value=235, unit="t", of="food shared", region="GB")
        >>> round(meals(given, WRAP_MEAL).number())
        559524
    """
    _require_of(shared, meal_mass.per)
    if meal_mass.quantity != "meal_mass" or np.any(np.asarray(meal_mass.value) <= 0):
        raise ParameterError("`meal_mass` must be the mass of a meal, above 0.")
    kilograms = shared.to("kg").value
    return Amount(value=kilograms / meal_mass.value, unit="meals", of="meals", region=shared.region)


def food_value(shared: Amount, price: Factor) -> Amount:
    """What would the food have cost, in the currency of the price?"""
    return _of_quantity(shared, price, quantity="price", of="food value")


def money_saved(value: Amount, share: Factor) -> Amount:
    """How much money did households save, as a share of the value of the food?"""
    return _of_quantity(value, share, quantity="saved_share", of="money saved")


def local_activity(value: Amount, share: Factor) -> Amount:
    """How much of the value of the food became local economic activity?

    It is a share of the value, not of what was saved; the two are not added up.
    """
    return _of_quantity(value, share, quantity="local_share", of="local activity")


def lasting_connections(exchanges: Amount, factor: Factor) -> Amount:
    """How many lasting connections is that many exchanges expected to form?

    An expectation from a factor; `communities_strengthened` counts real ones.
    """
    return _of_quantity(exchanges, factor, quantity="lasting_connections", of="lasting connections")


def bond_strength(exchanges: Amount, factor: Factor) -> Amount:
    """How many points of bond strength is that many exchanges expected to give?"""
    return _of_quantity(exchanges, factor, quantity="bond_strength", of="bond strength")


def share_of(amount: Amount, share: Number, *, name: str, of: str) -> Amount:
    """A share of an amount.

    Raises:
        ParameterError: The share is not between 0 and 1.
    """
    if not np.all((np.asarray(share) >= 0) & (np.asarray(share) <= 1)):
        raise ParameterError(f"`{name}` is {share}; it must be a share between 0 and 1.")
    return Amount(value=amount.value * share, unit=amount.unit, of=of, region=amount.region)


def _of_quantity(amount: Amount, factor: Factor, *, quantity: str, of: str) -> Amount:
    if factor.quantity != quantity:
        raise ParameterError(f"The factor is of `{factor.quantity}`; it must be of `{quantity}`.")
    return times(amount, factor, of=of)


def _require_of(amount: Amount, of: str) -> None:
    if amount.of != of:
        raise ParameterError(f"The amount is of `{amount.of}`; it must be of `{of}`.")
