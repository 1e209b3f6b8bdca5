"""Small tables brought to the engine of a log."""

from typing import Any

import narwhals.stable.v2 as nw
import polars as pl


def in_library_of(result: pl.DataFrame, frame: nw.LazyFrame[Any]) -> Any:  # noqa: ANN401 - any engine
    """A small polars table as a frame of the library, and the connection, of another frame."""
    if frame.implementation.is_polars():
        return result
    if frame.implementation.is_pandas():
        return result.to_pandas()
    if frame.implementation.is_pyspark():
        return frame.to_native().sparkSession.createDataFrame(result.to_arrow())
    # DuckDB finds `result` by its name, on the connection of the relation: frames of two
    # connections cannot be joined.
    return frame.to_native().query("asked", "SELECT * FROM result")
