"""Who is active in each calendar period, and how that grows."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl

from analytics_lib.core.checks import require_at_least, require_choice
from analytics_lib.core.periods import (
    CALENDAR_GRANULARITIES,
    CalendarGranularity,
    last_complete_period,
)
from analytics_lib.metrics.by_period import fill_periods
from analytics_lib.metrics.calendar import with_period_key
from analytics_lib.metrics.frames import finish, known_events, like


def active_users(
    events: Any,  # noqa: ANN401 - an EventLog or any supported frame
    *,
    granularity: CalendarGranularity,
    as_of: dt.date,
    by: Sequence[str] = (),
) -> Any:  # noqa: ANN401 - the caller's own kind of frame
    """How many different users were active in each calendar period?

    A period that is not over is null, not small: half a month beside whole
    months looks like a collapse. A quiet period between is 0, not absent.

    Args:
        events: An `EventLog`, or a frame with `user_id` and `day`; one row an event.
        granularity: `day`, `week` (ISO, from Monday), `month`, `quarter` or `year`.
        as_of: Last complete day; later rows are ignored.
        by: Columns to break down by. A user active in two groups counts in
            both, so groups do not add up to the total.

    Returns:
        One row a period (and group), sorted: the `by` columns,
        `interval_start`, `interval_end` (exclusive), `active_users`; null
        while the period is not complete. Empty where there are no events.

    Raises:
        SchemaError: A column is missing.
        ParameterError: `granularity` is unknown.

    Examples:
        >>> log = pl.DataFrame({"user_id": ["a", "a", "b"], "day": [0, 1, 5]})
        >>> active_users(log, granularity="week", as_of=dt.date(1970, 1, 11))[
        ...     "active_users"
        ... ].to_list()
        [1, 1]
    """
    return like(count_active(events, granularity=granularity, as_of=as_of, by=by), events)


def count_active(
    events: Any,  # noqa: ANN401 - an EventLog or any supported frame
    *,
    granularity: CalendarGranularity,
    as_of: dt.date,
    by: Sequence[str] = (),
) -> pl.DataFrame:
    """`active_users` as a polars frame, for metrics that build on it."""
    require_choice(granularity, CALENDAR_GRANULARITIES, name="granularity")

    known = known_events(events, as_of=as_of, columns=by).select(*by, "user_id", "day")
    users = nw.col("user_id").n_unique().alias("active_users")
    counts = finish(with_period_key(known, granularity=granularity).group_by(*by, "key").agg(users))
    return fill_periods(
        counts, by=by, counted=["active_users"], granularity=granularity, as_of=as_of
    )


def growth(
    events: Any,  # noqa: ANN401 - an EventLog or any supported frame
    *,
    granularity: CalendarGranularity,
    as_of: dt.date,
) -> Any:  # noqa: ANN401 - the caller's own kind of frame
    """By how much did active users grow from one complete period to the next?

    Args:
        events: An `EventLog`, or a frame with `user_id` and `day`; one row an event.
        granularity: Calendar unit.
        as_of: Last complete day; later rows are ignored.

    Returns:
        One row a period: `interval_start`, `interval_end`, `active_users`,
        `previous`, `growth` (share of the period before); null where either
        period is not complete, where there is none before, and after a period
        without anybody.
    """
    active = count_active(events, granularity=granularity, as_of=as_of).with_columns(
        previous=pl.col("active_users").shift(1)
    )
    previous = pl.when(pl.col("previous") > 0).then("previous")
    return like(active.with_columns(growth=pl.col("active_users") / previous - 1), events)


def active_in_period(
    events: Any,  # noqa: ANN401 - an EventLog or any supported frame
    *,
    granularity: CalendarGranularity,
    as_of: dt.date,
    periods_back: int = 0,
) -> float:
    """How many users were active in the last complete period, or so many periods before it?

    Args:
        events: An `EventLog`, or a frame with `user_id` and `day`; one row an event.
        granularity: Calendar unit.
        as_of: Last complete day; later rows are ignored.
        periods_back: 0 for the last complete period, 1 for the one before it;
            12 with months is the same month a year before.

    Returns:
        Users; `nan` for a period before the log begins.
    """
    require_at_least(periods_back, 0, name="periods_back")

    period = last_complete_period(granularity, as_of=as_of).shift(-periods_back)
    active = count_active(events, granularity=granularity, as_of=as_of)
    row = active.filter(pl.col("interval_start") == period.start)
    return float(row["active_users"].item()) if len(row) else float("nan")
