"""What users paid in each calendar period, and what of it was paid back."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl

from analytics_lib.core.checks import require_choice
from analytics_lib.core.periods import CALENDAR_GRANULARITIES, CalendarGranularity
from analytics_lib.events.money import in_units, known_payments
from analytics_lib.metrics.calendar import with_period_key
from analytics_lib.metrics.frames import finish, like
from analytics_lib.metrics.money import on_every_period, ratio, with_directions

_PERIOD = {"interval_start": pl.Date, "interval_end": pl.Date, "currency": pl.String}
_AMOUNTS = ("gross", "refunds", "net")


def revenue(
    payments: Any,  # noqa: ANN401 - any supported frame
    *,
    granularity: CalendarGranularity,
    as_of: dt.date,
    by: Sequence[str] = (),
) -> Any:  # noqa: ANN401 - the caller's own kind of frame
    """How much was paid, paid back and kept in each calendar period?

    A refund counts in the period it is made, not in that of the purchase:
    otherwise past periods would change after they were reported. So a period
    can keep less than nothing.

    Args:
        payments: One row a payment (contract `payments`): `user_id`, `day`,
            `amount`, `currency`, `kind`. Amounts in one currency.
        granularity: `day`, `week` (ISO, from Monday), `month`, `quarter` or `year`.
        as_of: Last complete day; later rows are ignored.
        by: Columns to break down by, such as `plan`.

    Returns:
        One row a period (and group), sorted: the `by` columns,
        `interval_start`, `interval_end` (exclusive), `currency`, `payments`
        (purchases and subscriptions), `gross`, `refunds`, `net` (gross -
        refunds), in units of the currency; null while the period is not
        complete, 0 where nothing was paid. Empty where there are no payments.

    Raises:
        SchemaError: A column is missing, an amount is missing or negative, a
            kind is unknown, or there are several currencies.
        ParameterError: `granularity` is unknown.

    Examples:
        >>> paid = pl.DataFrame(
        ...     {
        ...         "user_id": ["a", "b", "a"],
        ...         "day": [0, 30, 31],
        ...         "amount": [10.0, 5.5, 10.0],
        ...         "currency": ["EUR"] * 3,
        ...         "kind": ["purchase", "purchase", "refund"],
        ...     }
        ... )
        >>> found = revenue(paid, granularity="month", as_of=dt.date(1970, 2, 28))
        >>> found.select("gross", "refunds", "net").rows()
        [(15.5, 0.0, 15.5), (0.0, 10.0, -10.0)]
    """
    return like(sum_revenue(payments, granularity=granularity, as_of=as_of, by=by), payments)


def sum_revenue(
    payments: Any,  # noqa: ANN401 - any supported frame
    *,
    granularity: CalendarGranularity,
    as_of: dt.date,
    by: Sequence[str] = (),
) -> pl.DataFrame:
    """`revenue` as a polars frame, for metrics that build on it."""
    require_choice(granularity, CALENDAR_GRANULARITIES, name="granularity")

    money = known_payments(payments, as_of=as_of, columns=by)
    kept = list(dict.fromkeys([*by, "kind", "day", "millionths"]))
    split = with_directions(with_period_key(money.frame.select(kept), granularity=granularity))
    sums = finish(
        split.group_by(*by, "key").agg(nw.col("gross", "refunds", "payments").sum())
    ).with_columns(net=pl.col("gross") - pl.col("refunds"))
    filled = on_every_period(
        sums,
        values=["payments", *_AMOUNTS],
        granularity=granularity,
        as_of=as_of,
        by=by,
    )
    return filled.with_columns(
        *in_units(*_AMOUNTS), currency=pl.lit(money.currency, pl.String)
    ).select(*by, *_PERIOD, "payments", *_AMOUNTS)


def refund_share(
    payments: Any,  # noqa: ANN401 - any supported frame
    *,
    granularity: CalendarGranularity,
    as_of: dt.date,
) -> Any:  # noqa: ANN401 - the caller's own kind of frame
    """How much was paid back in each period, as a share of what was paid in it?

    Refunds of a period belong in part to purchases of earlier ones, so the
    share can exceed 1 when sales fall. It is a share of money, not of people:
    a Wilson interval would have no meaning.

    Args:
        payments: One row a payment (contract `payments`).
        granularity: Calendar unit.
        as_of: Last complete day; later rows are ignored.

    Returns:
        One row a period: `interval_start`, `interval_end`, `currency`,
        `refunds`, `gross`, `share` (0 or more); null while the period is not
        complete, the share also where nothing was paid.

    Raises:
        SchemaError: As for `revenue`.
        ParameterError: `granularity` is unknown.
    """
    sums = sum_revenue(payments, granularity=granularity, as_of=as_of)
    found = sums.select(*_PERIOD, "refunds", "gross", share=ratio("refunds", "gross"))
    return like(found, payments)
