"""What each customer contributed to a cohort's value, to see whether one makes up nearly all."""

import datetime as dt
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl

from analytics_lib.core.checks import require_choice
from analytics_lib.core.periods import CalendarGranularity, day_number
from analytics_lib.events.money import in_units, known_payments
from analytics_lib.metrics.calendar import period_key, period_of, with_period_key
from analytics_lib.metrics.cohorts import COHORT_GRANULARITIES
from analytics_lib.metrics.frames import finish
from analytics_lib.metrics.money import paid_by_users, with_directions


def cohort_contributions(
    payments: Any,  # noqa: ANN401 - any supported frame
    *,
    granularity: CalendarGranularity,
    as_of: dt.date,
) -> pl.DataFrame:
    """What has each customer brought to the rows of `cohort_revenue`?

    Rows about single people: for `largest_contributions`, never for a page.
    The trap is the sum so far: who paid at age 0 is part of it at every later
    age, so customers keep their row from their first payment on.

    Args:
        payments: One row a payment (contract `payments`), with the whole history.
        granularity: `week`, `month` or `quarter`, as asked of `cohort_revenue`.
        as_of: Last complete day; later rows are ignored.

    Returns:
        One row a cohort, age and customer: `cohort` (ISO name), `age`,
        `user_id`, `revenue` (net, paid at that age), `cumulative_revenue`, in
        units of the currency.

    Raises:
        SchemaError: As for `cohort_revenue`.
        ParameterError: `granularity` is unknown.

    Examples:
        >>> paid = pl.DataFrame(
        ...     {
        ...         "user_id": ["a", "b", "a"],
        ...         "day": [0, 1, 40],
        ...         "amount": [10.0, 20.0, 6.0],
        ...         "currency": ["EUR"] * 3,
        ...         "kind": ["purchase"] * 3,
        ...     }
        ... )
        >>> found = cohort_contributions(paid, granularity="month", as_of=dt.date(1970, 2, 28))
        >>> found.select("age", "user_id", "cumulative_revenue").rows()
        [(0, 'a', 10.0), (0, 'b', 20.0), (1, 'a', 16.0), (1, 'b', 20.0)]
    """
    require_choice(granularity, COHORT_GRANULARITIES, name="granularity")
    money = known_payments(payments, as_of=as_of)
    firsts = paid_by_users(money).group_by("user_id").agg(nw.col("day").min())
    cohorts = finish(
        with_period_key(firsts, granularity=granularity).select(
            "user_id", nw.col("key").alias("cohort_key")
        )
    )
    net = with_directions(money.frame.select("user_id", "day", "kind", "millionths"))
    paid = finish(
        with_period_key(net, granularity=granularity)
        .with_columns(revenue=nw.col("gross") - nw.col("refunds"))
        .group_by("user_id", "key")
        .agg(nw.col("revenue").sum())
    )
    last = period_key(day_number(as_of), granularity=granularity)
    names = {
        key: period_of(key, granularity=granularity).label for key in cohorts["cohort_key"].unique()
    }
    return (
        cohorts.with_columns(
            key=pl.int_ranges("cohort_key", last + 1),
            cohort=pl.col("cohort_key").replace_strict(names, return_dtype=pl.String),
        )
        .explode("key")
        .join(paid, on=["user_id", "key"], how="left")
        .with_columns(pl.col("revenue").fill_null(0), age=pl.col("key") - pl.col("cohort_key"))
        .sort("cohort_key", "age", "user_id")
        .with_columns(cumulative_revenue=pl.col("revenue").cum_sum().over("user_id"))
        .with_columns(in_units("revenue", "cumulative_revenue"))
        .select("cohort", "age", "user_id", "revenue", "cumulative_revenue")
    )
