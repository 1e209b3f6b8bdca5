"""The native time boundary: any frame becomes an `EventLog` of integers, engine by engine.

Engines disagree on time zones, weekdays and truncation. So time is turned into
integers once, here, natively, and every metric is integer arithmetic.
"""

from collections.abc import Mapping
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl

from analytics_lib.core.checks import require_columns
from analytics_lib.core.errors import ParameterError, SchemaError
from analytics_lib.core.periods import require_zone
from analytics_lib.events import instants
from analytics_lib.events.log import EventLog, Resolution

ENGINES = ("polars", "pandas", "DuckDB", "PySpark", "pyarrow")
_SUPPORTED = {
    nw.Implementation.POLARS,
    nw.Implementation.PANDAS,
    nw.Implementation.DUCKDB,
    nw.Implementation.PYSPARK,
}
_DEFAULT_TIME = "timestamp"


def event_log(
    frame: Any,  # noqa: ANN401 - any supported frame
    *,
    user_id: str = "user_id",
    time: str = _DEFAULT_TIME,
    event_id: str | None = None,
    event_type: str | None = None,
    content_id: str | None = None,
    quantity: str | None = None,
    columns: Mapping[str, str] | None = None,
    zone: str = "UTC",
    source_zone: str | None = None,
) -> EventLog:
    """Make an `EventLog` of a frame with your own column names.

    The trap is the calendar day: the same instant is another day in another
    zone, and day-1 retention moves by several points with it. So the report
    zone is named once, here.

    Args:
        frame: One row an event: polars (eager or lazy), pandas, a DuckDB relation, a
            PySpark frame, or a pyarrow table.
            One that already has `user_id` and `day` passes as it is.
        user_id: Your name of the column of users.
        time: Column of instants (with a zone, or without one and `source_zone`
            given) or of dates; dates give a log that knows only days. pandas has no
            type for dates: clock times that are all midnight are taken for them.
        event_id: Your name of the column of event ids.
        event_type: Your name of the column of event types.
        content_id: Your name of the column of content.
        quantity: Your name of the column of counts, where a row stands for several events.
        columns: Your name by canonical name, for any further column.
        zone: Report zone in which days are counted (IANA name).
        source_zone: Zone of clock times that carry none. A time that the clock
            showed twice is taken as the first; one it never showed has no day.

    Returns:
        The log with `t_us` and `day`, null where the time is missing; every
        other column stays as it is.

    Raises:
        SchemaError: A column is missing, twice there or of the wrong type, or
            the engine is not supported.
        ParameterError: A zone does not exist, or a clock time has no zone or two.

    Examples:
        >>> import polars as pl, datetime as dt
        >>> late = dt.datetime(2014, 6, 30, 23, 30, tzinfo=dt.UTC)
        >>> log = event_log(
        ...     pl.DataFrame({"uid": ["a"], "at": [late]}),
        ...     user_id="uid",
        ...     time="at",
        ...     zone="Europe/London",
        ... )
        >>> log.frame.collect()["day"].to_list()  # 1 July in London
        [16252]
    """
    require_zone(zone)
    if source_zone is not None:
        require_zone(source_zone, name="source_zone")

    given = {
        "user_id": user_id,
        "event_id": event_id,
        "event_type": event_type,
        "content_id": content_id,
        "quantity": quantity,
        **(columns or {}),
    }
    renamed = rename_columns(_wrap(frame), {ours: name for ours, name in given.items() if name})
    names = renamed.collect_schema().names()
    if time == _DEFAULT_TIME and time not in names and "day" in names:
        return as_event_log(renamed, zone=zone)
    require_columns(names, ["user_id", time], name="frame")
    resolution, timed = with_time(renamed, time, zone=zone, source_zone=source_zone)
    return EventLog(frame=timed, zone=zone, resolution=resolution)


def as_event_log(events: Any, *, zone: str = "UTC") -> EventLog:  # noqa: ANN401
    """The log itself, or one made of a frame that already has `user_id` and `day`.

    Args:
        events: An `EventLog`, or a frame with `user_id` and `day`; one row an event.
        zone: Zone in which the days of a frame were counted.

    Returns:
        The log; it knows the time of day only if some `t_us` is there.

    Raises:
        SchemaError: The frame lacks a column, or the engine is not supported.
    """
    if isinstance(events, EventLog):
        return events
    frame = event_frame(events)
    resolution: Resolution = "microsecond" if _has_times(frame) else "day"
    return EventLog(frame=frame, zone=zone, resolution=resolution)


def event_frame(events: Any) -> nw.LazyFrame[Any]:  # noqa: ANN401 - an EventLog or any frame
    """The frame of a log, or a frame once it is known to have `user_id` and `day`.

    Raises:
        SchemaError: The frame lacks them, or the engine is not supported.
    """
    if isinstance(events, EventLog):
        return events.frame
    frame = as_table(events, ["user_id", "day"], name="events")
    dtype = frame.collect_schema()["day"]
    if dtype.is_float() and frame.implementation.is_pandas():
        # In pandas whole numbers become floats as soon as one is missing.
        frame = nw.from_native(instants.pandas_whole_days(frame.to_native())).lazy()
    elif not dtype.is_integer():
        raise SchemaError(
            f"`day` is {dtype}; it must be a day number (days since 1970-01-01). "
            "`event_log` makes one of a timestamp or a date."
        )
    return frame


def as_table(frame: Any, columns: list[str], *, name: str) -> nw.LazyFrame[Any]:  # noqa: ANN401
    """Any supported frame, lazily, once it is known to have the columns.

    Raises:
        SchemaError: A column is missing, or the engine is not supported.
    """
    table = _wrap(frame)
    require_columns(table.collect_schema().names(), columns, name=name)
    return table


def _wrap(frame: Any) -> nw.LazyFrame[Any]:  # noqa: ANN401 - any supported frame
    native = nw.to_native(frame, pass_through=True)
    is_arrow = nw.dependencies.is_pyarrow_table(native)
    wrapped = nw.from_native(_by_reference(native) if is_arrow else frame, pass_through=True)
    implementation = getattr(wrapped, "implementation", None)
    if not isinstance(wrapped, nw.LazyFrame | nw.DataFrame) or implementation not in _SUPPORTED:
        raise SchemaError(
            f"A frame of type {type(frame).__name__!r} is not supported; it must be of one of "
            f"{', '.join(ENGINES)}."
        )
    return wrapped.lazy()


def _by_reference(table: Any) -> pl.DataFrame:  # noqa: ANN401 - a pyarrow table
    """The memory of a pyarrow table read by polars; nothing is copied."""
    try:
        return pl.DataFrame(table)
    except pl.exceptions.PolarsError:
        raise SchemaError(
            "A pyarrow table has two columns of one name, or a type that polars cannot read; "
            "rename, cast or drop the column."
        ) from None


def rename_columns(frame: nw.LazyFrame[Any], given: Mapping[str, str]) -> nw.LazyFrame[Any]:
    """The frame under canonical names; `given` is the caller's name by canonical name.

    Raises:
        SchemaError: A column is missing, or a canonical name is taken.
    """
    have = frame.collect_schema().names()
    require_columns(have, given.values(), name="frame")
    changed = {name: ours for ours, name in given.items() if name != ours}
    taken = sorted(set(changed.values()) & (set(have) - set(changed)))
    if taken:
        raise SchemaError(
            f"The frame has columns {taken} beside the ones to be renamed to these names; "
            "drop or rename them."
        )
    return frame.rename(changed) if changed else frame


def with_time(
    frame: nw.LazyFrame[Any], time: str, *, zone: str, source_zone: str | None
) -> tuple[Resolution, nw.LazyFrame[Any]]:
    """The frame with `t_us` and `day` from a column of instants or dates, and what it knows.

    Raises:
        SchemaError: The column holds neither.
        ParameterError: Clock times have no zone, or two.
    """
    native = frame.to_native()
    dtype = frame.collect_schema()[time]
    if dtype == nw.Date or (source_zone is None and instants.holds_dates(native, time)):
        return "day", nw.from_native(instants.with_day(native, time)).lazy()
    if not isinstance(dtype, nw.Datetime):
        raise SchemaError(f"`{time}` is {dtype}; it must be a date or a timestamp.")
    has_zone = dtype.time_zone is not None or instants.is_duckdb_instant(native, time)
    if not has_zone and source_zone is None:
        raise ParameterError(
            f"`{time}` holds clock times without a zone; name theirs as `source_zone`, or "
            "pass dates."
        )
    if has_zone and source_zone is not None:
        raise ParameterError(
            f"`source_zone` is {source_zone!r}, but `{time}` holds instants with a zone; "
            "leave it out."
        )
    return "microsecond", nw.from_native(
        instants.with_instant(native, time, zone=zone, source_zone=source_zone)
    ).lazy()


def _has_times(frame: nw.LazyFrame[Any]) -> bool:
    if "t_us" not in frame.collect_schema():
        return False
    known = frame.select(nw.col("t_us").count()).collect(backend="polars")
    return int(known.to_native().item()) > 0
