"""Instants and dates as integers on PySpark.

Spark's own conversions look at the zone of the session. These do not: they use
the functions that work on the microseconds inside.
"""

from typing import Any

_DAY_US = 86_400_000_000


def with_day(frame: Any, time: str) -> Any:  # noqa: ANN401 - a Spark frame
    """The frame with `day` from a column of dates, and a `t_us` that is null."""
    from pyspark.sql import functions as spark  # noqa: PLC0415 - only the engine in use is loaded

    return frame.withColumns(
        {"t_us": spark.lit(None).cast("long"), "day": spark.unix_date(frame[time]).cast("int")}
    )


def with_instant(frame: Any, time: str, *, zone: str, source_zone: str | None) -> Any:  # noqa: ANN401
    """The frame with `t_us` and `day` from a column of instants."""
    from pyspark.sql import functions as spark  # noqa: PLC0415 - see with_day

    column = f"`{time.replace('`', '``')}`"
    if source_zone is None:
        t_us = spark.unix_micros(spark.expr(column))
    else:
        t_us = spark.expr(_micros_of_clock(column, source_zone))
    timed = frame.withColumns({"t_us": t_us})
    # from_utc_timestamp adds the zone's offset to the microseconds inside, whatever the session.
    local = spark.from_utc_timestamp(spark.timestamp_micros(timed["t_us"]), zone)
    day = spark.floor(spark.unix_micros(local) / _DAY_US)
    return timed.withColumns({"day": day.cast("int")})


def _micros_of_clock(column: str, zone: str) -> str:
    """SQL of the instant of a clock time; none for a time that the clock never showed."""
    clock = f"CAST({column} AS TIMESTAMP_NTZ)"
    utc = f"convert_timezone('{zone}', 'UTC', {clock})"
    parts = (
        (f"unix_date(CAST({utc} AS DATE))", _DAY_US),
        (f"hour({utc})", 3_600_000_000),
        (f"minute({utc})", 60_000_000),
        (f"extract(SECOND FROM {utc})", 1_000_000),
    )
    # timestampdiff would look at the session: an hour that its clocks skip is an hour too long.
    micros = " + ".join(f"CAST({part} * {unit}L AS BIGINT)" for part, unit in parts)
    return f"CASE WHEN convert_timezone('UTC', '{zone}', {utc}) = {clock} THEN {micros} END"
