"""`Factor`: a number somebody published, with all that is needed to defend it."""

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, Literal, Self, get_args

import numpy as np
import numpy.typing as npt

from analytics_lib.core.checks import require_choice
from analytics_lib.core.errors import ParameterError
from analytics_lib.impact.places import require_place
from analytics_lib.impact.units import parse_unit

Number = float | npt.NDArray[np.float64]
Confidence = Literal["seen", "derived", "secondary", "design assumption"]
EndOfLife = Literal["contained", "not contained", "unknown"]
_FIRST_YEAR, _LAST_YEAR = 1900, 2100
_FOOD = ("food shared", "waste prevented")
# What a quantity must measure, and what it may be applied to.
_MEANINGS: dict[str, tuple[str, tuple[str, ...]]] = {
    "ghg": ("greenhouse gas", _FOOD),
    "water": ("volume", _FOOD),
    "land": ("area", _FOOD),
    "price": ("money", ("food shared",)),
    "waste_prevention": ("mass", ("food shared",)),
    "serving_mass": ("mass", ("servings",)),
    "meal_mass": ("mass", ("food shared",)),
    "saved_share": ("share", ("food value",)),
    "local_share": ("share", ("food value",)),
    "lasting_connections": ("connections", ("exchanges",)),
    "bond_strength": ("bond points", ("exchanges",)),
    "car": ("greenhouse gas", ("distance",)),
    "disposal": ("greenhouse gas", ("waste prevented",)),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Factor:
    """One published number.

    Attributes:
        quantity: What it gives, such as `ghg`, `water`, `land`, `price`, `meal_mass`.
        value: The number.
        low: Lower end of the published range; None where none was published.
        high: Upper end of it.
        unit: Such as `kg CO2e per kg`.
        per: What it is applied to, such as `food shared` or `waste prevented`.
        region: Where it holds: `global`, a country, or a part of one.
        scope: What is in it.
        source: Who published it. `platform default (design assumption)` where nobody did.
        year: When; None where the source does not say.
        confidence: `seen` in the source, `derived` from figures seen in it,
            `secondary` (read in a third party, edition not confirmed), or
            `design assumption`.
        end_of_life: Whether disposal of the food is in the number already.
        item: Which food, serving size or treatment it belongs to; None for all.
        notes: What else a reader must know.
    """

    quantity: str
    value: Number
    low: float | None = None
    high: float | None = None
    unit: str
    per: str
    region: str
    scope: str
    source: str
    year: int | None
    confidence: Confidence
    end_of_life: EndOfLife = "unknown"
    item: str | None = None
    notes: str = ""

    def __post_init__(self) -> None:
        """Refuse a factor nobody could defend."""
        for name in ("quantity", "unit", "per", "scope", "source"):
            _require_text(getattr(self, name), name=name, quantity=self.quantity)
        self._require_meaning()
        require_place(self.region)
        require_choice(self.confidence, get_args(Confidence), name="confidence")
        require_choice(self.end_of_life, get_args(EndOfLife), name="end_of_life")
        if self.year is not None and not _FIRST_YEAR <= self.year <= _LAST_YEAR:
            raise ParameterError(f"`year` of `{self.quantity}` is {self.year}; it must be a year.")
        self._require_order()

    def _require_meaning(self) -> None:
        unit = parse_unit(self.unit)
        if unit.kind == "share" or self.quantity == "waste_prevention":
            _require_share(self, scale=float(unit.scale))
        if self.quantity not in _MEANINGS:
            return
        kind, bases = _MEANINGS[self.quantity]
        if not unit.kind.startswith(kind):
            raise ParameterError(
                f"`{self.quantity}` is in {self.unit!r}, which is {unit.kind}; it must be {kind}."
            )
        require_choice(self.per, bases, name=f"per of {self.quantity}")
        below = "meals" if self.quantity == "meal_mass" else "mass"
        if set(bases) <= set(_FOOD) and unit.per != below:
            raise ParameterError(
                f"`{self.quantity}` is in {self.unit!r}; it must be for each unit of {below}."
            )

    def _require_order(self) -> None:
        numbers = [number for number in (self.low, self.value, self.high) if number is not None]
        if not all(np.all(np.isfinite(number)) for number in numbers):
            raise ParameterError(f"`{self.quantity}` holds a number that is not finite.")
        if np.any(np.asarray(numbers[0]) < 0):
            raise ParameterError(f"`{self.quantity}` is negative; it must be 0 or more.")
        if any(np.any(a > b) for a, b in pairwise(numbers)):
            raise ParameterError(
                f"`{self.quantity}` has low {self.low}, value {self.value} and high {self.high}; "
                "they must rise in this order."
            )

    @property
    def has_range(self) -> bool:
        """Whether its uncertainty is known at all."""
        return self.low is not None or self.high is not None

    def with_draws(self, draws: npt.NDArray[np.float64]) -> Self:
        """The same factor with many possible values in place of one."""
        return replace(self, value=draws, low=None, high=None)

    def transferred(self, region: str, *, reason: str) -> Self:
        """The factor for a place it was not measured in, and why that is defensible.

        Raises:
            ParameterError: No reason is given, or the region is none.

        Examples:
            >>> Factor(
            ...     quantity="ghg",
            ...     value=2.0,
            ...     unit="kg CO2e per kg",
            ...     per="waste prevented",
            ...     region="GB",
            ...     scope="post-farm-gate",
            ...     source="WRAP",
            ...     year=2016,
            ...     confidence="derived",
            ... ).transferred("IE", reason="the same chains supply both").scope
            'post-farm-gate; transferred from GB: the same chains supply both'
        """
        _require_text(reason, name="reason", quantity=self.quantity)
        scope = f"{self.scope}; transferred from {self.region}: {reason}"
        return replace(self, region=region, scope=scope)

    def to_dict(self) -> dict[str, Any]:
        """The fields as plain values, for tables."""
        return {name: getattr(self, name) for name in self.__slots__}


def _require_share(factor: Factor, *, scale: float) -> None:
    top = factor.value if factor.high is None else factor.high
    if np.any(np.asarray(top) * scale > 1):
        raise ParameterError(f"`{factor.quantity}` is {top} {factor.unit}; it must be at most 1.")


def _require_text(value: object, *, name: str, quantity: object) -> None:
    if not isinstance(value, str) or not value.strip():
        raise ParameterError(
            f"`{name}` of the factor {quantity!r} is missing; a factor without it cannot be "
            "defended."
        )
