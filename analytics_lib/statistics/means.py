"""Means and medians with their intervals, and the difference of two means."""

import math

import numpy as np
import numpy.typing as npt
from scipy.special import bdtr, stdtr, stdtrit

from analytics_lib.core.checks import require_between
from analytics_lib.core.errors import ParameterError
from analytics_lib.core.numeric import divide
from analytics_lib.core.results import Estimate
from analytics_lib.statistics.shares import Difference, Floats


def estimate_mean(values: npt.ArrayLike, *, unit: str, confidence_level: float = 0.95) -> Estimate:
    """A mean with its t interval.

    Args:
        values: One number an observation; missing ones (`nan`) are left out.
        unit: Unit of the numbers, such as `"days"`.
        confidence_level: Coverage, between 0 and 1.

    Returns:
        Estimate in `unit`; `nan` without observations, without interval for a single one.

    Raises:
        ParameterError: `confidence_level` is not between 0 and 1, or a value is infinite.

    Examples:
        >>> found = estimate_mean([2, 4, 6], unit="days")  # t(0.975, 2) = 4.303, s = 2
        >>> found.value, round(found.ci_upper, 3)
        (4.0, 8.968)

    References:
        Student (1908), Biometrika 6, 1-25.
    """
    require_between(confidence_level, 0, 1, name="confidence_level")

    known = _known(values)
    if known.size == 0:
        return Estimate(value=math.nan, confidence_level=confidence_level, n=0, unit=unit)
    mean = float(known.mean())
    if known.size == 1:
        return Estimate(value=mean, confidence_level=confidence_level, n=1, unit=unit)
    error = math.sqrt(float(known.var(ddof=1)) / known.size)
    half = _t_quantile(confidence_level, degrees=known.size - 1) * error
    return Estimate(
        value=mean,
        ci_lower=mean - half,
        ci_upper=mean + half,
        confidence_level=confidence_level,
        n=known.size,
        unit=unit,
    )


def estimate_median(
    values: npt.ArrayLike, *, unit: str, confidence_level: float = 0.95
) -> Estimate:
    """A median with its exact interval between two of the ordered values.

    It assumes nothing about the distribution; its coverage is at least
    `confidence_level`.

    Args:
        values: One number an observation; missing ones (`nan`) are left out.
        unit: Unit of the numbers, such as `"days"`.
        confidence_level: Coverage, between 0 and 1.

    Returns:
        Estimate in `unit`; `nan` without observations, without interval where
        there are too few for the coverage (below 6 for 95 %).

    Raises:
        ParameterError: `confidence_level` is not between 0 and 1, or a value is infinite.

    Examples:
        >>> found = estimate_median(range(1, 11), unit="days")
        >>> found.value, found.ci_lower, found.ci_upper
        (5.5, 2.0, 9.0)

    References:
        Conover W. J. (1999), Practical Nonparametric Statistics, 3rd ed., section 3.2.
    """
    require_between(confidence_level, 0, 1, name="confidence_level")

    known = np.sort(_known(values))
    if known.size == 0:
        return Estimate(value=math.nan, confidence_level=confidence_level, n=0, unit=unit)
    # The rank-th smallest value lies above the median when fewer than rank values lie below it.
    ranks = np.arange(known.size)
    risk_of_rank = bdtr(ranks.astype(np.float64), known.size, 0.5)
    rank = int(np.sum(risk_of_rank <= (1 - confidence_level) / 2))
    return Estimate(
        value=float(np.median(known)),
        ci_lower=float(known[rank - 1]) if rank else math.nan,
        ci_upper=float(known[-rank]) if rank else math.nan,
        confidence_level=confidence_level,
        n=known.size,
        unit=unit,
    )


def mean_difference(
    first: npt.ArrayLike, second: npt.ArrayLike, *, unit: str, confidence_level: float = 0.95
) -> Difference:
    """Difference of two means, second minus first, whatever their variances (Welch).

    Args:
        first: One number an observation of the base; `nan` is left out.
        second: One number an observation of what is compared with it.
        unit: Unit of the numbers.
        confidence_level: Coverage, between 0 and 1.

    Returns:
        The difference with Welch's interval and p-value; these are `nan`
        where a side has fewer than two observations or neither varies.

    Raises:
        ParameterError: `confidence_level` is not between 0 and 1, or a value is infinite.

    References:
        Welch B. L. (1947), Biometrika 34, 28-35.
    """
    require_between(confidence_level, 0, 1, name="confidence_level")

    base, other = _known(first), _known(second)
    base_mean, base_error = _mean_and_error(base)
    other_mean, other_error = _mean_and_error(other)
    effect = other_mean - base_mean
    variance = base_error + other_error
    half = pvalue = math.nan
    if variance > 0:
        degrees = variance**2 / (
            base_error**2 / (base.size - 1) + other_error**2 / (other.size - 1)
        )
        error = math.sqrt(variance)
        half = _t_quantile(confidence_level, degrees=degrees) * error
        pvalue = float(2 * stdtr(degrees, -abs(effect) / error))
    return Difference(
        effect_size=effect,
        ci_lower=effect - half,
        ci_upper=effect + half,
        rel_effect_size=divide(effect, base_mean),
        pvalue=pvalue,
        confidence_level=confidence_level,
        unit=unit,
    )


def _known(values: npt.ArrayLike) -> Floats:
    numbers = np.asarray(values, dtype=np.float64)
    if np.isinf(numbers).any():
        raise ParameterError("`values` holds an infinite number; a mean of it has no meaning.")
    return numbers[~np.isnan(numbers)]


def _mean_and_error(known: Floats) -> tuple[float, float]:
    """Mean and its squared standard error; `nan` where they are undefined."""
    mean = float(known.mean()) if known.size else math.nan
    return mean, float(known.var(ddof=1)) / known.size if known.size > 1 else math.nan


def _t_quantile(confidence_level: float, *, degrees: float) -> float:
    return float(stdtrit(degrees, (1 + confidence_level) / 2))
