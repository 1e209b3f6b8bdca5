"""Monte Carlo: what the ranges of factors and the chance of the data do to a figure."""

from collections.abc import Mapping
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from analytics_lib.core.checks import require_at_least, require_between, require_choice
from analytics_lib.core.errors import ParameterError
from analytics_lib.core.results import Estimate
from analytics_lib.impact.factors.factor import Factor

Floats = npt.NDArray[np.float64]
Distribution = Literal["triangular", "log-normal"]
RANGE_COVERAGE = 0.9
"""What share of a log-normal factor lies between its low and its high."""
RANKED = 100_000
"""Draws that rank correlations are worked out from; their error is then about 0.003."""


def factor_draws(
    factor: Factor,
    *,
    draws: int,
    rng: np.random.Generator,
    distribution: Distribution = "triangular",
) -> Floats:
    """What might the factor be?

    Args:
        factor: A factor with a range. An end that was not published is taken
            to be the value itself.
        draws: How many possible values.
        rng: Generator of random numbers.
        distribution: `triangular` from low over value to high, or
            `log-normal` with the value as its median and the low and high as
            its 5th and 95th percentiles, each half with a spread of its own.

    Returns:
        One array; all the value where there is no range.

    Raises:
        ParameterError: `draws` is below 1, the distribution is unknown, or a
            log-normal factor can be 0.
    """
    require_at_least(draws, 1, name="draws")
    require_choice(distribution, get_args(Distribution), name="distribution")

    value = float(factor.value)
    low = value if factor.low is None else factor.low
    high = value if factor.high is None else factor.high
    if low == high:
        return np.full(draws, value)
    if distribution == "triangular":
        return rng.triangular(low, value, high, draws)
    if low <= 0:
        raise ParameterError(
            f"`{factor.quantity}` can be {low}; a log-normal factor must be above 0. Take "
            "'triangular'."
        )
    z = rng.standard_normal(draws)
    end = float(ndtri(0.5 + RANGE_COVERAGE / 2))
    below, above = np.log(value / low) / end, np.log(high / value) / end
    drawn: Floats = value * np.exp(np.where(z < 0, below, above) * z)
    # A share stays one, whatever its tail.
    return np.minimum(drawn, 1.0) if factor.unit == "share" else drawn


def total_draws(total: float, squares: float, *, draws: int, rng: np.random.Generator) -> Floats:
    """What might a total have been, had the same period come about once more?

    The number of exchanges is taken as a Poisson number, each with its own
    weight (a compound Poisson total): its variance is the sum of the squared
    weights. A gamma of that mean and variance stays above 0 for few exchanges.

    Args:
        total: Sum of the weights.
        squares: Sum of the squared weights.
        draws: How many possible totals.
        rng: Generator of random numbers.

    Returns:
        One array; all 0 where the total is.

    References:
        Ross S. M. (2014), Introduction to Probability Models, 11th ed., section 5.4.2.
    """
    if total <= 0 or squares <= 0:
        return np.full(draws, max(total, 0.0))
    return rng.gamma(total**2 / squares, squares / total, draws)


def simulated_estimate(
    value: float, drawn: Floats, *, n: int, unit: str, confidence_level: float = 0.9
) -> Estimate:
    """The figure of the published values, with the interval of the simulation.

    A published value may be the end of its own range. The interval is then
    widened to hold it.

    Raises:
        ParameterError: `confidence_level` is not between 0 and 1.
    """
    require_between(confidence_level, 0, 1, name="confidence_level")

    tail = (1 - confidence_level) / 2
    lower, upper = np.quantile(drawn, [tail, 1 - tail])
    return Estimate(
        value=value,
        ci_lower=min(float(lower), value),
        ci_upper=max(float(upper), value),
        confidence_level=confidence_level,
        n=n,
        unit=unit,
    )


def rank_correlations(inputs: Mapping[str, Floats], output: Floats) -> dict[str, float]:
    """Which input drives the output? Spearman's correlation of each, strongest first.

    Inputs and output that do not vary are left out.

    Examples:
        >>> a = np.array([1.0, 2.0, 3.0, 4.0])
        >>> rank_correlations({"a": a, "b": np.ones(4)}, a**3)
        {'a': 1.0}

    References:
        Saltelli A. and others (2008), Global Sensitivity Analysis: The Primer,
        section 1.2.
    """
    result = _ranks(output)
    if result is None:
        return {}
    found = {}
    for name, drawn in inputs.items():
        ranks = _ranks(drawn)
        if ranks is not None:
            found[name] = float(np.mean(ranks * result))
    return dict(sorted(found.items(), key=lambda pair: -abs(pair[1])))


def _ranks(drawn: Floats) -> Floats | None:
    """Standardised ranks of the first draws; None where they do not vary."""
    some = drawn[:RANKED]
    if some.size < 2 or float(np.ptp(some)) == 0:  # noqa: PLR2004 - two make a difference
        return None
    ranks = np.empty(some.size)
    ranks[np.argsort(some, kind="stable")] = np.arange(some.size)
    standard: Floats = (ranks - ranks.mean()) / ranks.std()
    return standard
