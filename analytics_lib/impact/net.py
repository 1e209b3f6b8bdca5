"""From gross to net: what would have happened anyway, transport, rebound, disposal."""

import numpy as np

from analytics_lib.core.checks import require_at_least
from analytics_lib.core.errors import ParameterError
from analytics_lib.impact.amounts import Amount, times
from analytics_lib.impact.factors.factor import Factor, Number
from analytics_lib.impact.food import greenhouse_gas_avoided, share_of
from analytics_lib.impact.places import covers


def collection_transport(distance: Amount, car: Factor) -> Amount:
    """How much greenhouse gas did the trips to collect the food emit?

    Args:
        distance: Distance driven to collect, there and back.
        car: Emissions for each kilometre (0.17 kg, OLIO).

    Returns:
        Kilograms of CO2e, of `transport`.

    Examples:
        >>> from analytics_lib.impact.factors.adjustments import CAR
        >>> driven = Amount(value=100, unit="km", of="distance", region="GB")
        >>> collection_transport(driven, CAR).value
        17.0
    """
    if car.quantity != "car":
        raise ParameterError(f"The factor is of `{car.quantity}`; it must be of `car`.")
    return times(distance, car, of="transport")


def displaced(gross: Amount, *, displacement: Number) -> Amount:
    """How much of the gross benefit is left if not every kilogram replaces a purchase?

    Gross figures assume that one kilogram shared is one not produced (OLIO says
    so openly). Food that is taken because it is free replaces nothing.

    Args:
        gross: A gross benefit.
        displacement: Share of the food that replaced a purchase, 0 to 1.

    Raises:
        ParameterError: It is no share.
    """
    return share_of(gross, displacement, name="displacement", of=gross.of)


def after_rebound(amount: Amount, rebound: Factor) -> Amount:
    """How much of a benefit is left once the saved money has been spent on something else?

    Args:
        amount: Greenhouse gas, water or land.
        rebound: Share offset, from the set `REBOUND`.

    Returns:
        The amount times one minus the rebound.

    Raises:
        ParameterError: The rebound is of another quantity or place, or no share.

    References:
        Meshulam, Font-Vivanco, Blass and Makov (2022/23), J. Ind. Ecol.: 59 to
        94 % of greenhouse gas, 20 to 81 % of water, 23 to 90 % of land offset.
    """
    expected = {"greenhouse gas": "rebound_ghg", "water": "rebound_water", "land": "rebound_land"}
    if expected.get(amount.of) != rebound.quantity:
        raise ParameterError(f"`{rebound.quantity}` is no rebound of `{amount.of}`.")
    if not covers(rebound.region, amount.region):
        raise ParameterError(
            f"`{rebound.quantity}` holds for {rebound.region!r}, not for {amount.region!r}; "
            "transfer it with a reason (`transferred`)."
        )
    return share_of(amount, 1 - rebound.value, name=rebound.quantity, of=amount.of)


def net_of(amount: Amount, deducted: Amount) -> Amount:
    """An amount less what was spent to get it; it may be negative.

    Raises:
        ParameterError: They are of different places or kinds.
    """
    if amount.region != deducted.region:
        raise ParameterError(
            f"`{amount.of}` is of {amount.region!r} and `{deducted.of}` of {deducted.region!r}; "
            "one cannot be taken from the other."
        )
    return Amount(
        value=amount.value - deducted.to(amount.unit).value,
        unit=amount.unit,
        of=amount.of,
        region=amount.region,
    )


def additional(
    amount: Amount,
    *,
    deadweight: float = 0.0,
    attribution: float = 0.0,
    drop_off: float = 0.0,
    years_since: int = 0,
) -> Amount:
    """How much of an outcome is owed to the platform?

    Args:
        amount: The outcome.
        deadweight: Share that would have happened anyway.
        attribution: Share owed to others.
        drop_off: Share lost with each year after the first.
        years_since: Years since the outcome.

    Returns:
        What is left.

    Raises:
        ParameterError: One is no share, or `years_since` is negative.

    Examples:
        >>> saved = Amount(value=100, unit="USD", of="money saved")
        >>> additional(saved, deadweight=0.2, attribution=0.25, drop_off=0.5, years_since=1).value
        30.0

    References:
        Nicholls J. and others (2012), A Guide to Social Return on Investment,
        The SROI Network, stage 4.
    """
    require_at_least(years_since, 0, name="years_since")

    left = share_of(amount, deadweight, name="deadweight", of=amount.of)
    left = net_of(amount, left)
    left = net_of(left, share_of(left, attribution, name="attribution", of=amount.of))
    share_of(left, drop_off, name="drop_off", of=amount.of)
    kept = float((1 - drop_off) ** years_since)
    return share_of(left, kept, name="drop_off", of=amount.of)


def with_disposal(waste: Amount, production: Factor, disposal: Factor) -> Amount:
    """How much greenhouse gas do production and disposal together come to?

    A factor that contains the end of life already, or might, never meets a
    disposal factor: the landfill would be counted twice.

    Args:
        waste: Waste prevented.
        production: `ghg` factor known not to contain the end of life.
        disposal: Factor of the set `DISPOSAL`.

    Returns:
        Kilograms of CO2e.

    Raises:
        ParameterError: The end of life would, or might, be counted twice.
    """
    if disposal.quantity != "disposal":
        raise ParameterError(f"The factor is of `{disposal.quantity}`; it must be of `disposal`.")
    if production.end_of_life != "not contained":
        raise ParameterError(
            f"The end of life in `ghg` of {production.source!r} is {production.end_of_life}; with "
            "a disposal factor it would be counted twice. Take a factor that is known not to "
            "contain it, such as those of 'by_food'."
        )
    made = greenhouse_gas_avoided(waste, production)
    thrown = times(waste, disposal, of=made.of)
    return Amount(
        value=np.add(made.value, thrown.value), unit=made.unit, of=made.of, region=made.region
    )


def car_kilometres(avoided: Amount, car: Factor) -> Amount:
    """How many kilometres of an average car emit as much?

    A picture, not a saving.

    Args:
        avoided: Greenhouse gas.
        car: Emissions for each kilometre; its place need not match, it is the
            place of the car in the picture.

    Returns:
        Kilometres.

    Examples:
        >>> from analytics_lib.impact.factors.adjustments import CAR
        >>> gas = Amount(value=17, unit="kg CO2e", of="greenhouse gas")
        >>> round(car_kilometres(gas, CAR).number())
        100
    """
    if car.quantity != "car" or avoided.of != "greenhouse gas":
        raise ParameterError("Car kilometres are of greenhouse gas and a `car` factor only.")
    return Amount(
        value=avoided.to("kg CO2e").value / car.value,
        unit="km",
        of="car kilometres",
        region=avoided.region,
    )
