"""The native time boundary: any frame becomes an `EventLog` of integers, engine by engine.

Engines disagree on time zones, weekdays and truncation. So time is turned into
integers once, here, natively, and every metric is integer arithmetic.
"""

from collections.abc import Mapping
from typing import Any

import narwhals.stable.v2 as nw

from analytics_lib.core.checks import require_columns
from analytics_lib.core.errors import ParameterError, SchemaError
from analytics_lib.core.periods import require_zone
from analytics_lib.events.log import EventLog, Resolution

ENGINES = ("polars", "pandas", "DuckDB")
_DAY_US = 86_400_000_000


def event_log(
    frame: Any,  # noqa: ANN401 - any supported frame
    *,
    time: str = "timestamp",
    zone: str = "UTC",
    source_zone: str | None = None,
    columns: Mapping[str, str] | None = None,
) -> EventLog:
    """Make an `EventLog` of a frame with your own column names.

    The trap is the calendar day: the same instant is another day in another
    zone, and day-1 retention moves by several points with it. So the report
    zone is named once, here.

    Args:
        frame: One row an event: polars (eager or lazy), pandas, or a DuckDB relation.
        time: Column of instants (with a zone, or without one and `source_zone`
            given) or of dates; dates give a log that knows only days.
        zone: Report zone in which days are counted (IANA name).
        source_zone: Zone of clock times that carry none.
        columns: Your name by canonical name, such as `{"user_id": "uid"}`.

    Returns:
        The log; every other column stays as it is.

    Raises:
        SchemaError: A column is missing or of the wrong type, or the engine is
            not supported.
        ParameterError: A zone does not exist, or a clock time has no zone.

    Examples:
        >>> import polars as pl, datetime as dt
        >>> late = dt.datetime(2014, 6, 30, 23, 30, tzinfo=dt.UTC)
        >>> log = event_log(
        ...     pl.DataFrame({"user_id": ["a"], "at": [late]}), time="at", zone="Europe/London"
        ... )
        >>> log.frame.collect()["day"].to_list()  # 1 July in London
        [16252]
    """
    require_zone(zone)
    if source_zone is not None:
        require_zone(source_zone, name="source_zone")
    wrapped = _wrap(frame)
    names = {theirs: ours for ours, theirs in (columns or {}).items()}
    schema = wrapped.collect_schema()
    require_columns(schema.names(), [*names, time], name="frame")
    renamed = wrapped.rename(names) if names else wrapped
    require_columns(renamed.collect_schema().names(), ["user_id"], name="frame")
    dtype = schema[time]
    if dtype == nw.Date:
        return EventLog(frame=_with_day(renamed, time), zone=zone, resolution="day")
    if not isinstance(dtype, nw.Datetime):
        raise SchemaError(f"`{time}` is {dtype}; it must be a date or a timestamp.")
    if dtype.time_zone is None and source_zone is None and not _is_duckdb_instant(renamed, time):
        raise ParameterError(
            f"`{time}` holds clock times without a zone; name theirs as `source_zone`."
        )
    return EventLog(
        frame=_with_instant(renamed, time, zone=zone, source_zone=source_zone),
        zone=zone,
        resolution="microsecond",
    )


def as_event_log(events: Any) -> EventLog:  # noqa: ANN401 - an EventLog or any supported frame
    """The log itself, or one made of a frame that already has `user_id` and `day`.

    Raises:
        SchemaError: The frame lacks them, or the engine is not supported.
    """
    if isinstance(events, EventLog):
        return events
    frame = _wrap(events)
    schema = frame.collect_schema()
    require_columns(schema.names(), ["user_id", "day"], name="events")
    if not schema["day"].is_integer():
        raise SchemaError(
            f"`day` is {schema['day']}; it must be a day number (days since 1970-01-01). "
            "`event_log` makes one of a timestamp or a date."
        )
    resolution: Resolution = "microsecond" if "t_us" in schema else "day"
    return EventLog(frame=frame, zone="UTC", resolution=resolution)


def as_table(frame: Any, columns: list[str], *, name: str) -> nw.LazyFrame[Any]:  # noqa: ANN401
    """Any supported frame, lazily, once it is known to have the columns.

    Raises:
        SchemaError: A column is missing, or the engine is not supported.
    """
    table = _wrap(frame)
    require_columns(table.collect_schema().names(), columns, name=name)
    return table


def _wrap(frame: Any) -> nw.LazyFrame[Any]:  # noqa: ANN401 - any supported frame
    if isinstance(frame, nw.LazyFrame | nw.DataFrame):
        return frame.lazy()
    try:
        wrapped = nw.from_native(frame)
    except TypeError:
        raise SchemaError(
            f"A frame of type {type(frame).__name__} is not supported; it must be of one of "
            f"{', '.join(ENGINES)}."
        ) from None
    lazy: nw.LazyFrame[Any] = wrapped.lazy()
    return lazy


def _engine(frame: nw.LazyFrame[Any]) -> str:
    implementation = frame.implementation
    if implementation.is_polars():
        return "polars"
    if implementation.is_pandas():
        return "pandas"
    if implementation.is_duckdb():
        return "duckdb"
    raise SchemaError(
        f"The engine {implementation.name.lower()} is not supported for timestamps yet; use one of "
        f"{', '.join(ENGINES)}."
    )


def _is_duckdb_instant(frame: nw.LazyFrame[Any], time: str) -> bool:
    if _engine(frame) != "duckdb":
        return False
    relation = frame.to_native()
    kind = dict(zip(relation.columns, relation.types, strict=True))[time]
    return str(kind) == "TIMESTAMP WITH TIME ZONE"


def _with_day(frame: nw.LazyFrame[Any], time: str) -> nw.LazyFrame[Any]:
    native = frame.to_native()
    engine = _engine(frame)
    if engine == "polars":
        import polars as pl  # noqa: PLC0415 - only the engine in use is loaded

        made = native.with_columns(day=pl.col(time).cast(pl.Int32))
    elif engine == "pandas":
        import pandas as pd  # noqa: PLC0415

        made = native.assign(day=_pandas_days(pd.to_datetime(native[time]).dt.as_unit("us")))
    else:
        made = native.project(f"*, {_DUCKDB_DAY.format(date=_quoted(time))} AS day")
    return _wrap(made)


def _with_instant(
    frame: nw.LazyFrame[Any], time: str, *, zone: str, source_zone: str | None
) -> nw.LazyFrame[Any]:
    native = frame.to_native()
    engine = _engine(frame)
    if engine == "polars":
        made = _polars_instant(native, time, zone=zone, source_zone=source_zone)
    elif engine == "pandas":
        made = _pandas_instant(native, time, zone=zone, source_zone=source_zone)
    else:
        made = _duckdb_instant(native, time, zone=zone, source_zone=source_zone)
    return _wrap(made)


def _polars_instant(native: Any, time: str, *, zone: str, source_zone: str | None) -> Any:  # noqa: ANN401
    import polars as pl  # noqa: PLC0415

    instant = pl.col(time)
    if native.lazy().collect_schema()[time].time_zone is None:
        instant = instant.dt.replace_time_zone(source_zone)
    return native.with_columns(
        t_us=instant.dt.timestamp("us"),
        day=instant.dt.convert_time_zone(zone).dt.date().cast(pl.Int32),
    )


def _pandas_instant(native: Any, time: str, *, zone: str, source_zone: str | None) -> Any:  # noqa: ANN401
    instant = native[time].dt.as_unit("us")
    if instant.dt.tz is None:
        instant = instant.dt.tz_localize(source_zone)
    local = instant.dt.tz_convert(zone).dt.tz_localize(None)
    t_us = instant.astype("int64").astype("Int64").mask(instant.isna())
    return native.assign(t_us=t_us, day=_pandas_days(local))


def _pandas_days(clock: Any) -> Any:  # noqa: ANN401 - a pandas Series of clock times
    days = clock.astype("int64") // _DAY_US
    return days.astype("Int32").mask(clock.isna())


_DUCKDB_DAY = "CAST(date_diff('day', DATE '1970-01-01', {date}) AS INTEGER)"


def _duckdb_instant(native: Any, time: str, *, zone: str, source_zone: str | None) -> Any:  # noqa: ANN401
    instant = _quoted(time)
    if source_zone is not None:
        instant = f"({instant} AT TIME ZONE '{source_zone}')"
    day = _DUCKDB_DAY.format(date=f"CAST({instant} AT TIME ZONE '{zone}' AS DATE)")
    return native.project(f"*, epoch_us({instant}) AS t_us, {day} AS day")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
