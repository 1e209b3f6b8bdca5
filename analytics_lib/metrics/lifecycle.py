"""Where the active users of a period come from, and who went quiet."""

import datetime as dt
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl

from analytics_lib.core.checks import require_choice
from analytics_lib.core.periods import CALENDAR_GRANULARITIES, CalendarGranularity, day_number
from analytics_lib.metrics.calendar import period_key, period_spine, with_period_key
from analytics_lib.metrics.frames import finish, flag, known_events, like

_STATES = ("new", "returning", "resurrected")


def lifecycle(
    events: Any,  # noqa: ANN401 - an EventLog or any supported frame
    *,
    granularity: CalendarGranularity,
    as_of: dt.date,
    history_complete: bool,
) -> Any:  # noqa: ANN401 - the caller's own kind of frame
    """How many active users are new, returning or resurrected, and how many went dormant?

    New means a first event in the whole history. In a log that starts later
    than the platform everybody would be new at its beginning, so the caller
    says whether the history is complete.

    Args:
        events: An `EventLog`, or a frame with `user_id` and `day`; one row an event.
        granularity: Calendar unit.
        as_of: Last complete day; later rows are ignored.
        history_complete: Whether the log begins with the platform. Otherwise
            new and resurrected users cannot be told apart and are null, and so
            are the returning and dormant users of its first period.

    Returns:
        One row a period from the first event to `as_of`: `interval_start`,
        `interval_end`, `active`, `new` (never seen before), `returning`
        (active in the period before), `resurrected` (seen, but not in the
        period before), `dormant` (active in the period before, not now);
        null while the period is not complete. In each row
        active = new + returning + resurrected and
        dormant = active in the period before - returning.

    Raises:
        SchemaError: A column is missing.
        ParameterError: `granularity` is unknown.

    Examples:
        >>> log = pl.DataFrame({"user_id": ["a", "b", "b"], "day": [0, 0, 1]})
        >>> found = lifecycle(
        ...     log, granularity="day", as_of=dt.date(1970, 1, 2), history_complete=True
        ... )
        >>> found.select("active", "new", "returning", "dormant").rows()
        [(2, 2, 0, 0), (1, 0, 1, 1)]
    """
    require_choice(granularity, CALENDAR_GRANULARITIES, name="granularity")

    known = known_events(events, as_of=as_of).select("user_id", "day")
    periods = (
        with_period_key(known, granularity=granularity)
        .group_by("user_id", "key")
        .agg(nw.len().alias("events"))
        .with_columns(before=nw.col("key").shift(1).over("user_id", order_by="key"))
        .with_columns(gap=nw.col("key") - nw.col("before"))
        .with_columns(
            new=flag(nw.col("gap").is_null()),
            returning=flag(nw.col("gap") == 1),
            resurrected=flag(nw.col("gap") > 1),
        )
    )
    counts = finish(periods.group_by("key").agg(nw.col(*_STATES).sum(), nw.len().alias("active")))
    columns = ["interval_start", "interval_end", "active", *_STATES, "dormant"]
    if counts.is_empty():
        dates = dict.fromkeys(columns[:2], pl.Date)
        return like(pl.DataFrame(schema={**dict.fromkeys(columns, pl.Int64), **dates}), events)
    spine = period_spine(
        int(counts["key"].min()),  # type: ignore[arg-type]
        period_key(day_number(as_of), granularity=granularity),
        granularity=granularity,
        as_of=as_of,
    )
    result = (
        spine.join(counts, on="key", how="left")
        .sort("key")
        .with_columns(pl.col("active", *_STATES).fill_null(0))
        .with_columns(dormant=pl.col("active").shift(1, fill_value=0) - pl.col("returning"))
        .with_columns(pl.when("is_complete").then(pl.col("active", *_STATES, "dormant")))
    )
    if not history_complete:
        result = result.with_columns(
            pl.lit(None, pl.Int64).alias(c) for c in ("new", "resurrected")
        ).with_columns(
            # Who was active before the log begins is not known.
            pl.when(pl.col("key") > pl.col("key").min()).then(pl.col("returning", "dormant"))
        )
    return like(result.select(columns), events)
