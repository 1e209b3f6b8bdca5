"""What a new customer costs, and when they have paid for it."""

import datetime as dt
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl

from analytics_lib.core.checks import require_at_least, require_choice
from analytics_lib.core.periods import CALENDAR_GRANULARITIES, CalendarGranularity
from analytics_lib.events.money import (
    in_units,
    known_costs,
    known_payments,
    require_margin,
    require_same_currency,
)
from analytics_lib.metrics.calendar import with_period_key
from analytics_lib.metrics.cohort_revenue import value_by_cohort
from analytics_lib.metrics.frames import finish, like
from analytics_lib.metrics.money import on_every_period, paid_by_users, ratio

_COHORT = ("cohort_start", "cohort", "currency", "customers", "spend", "cac")


def acquisition_cost(
    payments: Any,  # noqa: ANN401 - any supported frame
    costs: Any,  # noqa: ANN401 - any supported frame
    *,
    granularity: CalendarGranularity,
    as_of: dt.date,
) -> Any:  # noqa: ANN401 - the caller's own kind of frame
    """How much was spent on each new customer of a period (CAC)?

    A customer is new with their first payment of more than 0 in the whole
    history: free trials are no customers, and who comes back is not won twice.
    In a log that begins later than the business everybody is new at first.

    Args:
        payments: One row a payment (contract `payments`), with the whole history.
        costs: One row a day and channel (contract `acquisition_costs`):
            `day`, `amount`, `currency`.
        granularity: Calendar unit.
        as_of: Last complete day; later rows are ignored.

    Returns:
        One row a period from the first payment or cost to `as_of`:
        `interval_start`, `interval_end`, `currency`, `spend`,
        `new_customers`, `cac` (spend / new customers), in units of the
        currency; null while the period is not complete, `cac` also where
        nobody was won.

    Raises:
        SchemaError: A column is missing, an amount is missing or negative, or
            there are several currencies.
        ParameterError: `granularity` is unknown.

    Examples:
        >>> paid = pl.DataFrame(
        ...     {
        ...         "user_id": ["a", "b"],
        ...         "day": [3, 9],
        ...         "amount": [10.0, 20.0],
        ...         "currency": ["EUR"] * 2,
        ...         "kind": ["purchase"] * 2,
        ...     }
        ... )
        >>> spent = pl.DataFrame({"day": [0, 1], "amount": [50.0, 20.0], "currency": ["EUR"] * 2})
        >>> acquisition_cost(paid, spent, granularity="month", as_of=dt.date(1970, 1, 31))[
        ...     "cac"
        ... ].to_list()
        [35.0]
    """
    found = spend_on_customers(payments, costs, granularity=granularity, as_of=as_of)
    return like(found.drop("key"), payments)


def spend_on_customers(
    payments: Any,  # noqa: ANN401 - any supported frame
    costs: Any,  # noqa: ANN401 - any supported frame
    *,
    granularity: CalendarGranularity,
    as_of: dt.date,
) -> pl.DataFrame:
    """`acquisition_cost` as a polars frame with `key`, for metrics that build on it."""
    require_choice(granularity, CALENDAR_GRANULARITIES, name="granularity")

    paid, spent = known_payments(payments, as_of=as_of), known_costs(costs, as_of=as_of)
    currency = require_same_currency(paid, spent)
    firsts = paid_by_users(paid).group_by("user_id").agg(nw.col("day").min())
    new = finish(
        with_period_key(firsts, granularity=granularity)
        .group_by("key")
        .agg(nw.len().alias("new_customers"))
    )
    spend = finish(
        with_period_key(spent.frame.select("day", "millionths"), granularity=granularity)
        .group_by("key")
        .agg(nw.col("millionths").sum().alias("spend"))
    )
    both = new.join(spend, on="key", how="full", coalesce=True)
    filled = on_every_period(
        both, values=["spend", "new_customers"], granularity=granularity, as_of=as_of
    )
    priced = filled.with_columns(in_units("spend"), currency=pl.lit(currency, pl.String))
    return priced.with_columns(cac=ratio("spend", "new_customers")).select(
        "key", "interval_start", "interval_end", "currency", "spend", "new_customers", "cac"
    )


def value_to_cost(
    payments: Any,  # noqa: ANN401 - any supported frame
    costs: Any,  # noqa: ANN401 - any supported frame
    *,
    age: int,
    gross_margin: float,
    as_of: dt.date,
    lag: int = 0,
) -> Any:  # noqa: ANN401 - the caller's own kind of frame
    """How many times over has each monthly cohort paid for its acquisition by an age (LTV:CAC)?

    Two traps. The value of one cohort over the cost of another compares
    nothing; here both are of the same customers. And revenue is not value:
    the gross margin is.

    Args:
        payments: One row a payment (contract `payments`), with the whole history.
        costs: One row a day and channel (contract `acquisition_costs`).
        age: Age in months at which cohorts are compared; 0 is the month of
            the first payment.
        gross_margin: Share of revenue left after the cost of goods, above 0 to 1.
        as_of: Last complete day; later rows are ignored.
        lag: Months from the spending to the first payment it leads to; 1
            charges each cohort with the spend of the month before.

    Returns:
        One row a cohort: `cohort_start`, `cohort`, `currency`, `customers`,
        `spend`, `cac`, `value` (cumulative margin per customer by the end of
        that age), in units of the currency, `ltv_to_cac` (times); null where
        the age is not complete, the ratio also where nothing was spent.

    Raises:
        SchemaError: As for `acquisition_cost`.
        ParameterError: `age` or `lag` is negative, or the margin out of range.
    """
    require_at_least(age, 0, name="age")

    ages = _margins(payments, costs, gross_margin=gross_margin, as_of=as_of, lag=lag)
    cohorts = ages.select("cohort_key", *_COHORT).unique(subset="cohort_key")
    at_age = ages.filter(pl.col("age") == age).select("cohort_key", "value")
    found = cohorts.join(at_age, on="cohort_key", how="left").sort("cohort_key")
    return like(found.with_columns(ltv_to_cac=ratio("value", "cac")).drop("cohort_key"), payments)


def payback_months(
    payments: Any,  # noqa: ANN401 - any supported frame
    costs: Any,  # noqa: ANN401 - any supported frame
    *,
    gross_margin: float,
    as_of: dt.date,
    lag: int = 0,
) -> Any:  # noqa: ANN401 - the caller's own kind of frame
    """After how many months has each monthly cohort paid back what it cost to win?

    Counted, not extrapolated: the usual cost over mean monthly margin assumes
    that nobody ever leaves.

    Args:
        payments: One row a payment (contract `payments`), with the whole history.
        costs: One row a day and channel (contract `acquisition_costs`).
        gross_margin: Share of revenue left after the cost of goods, above 0 to 1.
        as_of: Last complete day; later rows are ignored.
        lag: Months from the spending to the first payment it leads to.

    Returns:
        One row a cohort: `cohort_start`, `cohort`, `currency`, `customers`,
        `spend`, `cac`, in units of the currency, `months_observed` (complete
        months, that of the first payment first) and `payback_months`: the
        first of them by the end of which the cumulative margin per customer
        reaches the cost; 1 is the month of the first payment itself. Null
        where that has not happened yet, where nothing was spent, and while
        the cohort is forming.

    Raises:
        SchemaError: As for `acquisition_cost`.
        ParameterError: `lag` is negative, or the margin out of range.
    """
    ages = _margins(payments, costs, gross_margin=gross_margin, as_of=as_of, lag=lag)
    paid_back = (pl.col("cac") > 0) & (pl.col("value") >= pl.col("cac"))
    found = (
        ages.with_columns(
            months=pl.when(pl.col("value").is_not_null()).then(pl.col("age") + 1),
            months_paid=pl.when(paid_back).then(pl.col("age") + 1),
        )
        .group_by("cohort_key", *_COHORT)
        .agg(months_observed=pl.col("months").max(), payback_months=pl.col("months_paid").min())
        .sort("cohort_key")
    )
    return like(
        found.with_columns(pl.col("months_observed").fill_null(0)).drop("cohort_key"), payments
    )


def _margins(
    payments: Any,  # noqa: ANN401 - any supported frame
    costs: Any,  # noqa: ANN401 - any supported frame
    *,
    gross_margin: float,
    as_of: dt.date,
    lag: int,
) -> pl.DataFrame:
    """Each monthly cohort at each age: cumulative margin per customer beside what one cost."""
    require_at_least(lag, 0, name="lag")
    require_margin(gross_margin)

    spend = spend_on_customers(payments, costs, granularity="month", as_of=as_of).select(
        pl.col("key").alias("cohort_key") + lag, "spend"
    )
    values = value_by_cohort(payments, granularity="month", as_of=as_of)
    sizes = (
        values.filter(pl.col("age") == 0)
        .select("cohort_key", customers="members")
        .join(spend, on="cohort_key", how="left")
        .with_columns(pl.when(pl.col("customers").is_not_null()).then(pl.col("spend").fill_null(0)))
        .with_columns(cac=ratio("spend", "customers"))
    )
    return values.join(sizes, on="cohort_key", how="left").with_columns(
        value=pl.col("value_per_member") * gross_margin
    )
