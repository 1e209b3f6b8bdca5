"""Frames in and out: lazily in whatever engine, finished small in polars, back as they came."""

import datetime as dt
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl

from analytics_lib.core.periods import day_number
from analytics_lib.events.boundary import as_event_log
from analytics_lib.events.log import EventLog


def known_events(events: Any, *, as_of: dt.date) -> nw.LazyFrame[Any]:  # noqa: ANN401 - any frame
    """The events up to the last complete day that belong to a user.

    Args:
        events: An `EventLog`, or a frame with `user_id` and `day`.
        as_of: Last complete day; later rows are ignored.
    """
    frame = as_event_log(events).frame
    return frame.filter(nw.col("day") <= day_number(as_of), ~nw.col("user_id").is_null())


def finish(frame: nw.LazyFrame[Any]) -> pl.DataFrame:
    """A small lazy result as a polars frame with plain integer types."""
    collected: pl.DataFrame = frame.collect(backend="polars").to_native()
    whole = [
        name for name, dtype in collected.schema.items() if dtype.is_integer() or dtype.is_decimal()
    ]
    plain: pl.DataFrame = collected.with_columns(pl.col(whole).cast(pl.Int64))
    return plain


def like(result: pl.DataFrame, source: Any) -> Any:  # noqa: ANN401 - the caller's own kind
    """The result in the library of what the caller passed; polars for an `EventLog` over polars."""
    frame = (
        source.frame if isinstance(source, EventLog) else nw.from_native(source, pass_through=True)
    )
    implementation = getattr(frame, "implementation", None)
    if implementation is None or implementation.is_polars():
        return result
    if implementation.is_pandas():
        return result.to_pandas()
    if implementation.is_duckdb():
        import duckdb  # noqa: PLC0415 - only the engine in use is loaded

        return duckdb.from_arrow(result.to_arrow())
    return result
