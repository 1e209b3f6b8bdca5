"""Means of points by group: with their interval, or drawn towards the mean of all."""

from collections.abc import Sequence

import numpy as np
import polars as pl

from analytics_lib.core.checks import require_at_least
from analytics_lib.statistics import estimate_mean, estimate_median

_ESTIMATORS = {"mean": estimate_mean, "median": estimate_median}


def centres_by_group(
    counts: pl.DataFrame,
    *,
    by: Sequence[str],
    value: str,
    unit: str,
    centre: str = "mean",
    confidence_level: float = 0.95,
) -> pl.DataFrame:
    """The mean (or median) of each group with its interval, from counts of equal values.

    Args:
        counts: One row a group and value: the `by` columns, `value`, `count`.
        by: Columns of the groups, one or more.
        value: Column of the values.
        unit: Unit of the values.
        centre: `mean` (t interval) or `median` (exact interval).
        confidence_level: Coverage of the intervals.

    Returns:
        One row a group, sorted: the `by` columns, `n`, the centre under its
        own name, and `ci_lower` and `ci_upper` behind that name; the interval
        is null where there are too few values.

    Examples:
        >>> counts = pl.DataFrame({"g": ["a", "a"], "v": [2, 5], "count": [2, 1]})
        >>> centres_by_group(counts, by=["g"], value="v", unit="points").row(0)[:3]
        ('a', 3, 3.0)
    """
    names = ("n", centre, f"{centre}_ci_lower", f"{centre}_ci_upper")
    rows = []
    for group, its in counts.group_by(*by, maintain_order=True):
        values = np.repeat(
            its.sort(value)[value].cast(pl.Float64).to_numpy(), its.sort(value)["count"].to_numpy()
        )
        found = _ESTIMATORS[centre](values, unit=unit, confidence_level=confidence_level)
        rows.append((*group, found.n, found.value, found.ci_lower, found.ci_upper))
    schema: dict[str, pl.DataType] = dict(counts.select(by).schema)
    schema |= dict.fromkeys(names, pl.Float64()) | {"n": pl.Int64()}
    made = pl.DataFrame(rows, schema=schema, orient="row")
    return made.with_columns(pl.col(names[1:]).fill_nan(None)).sort(*by)


def shrunk_means(
    sums: pl.DataFrame, *, by: Sequence[str], prior_weight: float, score: str
) -> pl.DataFrame:
    """Means drawn towards the mean of all: (w C + sum) / (w + n), C the mean of all ratings.

    One rating of 5 must not lead forty of 4.8. So each group starts with
    `prior_weight` ratings that all equal the mean of everybody.

    Args:
        sums: One row a group: the `by` columns, `ratings`, `points`.
        by: Columns of the groups.
        prior_weight: w, how many ratings it takes until a group's own weigh half.
        score: Name of the shrunk mean.

    Returns:
        One row a group, sorted: the `by` columns, `ratings`, `mean_rating`, the score.

    Raises:
        ParameterError: `prior_weight` is negative.

    Examples:
        >>> sums = pl.DataFrame({"g": ["a", "b"], "ratings": [1, 9], "points": [5.0, 35.0]})
        >>> shrunk_means(sums, by=["g"], prior_weight=9, score="s")["s"].to_list()  # C = 4
        [4.1, 3.944...]

    References:
        Gelman A. et al. (2013), Bayesian Data Analysis, 3rd ed., section 2.5:
        the posterior mean weights data and prior by their precision.
    """
    require_at_least(prior_weight, 0, name="prior_weight")

    prior = prior_weight * (pl.col("points").sum() / pl.col("ratings").sum())
    shrunk = (prior + pl.col("points")) / (prior_weight + pl.col("ratings"))
    return sums.select(
        *by, "ratings", mean_rating=pl.col("points") / pl.col("ratings"), **{score: shrunk}
    ).sort(*by)
