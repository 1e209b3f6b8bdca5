"""Tables in and out: from any supported library, and back as they came."""

from collections.abc import Sequence
from typing import Any

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
