"""What the members of a cohort have brought by each age."""

import datetime as dt
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl

from analytics_lib.core.checks import require_at_least, require_between, require_choice
from analytics_lib.core.periods import CalendarGranularity, day_number
from analytics_lib.core.results import Estimate
from analytics_lib.events.boundary import as_table
from analytics_lib.events.money import MILLION, Money, in_units, known_payments, require_margin
from analytics_lib.metrics.calendar import period_key, period_of, with_period_key
from analytics_lib.metrics.cohorts import COHORT_GRANULARITIES
from analytics_lib.metrics.frames import beside, finish, like
from analytics_lib.metrics.money import paid_by_users, with_directions
from analytics_lib.statistics import estimate_mean


def cohort_revenue(
    payments: Any,  # noqa: ANN401 - any supported frame
    *,
    granularity: CalendarGranularity,
    as_of: dt.date,
    population: Any = None,  # noqa: ANN401 - any supported frame
) -> Any:  # noqa: ANN401 - the caller's own kind of frame
    """How much has an average member of each cohort brought by each age?

    Two traps. The base is every member of the cohort, with those who never
    came back: per buyer, value would seem to rise as customers are lost. And
    cohorts are compared at the same complete age: the sum so far makes old
    cohorts look better than young ones.

    Args:
        payments: One row a payment (contract `payments`), with the whole
            history: the first payment of more than 0 makes the cohort.
        granularity: `week`, `month` or `quarter`, for cohorts and ages alike.
        as_of: Last complete day; later rows are ignored.
        population: Everybody who could pay: one row a user with `user_id` and
            `first_day` (day number), such as all who signed up. They are then
            the members, and `first_day` makes the cohort; payments of others,
            and those before it, are left out.

    Returns:
        One row a cohort and age, from age 0 to the period that holds `as_of`:
        `cohort_start` (date), `cohort` (ISO name), `age` (periods since that
        of the first payment), `currency`, `members`, `revenue` (net, paid at
        that age, refunds when they were made), `cumulative_revenue`,
        `revenue_per_member`, `value_per_member` (cumulative), in units of the
        currency; null where the period is not complete, `members` of a cohort
        that is still forming too.

    Raises:
        SchemaError: A column is missing, an amount is missing or negative, a
            kind is unknown, or there are several currencies.
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
        >>> found = cohort_revenue(paid, granularity="month", as_of=dt.date(1970, 2, 28))
        >>> found.select("cohort", "age", "members", "value_per_member").rows()
        [('1970-01', 0, 2, 15.0), ('1970-01', 1, 2, 18.0)]
    """
    found = value_by_cohort(payments, granularity=granularity, as_of=as_of, population=population)
    return like(found.drop("key", "cohort_key"), payments)


def value_by_cohort(
    payments: Any,  # noqa: ANN401 - any supported frame
    *,
    granularity: CalendarGranularity,
    as_of: dt.date,
    population: Any = None,  # noqa: ANN401 - any supported frame
) -> pl.DataFrame:
    """`cohort_revenue` as a polars frame with `cohort_key` and `key`, for metrics built on it."""
    require_choice(granularity, COHORT_GRANULARITIES, name="granularity")

    money = known_payments(payments, as_of=as_of)
    firsts = _first_days(money, population=population, as_of=as_of)
    cohorts = with_period_key(firsts.rename({"first_day": "day"}), granularity=granularity).select(
        "user_id", nw.col("key").alias("cohort_key")
    )
    members = finish(cohorts.group_by("cohort_key").agg(nw.len().alias("members")))
    net = with_directions(money.frame.select("user_id", "day", "kind", "millionths"))
    sums = finish(
        with_period_key(net, granularity=granularity)
        .join(cohorts, on="user_id", how="inner")
        .with_columns(revenue=nw.col("gross") - nw.col("refunds"))
        .group_by("cohort_key", "key")
        .agg(nw.col("revenue").sum())
    )
    last = period_key(day_number(as_of), granularity=granularity)
    grid = _grid(members, sums, last_key=last, granularity=granularity, as_of=as_of)
    return grid.with_columns(currency=pl.lit(money.currency, pl.String)).select(
        "cohort_key", "key", "cohort_start", "cohort", "age", "currency", "members",
        "revenue", "cumulative_revenue", "revenue_per_member", "value_per_member",
    )  # fmt: skip


def value_of_customers(
    payments: Any,  # noqa: ANN401 - any supported frame
    *,
    days: int,
    gross_margin: float,
    as_of: dt.date,
    confidence_level: float = 0.95,
) -> Estimate:
    """What margin has an average customer brought within so many days of the first payment?

    The historic lifetime value: nothing is forecast. The trap is the customer
    of yesterday, whose value is only beginning: the mean over everybody falls
    whenever many are won. So only customers whose days are over count, each
    with the same days.

    Args:
        payments: One row a payment (contract `payments`), with the whole
            history: the first payment of more than 0 makes the customer.
        days: Days that count, the one of the first payment first; 1 or more.
        gross_margin: Share of revenue left after the cost of goods, above 0 to 1.
        as_of: Last complete day; later rows are ignored.
        confidence_level: Coverage of the t interval.

    Returns:
        Estimate in the currency: mean of net revenue times margin over the
        customers whose days are over; `nan` where there is none.

    Raises:
        SchemaError: As for `cohort_revenue`.
        ParameterError: `days` is below 1, or a share is out of range.
    """
    require_at_least(days, 1, name="days")
    require_margin(gross_margin)
    require_between(confidence_level, 0, 1, name="confidence_level")

    money = known_payments(payments, as_of=as_of)
    firsts = _first_days(money, population=None, as_of=as_of)
    mature = firsts.filter(nw.col("first_day") + (days - 1) <= day_number(as_of))
    age = nw.col("day") - nw.col("first_day")
    net = with_directions(money.frame.select("user_id", "day", "kind", "millionths"))
    totals = finish(
        net.join(mature, on="user_id", how="inner")
        .filter(age >= 0, age < days)
        .with_columns(net=nw.col("gross") - nw.col("refunds"))
        .group_by("user_id")
        .agg(nw.col("net").sum())
        .select("net")
    )
    # Sorted, so that the mean is the same to the last bit on every engine.
    margins = totals["net"].sort().cast(pl.Float64) / MILLION * gross_margin
    return estimate_mean(
        margins.to_numpy(), unit=money.currency or "", confidence_level=confidence_level
    )


def _first_days(
    money: Money,
    *,
    population: Any,  # noqa: ANN401 - any supported frame
    as_of: dt.date,
) -> nw.LazyFrame[Any]:
    """`user_id` and `first_day` of the members: customers, or the population."""
    if population is None:
        paid = paid_by_users(money)
        return paid.group_by("user_id").agg(nw.col("day").min().alias("first_day"))
    people = as_table(population, ["user_id", "first_day"], name="population")
    return (
        beside(people.select("user_id", "first_day"), money.frame)
        .filter(nw.col("first_day") <= day_number(as_of), ~nw.col("user_id").is_null())
        .group_by("user_id")
        .agg(nw.col("first_day").min())
    )


def _grid(
    members: pl.DataFrame,
    sums: pl.DataFrame,
    *,
    last_key: int,
    granularity: CalendarGranularity,
    as_of: dt.date,
) -> pl.DataFrame:
    """Every cohort at every age up to `last_key`; nothing paid is 0, not complete is null."""
    sizes = members.sort("cohort_key")
    periods = [period_of(key, granularity=granularity) for key in sizes["cohort_key"]]
    complete = {
        key: period_of(key, granularity=granularity).is_complete(as_of=as_of)
        for key in range(min(sizes["cohort_key"], default=last_key), last_key + 1)
    }
    rows = (
        sizes.with_columns(
            cohort_start=pl.Series([period.start for period in periods], dtype=pl.Date),
            cohort=pl.Series([period.label for period in periods], dtype=pl.String),
            key=pl.int_ranges("cohort_key", last_key + 1),
        )
        .explode("key")
        .join(sums, on=["cohort_key", "key"], how="left")
        .sort("cohort_key", "key")
        .with_columns(
            pl.col("revenue").fill_null(0),
            age=pl.col("key") - pl.col("cohort_key"),
            is_complete=pl.col("key").replace_strict(
                complete, default=True, return_dtype=pl.Boolean
            ),
        )
        .with_columns(cumulative_revenue=pl.col("revenue").cum_sum().over("cohort_key"))
    )
    amounts = ["revenue", "cumulative_revenue"]
    formed = pl.col("is_complete") | (pl.col("age") > 0)
    return (
        rows.with_columns(in_units(*amounts))
        .with_columns(pl.when("is_complete").then(pl.col(amounts)))
        .with_columns(
            members=pl.when(formed).then("members"),
            revenue_per_member=pl.col("revenue") / pl.col("members"),
            value_per_member=pl.col("cumulative_revenue") / pl.col("members"),
        )
    )
