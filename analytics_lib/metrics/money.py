"""Payments on the calendar: directions, customers, and periods without gaps."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl

from analytics_lib.core.periods import CalendarGranularity, day_number
from analytics_lib.events.money import Money
from analytics_lib.metrics.calendar import day_column, period_key, period_spine


def with_directions(frame: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """`gross`, `refunds` (millionths) and `payments` (1 or 0) of each row, ready to be summed."""
    back = nw.col("kind") == "refund"
    return frame.with_columns(
        gross=nw.when(back).then(nw.lit(0)).otherwise(nw.col("millionths")),
        refunds=nw.when(back).then(nw.col("millionths")).otherwise(nw.lit(0)),
        payments=nw.when(back).then(nw.lit(0)).otherwise(nw.lit(1)),
    )


def paid_by_users(money: Money) -> nw.LazyFrame[Any]:
    """The payments of more than 0 that belong to a user: those of customers."""
    return money.frame.filter(
        ~nw.col("user_id").is_null(), nw.col("kind") != "refund", nw.col("millionths") > 0
    ).select("user_id", day_column().alias("day"), "millionths")


def on_every_period(
    sums: pl.DataFrame,
    *,
    values: Sequence[str],
    granularity: CalendarGranularity,
    as_of: dt.date,
    by: Sequence[str] = (),
) -> pl.DataFrame:
    """Sums by `key` on every period up to `as_of`: quiet ones 0, incomplete ones null."""
    first = int(sums["key"].min()) if len(sums) else 0  # type: ignore[arg-type]
    last = period_key(day_number(as_of), granularity=granularity) if len(sums) else -1
    spine = period_spine(first, last, granularity=granularity, as_of=as_of)
    groups = sums.select(by).unique() if by else pl.DataFrame({"__one": [1]})
    return (
        groups.join(spine, how="cross")
        .join(sums, on=[*by, "key"], how="left", nulls_equal=True)
        .with_columns(pl.col(values).fill_null(0))
        .with_columns(pl.when("is_complete").then(pl.col(values)))
        .sort(*by, "key")
    )


def ratio(numerator: str, denominator: str) -> pl.Expr:
    """One column over another; null where the other is not above 0."""
    return pl.col(numerator) / pl.when(pl.col(denominator) > 0).then(denominator)
