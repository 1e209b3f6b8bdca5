"""`Estimate`: a number with its uncertainty, its base and its unit."""

import math
from dataclasses import asdict, dataclass

from analytics_lib.core.errors import ParameterError


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A number with its uncertainty, its base and its unit.

    Attributes:
        value: The point estimate; `nan` where it is undefined.
        ci_lower: Lower end of the interval; `nan` where there is none.
        ci_upper: Upper end of the interval; `nan` where there is none.
        confidence_level: Coverage of the interval, between 0 and 1.
        n: What the number rests on (the denominator of a share, the sample size of a mean).
        unit: `"share"` (0 to 1), `"users"`, `"days"`, `"EUR"` and the like.
    """

    value: float
    ci_lower: float = math.nan
    ci_upper: float = math.nan
    confidence_level: float = 0.95
    n: int
    unit: str

    def __post_init__(self) -> None:
        """Refuse an interval that does not hold the value."""
        if not 0 < self.confidence_level < 1:
            raise ParameterError(
                f"`confidence_level` is {self.confidence_level}; it must lie between 0 and 1."
            )
        if self.ci_lower > self.value or self.value > self.ci_upper:
            raise ParameterError(
                f"The interval [{self.ci_lower}, {self.ci_upper}] does not hold "
                f"the value {self.value}."
            )

    @property
    def is_defined(self) -> bool:
        """Whether there is a value at all."""
        return not math.isnan(self.value)

    def to_dict(self) -> dict[str, float | int | str | None]:
        """The fields as plain values, `nan` as `None` (JSON knows no `nan`)."""
        return {
            key: None if isinstance(item, float) and math.isnan(item) else item
            for key, item in asdict(self).items()
        }
