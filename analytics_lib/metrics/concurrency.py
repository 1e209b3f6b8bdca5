"""How many users are there at the same time."""

import datetime as dt
from typing import Any

import polars as pl

from analytics_lib.core.checks import require_choice
from analytics_lib.core.periods import CALENDAR_GRANULARITIES, CalendarGranularity
from analytics_lib.metrics.by_period import fill_periods
from analytics_lib.metrics.calendar import period_key
from analytics_lib.metrics.frames import finish, like
from analytics_lib.metrics.sessions import DEFAULT_TIMEOUT_MINUTES, session_table


def concurrent_users(
    events: Any,  # noqa: ANN401 - an EventLog or any supported frame
    *,
    granularity: CalendarGranularity,
    as_of: dt.date,
    timeout_minutes: float = DEFAULT_TIMEOUT_MINUTES,
) -> Any:  # noqa: ANN401 - the caller's own kind of frame
    """How many users were in a session at the same moment, at most, in each period?

    A user is there from the first to the last event of a session, both
    included; a session of a single event is a moment. The peak belongs to the
    period in which the session that made it began.

    Args:
        events: An `EventLog` with the time of day, or a frame with `user_id`,
            `day` and `t_us`; one row an event.
        granularity: Calendar unit.
        as_of: Last complete day; later rows are ignored.
        timeout_minutes: A longer pause begins another session.

    Returns:
        One row a period: `interval_start`, `interval_end`, `peak_users`; 0 in
        a quiet period, null while it is not complete.

    Raises:
        SchemaError: A column is missing.
        ParameterError: The log knows only days, or `granularity` is unknown.

    Examples:
        >>> log = pl.DataFrame({"user_id": ["a", "b", "a"], "day": [0, 0, 0], "t_us": [0, 5, 10]})
        >>> concurrent_users(log, granularity="day", as_of=dt.date(1970, 1, 1))["peak_users"].item()
        2
    """
    require_choice(granularity, CALENDAR_GRANULARITIES, name="granularity")

    table = session_table(
        events, as_of=as_of, timeout_minutes=timeout_minutes, split_at_midnight=False,
        view_types=(), key_types=(), by=(), question="concurrent_users",
    )  # fmt: skip
    spans = finish(table.select("day", "start_us", "end_us"))
    arrivals = spans.select("day", at="start_us", change=pl.lit(1), late=pl.lit(0))
    departures = spans.select("day", at="end_us", change=pl.lit(-1), late=pl.lit(1))
    # Whoever comes at the moment somebody goes meets them: arrivals first.
    present = (
        pl.concat([arrivals, departures])
        .sort("at", "late")
        .with_columns(there=pl.col("change").cum_sum())
        .filter(pl.col("late") == 0)
        .group_by("day")
        .agg(peak_users=pl.col("there").max().cast(pl.Int64))
    )
    keys = {day: period_key(day, granularity=granularity) for day in present["day"]}
    counts = (
        present.with_columns(key=pl.col("day").replace_strict(keys, return_dtype=pl.Int64))
        .group_by("key")
        .agg(pl.col("peak_users").max())
    )
    filled = fill_periods(
        counts, by=(), counted=["peak_users"], granularity=granularity, as_of=as_of
    )
    return like(filled, events)
