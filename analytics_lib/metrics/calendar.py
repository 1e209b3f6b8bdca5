"""Calendar arithmetic on day numbers: every period is a whole number, on every engine.

A period key counts periods without gaps, so the period before `key` is
`key - 1`, and the age of a user in months is a difference of keys. Engines
disagree on weekdays and truncation; integer division they share.
"""

import datetime as dt
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl

from analytics_lib.core.periods import CalendarGranularity, Period, calendar_period, day_date

MONTHS_BY_GRANULARITY = {"month": 1, "quarter": 3, "year": 12}
_THURSDAY = 3  # 1970-01-01 was a Thursday, ISO weeks start on Monday


def period_key(day: Any, *, granularity: CalendarGranularity) -> Any:  # noqa: ANN401 - Expr or int
    """The key of the calendar period that holds a day number (0 or later).

    Args:
        day: A Narwhals or polars expression, or a number.
        granularity: Calendar unit.

    References:
        Month arithmetic after Hinnant H. (2021), chrono-Compatible Low-Level
        Date Algorithms, `civil_from_days`.

    Examples:
        >>> period_key(31, granularity="month")  # 1 February 1970
        1
        >>> period_key(4, granularity="week")  # Monday 5 January 1970
        1
    """
    if granularity == "day":
        return day
    if granularity == "week":
        return (day + _THURSDAY) // 7
    shifted = day + 719_468  # days since 0000-03-01: leap days fall at the end of a year
    era = shifted // 146_097
    day_of_era = shifted - era * 146_097
    leaps = day_of_era // 1_460 - day_of_era // 36_524 + day_of_era // 146_096
    year_of_era = (day_of_era - leaps) // 365
    day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    month_from_march = (5 * day_of_year + 2) // 153
    months = (era * 400 + year_of_era) * 12 + month_from_march + 2 - 1_970 * 12
    return months // MONTHS_BY_GRANULARITY[granularity]


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
