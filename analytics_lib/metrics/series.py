"""A series of one value a period, as numbers: in order, with gaps where periods are missing."""

from dataclasses import dataclass
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import numpy.typing as npt
import polars as pl

from analytics_lib.core.errors import SchemaError
from analytics_lib.events.boundary import as_table

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
_SHORTEST_MONTH = 28


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """Periods in order and their values.

    Attributes:
        starts: Start of each period (a date or a whole number), in order.
        steps: Periods since the first; a missing period leaves a gap.
        values: Value of each, `nan` where it is not known.
    """

    starts: pl.Series
    steps: Integers
    values: Floats

    def known(self) -> "Series":
        """The periods whose value is known."""
        mask = ~np.isnan(self.values)
        return Series(
            starts=self.starts.filter(pl.Series(mask)),
            steps=self.steps[mask],
            values=self.values[mask],
        )


def read_series(series: Any, *, at: str, value: str) -> Series:  # noqa: ANN401 - any frame
    """The series in a small frame of one row a period.

    Args:
        series: One row a period, in any order.
        at: Column of the starts of periods: dates or whole numbers. Steps are
            months where every start is a first of a month, otherwise days, and
            as long as the greatest that fits all distances.
        value: Column of values, null where the period is not complete.

    Raises:
        SchemaError: A column is missing or of the wrong type, a period is
            missing or twice there, or a value is infinite.
    """
    table = as_table(series, [at, value], name="series")
    values = require_number(table, value, name="series")
    collected: pl.DataFrame = table.select(at, values).collect(backend="polars").to_native()
    rows = collected.with_columns(_whole_starts(collected[at])).sort(at)
    if rows[at].n_unique() < rows.height:
        twice = rows.filter(pl.col(at).is_duplicated())[at][0]
        raise SchemaError(
            f"`series` has several rows where `{at}` is {twice}; it must have one row a period. "
            "Ask of one group at a time."
        )
    numbers = rows[value].fill_null(float("nan")).to_numpy().astype(np.float64)
    if np.isinf(numbers).any():
        raise SchemaError(f"`{value}` holds an infinite number; it must be finite or null.")
    return Series(starts=rows[at], steps=_steps(rows[at]), values=numbers)


def require_number(table: nw.LazyFrame[Any], column: str, *, name: str) -> nw.Expr:
    """The column as 64-bit floats.

    Raises:
        SchemaError: It holds no numbers.
    """
    dtype = table.collect_schema()[column]
    if not dtype.is_numeric():
        raise SchemaError(f"`{column}` of `{name}` is {dtype}; it must be a number.")
    return nw.col(column).cast(nw.Float64)


def _whole_starts(starts: pl.Series) -> pl.Series:
    if starts.null_count():
        raise SchemaError(f"`{starts.name}` is null in {starts.null_count()} rows of `series`.")
    if starts.dtype.is_integer():
        return starts.cast(pl.Int64)
    days = starts.cast(pl.Date) if isinstance(starts.dtype, pl.Datetime) else starts
    if days.dtype != pl.Date or (days.cast(pl.Datetime("us")) != _clock(starts)).any():
        raise SchemaError(
            f"`{starts.name}` of `series` is {starts.dtype}; it must hold dates or whole numbers."
        )
    return days


def _clock(starts: pl.Series) -> pl.Series:
    return starts.cast(pl.Datetime("us"))


def _steps(starts: pl.Series) -> Integers:
    numbers = starts.cast(pl.Int32).to_numpy() if starts.dtype == pl.Date else starts.to_numpy()
    distances = np.diff(numbers.astype(np.int64))
    if (
        starts.dtype == pl.Date
        and (starts.dt.day() == 1).all()
        and (distances >= _SHORTEST_MONTH).all()
    ):
        numbers = (starts.dt.year() * 12 + starts.dt.month()).to_numpy()
        distances = np.diff(numbers.astype(np.int64))
    whole = np.concatenate([np.zeros(min(numbers.size, 1)), np.cumsum(distances)])
    unit = int(np.gcd.reduce(distances)) if distances.size else 1
    return whole.astype(np.int64) // unit
