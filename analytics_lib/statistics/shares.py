"""Shares with Wilson intervals, and the difference of two shares."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy.special import ndtr, ndtri

from analytics_lib.core.checks import require_between, require_columns
from analytics_lib.core.errors import ParameterError
from analytics_lib.core.numeric import divide
from analytics_lib.core.results import Estimate

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """How much two numbers differ.

    Attributes:
        effect_size: Second minus first; `nan` where undefined.
        ci_lower: Lower end of the interval of `effect_size`.
        ci_upper: Upper end of the interval of `effect_size`.
        rel_effect_size: `effect_size` as a share of the first; `nan` where the first is zero.
        pvalue: Two-sided p-value of no difference.
        confidence_level: Coverage of the interval.
        unit: Unit of `effect_size`.
    """

    effect_size: float
    ci_lower: float
    ci_upper: float
    rel_effect_size: float
    pvalue: float
    confidence_level: float
    unit: str


def wilson_interval(
    numerators: npt.ArrayLike, denominators: npt.ArrayLike, *, confidence_level: float = 0.95
) -> tuple[Floats, Floats]:
    """Wilson score interval of shares, without continuity correction.

    The textbook interval (share plus or minus 1.96 standard errors) leaves 0
    to 1 and has no width at 0 and 1, where small groups often are.

    Args:
        numerators: Counts of successes.
        denominators: Counts of trials.
        confidence_level: Coverage, between 0 and 1.

    Returns:
        Lower and upper ends, 0 to 1; `nan` where there were no trials.

    Raises:
        ParameterError: `confidence_level` is not between 0 and 1.

    References:
        Wilson E. B. (1927), J. Am. Stat. Assoc. 22, 209-212; Newcombe R. G.
        (1998), Stat. Med. 17, 857-872, method 3.
    """
    require_between(confidence_level, 0, 1, name="confidence_level")

    z = float(ndtri((1 + confidence_level) / 2))
    trials = np.asarray(denominators, dtype=np.float64)
    successes = np.asarray(numerators, dtype=np.float64)
    trials = np.where(trials > 0, trials, np.nan)
    share = successes / trials
    centre = (share + z**2 / (2 * trials)) / (1 + z**2 / trials)
    half = z / (1 + z**2 / trials) * np.sqrt(share * (1 - share) / trials + z**2 / (4 * trials**2))
    lower = np.where(successes == 0, np.where(np.isnan(trials), np.nan, 0.0), centre - half)
    upper = np.where(successes == trials, 1.0, centre + half)
    return np.minimum(lower, share), np.maximum(upper, share)


def estimate_share(numerator: int, denominator: int, *, confidence_level: float = 0.95) -> Estimate:
    """A share of people or things with its Wilson interval.

    Args:
        numerator: How many did, from 0 to `denominator`.
        denominator: How many there are.
        confidence_level: Coverage, between 0 and 1.

    Returns:
        Estimate in `"share"`; `nan` where the denominator is zero.

    Raises:
        ParameterError: The numerator is negative or above the denominator.

    Examples:
        >>> found = estimate_share(81, 263)  # Newcombe 1998, table I, method 3
        >>> round(found.ci_lower, 4), round(found.ci_upper, 4)
        (0.2553, 0.3662)
    """
    if not 0 <= numerator <= denominator:
        raise ParameterError(
            f"`numerator` is {numerator}; it must lie between 0 and the denominator {denominator}."
        )
    lower, upper = wilson_interval([numerator], [denominator], confidence_level=confidence_level)
    return Estimate(
        value=divide(numerator, denominator),
        ci_lower=float(lower[0]),
        ci_upper=float(upper[0]),
        confidence_level=confidence_level,
        n=denominator,
        unit="share",
    )


def add_share_interval(
    frame: pl.DataFrame, *, numerator: str, denominator: str, confidence_level: float = 0.95
) -> pl.DataFrame:
    """Append `share`, `ci_lower` and `ci_upper` to a frame of counts.

    Args:
        frame: One row a group.
        numerator: Column of counts of those who did.
        denominator: Column of counts of all.
        confidence_level: Coverage, between 0 and 1.

    Returns:
        The frame with the three columns at its end; null where a count is null
        or the denominator is zero.

    Raises:
        SchemaError: A column is missing.
    """
    require_columns(frame.columns, [numerator, denominator], name="frame")

    lower, upper = wilson_interval(
        frame[numerator].cast(pl.Float64).to_numpy(),
        frame[denominator].cast(pl.Float64).to_numpy(),
        confidence_level=confidence_level,
    )
    share = pl.col(numerator).cast(pl.Float64) / pl.col(denominator)
    return frame.with_columns(
        share=share.fill_nan(None),
        ci_lower=pl.Series(lower).fill_nan(None),
        ci_upper=pl.Series(upper).fill_nan(None),
    )


def share_difference(first: Estimate, second: Estimate) -> Difference:
    """Difference of two independent shares, second minus first.

    Args:
        first: The base.
        second: What is compared with it.

    Returns:
        Newcombe's hybrid score interval and the pooled z-test; `nan` where a
        share is undefined.

    Raises:
        ParameterError: An estimate is no share, or their confidence levels differ.

    References:
        Newcombe R. G. (1998), Stat. Med. 17, 873-890, method 10.
    """
    if first.unit != "share" or second.unit != "share":
        raise ParameterError(f"Units are {first.unit!r} and {second.unit!r}; both must be 'share'.")
    if first.confidence_level != second.confidence_level:
        raise ParameterError(
            f"Confidence levels are {first.confidence_level} and {second.confidence_level}; "
            "they must be equal."
        )
    effect = second.value - first.value
    below = math.hypot(second.value - second.ci_lower, first.ci_upper - first.value)
    above = math.hypot(second.ci_upper - second.value, first.value - first.ci_lower)
    return Difference(
        effect_size=effect,
        ci_lower=effect - below,
        ci_upper=effect + above,
        rel_effect_size=divide(effect, first.value),
        pvalue=_pooled_pvalue(first, second),
        confidence_level=first.confidence_level,
        unit="share",
    )


def _pooled_pvalue(first: Estimate, second: Estimate) -> float:
    pooled = divide(first.value * first.n + second.value * second.n, first.n + second.n)
    variance = pooled * (1 - pooled) * (divide(1, first.n) + divide(1, second.n))
    if math.isnan(variance) or variance <= 0:
        return math.nan
    return float(2 * ndtr(-abs(second.value - first.value) / math.sqrt(variance)))
