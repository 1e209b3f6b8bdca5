"""Visits: runs of a user's events without a long pause."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

import narwhals.stable.v2 as nw

from analytics_lib.core.checks import require_at_least
from analytics_lib.core.errors import ParameterError, SchemaError
from analytics_lib.metrics.frames import finish, flag, like, timed_events
from analytics_lib.metrics.session_runs import session_runs

DEFAULT_TIMEOUT_MINUTES = 30
_MINUTE_US = 60_000_000


def assign_sessions(
    events: Any,  # noqa: ANN401 - an EventLog or any supported frame
    *,
    as_of: dt.date,
    timeout_minutes: float = DEFAULT_TIMEOUT_MINUTES,
    split_at_midnight: bool = False,
) -> Any:  # noqa: ANN401 - the caller's own kind of frame
    """Which session does each event belong to?

    Args:
        events: An `EventLog` with the time of day, or a frame with `user_id`,
            `day` and `t_us`; one row an event.
        as_of: Last complete day; later rows are left out.
        timeout_minutes: A longer pause begins another session; a pause of
            exactly this length does not.
        split_at_midnight: Whether midnight in the report zone begins one too.

    Returns:
        The rows of the log that have a user and a time, in the caller's
        library, with `session` (0 for the user's first). Events at the same
        instant are in the same session, whatever their order.

    Raises:
        SchemaError: A column is missing, or the log has a `session` already.
        ParameterError: The log knows only days, or the timeout is not positive.

    Examples:
        >>> import polars as pl
        >>> minute = 60_000_000
        >>> log = pl.DataFrame(
        ...     {"user_id": ["a"] * 3, "day": [0] * 3, "t_us": [0, 30 * minute, 61 * minute]}
        ... )
        >>> assign_sessions(log, as_of=dt.date(1970, 1, 1)).sort("t_us")["session"].to_list()
        [0, 0, 1]
    """
    log = timed_events(events, as_of=as_of, question="assign_sessions")
    if "session" in log.collect_schema().names():
        raise SchemaError(
            "`events` has a column `session` already, which would be lost; rename or drop it."
        )
    numbered = _numbered(
        log.group_by("user_id", "t_us").agg(nw.col("day").min()),
        longest_us=_longest_us(timeout_minutes),
        split_at_midnight=split_at_midnight,
    )
    joined = log.join(
        numbered.select("user_id", "t_us", "session"), on=["user_id", "t_us"], how="left"
    )
    return like(finish(joined), events)


def sessions(
    events: Any,  # noqa: ANN401 - an EventLog or any supported frame
    *,
    as_of: dt.date,
    timeout_minutes: float = DEFAULT_TIMEOUT_MINUTES,
    split_at_midnight: bool = False,
    view_types: Sequence[str] = (),
    key_types: Sequence[str] = (),
    by: Sequence[str] = (),
) -> Any:  # noqa: ANN401 - the caller's own kind of frame
    """When did each session begin and end, and what happened in it?

    The trap is the order of events with the same time, which no engine
    promises: sessions are cut between instants, so it cannot matter. A session
    is not cut at midnight unless asked, and belongs to the day it began.

    Args:
        events: An `EventLog` with the time of day, or a frame with `user_id`,
            `day` and `t_us`; one row an event.
        as_of: Last complete day; later rows are ignored.
        timeout_minutes: A longer pause begins another session (30 at Google
            Analytics, Mixpanel and Amplitude).
        split_at_midnight: Whether midnight in the report zone begins one too.
        view_types: Event types that count as views; every event without it.
        key_types: Event types that make a session engaged at once.
        by: Columns of which each session has one value: the smallest among
            the events at its first instant.

    Returns:
        One row a session, sorted: `user_id`, `session` (0 for the user's
        first), the `by` columns, `day` (it began on), `start_us`, `end_us`,
        `duration_us` (0 for a single instant), `events`, `views`, `key_events`.

    Raises:
        SchemaError: A column is missing.
        ParameterError: The log knows only days, or the timeout is not positive.

    Examples:
        >>> import polars as pl
        >>> minute = 60_000_000
        >>> log = pl.DataFrame(
        ...     {"user_id": ["a"] * 3, "day": [0] * 3, "t_us": [0, 10 * minute, 60 * minute]}
        ... )
        >>> found = sessions(log, as_of=dt.date(1970, 1, 1))
        >>> found.select("session", "events", "duration_us").rows()
        [(0, 2, 600000000), (1, 1, 0)]

    References:
        Google Analytics 4, help 12798876, on sessions and engagement.
    """
    table = session_table(
        events, as_of=as_of, timeout_minutes=timeout_minutes,
        split_at_midnight=split_at_midnight, view_types=view_types, key_types=key_types, by=by,
        question="sessions",
    )  # fmt: skip
    return like(finish(table).sort("user_id", "session"), events)


def session_table(
    events: Any,  # noqa: ANN401 - an EventLog or any supported frame
    *,
    as_of: dt.date,
    timeout_minutes: float,
    split_at_midnight: bool,
    view_types: Sequence[str],
    key_types: Sequence[str],
    by: Sequence[str],
    question: str,
    named: bool = True,
) -> nw.LazyFrame[Any]:
    """`sessions` before it is collected, for metrics that build on it.

    Not `named`, `user_id` may be any number that tells users apart, which is faster.
    """
    typed = ("event_type",) if view_types or key_types else ()
    log = timed_events(events, as_of=as_of, columns=(*by, *typed), question=question)
    kinds = nw.col("event_type") if typed else nw.lit("")
    marked = log.with_columns(
        is_view=flag(kinds.is_in(list(view_types))) if view_types else nw.lit(1),
        is_key=flag(kinds.is_in(list(key_types))) if key_types else nw.lit(0),
    )
    longest = _longest_us(timeout_minutes)
    if not named and not by:
        found = session_runs(
            marked, longest_us=longest, split_at_midnight=split_at_midnight,
            has_views=bool(view_types), has_keys=bool(key_types),
        )  # fmt: skip
        if found is not None:
            return nw.from_native(found).lazy()
    instants = marked.group_by("user_id", "t_us").agg(
        nw.len().alias("events"),
        nw.col("day").min(),
        nw.col("is_view").sum().alias("views"),
        nw.col("is_key").sum().alias("key_events"),
        *(nw.col(name).min() for name in by),
    )
    numbered = _numbered(instants, longest_us=longest, split_at_midnight=split_at_midnight)
    firsts = [nw.when(nw.col("begins") == 1).then(nw.col(name)).alias(f"__{name}") for name in by]
    entered = numbered.with_columns(*firsts) if firsts else numbered
    table = (
        entered.group_by("user_id", "session")
        .agg(
            *(nw.col(f"__{name}").min() for name in by),
            nw.col("day").min(),
            nw.col("t_us").min().alias("start_us"),
            nw.col("t_us").max().alias("end_us"),
            nw.col("events").sum(),
            nw.col("views").sum(),
            nw.col("key_events").sum(),
        )
        .with_columns(duration_us=nw.col("end_us") - nw.col("start_us"))
    )
    counted = ("events", "views", "key_events")
    times = ("day", "start_us", "end_us", "duration_us")
    return table.select(
        "user_id", "session", *(nw.col(f"__{name}").alias(name) for name in by), *times, *counted
    )


def _numbered(
    instants: nw.LazyFrame[Any], *, longest_us: int, split_at_midnight: bool
) -> nw.LazyFrame[Any]:
    """One row a user and instant, with `begins` (1 where a session does) and `session`."""
    before = instants.with_columns(
        gap=nw.col("t_us") - nw.col("t_us").shift(1).over("user_id", order_by="t_us"),
        days=nw.col("day") - nw.col("day").shift(1).over("user_id", order_by="t_us"),
    )
    paused = nw.col("gap").is_null() | (nw.col("gap") > longest_us)
    cut = paused | (nw.col("days") > 0) if split_at_midnight else paused
    return before.with_columns(begins=flag(cut)).with_columns(
        session=nw.col("begins").cum_sum().over("user_id", order_by="t_us") - 1
    )


def _longest_us(timeout_minutes: float) -> int:
    require_at_least(timeout_minutes, 0, name="timeout_minutes")
    if timeout_minutes == 0:
        raise ParameterError("`timeout_minutes` is 0; it must be positive.")
    return round(timeout_minutes * _MINUTE_US)
