"""What each customer contributed to the revenue of a period, to see whether one makes it up."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl

from analytics_lib.core.checks import require_choice
from analytics_lib.core.periods import CALENDAR_GRANULARITIES, CalendarGranularity
from analytics_lib.events.money import in_units, known_payments
from analytics_lib.metrics.calendar import period_of, with_period_key
from analytics_lib.metrics.frames import finish
from analytics_lib.metrics.money import with_directions

_AMOUNTS = ("gross", "refunds", "net")


def revenue_contributions(
    payments: Any,  # noqa: ANN401 - any supported frame
    *,
    granularity: CalendarGranularity,
    as_of: dt.date,
    by: Sequence[str] = (),
) -> pl.DataFrame:
    """What has each customer brought to the rows of `revenue`?

    Rows about single people: for `largest_contributions`, never for a page.
    Payments of nobody known are in it with a null `user_id`, because they are
    part of the revenue.

    Args:
        payments: One row a payment (contract `payments`).
        granularity: Calendar unit, as asked of `revenue`.
        as_of: Last complete day; later rows are ignored.
        by: Columns to break down by, as asked of `revenue`.

    Returns:
        One row a period (and group) and customer who paid or was paid back in
        it, sorted: the `by` columns, `interval_start`, `user_id`, `gross`,
        `refunds`, `net`, in units of the currency; the period that is not
        complete is in it.

    Raises:
        SchemaError: As for `revenue`.
        ParameterError: `granularity` is unknown.

    Examples:
        >>> paid = pl.DataFrame(
        ...     {
        ...         "user_id": ["a", "b", "a"],
        ...         "day": [0, 1, 3],
        ...         "amount": [10.0, 5.5, 4.0],
        ...         "currency": ["EUR"] * 3,
        ...         "kind": ["purchase", "purchase", "refund"],
        ...     }
        ... )
        >>> found = revenue_contributions(paid, granularity="month", as_of=dt.date(1970, 1, 31))
        >>> found.select("user_id", "gross", "refunds", "net").rows()
        [('a', 10.0, 4.0, 6.0), ('b', 5.5, 0.0, 5.5)]
    """
    require_choice(granularity, CALENDAR_GRANULARITIES, name="granularity")
    money = known_payments(payments, as_of=as_of, columns=by)
    kept = list(dict.fromkeys([*by, "user_id", "kind", "day", "millionths"]))
    split = with_directions(with_period_key(money.frame.select(kept), granularity=granularity))
    each = list(dict.fromkeys([*by, "key", "user_id"]))
    sums = finish(split.group_by(each).agg(nw.col("gross", "refunds").sum()))
    starts = {key: period_of(key, granularity=granularity).start for key in sums["key"].unique()}
    return (
        sums.with_columns(net=pl.col("gross") - pl.col("refunds"))
        .with_columns(
            *in_units(*_AMOUNTS),
            interval_start=pl.col("key").replace_strict(starts, return_dtype=pl.Date),
        )
        .select(*by, "interval_start", "user_id", *_AMOUNTS)
        .sort(*by, "interval_start", "user_id")
    )
