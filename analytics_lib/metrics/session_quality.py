"""How many sessions there are, how long, how deep, and how many bounce."""

import datetime as dt
from collections.abc import Sequence
from typing import Any, Literal, get_args

import narwhals.stable.v2 as nw
import polars as pl

from analytics_lib.core.checks import require_choice
from analytics_lib.core.errors import ParameterError
from analytics_lib.core.periods import CALENDAR_GRANULARITIES, CalendarGranularity
from analytics_lib.metrics.by_period import fill_periods
from analytics_lib.metrics.calendar import with_period_key
from analytics_lib.metrics.frames import finish, flag, like
from analytics_lib.metrics.sessions import DEFAULT_TIMEOUT_MINUTES, session_table
from analytics_lib.statistics import add_share_interval

Bounce = Literal["not_engaged", "one_event"]
_ENGAGED_AFTER_US = 10_000_000
_ENGAGED_VIEWS = 2
_MINUTE_US = 60_000_000
_SECOND_US = 1_000_000


def session_quality(
    events: Any,  # noqa: ANN401 - an EventLog or any supported frame
    *,
    granularity: CalendarGranularity,
    as_of: dt.date,
    bounce: Bounce = "not_engaged",
    by: Sequence[str] = (),
    timeout_minutes: float = DEFAULT_TIMEOUT_MINUTES,
    split_at_midnight: bool = False,
    cap_minutes: float | None = None,
    view_types: Sequence[str] = (),
    key_types: Sequence[str] = (),
    confidence_level: float = 0.95,
) -> Any:  # noqa: ANN401 - the caller's own kind of frame
    """How many sessions began in each period, how long were they, how many bounced?

    The trap is the session of a single event: its length is not known, only
    that it is 0 in the log, and it pulls every mean down. So it is counted
    apart, and lengths are of sessions with more than one instant.

    Args:
        events: An `EventLog` with the time of day, or a frame with `user_id`,
            `day` and `t_us`; one row an event.
        granularity: Calendar unit; a session belongs to the period it began in.
        as_of: Last complete day; later rows are ignored.
        bounce: `not_engaged` (Google Analytics 4): at most 10 seconds, no key
            event and fewer than two views. `one_event`: a single event.
        by: Columns to break down by, such as `platform`: the value at the start.
        timeout_minutes: A longer pause begins another session.
        split_at_midnight: Whether midnight begins one too.
        cap_minutes: Longer sessions count as this long: a page left open
            overnight is not ten hours of interest.
        view_types: Event types that count as views; every event without it.
        key_types: Event types that make a session engaged at once.
        confidence_level: Coverage of the Wilson intervals.

    Returns:
        One row a period (and group), sorted: the `by` columns,
        `interval_start`, `interval_end`, `sessions`, `users`, `events`,
        `views`, `single_event_sessions`, `mean_seconds` and `median_seconds`
        (of sessions with more than one instant), `events_per_session`,
        `bounces`, `bounce_share`, `ci_lower`, `ci_upper`. All null while the
        period is not complete; means and shares null where there is no session.

    Raises:
        SchemaError: A column is missing.
        ParameterError: The log knows only days; a value is unknown; a cap or
            timeout is not positive.

    References:
        Google Analytics 4, help 12798876. On bounce by clock hour instead of by
        visit: umami issues 2228 and 2284.
    """
    require_choice(granularity, CALENDAR_GRANULARITIES, name="granularity")
    require_choice(bounce, get_args(Bounce), name="bounce")
    if cap_minutes is not None and cap_minutes <= 0:
        raise ParameterError(f"`cap_minutes` is {cap_minutes}; it must be positive.")

    table = session_table(
        events, as_of=as_of, timeout_minutes=timeout_minutes,
        split_at_midnight=split_at_midnight, view_types=view_types, key_types=key_types, by=by,
        question="session_quality", named=False,
    )  # fmt: skip
    keyed = with_period_key(_judged(table, bounce=bounce, cap=cap_minutes), granularity=granularity)
    counts = finish(
        keyed.group_by(*by, "key").agg(
            nw.len().alias("sessions"),
            nw.col("user_id").n_unique().alias("users"),
            nw.col("events").sum(),
            nw.col("views").sum(),
            nw.col("is_single").sum().alias("single_event_sessions"),
            nw.col("seconds").mean().alias("mean_seconds"),
            nw.col("seconds").median().alias("median_seconds"),
            nw.col("is_bounce").sum().alias("bounces"),
        )
    )
    whole = ["sessions", "users", "events", "views", "single_event_sessions", "bounces"]
    filled = fill_periods(
        counts, by=by, counted=whole, measured=["mean_seconds", "median_seconds"],
        granularity=granularity, as_of=as_of,
    )  # fmt: skip
    some_sessions = pl.when(pl.col("sessions") > 0).then("sessions")
    with_shares = add_share_interval(
        filled.with_columns(events_per_session=pl.col("events") / some_sessions),
        numerator="bounces",
        denominator="sessions",
        confidence_level=confidence_level,
    )
    return like(with_shares.rename({"share": "bounce_share"}), events)


def _judged(table: nw.LazyFrame[Any], *, bounce: Bounce, cap: float | None) -> nw.LazyFrame[Any]:
    """Sessions with `is_single`, `is_bounce`, and `seconds` where a length is known."""
    length = nw.col("duration_us")
    if cap is not None:
        longest = round(cap * _MINUTE_US)
        length = nw.when(length > longest).then(nw.lit(longest)).otherwise(length)
    single = nw.col("events") == 1
    idle = (
        (nw.col("duration_us") <= _ENGAGED_AFTER_US)
        & (nw.col("key_events") == 0)
        & (nw.col("views") < _ENGAGED_VIEWS)
    )
    left = idle if bounce == "not_engaged" else single
    return table.with_columns(
        is_single=flag(single),
        is_bounce=flag(left),
        seconds=nw.when(nw.col("duration_us") > 0).then(length / _SECOND_US),
    )
