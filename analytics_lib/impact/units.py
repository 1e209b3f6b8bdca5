"""Units at the edge: a number without one, or in a unit of another kind, is refused.

A unit is exact: a pound is 453.59237 g by definition, so pounds and kilograms
add up without a rounding of their own. Carbon dioxide is a kind of its own:
a kilogram of food is not a kilogram of CO2e.
"""

from dataclasses import dataclass
from fractions import Fraction

from analytics_lib.core.checks import suggest
from analytics_lib.core.errors import ParameterError

_MASS = {
    "mg": Fraction(1, 10**6),
    "g": Fraction(1, 10**3),
    "kg": Fraction(1),
    "t": Fraction(1000),
    "oz": Fraction(28349523125, 10**12),
    "lb": Fraction(45359237, 10**8),
    "short ton": Fraction(90718474, 10**5),
}
_KINDS: dict[str, dict[str, Fraction]] = {
    "mass": _MASS,
    "greenhouse gas": {f"{name} CO2e": scale for name, scale in _MASS.items()},
    "volume": {
        "mL": Fraction(1, 1000), "L": Fraction(1), "m3": Fraction(1000), "km3": Fraction(10**12),
    },
    "area": {
        "cm2": Fraction(1, 10**4), "m2": Fraction(1), "ha": Fraction(10**4), "km2": Fraction(10**6),
    },
    "area in a year": {"cm2 year": Fraction(1, 10**4), "m2 year": Fraction(1)},
    "distance": {"m": Fraction(1, 1000), "km": Fraction(1), "mile": Fraction(1609344, 10**6)},
    "freight": {"t km": Fraction(1)},
    "share": {"share": Fraction(1), "percent": Fraction(1, 100)},
    **{
        f"money in {code}": {code: Fraction(1)}
        for code in ("EUR", "GBP", "USD")
    },
    **{
        name: {name: Fraction(1)}
        for name in (
            "bond points", "connections", "containers", "exchanges", "items", "meals", "people",
            "pickups", "servings",
        )
    },
}  # fmt: skip
_SCALES = {unit: (kind, scale) for kind, units in _KINDS.items() for unit, scale in units.items()}
MASS_UNITS: tuple[str, ...] = tuple(_MASS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """A unit, plain (`kg`) or a ratio (`kg CO2e per kg`).

    Attributes:
        name: As it is written.
        kind: What it measures; units of one kind can be converted.
        per: What the denominator measures; None for a plain unit.
        scale: How many base units of its kinds it is, exactly.
    """

    name: str
    kind: str
    per: str | None
    scale: Fraction


def parse_unit(name: str) -> Unit:
    """Read a unit such as `lb`, `t CO2e` or `L per kg`.

    Raises:
        ParameterError: The unit is missing or unknown.

    Examples:
        >>> parse_unit("kg CO2e per kg").kind
        'greenhouse gas'
        >>> parse_unit("lb").scale
        Fraction(45359237, 100000000)
    """
    if not isinstance(name, str) or not name.strip():
        raise ParameterError("`unit` is missing; a number without a unit cannot be used.")
    numerator, _, denominator = name.strip().partition(" per ")
    kind, scale = _known(numerator, name)
    if not denominator:
        return Unit(name=name, kind=kind, per=None, scale=scale)
    per, below = _known(denominator, name)
    return Unit(name=name, kind=kind, per=per, scale=scale / below)


def conversion(source: str, target: str) -> Fraction:
    """How many of `target` one of `source` is, exactly.

    Raises:
        ParameterError: A unit is unknown, or they measure different things.

    Examples:
        >>> conversion("t", "kg")
        Fraction(1000, 1)
        >>> conversion("kg", "kg CO2e")
        Traceback (most recent call last):
        ...
        analytics_lib.core.errors.ParameterError: 'kg' is mass and 'kg CO2e' is greenhouse gas;
        they cannot be converted into each other.
    """
    left, right = parse_unit(source), parse_unit(target)
    if (left.kind, left.per) != (right.kind, right.per):
        raise ParameterError(
            f"{source!r} is {_described(left)} and {target!r} is {_described(right)}; "
            "they cannot be converted into each other."
        )
    return left.scale / right.scale


def base_unit(kind: str) -> str:
    """The unit of a kind that the others are multiples of.

    Examples:
        >>> base_unit("greenhouse gas")
        'kg CO2e'
    """
    return next(unit for unit, scale in _KINDS[kind].items() if scale == 1)


def _known(part: str, name: str) -> tuple[str, Fraction]:
    found = _SCALES.get(part)
    if found is None:
        raise ParameterError(
            f"`unit` is {name!r}; {part!r} must be one of {sorted(_SCALES)}."
            + suggest(part, _SCALES)
        )
    return found


def _described(unit: Unit) -> str:
    return unit.kind if unit.per is None else f"{unit.kind} per {unit.per}"
