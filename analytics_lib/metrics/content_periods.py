"""How content is used in all, from one period to the next."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl

from analytics_lib.core.checks import require_at_least, require_choice
from analytics_lib.core.periods import (
    CALENDAR_GRANULARITIES,
    CalendarGranularity,
    Period,
    last_complete_period,
)
from analytics_lib.events.boundary import as_event_log
from analytics_lib.events.log import EventLog
from analytics_lib.metrics.content import click_through, content_views
from analytics_lib.metrics.content_log import VIEW_TYPES
from analytics_lib.metrics.content_time import content_bounce, time_on_page
from analytics_lib.metrics.frames import finish, known_events, like

_ALL = "all content"
_PER = 1000
_VIEWS = {"views": "views", "viewers": "viewers"}
_TIMES = {name: name for name in ("timed_views", "mean_seconds", "median_seconds")}
_ENDS = ("ci_lower", "ci_upper")
_BOUNCES = {
    "entries": "entries",
    "bounces": "bounces",
    **{f"bounce_{part}": part for part in ("share", *_ENDS)},
}
_CLICKS = {
    "shown": "shown",
    "clicked": "clicked",
    **{f"click_{part}": part for part in ("share", *_ENDS)},
}


def events_in_period(
    events: Any,  # noqa: ANN401 - an EventLog or any supported frame
    *,
    granularity: CalendarGranularity,
    as_of: dt.date,
    periods_back: int = 0,
) -> EventLog:
    """The events of the last complete period, or of one so many periods before it.

    Args:
        events: An `EventLog`, or a frame with `user_id` and `day`; one row an event.
        granularity: Calendar unit.
        as_of: Last complete day.
        periods_back: 0 for the last complete period, 1 for the one before it.

    Returns:
        A log on the same engine; a session that crosses the ends is cut there.

    Raises:
        SchemaError: A column is missing.
        ParameterError: `granularity` is unknown or `periods_back` below 0.

    Examples:
        >>> log = pl.DataFrame({"user_id": ["a", "a"], "day": [30, 31]})
        >>> asked = {"granularity": "month", "as_of": dt.date(1970, 2, 28)}
        >>> events_in_period(log, **asked).frame.collect()["day"].to_list()
        [31]
    """
    require_choice(granularity, CALENDAR_GRANULARITIES, name="granularity")
    require_at_least(periods_back, 0, name="periods_back")

    period = last_complete_period(granularity, as_of=as_of).shift(-periods_back)
    return _within(as_event_log(events), period)


def content_by_period(
    events: Any,  # noqa: ANN401 - an EventLog or any supported frame
    *,
    granularity: CalendarGranularity,
    as_of: dt.date,
    periods: int = 2,
    interactions: Sequence[str] = (),
    shown: str = "impression",
    clicked: str = "click",
    session: str = "session_id",
    view_types: Sequence[str] = VIEW_TYPES,
    cap_minutes: float = 30,
    confidence_level: float = 0.95,
) -> Any:  # noqa: ANN401 - the caller's own kind of frame
    """How is content used in all, in each of the last periods?

    Means of the items would weigh an item nobody reads like the one everybody
    reads, so each number is worked out anew over all content taken as one. A
    reload makes a view but no unique view: those count an item once a session.
    Everything is of its period alone: a session that crosses its ends is cut.

    Args:
        events: An `EventLog` with times, or a frame with `user_id`, `day`,
            `t_us`, `event_id`, `event_type`, `content_id` and the session.
        granularity: `day`, `week` (ISO, from Monday), `month`, `quarter` or `year`.
        as_of: Last complete day; only periods complete by then are shown.
        periods: Number of periods, 1 or more; those before the log begins are left out.
        interactions: Event types to count for every thousand views, such as `share`.
        shown: Event type of an impression.
        clicked: Event type of a click on one.
        session: Column of sessions; views without one are no unique views.
        view_types: Event types that are views.
        cap_minutes: Longest time on a page that counts.
        confidence_level: Coverage of the intervals.

    Returns:
        One row a period, in order: `interval_start`, `interval_end`
        (exclusive), `views`, `unique_views`, `viewers`, `timed_views`,
        `mean_seconds`, `median_seconds` (of views with a next view),
        `entries`, `bounces`, `bounce_share` and its Wilson interval
        (`bounce_ci_lower`, `bounce_ci_upper`), `shown`, `clicked`,
        `click_share` (clicks an impression) and its interval clustered by user
        (`click_ci_lower`, `click_ci_upper`), and for each interaction `x` its
        `x_events` and `x_per_thousand` views. Counts are 0 and everything else
        null where nothing happened.

    Raises:
        SchemaError: A column is missing.
        ParameterError: The log knows only days, or an argument is out of range.

    Examples:
        >>> log = pl.DataFrame(
        ...     {
        ...         "event_id": ["1", "2", "3"],
        ...         "user_id": ["a", "a", "b"],
        ...         "session_id": ["s", "s", "t"],
        ...         "day": [0, 0, 31],
        ...         "t_us": [0, 20_000_000, 31 * 86_400_000_000],
        ...         "content_id": ["p", "p", "q"],
        ...         "event_type": ["content_view"] * 3,
        ...     }
        ... )
        >>> found = content_by_period(log, granularity="month", as_of=dt.date(1970, 2, 28))
        >>> found.select("views", "unique_views", "median_seconds", "bounce_share").rows()
        [(2, 1, 20.0, 0.0), (1, 1, None, 1.0)]
    """
    require_at_least(periods, 1, name="periods")
    require_choice(granularity, CALENDAR_GRANULARITIES, name="granularity")

    begins = finish(known_events(events, as_of=as_of).select(nw.col("day").min()))["day"].item()
    last = last_complete_period(granularity, as_of=as_of)
    wanted = [last.shift(-back) for back in reversed(range(periods))]
    known = [period for period in wanted if begins is not None and period.end_day > int(begins)]
    times = {"session": session, "view_types": view_types, "cap_minutes": cap_minutes}
    clicks = {"shown": shown, "clicked": clicked, "confidence_level": confidence_level}
    table = pl.concat(
        _of_period(events, period, interactions=interactions, times=times, clicks=clicks)
        for period in known or [last]
    )
    return like(table if known else table.clear(), events)


def _of_period(
    events: Any,  # noqa: ANN401 - an EventLog or any supported frame
    period: Period,
    *,
    interactions: Sequence[str],
    times: dict[str, Any],
    clicks: dict[str, Any],
) -> pl.DataFrame:
    """The row of one period."""
    of_period = _within(as_event_log(events), period)
    one = _as_one(of_period)
    as_of = period.last_date
    level = clicks["confidence_level"]
    views = content_views(
        one, interactions=interactions, view_types=times["view_types"], as_of=as_of
    )
    parts = [
        _row(_unique_views(of_period, times, as_of=as_of), {"unique_views": "unique_views"}),
        _row(views, _VIEWS | {f"{kind}_events": f"{kind}_events" for kind in interactions}),
        _row(time_on_page(one, **times, as_of=as_of), _TIMES),
        _row(
            content_bounce(one, session=times["session"], confidence_level=level, as_of=as_of),
            _BOUNCES,
        ),
        _row(click_through(one, unit="impression", **clicks, as_of=as_of), _CLICKS),
    ]
    row = pl.concat(parts, how="horizontal").with_columns(
        pl.col(pl.Int64).fill_null(0),
        interval_start=pl.lit(period.start),
        interval_end=pl.lit(period.end),
    )
    rates = {
        f"{kind}_per_thousand": pl.col(f"{kind}_events") * _PER / pl.col("views").replace(0, None)
        for kind in interactions
    }
    columns = [*_VIEWS, "unique_views", *_TIMES, *_BOUNCES, *_CLICKS]
    counts = [f"{kind}_{what}" for kind in interactions for what in ("events", "per_thousand")]
    return row.with_columns(**rates).select("interval_start", "interval_end", *columns, *counts)


def _within(log: EventLog, period: Period) -> EventLog:
    days = nw.col("day") >= period.start_day, nw.col("day") < period.end_day
    return EventLog(frame=log.frame.filter(*days), zone=log.zone, resolution=log.resolution)


def _as_one(log: EventLog) -> EventLog:
    """The log with every piece of content taken for the same one."""
    same = nw.when(~nw.col("content_id").is_null()).then(nw.lit(_ALL)).alias("content_id")
    return EventLog(frame=log.frame.with_columns(same), zone=log.zone, resolution=log.resolution)


def _unique_views(log: EventLog, times: Mapping[str, Any], *, as_of: dt.date) -> pl.DataFrame:
    """How many different pieces of content the sessions viewed, added up."""
    session = times["session"]
    needed = ["event_type", "content_id", session]
    views = known_events(log, as_of=as_of, columns=needed).filter(
        nw.col("event_type").is_in(list(times["view_types"])),
        ~nw.col("content_id").is_null(),
        ~nw.col(session).is_null(),
    )
    once = views.group_by("user_id", session, "content_id").agg(nw.len().alias("views"))
    return finish(once.select(nw.len().alias("unique_views")))


def _row(found: Any, columns: Mapping[str, str]) -> pl.DataFrame:  # noqa: ANN401 - a metric's result
    """Columns of the only row of a result under new names; of nothing, a row of nulls."""
    table = finish(nw.from_native(found).lazy()).select(
        pl.col(old).alias(new) for new, old in columns.items()
    )
    return table if len(table) else table.clear(1)
