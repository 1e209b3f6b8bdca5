"""Every figure of a place from its masses and factors, once or for many possible values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from analytics_lib.impact.amounts import Amount, times, total
from analytics_lib.impact.assumptions import NetAssumptions
from analytics_lib.impact.factors.factor import Factor
from analytics_lib.impact.factors.factor_set import FactorSet
from analytics_lib.impact.factors.published import WRAP_MEAL
from analytics_lib.impact.food import (
    bond_strength,
    food_consumed,
    food_value,
    lasting_connections,
    local_activity,
    meals,
    money_saved,
    waste_prevented,
)
from analytics_lib.impact.net import (
    after_rebound,
    car_kilometres,
    collection_transport,
    displaced,
    net_of,
)

ENVIRONMENT = {"ghg": "greenhouse gas", "water": "water", "land": "land"}
_SIMPLE = (
    "waste_prevention", "price", "saved_share", "local_share", "lasting_connections",
    "bond_strength", "meal_mass",
)  # fmt: skip
Key = tuple[str, str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """What was observed.

    Attributes:
        shared: Mass of each food, in the order of the cells.
        foods: Kind of food of each mass.
        consumed_share: Share of the mass that was eaten; None where nobody reported.
        exchanges: How many.
        distance: Driven to collect, or None where nothing is known of it.
    """

    shared: Sequence[Amount]
    foods: Sequence[str | None]
    consumed_share: float | None
    exchanges: Amount
    distance: Amount | None


def factors_for(
    chosen: FactorSet, *, net: NetAssumptions, region: str, foods: Sequence[str | None]
) -> dict[Key, Factor]:
    """Every factor that the figures of a place need, by quantity and food.

    Raises:
        ParameterError: The set knows a quantity, but not for this place or food.
    """
    found: dict[Key, Factor] = {("meal_mass", None): WRAP_MEAL}
    wanted: list[tuple[str, str | None, FactorSet]]
    wanted = [(quantity, None, chosen) for quantity in _SIMPLE]
    wanted += [(f"rebound_{quantity}", None, net.rebound) for quantity in ENVIRONMENT]
    wanted += [
        (quantity, food if chosen.items(quantity) else None, chosen)
        for quantity in ENVIRONMENT
        for food in dict.fromkeys(foods)
    ]
    for quantity, item, where in wanted:
        factor = where.find(quantity, region=region, item=item)
        if factor is not None:
            found[quantity, item] = factor
    found["car", None] = net.car
    if net.displacement is not None:
        found["displacement", None] = net.displacement
    return found


def figures(inputs: Inputs, factors: Mapping[Key, Factor]) -> dict[str, Amount]:
    """Every figure that the factors allow, by name."""
    shared = total(inputs.shared)
    rate = factors.get(("waste_prevention", None))
    found = {
        "food_shared": shared,
        "waste_prevented": waste_prevented(shared, rate),
        "meals": meals(shared, factors["meal_mass", None]),
    }
    if inputs.consumed_share is not None:
        found["food_consumed"] = food_consumed(shared, consumed_share=inputs.consumed_share)
    for quantity in ENVIRONMENT:
        gross = _gross(inputs, factors, quantity)
        if gross is not None:
            found[f"{quantity}_gross"] = gross
            net = _net(inputs, factors, quantity, gross)
            if net is not None:
                found[f"{quantity}_net"] = net
    if "ghg_gross" in found:
        found["car_kilometres"] = car_kilometres(found["ghg_gross"], factors["car", None])
    return {**found, **_money(shared, factors), **_bonds(inputs.exchanges, factors)}


def _gross(inputs: Inputs, factors: Mapping[Key, Factor], quantity: str) -> Amount | None:
    parts = []
    for shared, food in zip(inputs.shared, inputs.foods, strict=True):
        factor = factors.get((quantity, food)) or factors.get((quantity, None))
        if factor is None:
            return None
        base = shared
        if factor.per == "waste prevented":
            base = waste_prevented(shared, factors.get(("waste_prevention", None)))
        parts.append(times(base, factor, of=ENVIRONMENT[quantity]))
    return total(parts)


def _net(
    inputs: Inputs, factors: Mapping[Key, Factor], quantity: str, gross: Amount
) -> Amount | None:
    rebound = factors.get((f"rebound_{quantity}", None))
    if rebound is None:
        return None
    displacement = factors.get(("displacement", None))
    expected = gross if displacement is None else displaced(gross, displacement=displacement.value)
    left = after_rebound(expected, rebound)
    if quantity == "ghg" and inputs.distance is not None:
        left = net_of(left, collection_transport(inputs.distance, factors["car", None]))
    return left


def _money(shared: Amount, factors: Mapping[Key, Factor]) -> dict[str, Amount]:
    price = factors.get(("price", None))
    if price is None:
        return {}
    value = food_value(shared, price)
    found = {"food_value": value}
    saved, local = factors.get(("saved_share", None)), factors.get(("local_share", None))
    if saved is not None:
        found["money_saved"] = money_saved(value, saved)
    if local is not None:
        found["local_activity"] = local_activity(value, local)
    return found


def _bonds(exchanges: Amount, factors: Mapping[Key, Factor]) -> dict[str, Amount]:
    formulas = {"lasting_connections": lasting_connections, "bond_strength": bond_strength}
    return {
        name: formula(exchanges, factors[name, None])
        for name, formula in formulas.items()
        if (name, None) in factors
    }
