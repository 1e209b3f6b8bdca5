"""Monthly recurring revenue: where it comes from, where it goes, and what of it stays."""

import datetime as dt
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl

from analytics_lib.core.checks import require_at_least
from analytics_lib.core.errors import SchemaError
from analytics_lib.core.periods import day_number
from analytics_lib.events.money import LONGEST_TERM, in_units, known_payments
from analytics_lib.metrics.calendar import day_column, period_key, with_period_key
from analytics_lib.metrics.frames import beside, finish, like
from analytics_lib.metrics.money import on_every_period, ratio

_GAINS = ("new", "reactivated", "expansion")
_LOSSES = ("contraction", "churned")
_PERIOD = ("interval_start", "interval_end", "currency")


def recurring_revenue_movements(
    payments: Any,  # noqa: ANN401 - any supported frame
    *,
    as_of: dt.date,
    history_complete: bool,
) -> Any:  # noqa: ANN401 - the caller's own kind of frame
    """How does monthly recurring revenue (MRR) move from one month to the next, and why?

    The trap is cash for revenue: a year paid in January is not twelve times
    the revenue in January and none until the next. A payment that covers
    several months is spread evenly over them (to a millionth), the calendar
    month of its day first. Two payments in one month add up, so renewals every
    30 days double some months; bill by calendar months before asking.

    Args:
        payments: One row a payment (contract `payments`), with `months`; rows
            of the kind `subscription` that belong to a user count.
        as_of: Last complete day; later rows are ignored.
        history_complete: Whether the payments begin with the first
            subscription ever. Otherwise new and reactivated revenue cannot be
            told apart and are null, and so is all of the first month but its end.

    Returns:
        One row a month from the first subscription to `as_of`:
        `interval_start`, `interval_end`, `currency`, `start` (MRR of the month
        before), `new` (users who never subscribed before), `reactivated` (who
        did, but not in the month before), `expansion`, `contraction` (users of
        both months who pay more or less), `churned` (users of the month before
        who pay nothing), `end` (MRR), in units of the currency, and
        `subscribers` (users); null while the month is not complete. Every
        movement is 0 or more, and
        end = start + new + reactivated + expansion - contraction - churned.

    Raises:
        SchemaError: A column is missing, an amount is missing or negative, a
            term is shorter than a month, or there are several currencies.

    Examples:
        >>> paid = pl.DataFrame(
        ...     {
        ...         "user_id": ["a", "b", "b"],
        ...         "day": [0, 0, 31],
        ...         "amount": [24.0, 5.0, 8.0],
        ...         "currency": ["EUR"] * 3,
        ...         "kind": ["subscription"] * 3,
        ...         "months": [12, 1, 1],
        ...     }
        ... )
        >>> found = recurring_revenue_movements(
        ...     paid, as_of=dt.date(1970, 3, 31), history_complete=True
        ... )
        >>> found.select("start", "new", "expansion", "churned", "end").rows()
        [(0.0, 7.0, 0.0, 0.0, 7.0), (7.0, 0.0, 3.0, 0.0, 10.0), (10.0, 0.0, 0.0, 8.0, 2.0)]
    """
    monthly, currency = monthly_amounts(payments, as_of=as_of)
    steps = monthly.with_columns(
        before=nw.col("millionths").shift(1).over("user_id", order_by="key"),
        before_key=nw.col("key").shift(1).over("user_id", order_by="key"),
        after_key=nw.col("key").shift(-1).over("user_id", order_by="key"),
    )
    moves = _sum_gains(steps).join(_sum_losses(steps), on="key", how="full", coalesce=True)
    last = period_key(day_number(as_of), granularity="month")
    values = [*_GAINS, *_LOSSES, "end", "subscribers"]
    result = (
        on_every_period(
            moves.filter(pl.col("key") <= last), values=values, granularity="month", as_of=as_of
        )
        .with_columns(start=pl.col("end").shift(1, fill_value=0))
        .with_columns(start=pl.when("is_complete").then("start"))
        .with_columns(currency=pl.lit(currency, pl.String))
    )
    if not history_complete:
        known = pl.col("key") > pl.col("key").min()
        result = result.with_columns(
            pl.lit(None, pl.Int64).alias(c) for c in ("new", "reactivated")
        ).with_columns(pl.when(known).then(pl.col("start", "expansion", *_LOSSES)))
    amounts = ["start", *_GAINS, *_LOSSES, "end"]
    return like(
        result.with_columns(in_units(*amounts)).select(*_PERIOD, *amounts, "subscribers"), payments
    )


def revenue_retention(
    payments: Any,  # noqa: ANN401 - any supported frame
    *,
    as_of: dt.date,
    months: int = 1,
) -> Any:  # noqa: ANN401 - the caller's own kind of frame
    """Of the recurring revenue of some months ago, how much is there now, from the same users?

    Net revenue retention (NRR) counts what these users pay now, more or less;
    gross revenue retention (GRR) gives no credit for those who pay more, so it
    never exceeds 1. The trap is the new customer: with their revenue in the
    numerator every growing business retains more than all. They are left out.

    Args:
        payments: One row a payment (contract `payments`), with `months`; rows
            of the kind `subscription` that belong to a user count.
        as_of: Last complete day; later rows are ignored.
        months: Months between then and now, 1 or more; 12 compares with the
            year before.

    Returns:
        One row a month from the first subscription to `as_of`:
        `interval_start`, `interval_end`, `currency`, `start` (MRR `months`
        ago), `expansion`, `contraction`, `churned` (of those users, between
        then and now), in units of the currency,
        `nrr` = (start + expansion - contraction - churned) / start and
        `grr` = (start - contraction - churned) / start, shares of money; null
        while the month is not complete and where nobody subscribed then.

    Raises:
        SchemaError: As for `recurring_revenue_movements`.
        ParameterError: `months` is below 1.

    References:
        As commonly reported by software companies; there is no standard.
    """
    require_at_least(months, 1, name="months")

    monthly, currency = monthly_amounts(payments, as_of=as_of)
    then = monthly.select("user_id", nw.col("millionths").alias("start"), nw.col("key") + months)
    pairs = then.join(monthly, on=["user_id", "key"], how="left").with_columns(
        now=nw.col("millionths").fill_null(0).cast(nw.Int64)
    )
    stays = nw.col("now") > 0
    split = pairs.with_columns(
        expansion=_above(nw.col("now") - nw.col("start")),
        contraction=_where(stays, _above(nw.col("start") - nw.col("now"))),
        churned=_where(nw.col("now") == 0, nw.col("start")),
    )
    values = ["start", "expansion", "contraction", "churned"]
    sums = finish(split.group_by("key").agg(nw.col(*values).sum()))
    # Months in which somebody subscribes but nobody did so long ago are there too.
    subscribed = finish(monthly.group_by("key").agg(nw.len().alias("subscribers"))).select("key")
    every = subscribed.join(sums, on="key", how="full", coalesce=True)
    last = period_key(day_number(as_of), granularity="month")
    result = on_every_period(
        every.filter(pl.col("key") <= last), values=values, granularity="month", as_of=as_of
    ).with_columns(
        kept=pl.col("start") - pl.col("contraction") - pl.col("churned"),
        currency=pl.lit(currency, pl.String),
    )
    shares = result.with_columns(now=pl.col("kept") + pl.col("expansion")).with_columns(
        nrr=ratio("now", "start"), grr=ratio("kept", "start")
    )
    return like(
        shares.with_columns(in_units(*values)).select(*_PERIOD, *values, "nrr", "grr"), payments
    )


def monthly_amounts(
    payments: Any,  # noqa: ANN401 - any supported frame
    *,
    as_of: dt.date,
) -> tuple[nw.LazyFrame[Any], str | None]:
    """What each user pays for each calendar month up to `as_of`, and in which currency.

    Returns:
        One row a user and month with an amount above 0, lazily: `user_id`,
        `key` (of the month), `millionths`; and the currency, None without
        payments.

    Raises:
        SchemaError: As for `recurring_revenue_movements`.
    """
    money = known_payments(payments, as_of=as_of, columns=["months"])
    terms = money.frame.filter(
        nw.col("kind") == "subscription", ~nw.col("user_id").is_null()
    ).select(
        "user_id",
        day_column().alias("day"),
        nw.col("months").fill_null(1).cast(nw.Int64),
        "millionths",
    )
    longest = _longest_term(terms)
    keyed = with_period_key(terms, granularity="month").with_columns(
        each=nw.col("millionths") // nw.col("months")
    )
    if longest > 1:
        offsets = nw.from_native(
            pl.DataFrame({"offset": range(longest)}, schema={"offset": pl.Int64})
        ).lazy()
        keyed = (
            keyed.join(beside(offsets, keyed), how="cross")
            .filter(nw.col("offset") < nw.col("months"))
            .with_columns(key=nw.col("key") + nw.col("offset"))
        )
    last = period_key(day_number(as_of), granularity="month")
    monthly = (
        keyed.filter(nw.col("key") <= last)
        .group_by("user_id", "key")
        .agg(nw.col("each").sum().alias("millionths"))
        .with_columns(nw.col("millionths").cast(nw.Int64))
        .filter(nw.col("millionths") > 0)
    )
    return monthly, money.currency


def _longest_term(terms: nw.LazyFrame[Any]) -> int:
    bounds = finish(
        terms.select(nw.col("months").min().alias("least"), nw.col("months").max().alias("most"))
    )
    least, most = bounds.row(0)
    if least is None:
        return 1
    if least < 1 or most > LONGEST_TERM:
        raise SchemaError(
            f"`months` of `payments` goes from {least} to {most}; it must lie between 1 and "
            f"{LONGEST_TERM}."
        )
    return int(most)


def _sum_gains(steps: nw.LazyFrame[Any]) -> pl.DataFrame:
    """What comes in by month, and what changes for those who stay."""
    stayed = nw.col("before_key") == nw.col("key") - 1
    change = nw.col("millionths") - nw.col("before")
    split = steps.with_columns(
        new=_where(nw.col("before_key").is_null(), nw.col("millionths")),
        reactivated=_where(nw.col("before_key") < nw.col("key") - 1, nw.col("millionths")),
        expansion=_where(stayed & (change > 0), change),
        contraction=_where(stayed & (change < 0), -change),
        end=nw.col("millionths"),
    )
    return finish(
        split.group_by("key").agg(
            nw.col(*_GAINS, "contraction", "end").sum(), nw.len().alias("subscribers")
        )
    )


def _sum_losses(steps: nw.LazyFrame[Any]) -> pl.DataFrame:
    """What users who subscribed and then did not take away, by the month in which they did not."""
    ends = steps.with_columns(
        churned=_where(
            nw.col("after_key").is_null() | (nw.col("after_key") > nw.col("key") + 1),
            nw.col("millionths"),
        ),
        key=nw.col("key") + 1,
    )
    return finish(ends.group_by("key").agg(nw.col("churned").sum()))


def _where(condition: nw.Expr, value: nw.Expr) -> nw.Expr:
    # The cast is for pandas, whose shift makes floats.
    return nw.when(condition).then(value).otherwise(nw.lit(0)).cast(nw.Int64)


def _above(value: nw.Expr) -> nw.Expr:
    return _where(value > 0, value)
