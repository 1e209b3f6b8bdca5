"""When in the day and in the week users are active."""

import datetime as dt
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl

from analytics_lib.core.errors import SchemaError
from analytics_lib.core.periods import day_number
from analytics_lib.events.boundary import as_event_log
from analytics_lib.metrics.activity_window import Measure, measured_events, window_start
from analytics_lib.metrics.calendar import day_column
from analytics_lib.metrics.frames import finish, known_events, like
from analytics_lib.metrics.local_hours import clock_hours, with_local_hour
from analytics_lib.statistics import add_share_interval

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_LAST_HOUR = 23


def hourly_pattern(
    events: Any,  # noqa: ANN401 - an EventLog or any supported frame
    *,
    as_of: dt.date,
    window: int = 28,
    measure: Measure = "events",
    zone: str = "UTC",
    confidence_level: float = 0.95,
) -> Any:  # noqa: ANN401 - the caller's own kind of frame
    """At which hours of the local day are users active?

    The trap is the day on which clocks change: one hour of it does not exist
    or comes twice, and an offset taken once for the whole log moves half a
    year by an hour. Each instant is given the hour that clocks in the report
    zone showed, and `clock_hours` says how long they showed it.

    Args:
        events: An `EventLog`, or a frame with `user_id`, `day` and `t_us`; one
            row an event. Events without a time of day are left out.
        as_of: Last complete day, the last day of the window.
        window: Days of the window; whole weeks, so that weekdays weigh the same.
        measure: `events` counts rows, `quantity` adds up that column.
        zone: Zone in which the days of a frame were counted; a log knows its own.
        confidence_level: Coverage of the Wilson intervals.

    Returns:
        One row an hour: `hour` (0 to 23), `clock_hours` (how many hours of the
        window clocks showed it), `events`, `events_per_hour` (null where it
        was never shown), `users`, `active_users` (at any hour of the window),
        `share` (of them active in this hour), `ci_lower`, `ci_upper`. Shares
        do not add up to 1: a user may be active in many hours. Null where the
        log begins inside the window.

    Raises:
        SchemaError: A column is missing, or days and instants do not agree in the zone.
        ParameterError: The log knows only days, the zone does not exist,
            `window` is below 1, or `measure` is unknown.

    Examples:
        >>> noon = 12 * 3_600_000_000
        >>> log = pl.DataFrame({"user_id": ["a", "b"], "day": [0, 0], "t_us": [noon, noon + 1]})
        >>> found = hourly_pattern(log, as_of=dt.date(1970, 1, 1), window=1)
        >>> found.filter(pl.col("events") > 0).select("hour", "events", "users", "share").rows()
        [(12, 2, 2, 1.0)]
    """
    start, last = window_start(as_of=as_of, window=window), day_number(as_of)
    log = as_event_log(events, zone=zone)
    log.require_time_of_day(question="hourly pattern")

    timed = (
        measured_events(log, as_of=as_of, measure=measure, columns=("t_us",))
        .filter(nw.col("day") >= start, ~nw.col("t_us").is_null())
        .with_columns(nw.col("t_us").cast(nw.Int64))
    )
    located = with_local_hour(timed, zone=log.zone, first_day=start, last_day=last)
    found = _by_group(located, group="hour")
    outside = found.filter(~pl.col("hour").is_between(0, _LAST_HOUR))
    if len(outside):
        raise SchemaError(
            f"`day` and `t_us` do not agree in zone {log.zone!r}; events whose instant lies "
            f"outside their day: {outside['rows'].sum()}. Name the zone in which the days were "
            "counted."
        )
    spine = pl.DataFrame(
        {"hour": range(24), "clock_hours": clock_hours(log.zone, first_day=start, last_day=last)},
        schema={"hour": pl.Int64, "clock_hours": pl.Float64},
    )
    shown = pl.when(pl.col("clock_hours") > 0).then("clock_hours")
    pattern = _joined(spine, found, located, group="hour").with_columns(
        events_per_hour=pl.col("events") / shown
    )
    covered = _null_unless_covered(pattern, events, as_of=as_of, start=start)
    columns = ("hour", "clock_hours", "events", "events_per_hour", "users", "active_users")
    return like(_with_shares(covered.select(columns), confidence_level=confidence_level), events)


def weekday_pattern(
    events: Any,  # noqa: ANN401 - an EventLog or any supported frame
    *,
    as_of: dt.date,
    window: int = 28,
    measure: Measure = "events",
    confidence_level: float = 0.95,
) -> Any:  # noqa: ANN401 - the caller's own kind of frame
    """On which days of the week are users active?

    A window that is not made of whole weeks has one weekday more often than
    another; `days` counts them, and the rates divide by it.

    Args:
        events: An `EventLog`, or a frame with `user_id` and `day`; one row an event.
        as_of: Last complete day, the last day of the window.
        window: Days of the window; whole weeks, so that weekdays weigh the same.
        measure: `events` counts rows, `quantity` adds up that column.
        confidence_level: Coverage of the Wilson intervals.

    Returns:
        One row a weekday: `weekday` (1 Monday to 7 Sunday, ISO 8601), `name`,
        `days` (how often it lies in the window), `events`, `events_per_day`
        (null where it does not), `users` (active on any such day),
        `active_users` (on any day of the window), `share` (of them active on
        this weekday), `ci_lower`, `ci_upper`. Null where the log begins inside
        the window.

    Raises:
        SchemaError: A column is missing.
        ParameterError: `window` is below 1, or `measure` is unknown.

    Examples:
        >>> log = pl.DataFrame({"user_id": ["a", "b", "b"], "day": [0, 0, 7]})
        >>> found = weekday_pattern(log, as_of=dt.date(1970, 1, 14), window=14)
        >>> found.filter(pl.col("events") > 0).select("name", "days", "events", "users").rows()
        [('Thursday', 2, 3, 2)]
    """
    start, last = window_start(as_of=as_of, window=window), day_number(as_of)
    recent = measured_events(events, as_of=as_of, measure=measure).filter(nw.col("day") >= start)
    located = recent.with_columns(weekday=(nw.col("day") + 3) % 7 + 1)  # day 0 was a Thursday
    found = _by_group(located, group="weekday")
    days = [sum((day + 3) % 7 == index for day in range(start, last + 1)) for index in range(7)]
    spine = pl.DataFrame(
        {"weekday": range(1, 8), "name": WEEKDAYS, "days": days},
        schema={"weekday": pl.Int64, "name": pl.String, "days": pl.Int64},
    )
    there = pl.when(pl.col("days") > 0).then("days")
    pattern = _joined(spine, found, located, group="weekday").with_columns(
        events_per_day=pl.col("events") / there
    )
    covered = _null_unless_covered(pattern, events, as_of=as_of, start=start)
    columns = ("weekday", "name", "days", "events", "events_per_day", "users", "active_users")
    return like(_with_shares(covered.select(columns), confidence_level=confidence_level), events)


def _by_group(located: nw.LazyFrame[Any], *, group: str) -> pl.DataFrame:
    """`events`, `rows` and different `users` of each hour or weekday."""
    per_user = located.group_by(group, "user_id").agg(
        nw.col("events").sum(), nw.len().alias("rows")
    )
    return finish(
        per_user.group_by(group).agg(
            nw.col("events").sum(), nw.col("rows").sum(), nw.len().alias("users")
        )
    )


def _joined(
    spine: pl.DataFrame, found: pl.DataFrame, located: nw.LazyFrame[Any], *, group: str
) -> pl.DataFrame:
    """Every hour or weekday, quiet ones too, beside the number of different users of them all."""
    people = located.group_by("user_id").agg(nw.len().alias("rows"))
    active = int(finish(people.select(nw.len().alias("users")))["users"].item())
    return (
        spine.join(found, on=group, how="left")
        .sort(group)
        .with_columns(pl.col("events", "users").fill_null(0), active_users=pl.lit(active, pl.Int64))
    )


def _null_unless_covered(
    pattern: pl.DataFrame,
    events: Any,  # noqa: ANN401 - an EventLog or any supported frame
    *,
    as_of: dt.date,
    start: int,
) -> pl.DataFrame:
    known = known_events(events, as_of=as_of).select(day_column().min().alias("first_day"))
    first_day = finish(known)["first_day"].item()
    if first_day is not None and int(first_day) <= start:
        return pattern
    counts = [name for name in pattern.columns if name.startswith("events") or "users" in name]
    return pattern.with_columns(pl.lit(None, pattern.schema[name]).alias(name) for name in counts)


def _with_shares(pattern: pl.DataFrame, *, confidence_level: float) -> pl.DataFrame:
    return add_share_interval(
        pattern,
        numerator="users",
        denominator="active_users",
        confidence_level=confidence_level,
    )
