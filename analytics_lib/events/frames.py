"""Frames in and out: lazily in whatever engine, finished small in polars, back as they came."""

from collections.abc import Sequence
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl

from analytics_lib.core.errors import SchemaError
from analytics_lib.events.engines import in_library_of
from analytics_lib.events.log import EventLog
from analytics_lib.events.marks import flag

__all__ = ["beside", "finish", "flag", "like", "restore_groups", "with_group_keys"]

_LABELS = (nw.Categorical, nw.Enum)


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
    if implementation.is_pyarrow():
        return result.to_arrow()
    return in_library_of(result, nw.from_native(frame).lazy())


def beside(table: nw.LazyFrame[Any], log: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """The table on the engine of the log, so that the two can be joined; unchanged if it is."""
    if table.implementation == log.implementation:
        return table
    collected: pl.DataFrame = table.collect(backend="polars").to_native()
    brought: nw.LazyFrame[Any] = nw.from_native(in_library_of(collected, log)).lazy()
    return brought


def with_group_keys(
    frame: nw.LazyFrame[Any], by: Sequence[str]
) -> tuple[nw.LazyFrame[Any], list[str]]:
    """The frame with columns to join groups on, and their names.

    A missing value is a group of its own. But joins drop missing keys, or
    match them on pandas alone. So each column becomes two without any: its
    values with a stand-in, and whether they are missing.
    """
    if not by:
        return frame, []
    schema = frame.collect_schema()
    keys = {}
    for name in by:
        column = nw.col(name)
        missing = flag(column.is_null())
        plain = column.cast(nw.String) if schema[name] in _LABELS else column
        keys[f"__{name}"] = plain.fill_null(_stand_in(schema[name], name=name))
        keys[f"__{name}_missing"] = missing
    return frame.with_columns(**keys), list(keys)


def restore_groups(frame: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    """The groups of `with_group_keys` under their own names, missing values missing again."""
    values = [
        pl.when(pl.col(f"__{name}_missing") == 0).then(pl.col(f"__{name}")).alias(name)
        for name in by
    ]
    return frame.with_columns(values).drop(
        [name for name in frame.columns if name.startswith("__")]
    )


def _stand_in(dtype: Any, *, name: str) -> str | int | bool:  # noqa: ANN401 - a Narwhals type
    if dtype.is_numeric():
        return 0
    if dtype == nw.Boolean:
        return False
    if dtype == nw.String or dtype in _LABELS:
        return ""
    raise SchemaError(f"`{name}` is {dtype}; a group must be text, a number or true or false.")
