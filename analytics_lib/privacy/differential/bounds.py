"""The bounds of a value, declared and never read from the table."""

import math
from dataclasses import dataclass
from fractions import Fraction

import polars as pl

from analytics_lib.core.errors import ParameterError

_MOST = 2**30  # units of one person; eight thousand million people then fit a 64-bit sum


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounded:
    """A column of numbers that are clipped and rounded before anything is added up.

    Bounds that are read from the table give its extremes away, so they are declared from what
    is known of the matter (a mark is between 0 and 100). Values outside are clipped. Sums are
    made of whole steps, because sums of floating-point numbers depend on their order by more
    than the noise hides.

    Attributes:
        column: Column of numbers.
        low: Least value, a whole number of steps.
        high: Largest value, a whole number of steps.
        step: Unit of counting, such as 0.01 for cents.
    """

    column: str
    low: float
    high: float
    step: float = 1

    def __post_init__(self) -> None:
        """Refuse bounds that are missing, endless, the wrong way round or between steps."""
        for name in ("low", "high", "step"):
            value = getattr(self, name)
            if not isinstance(value, int | float) or not math.isfinite(value):
                raise ParameterError(
                    f"`{name}` of `{self.column}` is {value!r}; it must be a declared number. "
                    "Bounds are never read from the table."
                )
        if self.step <= 0 or self.low >= self.high:
            raise ParameterError(
                f"`{self.column}` has bounds {self.low} to {self.high} in steps of {self.step}; "
                "the low one must be below the high one and the step above 0."
            )
        for name in ("low", "high"):
            if (_fraction(getattr(self, name)) / _fraction(self.step)).denominator != 1:
                raise ParameterError(
                    f"`{name}` of `{self.column}` is {getattr(self, name)}; it must be a whole "
                    f"number of steps of {self.step}."
                )

    @property
    def units(self) -> tuple[int, int]:
        """The bounds in steps."""
        return tuple(  # type: ignore[return-value]
            int(_fraction(bound) / _fraction(self.step)) for bound in (self.low, self.high)
        )

    def reach(self, *, rows: int, centre: int = 0) -> int:
        """By how many steps the rows of one person can change a sum of distances from `centre`.

        Raises:
            ParameterError: So many that a sum could overflow.
        """
        low, high = self.units
        most = rows * max(abs(low - centre), abs(high - centre))
        if most > _MOST:
            raise ParameterError(
                f"`{self.column}` can reach {most} steps a person; it must be at most {_MOST}. "
                "Take a larger `step` or fewer `rows_per_person`."
            )
        return most

    def in_units(self) -> pl.Expr:
        """The column in steps, clipped and rounded, as whole numbers."""
        low, high = self.units
        whole = (pl.col(self.column).cast(pl.Float64).clip(self.low, self.high) / self.step).round()
        return whole.cast(pl.Int64).clip(low, high)


def _fraction(value: float) -> Fraction:
    return Fraction(repr(value))
