"""How regularly each user comes back."""

import datetime as dt
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl

from analytics_lib.core.periods import day_number
from analytics_lib.metrics.activity_window import active_days_of
from analytics_lib.metrics.frames import finish, like
from analytics_lib.statistics import add_share_interval


def regularity(
    events: Any,  # noqa: ANN401 - an EventLog or any supported frame
    *,
    as_of: dt.date,
    confidence_level: float = 0.95,
) -> Any:  # noqa: ANN401 - the caller's own kind of frame
    """After how many days does each user typically come back, and in how many weeks at all?

    A median gap alone flatters those who left: it knows nothing of the silence
    since. So the share of weeks with activity is counted up to `as_of`. Weeks
    are the user's own, seven days from the first one on: calendar weeks would
    give those who begin on a Sunday a first week of one day. A week that is
    not over does not count.

    Args:
        events: An `EventLog`, or a frame with `user_id` and `day`; one row an event.
        as_of: Last complete day; later rows are ignored.
        confidence_level: Coverage of the Wilson intervals.

    Returns:
        One row a user, sorted by `user_id`: `first_active`, `last_active`
        (dates), `active_days`, `median_gap` (days from one active day to the
        next, 1 or more; null with a single active day), `active_weeks`,
        `weeks` (complete ones since the first day; the first is active by
        definition), `share` (consistency), `ci_lower`, `ci_upper`; null while
        the first week is not over. The interval takes weeks for independent,
        which habits are not: it is at best that narrow.

    Raises:
        SchemaError: A column is missing.

    Examples:
        >>> log = pl.DataFrame({"user_id": ["a"] * 4, "day": [0, 2, 3, 20]})
        >>> regularity(log, as_of=dt.date(1970, 1, 22)).select(
        ...     "median_gap", "active_weeks", "weeks"
        ... ).rows()  # gaps of 2, 1 and 17 days; nothing on days 7 to 13
        [(2.0, 2, 3)]
    """
    last = day_number(as_of)
    days = (
        active_days_of(events, as_of=as_of)
        .with_columns(
            before=nw.col("day").shift(1).over("user_id", order_by="day"),
            first_day=nw.col("day").min().over("user_id"),
        )
        .with_columns(
            gap=nw.col("day") - nw.col("before"),
            week=(nw.col("day") - nw.col("first_day")) // 7,
        )
    )
    users = finish(
        days.group_by("user_id").agg(
            nw.col("first_day").min(),
            nw.col("day").max().alias("last_day"),
            nw.len().alias("active_days"),
            nw.col("gap").median().alias("median_gap"),
        )
    )
    over = days.filter(nw.col("first_day") + 7 * nw.col("week") + 6 <= last)
    weeks = finish(
        over.group_by("user_id", "week")
        .agg(nw.len().alias("days"))
        .group_by("user_id")
        .agg(nw.len().alias("active_weeks"))
    )
    found = (
        users.join(weeks, on="user_id", how="left")
        .sort("user_id")
        .select(
            "user_id",
            pl.col("first_day").cast(pl.Int32).cast(pl.Date).alias("first_active"),
            pl.col("last_day").cast(pl.Int32).cast(pl.Date).alias("last_active"),
            "active_days",
            pl.col("median_gap").cast(pl.Float64).fill_nan(None),
            pl.col("active_weeks").fill_null(0),
            ((last + 1 - pl.col("first_day")) // 7).alias("weeks"),
        )
    )
    shares = add_share_interval(
        found, numerator="active_weeks", denominator="weeks", confidence_level=confidence_level
    )
    return like(shares, events)
