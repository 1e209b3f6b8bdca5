"""The log by user and day: small, additive, and enough for every metric that asks for days."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import narwhals.stable.v2 as nw

from analytics_lib.core.checks import require_columns
from analytics_lib.events.boundary import as_event_log
from analytics_lib.events.log import EventLog


def user_days(
    events: Any,  # noqa: ANN401 - an EventLog or any supported frame
    *,
    by: Sequence[str] = (),
    zone: str = "UTC",
) -> EventLog:
    """Who was active on which day, and how often?

    Distinct users do not add up, which is why a rolling count cannot be kept
    up to date from daily counts. User-days do: the rows of two logs together
    are the user-days of both, and active users over any window, retention,
    cohorts and lifecycle come out of them exactly as out of the log.

    Args:
        events: An `EventLog`, or a frame with `user_id` and `day`; one row an
            event, or `quantity` like events. Events of nobody or of no day are left out.
        by: Further columns that are kept apart.
        zone: Zone in which the days of a frame were counted.

    Returns:
        A log of days, lazily, on the same engine: one row a user, day (and
        group) with `quantity` (events).

    Raises:
        SchemaError: A column is missing.

    Examples:
        >>> import polars as pl
        >>> log = pl.DataFrame({"user_id": ["a", "a", "b"], "day": [3, 3, 3]})
        >>> user_days(log).frame.collect().to_native().sort("user_id").rows()
        [('a', 3, 2), ('b', 3, 1)]
    """
    log = as_event_log(events, zone=zone)
    names = log.frame.collect_schema().names()
    require_columns(names, by, name="events")
    known = log.frame.filter(~nw.col("user_id").is_null(), ~nw.col("day").is_null())
    if "quantity" not in names:
        known = known.with_columns(nw.lit(1).alias("quantity"))
    grouped = known.group_by("user_id", "day", *by).agg(nw.col("quantity").sum())
    # DuckDB adds whole numbers up to a wider type than it started from.
    whole = grouped.with_columns(nw.col("quantity").cast(nw.Int64))
    return replace(log, frame=whole, resolution="day")
