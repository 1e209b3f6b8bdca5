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
_Step = Callable[[Mapping[str, Any]], Any]
_MONTH_STEPS: tuple[tuple[str, _Step], ...] = (
    # Days since 0000-03-01: leap days fall at the end of a year.
    ("__shifted", lambda c: c["key"] + 719_468),
    ("__era", lambda c: _whole(c["__shifted"], 146_097)),
    ("__of_era", lambda c: c["__shifted"] - c["__era"] * 146_097),
    (
        "__leaps",
        lambda c: (
            _whole(c["__of_era"], 1_460)
            - _whole(c["__of_era"], 36_524)
            + _whole(c["__of_era"], 146_096)
        ),
    ),
    ("__year", lambda c: _whole(c["__of_era"] - c["__leaps"], 365)),
    ("__began", lambda c: c["__year"] * 365 + _whole(c["__year"], 4) - _whole(c["__year"], 100)),
    ("__month", lambda c: _whole((c["__of_era"] - c["__began"]) * 5 + 2, 153)),
    ("key", lambda c: (c["__era"] * 400 + c["__year"] - 1970) * 12 + c["__month"] + 2),
)
_STEPS: dict[str, tuple[tuple[str, _Step], ...]] = {
    "day": (),
    "week": (("key", lambda c: _whole(c["key"] + _THURSDAY, 7)),),
    "month": _MONTH_STEPS,
    "quarter": (*_MONTH_STEPS, ("key", lambda c: _whole(c["key"], 3))),
    "year": (*_MONTH_STEPS, ("key", lambda c: _whole(c["key"], 12))),
}


def with_period_key(
    frame: nw.LazyFrame[Any], *, granularity: CalendarGranularity
) -> nw.LazyFrame[Any]:
    """The frame with `key`, the calendar period that holds its `day` (0 or later).

    References:
        Month arithmetic after Hinnant H. (2021), chrono-Compatible Low-Level
        Date Algorithms, `civil_from_days`.
    """
    keyed = frame.with_columns(day_column().alias("key"))
    for name, step in _STEPS[granularity]:
        columns = {column: nw.col(column) for column in keyed.collect_schema().names()}
        keyed = keyed.with_columns(step(columns).alias(name))
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
