"""Counts of any kind laid on whole calendar periods: quiet ones 0, running ones null."""

import datetime as dt
from collections.abc import Sequence

import polars as pl

from analytics_lib.core.periods import CalendarGranularity, day_number
from analytics_lib.events.calendar import period_key, period_spine

INTERVAL = {"interval_start": pl.Date, "interval_end": pl.Date}


def fill_periods(
    counts: pl.DataFrame,
    *,
    by: Sequence[str],
    counted: Sequence[str],
    granularity: CalendarGranularity,
    as_of: dt.date,
    measured: Sequence[str] = (),
    open_days: int = 0,
) -> pl.DataFrame:
    """Every period from the first one counted to that of `as_of`, for every group.

    Args:
        counts: One row a group and period: the `by` columns, `key`, the values.
        by: Columns of the groups.
        counted: Values that are 0 in a quiet period.
        granularity: Calendar unit of `key`.
        as_of: Last complete day.
        measured: Values that a quiet period does not have.
        open_days: Days after a period for which its values can still change.

    Returns:
        One row a group and period, sorted: the `by` columns, `interval_start`,
        `interval_end` (exclusive), the values, null while the period is not
        complete. Empty where there are no counts.
    """
    values = [*counted, *measured]
    if counts.is_empty():
        return pl.DataFrame(
            schema={
                **counts.select(by).schema,
                **INTERVAL,
                **counts.select(counted).cast(pl.Int64).schema,
                **counts.select(measured).schema,
            }
        )
    spine = period_spine(
        int(counts["key"].min()),  # type: ignore[arg-type]
        period_key(day_number(as_of), granularity=granularity),
        granularity=granularity,
        as_of=as_of - dt.timedelta(days=open_days),
    )
    groups = counts.select(by).unique() if by else pl.DataFrame({"one": [1]})
    return (
        groups.join(spine, how="cross")
        .join(counts, on=[*by, "key"], how="left", nulls_equal=True)
        .with_columns(pl.col(counted).fill_null(0))
        .with_columns(pl.when("is_complete").then(pl.col(name)).alias(name) for name in values)
        .sort(*by, "key")
        .select(*by, *INTERVAL, *values)
    )
