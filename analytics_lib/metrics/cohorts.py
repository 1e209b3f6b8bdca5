"""First-time cohorts and how many of them are active at each age."""

import datetime as dt
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl

from analytics_lib.core.checks import require_at_least, require_choice
from analytics_lib.core.periods import CalendarGranularity
from analytics_lib.metrics.calendar import period_key, period_of, with_period_key
from analytics_lib.metrics.frames import finish, known_events, like
from analytics_lib.statistics import add_share_interval

COHORT_GRANULARITIES = ("week", "month", "quarter")


def retention_cohorts(
    events: Any,  # noqa: ANN401 - an EventLog or any supported frame
    *,
    granularity: CalendarGranularity,
    as_of: dt.date,
    minimum_users: int = 1,
    maximum_age: int | None = None,
    confidence_level: float = 0.95,
) -> Any:  # noqa: ANN401 - the caller's own kind of frame
    """Of the users first active in a period, how many are active in each later period?

    Args:
        events: An `EventLog`, or a frame with `user_id` and `day`; one row an
            event, with the whole history: the first event makes the cohort.
        granularity: `week`, `month` or `quarter`, for cohorts and ages alike.
        as_of: Last complete day; later rows are ignored.
        minimum_users: Smaller cohorts are left out.
        maximum_age: Oldest age shown; without it, up to `as_of`.
        confidence_level: Coverage of the Wilson intervals.

    Returns:
        One row a cohort and age, from age 0 to the period that holds `as_of`:
        `cohort_start` (date), `cohort` (ISO name), `age`, `users` (size of the
        cohort), `retained`, `share`, `ci_lower`, `ci_upper`; null where the
        period is not complete, the size of a cohort that is still forming too.

    Raises:
        SchemaError: A column is missing.
        ParameterError: `granularity` is unknown or `minimum_users` below 1.
    """
    require_choice(granularity, COHORT_GRANULARITIES, name="granularity")
    require_at_least(minimum_users, 1, name="minimum_users")

    known = known_events(events, as_of=as_of).select("user_id", "day")
    periods = (
        with_period_key(known, granularity=granularity)
        .group_by("user_id", "key")
        .agg(nw.len().alias("events"))
        .with_columns(cohort_key=nw.col("key").min().over("user_id"))
    )
    counts = finish(periods.group_by("cohort_key", "key").agg(nw.len().alias("retained")))
    return like(
        _triangle(
            counts, granularity=granularity, as_of=as_of, minimum=minimum_users,
            maximum_age=maximum_age, confidence_level=confidence_level,
        ),
        events,
    )  # fmt: skip


def recurring_cohorts(
    events: Any,  # noqa: ANN401 - an EventLog or any supported frame
    *,
    granularity: CalendarGranularity,
    as_of: dt.date,
    maximum_age: int | None = None,
    confidence_level: float = 0.95,
) -> Any:  # noqa: ANN401 - the caller's own kind of frame
    """Of everybody active in a period, how many are active in each later period?

    Unlike first-time cohorts a user is in the cohort of every period of
    activity, so cohorts overlap and do not add up.

    Args:
        events: An `EventLog`, or a frame with `user_id` and `day`; one row an event.
        granularity: `week`, `month` or `quarter`, for cohorts and ages alike.
        as_of: Last complete day; later rows are ignored.
        maximum_age: Oldest age shown; without it, up to `as_of`.
        confidence_level: Coverage of the Wilson intervals.

    Returns:
        As `retention_cohorts`: `cohort_start`, `cohort`, `age`, `users`,
        `retained`, `share`, `ci_lower`, `ci_upper`; null where a period is not
        complete.

    Raises:
        SchemaError: A column is missing.
        ParameterError: `granularity` is unknown.

    References:
        PostHog, retention (recurring).
    """
    require_choice(granularity, COHORT_GRANULARITIES, name="granularity")

    known = known_events(events, as_of=as_of).select("user_id", "day")
    periods = (
        with_period_key(known, granularity=granularity)
        .group_by("user_id", "key")
        .agg(nw.len().alias("events"))
        .select("user_id", "key")
    )
    pairs = periods.rename({"key": "cohort_key"}).join(periods, on="user_id", how="inner")
    later = pairs.filter(nw.col("key") >= nw.col("cohort_key"))
    counts = finish(later.group_by("cohort_key", "key").agg(nw.len().alias("retained")))
    return like(
        _triangle(
            counts, granularity=granularity, as_of=as_of, minimum=1, maximum_age=maximum_age,
            confidence_level=confidence_level,
        ),
        events,
    )  # fmt: skip


def _triangle(
    counts: pl.DataFrame,
    *,
    granularity: CalendarGranularity,
    as_of: dt.date,
    minimum: int,
    maximum_age: int | None,
    confidence_level: float,
) -> pl.DataFrame:
    """Counts by cohort and period as shares by age, null where a period is not complete."""
    last_key = period_key((as_of - dt.date(1970, 1, 1)).days, granularity=granularity)
    result = _grid(counts, last_key=last_key, granularity=granularity, minimum=minimum)
    complete = {
        key: period_of(key, granularity=granularity).is_complete(as_of=as_of)
        for key in result["key"].unique()
    }
    if maximum_age is not None:
        result = result.filter(pl.col("age") <= maximum_age)
    is_complete = pl.col("key").replace_strict(complete, default=True, return_dtype=pl.Boolean)
    is_formed = is_complete | (pl.col("age") > 0)  # only the newest cohort can be forming
    result = result.with_columns(
        users=pl.when(is_formed).then("users"), retained=pl.when(is_complete).then("retained")
    )
    return add_share_interval(
        result.drop("key"),
        numerator="retained",
        denominator="users",
        confidence_level=confidence_level,
    )


def _grid(
    counts: pl.DataFrame, *, last_key: int, granularity: CalendarGranularity, minimum: int
) -> pl.DataFrame:
    """Every cohort at every age up to `last_key`; nobody active is 0, not absent."""
    sizes = (
        counts.filter(pl.col("key") == pl.col("cohort_key"))
        .select("cohort_key", users="retained")
        .filter(pl.col("users") >= minimum)
        .sort("cohort_key")
    )
    starts = [period_of(key, granularity=granularity) for key in sizes["cohort_key"]]
    return (
        sizes.with_columns(
            cohort_start=pl.Series([period.start for period in starts], dtype=pl.Date),
            cohort=pl.Series([period.label for period in starts], dtype=pl.String),
            key=pl.int_ranges("cohort_key", last_key + 1),
        )
        .explode("key")
        .join(counts, on=["cohort_key", "key"], how="left")
        .with_columns(
            age=pl.col("key") - pl.col("cohort_key"), retained=pl.col("retained").fill_null(0)
        )
        .select("key", "cohort_start", "cohort", "age", "users", "retained")
    )
