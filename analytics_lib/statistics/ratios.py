"""How many times as large one mean is as another."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import stdtr, stdtrit

from analytics_lib.core.checks import require_between
from analytics_lib.core.errors import ParameterError
from analytics_lib.core.results import Estimate

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratio:
    """How many times as large one mean is as another.

    Attributes:
        value: Second mean / first; `nan` where one of them is not above 0.
        ci_lower: Lower end of the interval; `nan` where undefined.
        ci_upper: Upper end.
        pvalue: Two-sided p-value of a ratio of 1, from the same statistic: the interval leaves
            1 out exactly where it is below 1 - `confidence_level`.
        confidence_level: Coverage of the interval.
    """

    value: float
    ci_lower: float
    ci_upper: float
    pvalue: float
    confidence_level: float

    def to_estimate(self, *, n: int) -> Estimate:
        """The ratio as an estimate in `times` that rests on `n` rows."""
        return Estimate(
            value=self.value,
            ci_lower=self.ci_lower,
            ci_upper=self.ci_upper,
            confidence_level=self.confidence_level,
            n=n,
            unit="times",
        )


def mean_ratio(
    base: npt.ArrayLike, other: npt.ArrayLike, *, confidence_level: float = 0.95
) -> Ratio:
    """How many times as large as the mean of the base is the mean of the others?

    On the logarithm, so that the interval stays above 0 and half is as far from 1 as double is;
    with a variance of each side and the degrees of freedom of Welch and Satterthwaite.

    Args:
        base: One number an observation, 0 or more on average; `nan` is left out.
        other: What is compared with it.
        confidence_level: Coverage, between 0 and 1.

    Returns:
        The ratio; `nan` where a mean is not above 0, its interval also where a side has fewer
        than two observations or nothing varies.

    Raises:
        ParameterError: `confidence_level` is not between 0 and 1, or a value is infinite.

    Examples:
        >>> mean_ratio([1, 3], [3, 5]).value
        2.0

    References:
        Cox C. (1990), Fieller's theorem, the likelihood and the delta method, Biometrics 46,
        709-718; Welch B. L. (1947), Biometrika 34, 28-35.
    """
    require_between(confidence_level, 0, 1, name="confidence_level")

    sides = [_known(base), _known(other)]
    means = [float(side.mean()) if side.size else math.nan for side in sides]
    if not min(means) > 0:
        return _undefined(confidence_level)
    parts = [
        float(side.var(ddof=1)) / side.size / mean**2 if side.size > 1 else math.nan
        for side, mean in zip(sides, means, strict=True)
    ]
    variance = sum(parts)
    value = means[1] / means[0]
    if not variance > 0:
        return _undefined(confidence_level, value=value)
    degrees = variance**2 / sum(
        part**2 / (side.size - 1) for part, side in zip(parts, sides, strict=True)
    )
    return _of_log(value, math.sqrt(variance), degrees=degrees, confidence_level=confidence_level)


def paired_ratio(
    base: npt.ArrayLike, other: npt.ArrayLike, *, confidence_level: float = 0.95
) -> Ratio:
    """How many times as large as its partner is a number, over pairs?

    The two of a pair share what is particular to it, such as the season of a week; taking them
    for independent would blur the difference, or invent one.

    Args:
        base: One number a pair.
        other: Its partner; a pair with a missing number is left out.
        confidence_level: Coverage, between 0 and 1.

    Returns:
        Mean of the others / mean of the base; `nan` as for `mean_ratio`.

    Raises:
        ParameterError: The sides are not of one length, or as for `mean_ratio`.

    Examples:
        >>> paired_ratio([1, 2, 3], [2, 4, 6.6]).value
        2.1

    References:
        Cochran W. G. (1977), Sampling Techniques, 3rd ed., section 6.4.
    """
    require_between(confidence_level, 0, 1, name="confidence_level")
    x, y = (_finite(side) for side in (base, other))
    if x.size != y.size:
        raise ParameterError(f"`other` has {y.size} numbers; it must have {x.size}, as the base.")

    both = ~(np.isnan(x) | np.isnan(y))
    x, y = x[both], y[both]
    if x.size == 0 or not min(x.mean(), y.mean()) > 0:
        return _undefined(confidence_level)
    value = float(y.mean() / x.mean())
    if x.size == 1:
        return _undefined(confidence_level, value=value)
    left = y / y.mean() - x / x.mean()
    error = math.sqrt(float(left @ left) / (x.size - 1) / x.size)
    if not error > 0:
        return _undefined(confidence_level, value=value)
    return _of_log(value, error, degrees=x.size - 1, confidence_level=confidence_level)


def _of_log(value: float, error: float, *, degrees: float, confidence_level: float) -> Ratio:
    half = float(stdtrit(degrees, (1 + confidence_level) / 2)) * error
    return Ratio(
        value=value,
        ci_lower=value * math.exp(-half),
        ci_upper=value * math.exp(half),
        pvalue=float(2 * stdtr(degrees, -abs(math.log(value)) / error)),
        confidence_level=confidence_level,
    )


def _undefined(confidence_level: float, *, value: float = math.nan) -> Ratio:
    return Ratio(
        value=value,
        ci_lower=math.nan,
        ci_upper=math.nan,
        pvalue=math.nan,
        confidence_level=confidence_level,
    )


def _finite(values: npt.ArrayLike) -> Floats:
    numbers = np.asarray(values, dtype=np.float64)
    if np.isinf(numbers).any():
        raise ParameterError("a side holds an infinite number; a mean of it has no meaning.")
    return numbers


def _known(values: npt.ArrayLike) -> Floats:
    numbers = _finite(values)
    return numbers[~np.isnan(numbers)]
