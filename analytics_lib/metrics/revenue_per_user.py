"""Revenue per active, paying and daily active user: ARPU, ARPPU, ARPDAU."""

import datetime as dt
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl

from analytics_lib.core.periods import CalendarGranularity, day_number
from analytics_lib.events.money import known_payments
from analytics_lib.metrics.activity import count_active
from analytics_lib.metrics.calendar import period_key, with_period_key
from analytics_lib.metrics.frames import finish, like
from analytics_lib.metrics.money import on_every_period, paid_by_users, ratio
from analytics_lib.metrics.revenue import sum_revenue


def revenue_per_user(
    events: Any,  # noqa: ANN401 - an EventLog or any supported frame
    payments: Any,  # noqa: ANN401 - any supported frame
    *,
    granularity: CalendarGranularity,
    as_of: dt.date,
) -> Any:  # noqa: ANN401 - the caller's own kind of frame
    """How much net revenue is there per active, per paying and per daily active user?

    The trap is a denominator from elsewhere: a month's revenue over the users
    of all time, or over those of the last day. Here revenue and users are of
    the same period. ARPDAU divides by the mean of the daily active users: over
    a month it is the month's revenue per user of an average day; for a figure
    per day ask with `granularity="day"`.

    Args:
        events: An `EventLog`, or a frame with `user_id` and `day`; one row an event.
        payments: One row a payment (contract `payments`).
        granularity: Calendar unit.
        as_of: Last complete day; later rows are ignored.

    Returns:
        One row a period from the first event or payment to `as_of`:
        `interval_start`, `interval_end`, `currency`, `net` (refunds in their
        own period), `active_users`, `paying_users` (who paid more than 0),
        `daily_active_users` (mean over the days of the period), `arpu`,
        `arppu`, `arpdau`, in units of the currency; null while the period is
        not complete, a ratio also where nobody is in its denominator.

    Raises:
        SchemaError: As for `revenue`.
        ParameterError: `granularity` is unknown.
    """
    sums = sum_revenue(payments, granularity=granularity, as_of=as_of)
    active = count_active(events, granularity=granularity, as_of=as_of)
    found = (
        _keyed(sums, granularity=granularity)
        .select("key", "net")
        .join(
            _keyed(active, granularity=granularity).select("key", "active_users"),
            on="key", how="full", coalesce=True,
        )
        .join(_paying(payments, granularity=granularity, as_of=as_of), on="key", how="left")
        .join(_user_days(events, granularity=granularity, as_of=as_of), on="key", how="left")
    )  # fmt: skip
    counts = ["active_users", "paying_users", "user_days"]
    days = (pl.col("interval_end") - pl.col("interval_start")).dt.total_days()
    result = (
        on_every_period(found, values=["net", *counts], granularity=granularity, as_of=as_of)
        .with_columns(
            daily_active_users=pl.col("user_days") / days,
            currency=pl.lit(sums["currency"].first() if len(sums) else None, pl.String),
        )
        .with_columns(
            arpu=ratio("net", "active_users"),
            arppu=ratio("net", "paying_users"),
            arpdau=ratio("net", "daily_active_users"),
        )
    )
    columns = ["interval_start", "interval_end", "currency", "net", "active_users", "paying_users"]
    return like(result.select(*columns, "daily_active_users", "arpu", "arppu", "arpdau"), events)


def _paying(
    payments: Any,  # noqa: ANN401 - any supported frame
    *,
    granularity: CalendarGranularity,
    as_of: dt.date,
) -> pl.DataFrame:
    """Users who paid in each period."""
    paid = paid_by_users(known_payments(payments, as_of=as_of))
    users = (
        with_period_key(paid, granularity=granularity)
        .group_by("key", "user_id")
        .agg(nw.len().alias("payments"))
    )
    return finish(users.group_by("key").agg(nw.len().alias("paying_users")))


def _user_days(
    events: Any,  # noqa: ANN401 - an EventLog or any supported frame
    *,
    granularity: CalendarGranularity,
    as_of: dt.date,
) -> pl.DataFrame:
    """Daily active users of each period, added up."""
    daily = count_active(events, granularity="day", as_of=as_of)
    keyed = _keyed(daily, granularity=granularity)
    return keyed.group_by("key").agg(pl.col("active_users").sum().alias("user_days"))


def _keyed(frame: pl.DataFrame, *, granularity: CalendarGranularity) -> pl.DataFrame:
    keys = [
        period_key(day_number(date), granularity=granularity) for date in frame["interval_start"]
    ]
    return frame.with_columns(pl.Series("key", keys, dtype=pl.Int64))
