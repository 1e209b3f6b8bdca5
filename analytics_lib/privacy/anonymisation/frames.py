"""Tables in and out: from any supported library, and back as they came."""

from collections.abc import Sequence
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl

from analytics_lib.core.checks import require_columns
from analytics_lib.core.errors import ParameterError
from analytics_lib.events.boundary import as_table


def collected(table: Any, columns: Sequence[str]) -> pl.DataFrame:  # noqa: ANN401 - any frame
    """The named columns of any supported frame, in polars.

    Raises:
        SchemaError: A column is missing, or the engine is not supported.
        ParameterError: A column is named twice.
    """
    names = list(columns)
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ParameterError(
            f"Columns {twice} are named in two roles or twice; each column has one role."
        )
    frame = as_table(table, [], name="table")
    require_columns(frame.collect_schema().names(), names, name="table")
    plain: pl.DataFrame = frame.select(names).collect(backend="polars").to_native()
    return plain


def in_library_of(result: pl.DataFrame, source: Any) -> Any:  # noqa: ANN401 - the caller's kind
    """The result in the library of what the caller passed."""
    frame = nw.from_native(source).lazy()
    if frame.implementation.is_pandas():
        return result.to_pandas()
    if frame.implementation.is_pyspark():
        return frame.to_native().sparkSession.createDataFrame(result.to_arrow())
    if frame.implementation.is_duckdb():
        # DuckDB finds `result` by its name, on the connection of the relation.
        return frame.to_native().query("asked", "SELECT * FROM result")
    return result
