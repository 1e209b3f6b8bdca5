"""How people rate each other, and whether they come back to each other."""

import datetime as dt
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl

from analytics_lib.core.checks import require_choice
from analytics_lib.core.errors import SchemaError
from analytics_lib.core.periods import CALENDAR_GRANULARITIES, CalendarGranularity
from analytics_lib.metrics.by_period import INTERVAL, fill_periods
from analytics_lib.metrics.calendar import with_period_key
from analytics_lib.metrics.connections import first_meetings, known_interactions
from analytics_lib.metrics.frames import finish, like
from analytics_lib.metrics.ratings import centres_by_group, shrunk_means
from analytics_lib.statistics import add_share_interval

LOWEST, HIGHEST = 1, 5
_SATISFIED = 4


def satisfaction(
    interactions: Any,  # noqa: ANN401 - any supported frame
    *,
    granularity: CalendarGranularity,
    as_of: dt.date,
    kind: str = "rating",
    confidence_level: float = 0.95,
) -> Any:  # noqa: ANN401 - the caller's own kind of frame
    """How satisfied are people, by the ratings of each calendar period?

    Points from 1 to 5 are no measure of length, so the share of 4 and 5
    stands beside the mean. Who says nothing is in neither: read both with the
    number of ratings. One person's ratings resemble each other, so the
    intervals are somewhat too narrow.

    Args:
        interactions: One row an interaction (contract `interactions`); `value` 1 to 5.
        granularity: Calendar unit.
        as_of: Last complete day; later rows are ignored.
        kind: Kind of the interactions that are ratings.
        confidence_level: Coverage of the intervals (t for the mean, Wilson for the share).

    Returns:
        One row a period, sorted: `interval_start`, `interval_end`, `ratings`,
        `mean`, `mean_ci_lower`, `mean_ci_upper`, `satisfied` (4 and 5),
        `share`, `ci_lower`, `ci_upper`; null while the period is not complete
        or nobody rated.

    Raises:
        SchemaError: A column is missing, or a rating is not from 1 to 5.
        ParameterError: `granularity` is unknown.

    Examples:
        >>> rated = pl.DataFrame({"interaction_id": ["1", "2"], "day": 4, "value": [3.0, 4.0]})
        >>> rated = rated.with_columns(
        ...     from_user=pl.lit("a"), to_user=pl.lit("b"), kind=pl.lit("rating")
        ... )
        >>> satisfaction(rated, granularity="week", as_of=dt.date(1970, 1, 11)).select(
        ...     "mean", "share"
        ... ).row(0)
        (3.5, 0.5)
    """
    require_choice(granularity, CALENDAR_GRANULARITIES, name="granularity")

    rated = _rated(interactions, as_of=as_of, kind=kind)
    keyed = with_period_key(rated, granularity=granularity)
    values = finish(keyed.group_by("key", "value").agg(nw.len().alias("count")))
    require_points(values["value"])
    means = centres_by_group(
        values, by=["key"], value="value", unit="points", confidence_level=confidence_level
    )
    happy = pl.when(pl.col("value") >= _SATISFIED).then("count").otherwise(0)
    satisfied = values.group_by("key").agg(happy.sum().cast(pl.Int64).alias("satisfied"))
    counts = means.rename({"n": "ratings"}).join(satisfied, on="key")
    measured = ["mean", "mean_ci_lower", "mean_ci_upper"]
    filled = fill_periods(
        counts,
        by=[],
        counted=["ratings", "satisfied"],
        measured=measured,
        granularity=granularity,
        as_of=as_of,
    ).select(*INTERVAL, "ratings", *measured, "satisfied")
    shares = add_share_interval(
        filled, numerator="satisfied", denominator="ratings", confidence_level=confidence_level
    )
    return like(shares, interactions)


def repeat_partner_shares(
    interactions: Any,  # noqa: ANN401 - any supported frame
    *,
    granularity: CalendarGranularity,
    as_of: dt.date,
    confidence_level: float = 0.95,
) -> Any:  # noqa: ANN401 - the caller's own kind of frame
    """What share of the interactions is with somebody one had met before?

    Coming back is the trust that people show rather than say. It rises by
    itself while a log is young, because at first nobody has met anybody.

    Args:
        interactions: One row an interaction (contract `interactions`), the whole history.
        granularity: Calendar unit.
        as_of: Last complete day; later rows are ignored.
        confidence_level: Coverage of the Wilson intervals.

    Returns:
        One row a period, sorted: `interval_start`, `interval_end`,
        `interactions`, `repeats` (all of a pair but its first, whoever began),
        `share`, `ci_lower`, `ci_upper`; null while the period is not complete,
        the share of no interactions too.

    Raises:
        SchemaError: A column is missing.
        ParameterError: `granularity` is unknown.

    Examples:
        >>> met = pl.DataFrame({"interaction_id": ["1", "2"], "day": [4, 5]})
        >>> met = met.with_columns(from_user=pl.Series(["a", "b"]), to_user=pl.Series(["b", "a"]))
        >>> repeat_partner_shares(met, granularity="week", as_of=dt.date(1970, 1, 11))[
        ...     "share"
        ... ].item()
        0.5
    """
    require_choice(granularity, CALENDAR_GRANULARITIES, name="granularity")

    known = known_interactions(interactions, as_of=as_of)
    keyed = with_period_key(known, granularity=granularity)
    totals = finish(keyed.group_by("key").agg(nw.len().alias("interactions")))
    firsts = first_meetings(known, granularity=granularity)
    repeats = pl.col("interactions") - pl.col("connections").fill_null(0)
    filled = fill_periods(
        totals.join(firsts, on="key", how="left").with_columns(repeats=repeats),
        by=[],
        counted=["interactions", "repeats"],
        granularity=granularity,
        as_of=as_of,
    )
    shares = add_share_interval(
        filled, numerator="repeats", denominator="interactions", confidence_level=confidence_level
    )
    return like(shares, interactions)


def trust_scores(
    interactions: Any,  # noqa: ANN401 - any supported frame
    *,
    as_of: dt.date,
    kind: str = "rating",
    prior_weight: float = 5.0,
) -> Any:  # noqa: ANN401 - the caller's own kind of frame
    """How far can each person be trusted, by the ratings of others?

    A mean puts whoever has a single 5 above everybody. So the score is
    (w C + sum of the ratings) / (w + their number), with C the mean of all
    ratings and w the `prior_weight`. It is about persons: for the work of a
    platform, not for a page.

    Args:
        interactions: One row an interaction (contract `interactions`); `value` 1 to 5.
        as_of: Last complete day; later rows are ignored.
        kind: Kind of the interactions that are ratings.
        prior_weight: w, how many ratings it takes until a person's own weigh half.

    Returns:
        One row a rated person, sorted: `user_id`, `ratings`, `mean_rating`,
        `trust_score` (1 to 5).

    Raises:
        SchemaError: A column is missing, or a rating is not from 1 to 5.
        ParameterError: `prior_weight` is negative.

    Examples:
        >>> rated = pl.DataFrame({"interaction_id": ["1", "2"], "day": 4, "value": [5.0, 3.0]})
        >>> rated = rated.with_columns(
        ...     from_user=pl.lit("a"), to_user=pl.Series(["b", "c"]), kind=pl.lit("rating")
        ... )
        >>> trust_scores(rated, as_of=dt.date(1970, 1, 11), prior_weight=1)["trust_score"].to_list()
        [4.5, 3.5]

    References:
        Gelman A. et al. (2013), Bayesian Data Analysis, 3rd ed., section 2.5.
    """
    rated = _rated(interactions, as_of=as_of, kind=kind)
    sums = finish(
        rated.group_by("to_user").agg(
            nw.len().alias("ratings"),
            nw.col("value").sum().alias("points"),
            nw.col("value").min().alias("least"),
            nw.col("value").max().alias("most"),
        )
    )
    require_points(pl.concat([sums["least"], sums["most"].alias("least")]))
    scores = shrunk_means(
        sums.rename({"to_user": "user_id"}),
        by=["user_id"],
        prior_weight=prior_weight,
        score="trust_score",
    )
    return like(scores, interactions)


def require_points(values: pl.Series) -> None:
    """Raise `SchemaError` unless every rating lies from 1 to 5."""
    wrong = values.filter((values < LOWEST) | (values > HIGHEST) | values.is_nan())
    if len(wrong):
        raise SchemaError(
            f"{len(wrong)} different ratings are not from {LOWEST} to {HIGHEST}; "
            "they must be, or be left out."
        )


def _rated(interactions: Any, *, as_of: dt.date, kind: str) -> nw.LazyFrame[Any]:  # noqa: ANN401
    """Interactions of that kind with a value."""
    known = known_interactions(interactions, as_of=as_of, columns=["kind", "value"])
    return known.filter(nw.col("kind") == kind, ~nw.col("value").is_null()).with_columns(
        value=nw.col("value").cast(nw.Float64)
    )
