"""What the models know of a customer: repeats, recency, age, and what a repeat brings."""

import datetime as dt
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import polars as pl

from analytics_lib.core.checks import require_at_least
from analytics_lib.core.errors import SchemaError
from analytics_lib.core.periods import day_number
from analytics_lib.events.boundary import as_table
from analytics_lib.events.money import MILLION, known_payments
from analytics_lib.models.maximum_likelihood import Floats

WEEK = 7


def purchase_history(
    payments: Any,  # noqa: ANN401 - any supported frame
    *,
    as_of: dt.date,
    days_per_unit: float = WEEK,
) -> pl.DataFrame:
    """How often, how lately and for how long has each customer bought?

    Two traps. The first purchase is no repeat: it makes the customer, so
    `repeats` is one less than the days with a purchase. And two orders on one
    day are one occasion: their amounts add up, they do not count twice.

    Args:
        payments: One row a payment (contract `payments`). Purchases count;
            refunds and subscriptions do not. A frame of `user_id`, `day` and
            `amount` without `kind` or `currency` is taken for purchases in one
            currency.
        as_of: Last complete day, at which the observation ends.
        days_per_unit: Days in the unit of time; 7 counts in weeks.

    Returns:
        One row a customer, sorted by `user_id`, in polars: `user_id`,
        `repeats` (days with a purchase after the first), `recency` (from the
        first to the last purchase), `age` (from the first purchase to the end
        of `as_of`'s day count), both in units of time, `mean_repeat_spend`
        (mean amount of a repeat day; null without repeats).

    Raises:
        SchemaError: A column is missing, or amounts do not add up.
        ParameterError: `days_per_unit` is not above 0.

    Examples:
        >>> bought = pl.DataFrame(
        ...     {"user_id": ["a"] * 4, "day": [0, 7, 7, 14], "amount": [9.0, 1.0, 2.0, 5.0]}
        ... )
        >>> purchase_history(bought, as_of=dt.date(1970, 1, 29)).rows()
        [('a', 2, 2.0, 4.0, 4.0)]

    References:
        Fader, Hardie, Lee (2005), Implementing the BG/NBD Model for Customer
        Base Analysis in Excel, note 004, section 2.
    """
    require_at_least(days_per_unit, 1e-9, name="days_per_unit")

    money = known_payments(_as_payments(payments), as_of=as_of)
    days = (
        money.frame.filter(nw.col("kind") == "purchase", ~nw.col("user_id").is_null())
        .select("user_id", nw.col("day").cast(nw.Int64), "millionths")
        .group_by("user_id", "day")
        .agg(nw.col("millionths").sum())
        .with_columns(nw.col("millionths").cast(nw.Int64))
        .with_columns(first=nw.col("day").min().over("user_id"))
        .with_columns(
            later=nw.when(nw.col("day") > nw.col("first"))
            .then(nw.col("millionths"))
            .otherwise(nw.lit(0))
        )
    )
    customers: pl.DataFrame = (
        days.group_by("user_id")
        .agg(
            nw.len().alias("days"),
            nw.col("first").min(),
            nw.col("day").max().alias("last"),
            nw.col("later").sum(),
        )
        .collect(backend="polars")
        .to_native()
    )
    whole = customers.with_columns(pl.col("days", "first", "last", "later").cast(pl.Int64))
    repeats = pl.col("days") - 1
    found = whole.select(
        "user_id",
        repeats=repeats,
        recency=(pl.col("last") - pl.col("first")) / days_per_unit,
        age=(day_number(as_of) - pl.col("first")) / days_per_unit,
        mean_repeat_spend=pl.when(repeats > 0).then(pl.col("later") / repeats / MILLION),
    )
    return found.sort("user_id")


def history_columns(history: Any, *names: str) -> list[Floats]:  # noqa: ANN401 - any frame
    """Columns of a history as arrays, in the order of its rows; missing numbers are `nan`.

    Raises:
        SchemaError: A column is missing, or `history` has no rows.
    """
    table = as_table(history, list(names), name="history").select(*names)
    frame: pl.DataFrame = table.collect(backend="polars").to_native()
    if frame.is_empty():
        raise SchemaError("`history` has no rows; it must have one for each customer.")
    return [frame[name].cast(pl.Float64).to_numpy() for name in names]


def require_possible(repeats: Floats, recency: Floats, age: Floats) -> None:
    """Refuse histories that cannot be: the last purchase after the end, or without repeats.

    Raises:
        SchemaError: `history` holds such a row.
    """
    possible = (
        np.isfinite(repeats + recency + age)
        & (repeats >= 0)
        & (repeats == np.floor(repeats))
        & (recency >= 0)
        & (recency <= age)
        & ((repeats > 0) | (recency == 0))
        & ((repeats == 0) | (recency > 0))
    )
    bad = int((~possible).sum())
    if bad:
        raise SchemaError(
            f"`history` holds {bad} impossible rows: `repeats` must be a whole number, `recency` "
            "lie between 0 and `age`, and be 0 for customers without repeats only."
        )


def _as_payments(payments: Any) -> nw.LazyFrame[Any]:  # noqa: ANN401 - any supported frame
    """Plain transactions as payments: purchases in one unnamed currency."""
    table = as_table(payments, ["user_id", "day", "amount"], name="payments")
    given = table.collect_schema().names()
    assumed = {"kind": nw.lit("purchase"), "currency": nw.lit("XXX")}
    missing = {name: value for name, value in assumed.items() if name not in given}
    return table.with_columns(**missing) if missing else table
