"""`Amount`: a number with its unit, what it is an amount of, and where."""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from typing import Self

import numpy as np

from analytics_lib.core.checks import require_choice
from analytics_lib.core.errors import ParameterError
from analytics_lib.impact.factors.factor import Factor, Number
from analytics_lib.impact.places import covers, require_place
from analytics_lib.impact.units import MASS_UNITS, base_unit, conversion, parse_unit

HEAVIEST_KG = 1e12
"""More than all the food of the world in a year: a mistake of the unit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """A number with its unit, what it is an amount of, and where.

    Attributes:
        value: The number, or an array of possible ones in a simulation.
        unit: Such as `kg`, `kg CO2e`, `USD`.
        of: Such as `food shared`, `waste prevented`.
        region: `global`, a country, a part of one, or a city.
    """

    value: Number
    unit: str
    of: str
    region: str = "global"

    def __post_init__(self) -> None:
        """Refuse what cannot be an amount."""
        parse_unit(self.unit)
        require_place(self.region)
        if not np.all(np.isfinite(self.value)):
            raise ParameterError(f"`{self.of}` is {self.value}; it must be a finite number.")

    def to(self, unit: str) -> Self:
        """The same amount in another unit of its kind.

        Examples:
            >>> Amount(value=2, unit="t", of="food shared").to("kg").value
            2000.0
        """
        return type(self)(
            value=_scaled(self.value, conversion(self.unit, unit)),
            unit=unit,
            of=self.of,
            region=self.region,
        )

    def number(self) -> float:
        """The number as a plain float.

        Raises:
            ParameterError: It is a whole simulation.
        """
        if np.ndim(self.value):
            raise ParameterError(f"`{self.of}` holds many possible values; it is not one number.")
        return float(self.value)


def food_mass(
    value: float,
    unit: str,
    *,
    region: str = "global",
    kilograms_each: float | None = None,
    of: str = "food shared",
) -> Amount:
    """How many kilograms is that much food?

    Args:
        value: A weight, or a count of containers or pickups.
        unit: `mg`, `g`, `kg`, `t`, `oz`, `lb`, `short ton`, `containers` or `pickups`.
        region: Where.
        kilograms_each: Declared weight of a container or pickup; nobody else can know it.
        of: What it is an amount of.

    Returns:
        The amount in kilograms.

    Raises:
        ParameterError: The weight is negative or absurd, the unit is none of
            these, or the weight of a container is missing or not asked for.

    Examples:
        >>> food_mass(100, "lb").value
        45.359237
        >>> food_mass(3, "containers", kilograms_each=8).value
        24.0
    """
    counted = unit in {"containers", "pickups"}
    require_choice(unit, [*MASS_UNITS, "containers", "pickups"], name="unit")
    if counted != (kilograms_each is not None):
        raise ParameterError(
            f"`kilograms_each` is {kilograms_each} and `unit` is {unit!r}; containers and pickups "
            "need a declared weight each, and weights must have none."
        )
    if kilograms_each is not None and not kilograms_each > 0:
        raise ParameterError(f"`kilograms_each` is {kilograms_each}; it must be above 0.")
    each = kilograms_each if kilograms_each is not None else float(conversion(unit, "kg"))
    kilograms = value * each
    if not 0 <= kilograms <= HEAVIEST_KG:
        raise ParameterError(
            f"`value` is {value} {unit}; it must be 0 or more and no more than all the food there "
            "is."
        )
    return Amount(value=float(kilograms), unit="kg", of=of, region=region)


def times(amount: Amount, factor: Factor, *, of: str) -> Amount:
    """An amount times a factor, once unit, base and place agree.

    Raises:
        ParameterError: The factor is for another base, unit or place.

    Examples:
        >>> from analytics_lib.impact.factors.catalogue import factor_set
        >>> ghg = factor_set("wrap").require("ghg", region="GB")
        >>> waste = Amount(value=500, unit="kg", of="waste prevented", region="GB")
        >>> times(waste, ghg, of="greenhouse gas").value  # 2 t for each tonne
        1000.0
        >>> times(Amount(value=500, unit="kg", of="waste prevented"), ghg, of="greenhouse gas")
        Traceback (most recent call last):
        ...
        analytics_lib.core.errors.ParameterError: `ghg` holds for 'GB', not for 'global'; a figure
        of one place is not a figure of another. Transfer it with a reason (`transferred`).
    """
    if factor.per != amount.of:
        raise ParameterError(
            f"`{factor.quantity}` is per {factor.per!r}, not per {amount.of!r}; they are not the "
            "same base."
        )
    if not covers(factor.region, amount.region):
        raise ParameterError(
            f"`{factor.quantity}` holds for {factor.region!r}, not for {amount.region!r}; a figure "
            "of one place is not a figure of another. Transfer it with a reason (`transferred`)."
        )
    ratio, given = parse_unit(factor.unit), parse_unit(amount.unit)
    base = ratio.per or given.kind
    if base != given.kind or given.per is not None:
        raise ParameterError(
            f"`{factor.quantity}` is in {factor.unit!r}, but the amount is in {amount.unit!r}."
        )
    # A plain share leaves the kind of what it is taken of.
    kind = given.kind if ratio.per is None and ratio.kind == "share" else ratio.kind
    return Amount(
        value=_scaled(amount.value, given.scale * ratio.scale) * factor.value,
        unit=base_unit(kind),
        of=of,
        region=amount.region,
    )


def ratio_of(above: Amount, below: Amount) -> Number:
    """One amount divided by another of the same place, both in base units.

    The trap is a city's tonnes over a country's kilograms: a figure of one
    place says nothing of another, so both must name the same.

    Raises:
        ParameterError: They are of different places.

    Examples:
        >>> avoided = Amount(value=87, unit="t CO2e", of="greenhouse gas", region="GB/London")
        >>> ratio_of(avoided, Amount(value=90, unit="t", of="food shared", region="GB"))
        Traceback (most recent call last):
        ...
        analytics_lib.core.errors.ParameterError: `greenhouse gas` is of 'GB/London' and
        `food shared` of 'GB'; amounts of different places cannot be divided.
    """
    if above.region != below.region:
        raise ParameterError(
            f"`{above.of}` is of {above.region!r} and `{below.of}` of {below.region!r}; amounts of "
            "different places cannot be divided."
        )
    upper, lower = parse_unit(above.unit), parse_unit(below.unit)
    divisor = _scaled(below.value, lower.scale)
    dividend = _scaled(above.value, upper.scale)
    undefined = np.full(np.broadcast_shapes(np.shape(dividend), np.shape(divisor)), np.nan)
    quotient = np.divide(dividend, divisor, out=undefined, where=np.not_equal(divisor, 0))
    return quotient if quotient.ndim else float(quotient)


def total(amounts: Iterable[Amount]) -> Amount:
    """The sum of amounts of one thing in one place.

    Raises:
        ParameterError: There are none, or they are of different things, kinds or places.
    """
    listed = list(amounts)
    if not listed:
        raise ParameterError("`amounts` is empty; a sum of nothing has no unit.")
    return reduce(_added, listed)


def _added(left: Amount, right: Amount) -> Amount:
    if (left.of, left.region) != (right.of, right.region):
        raise ParameterError(
            f"`{left.of}` of {left.region!r} and `{right.of}` of {right.region!r} do not add up."
        )
    return Amount(
        value=left.value + right.to(left.unit).value,
        unit=left.unit,
        of=left.of,
        region=left.region,
    )


def _scaled(value: Number, scale: Fraction) -> Number:
    return value * float(scale)
