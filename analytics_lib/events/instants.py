"""Instants and dates as integers, natively: a few lines for each engine.

Every function takes and returns the engine's own frame. Adding an engine means
adding a branch to each of `with_day` and `with_instant`.
"""

from typing import Any

from analytics_lib.core.errors import SchemaError
from analytics_lib.events import spark_instants

_DAY_US = 86_400_000_000
_DUCKDB_DAY = "CAST(date_diff('day', DATE '1970-01-01', {date}) AS INTEGER)"
# How far clocks are set back anywhere, longest first: the time shown twice is the first one.
_SET_BACK = ("2 hours", "1 hour", "30 minutes")


def with_day(native: Any, time: str) -> Any:  # noqa: ANN401 - the engine's own frame
    """The frame with `day` from a column of dates, and a `t_us` that is null."""
    engine = _engine(native)
    if engine == "polars":
        import polars as pl  # noqa: PLC0415 - only the engine in use is loaded

        return native.with_columns(t_us=pl.lit(None, pl.Int64), day=pl.col(time).cast(pl.Int32))
    if engine == "pandas":
        import pandas as pd  # noqa: PLC0415 - likewise

        dates = pd.to_datetime(native[time]).dt.as_unit("us")
        nothing = pd.Series(pd.NA, index=native.index, dtype="Int64")
        return native.assign(t_us=nothing, day=_pandas_day(dates))
    if engine == "pyspark":
        return spark_instants.with_day(native, time)
    day = _DUCKDB_DAY.format(date=_quoted(time))
    return native.project(f"{_others(native)}, CAST(NULL AS BIGINT) AS t_us, {day} AS day")


def with_instant(native: Any, time: str, *, zone: str, source_zone: str | None) -> Any:  # noqa: ANN401
    """The frame with `t_us` and `day` from a column of instants."""
    engine = _engine(native)
    if engine == "polars":
        return _polars_instant(native, time, zone=zone, source_zone=source_zone)
    if engine == "pandas":
        return _pandas_instant(native, time, zone=zone, source_zone=source_zone)
    if engine == "pyspark":
        return spark_instants.with_instant(native, time, zone=zone, source_zone=source_zone)
    return _duckdb_instant(native, time, zone=zone, source_zone=source_zone)


def holds_dates(native: Any, time: str) -> bool:  # noqa: ANN401 - the engine's own frame
    """Whether a pandas column holds dates; pandas has no type for them.

    They come as `datetime.date`s, or as clock times that are all midnight.
    """
    if _engine(native) != "pandas":
        return False
    import pandas as pd  # noqa: PLC0415 - only the engine in use is loaded

    values = native[time]
    if values.dtype == object:
        return pd.api.types.infer_dtype(values, skipna=True) == "date"
    known = values.dropna()
    return pd.api.types.is_datetime64_dtype(values) and bool((known == known.dt.normalize()).all())


def is_duckdb_instant(native: Any, time: str) -> bool:  # noqa: ANN401 - the engine's own frame
    """Whether a DuckDB column is `TIMESTAMP WITH TIME ZONE`."""
    if _engine(native) != "duckdb":
        return False
    kind = dict(zip(native.columns, native.types, strict=True))[time]
    return str(kind) == "TIMESTAMP WITH TIME ZONE"


def pandas_whole_days(native: Any) -> Any:  # noqa: ANN401 - a pandas frame
    """The pandas frame with `day` as whole numbers that may be missing.

    Raises:
        SchemaError: A day is no whole number.
    """
    try:
        return native.assign(day=native["day"].astype("Int32"))
    except (TypeError, ValueError):
        raise SchemaError(
            "`day` holds fractions; it must be a day number (days since 1970-01-01)."
        ) from None


def _engine(native: Any) -> str:  # noqa: ANN401 - the engine's own frame
    return str(type(native).__module__).lstrip("_").partition(".")[0]


def _polars_instant(native: Any, time: str, *, zone: str, source_zone: str | None) -> Any:  # noqa: ANN401
    import polars as pl  # noqa: PLC0415 - only the engine in use is loaded

    instant = pl.col(time)
    if source_zone is not None:
        instant = instant.dt.replace_time_zone(
            source_zone, ambiguous="earliest", non_existent="null"
        )
    return native.with_columns(
        t_us=instant.dt.timestamp("us"),
        day=instant.dt.convert_time_zone(zone).dt.date().cast(pl.Int32),
    )


def _pandas_instant(native: Any, time: str, *, zone: str, source_zone: str | None) -> Any:  # noqa: ANN401
    import numpy as np  # noqa: PLC0415 - only the engine in use is loaded

    instant = native[time].dt.as_unit("us")
    if source_zone is not None:
        first = np.ones(len(instant), dtype=bool)
        instant = instant.dt.tz_localize(source_zone, ambiguous=first, nonexistent="NaT")
    local = instant.dt.tz_convert(zone).dt.tz_localize(None)
    t_us = instant.astype("int64")
    if instant.isna().any():
        t_us = t_us.astype("Int64").mask(instant.isna())
    return native.assign(t_us=t_us, day=_pandas_day(local))


def _pandas_day(local: Any) -> Any:  # noqa: ANN401 - a pandas series
    day = (local.astype("int64") // _DAY_US).astype("int32")
    return day.astype("Int32").mask(local.isna()) if local.isna().any() else day


def _duckdb_instant(native: Any, time: str, *, zone: str, source_zone: str | None) -> Any:  # noqa: ANN401
    instant = _quoted(time)
    if source_zone is not None:
        instant = _duckdb_localized(instant, source_zone)
    day = _DUCKDB_DAY.format(date=f"CAST(__instant AT TIME ZONE '{zone}' AS DATE)")
    return native.project(f"{_others(native)}, {instant} AS __instant").project(
        f"* EXCLUDE (__instant), epoch_us(__instant) AS t_us, {day} AS day"
    )


def _duckdb_localized(column: str, zone: str) -> str:
    clock = f"CAST({column} AS TIMESTAMP)"
    later = f"({clock} AT TIME ZONE '{zone}')"
    candidates = [f"{later} - INTERVAL '{length}'" for length in _SET_BACK] + [later]
    shown = " ".join(
        f"WHEN ({candidate}) AT TIME ZONE '{zone}' = {clock} THEN {candidate}"
        for candidate in candidates
    )
    return f"CASE {shown} END"


def _others(native: Any) -> str:  # noqa: ANN401 - a DuckDB relation
    """Every column but the two that are about to be made."""
    return ", ".join(_quoted(name) for name in native.columns if name not in {"t_us", "day"})


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
