"""Calendar arithmetic on day numbers: every period is a whole number, on every engine.

A period key counts periods without gaps, so the period before `key` is
`key - 1`, and the age of a user in months is a difference of keys. Engines
disagree on weekdays and truncation; integer division they share.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl

from analytics_lib.core.periods import (
    CalendarGranularity,
    Period,
    calendar_period,
    day_date,
)

MONTHS_BY_GRANULARITY = {"month": 1, "quarter": 3, "year": 12}
_THURSDAY = 3  # 1970-01-01 was a Thursday, ISO weeks start on Monday


def _whole(value: Any, by: int) -> Any:  # noqa: ANN401 - a number or an expression
    """The value divided and rounded down.

    Half a unit more keeps the quotient off every edge, so it is exact below 2**50, and it is one
    product; `//` on columns is a dozen cases of signs and types on DuckDB, and half the query.
    """
    if isinstance(value, int):
        return value // by
    return ((value + 0.5) * (1 / by)).floor().cast(nw.Int64)


# Steps from a day number (`key`) to a count of months. Each step is a column of its own: as one
# expression the formula repeats its parts so often that DuckDB's text of it outgrows memory.
# Quarters of a day, counted from 1 March of the year 0, make centuries and years of equal length.
_Step = Callable[[Mapping[str, Any]], Any]
_QUARTERS = 4 * 719_468 + 3
_MONTH_STEPS: tuple[tuple[str, _Step], ...] = (
    ("__century", lambda c: _whole(c["key"] * 4 + _QUARTERS, 146_097)),
    ("__left", lambda c: _whole(c["key"] * 4 + _QUARTERS - c["__century"] * 146_097, 4)),
    ("__year", lambda c: _whole(c["__left"] * 4 + 3, 1_461)),
    ("__left", lambda c: _whole(c["__left"] * 4 + 3 - c["__year"] * 1_461, 4)),
    (
        "key",
        lambda c: (
            (c["__century"] * 100 + c["__year"] - 1970) * 12 + _whole(c["__left"] * 5 + 2, 153) + 2
        ),
    ),
)
_STEPS: dict[str, tuple[tuple[str, _Step], ...]] = {
    "day": (),
    "week": (("key", lambda c: _whole(c["key"] + _THURSDAY, 7)),),
    "month": _MONTH_STEPS,
    "quarter": (*_MONTH_STEPS, ("key", lambda c: _whole(c["key"], 3))),
    "year": (*_MONTH_STEPS, ("key", lambda c: _whole(c["key"], 12))),
}


class _ColumnByName(dict[str, Any]):
    """Any column by its name, without asking the engine which there are."""

    def __missing__(self, name: str) -> nw.Expr:
        return nw.col(name)


_COLUMNS = _ColumnByName()


def with_period_key(
    frame: nw.LazyFrame[Any], *, granularity: CalendarGranularity
) -> nw.LazyFrame[Any]:
    """The frame with `key`, the calendar period that holds its `day` (0 or later).

    References:
        Month arithmetic after Neri C. and Schneider L. (2022), Euclidean affine functions
        and their application to calendar algorithms, Software: Practice and Experience 53.
    """
    keyed = frame.with_columns(day_column().alias("key"))
    for name, step in _STEPS[granularity]:
        keyed = keyed.with_columns(step(_COLUMNS).alias(name))
    return keyed


def period_key(day: int, *, granularity: CalendarGranularity) -> int:
    """The key of the calendar period that holds a day number (0 or later).

    Examples:
        >>> period_key(31, granularity="month")  # 1 February 1970
        1
        >>> period_key(4, granularity="week")  # Monday 5 January 1970
        1
    """
    values: dict[str, int] = {"key": day}
    for name, step in _STEPS[granularity]:
        values[name] = step(values)
    return values["key"]


def period_of(key: int, *, granularity: CalendarGranularity) -> Period:
    """The period with that key."""
    if granularity == "day":
        return calendar_period("day", containing=day_date(key))
    if granularity == "week":
        return calendar_period("week", containing=day_date(key * 7))
    months = key * MONTHS_BY_GRANULARITY[granularity]
    first = dt.date(1970 + months // 12, months % 12 + 1, 1)
    return calendar_period(granularity, containing=first)


def period_spine(
    first_key: int, last_key: int, *, granularity: CalendarGranularity, as_of: dt.date
) -> pl.DataFrame:
    """Every period from one key to another: `key, interval_start, interval_end, is_complete`."""
    periods = [period_of(key, granularity=granularity) for key in range(first_key, last_key + 1)]
    return pl.DataFrame(
        {
            "key": list(range(first_key, last_key + 1)),
            "interval_start": [period.start for period in periods],
            "interval_end": [period.end for period in periods],
            "is_complete": [period.is_complete(as_of=as_of) for period in periods],
        },
        schema={
            "key": pl.Int64,
            "interval_start": pl.Date,
            "interval_end": pl.Date,
            "is_complete": pl.Boolean,
        },
    )


def day_column() -> nw.Expr:
    """The day as a 64-bit number: products of months must not overflow."""
    return nw.col("day").cast(nw.Int64)
