"""What content brings in for what it costs."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl

from analytics_lib.core.checks import require_at_least
from analytics_lib.events.boundary import as_event_log, as_table
from analytics_lib.events.log import EventLog
from analytics_lib.events.money import MILLION, known_payments
from analytics_lib.metrics.content_attribution import Attribution, attributed_sales
from analytics_lib.metrics.content_log import VIEW_TYPES
from analytics_lib.metrics.frames import beside, finish, like, timed_events

_PLACED = ("event_id", "t_us", "event_type", "content_id")


def return_on_content(
    events: Any,  # noqa: ANN401 - an EventLog or any supported frame
    costs: Any,  # noqa: ANN401 - any supported frame
    *,
    as_of: dt.date,
    value: str = "value",
    view_types: Sequence[str] = VIEW_TYPES,
    window_days: int = 7,
    attribution: Attribution = "last_view",
) -> Any:  # noqa: ANN401 - the caller's own kind of frame
    """How much value does each piece of content bring in for what it costs?

    Value is attributed to content viewed before it, so it is an accounting
    rule and not an effect: people about to pay read more anyway. Value that no
    view precedes stays in the table in a row of its own, so that the rows add
    up to all of it.

    Args:
        events: An `EventLog` with times, or a frame with `user_id`, `day`,
            `t_us`, `event_id`, `event_type`, `content_id` and the value.
        costs: One row an item, or several to be added up: `content_id`, `cost`
            in the unit of the value.
        as_of: Last complete day; later rows are ignored.
        value: Column of what an event is worth (null where nothing). Whole
            numbers, such as cents, add up the same on every engine.
        view_types: Event types that are views.
        window_days: Views up to so many times 24 hours before the value, at
            the same instant included, may have a part in it; 1 or more.
        attribution: `last_view` gives all of it to the last item viewed,
            `equal` the same to every different item viewed in the window.

    Returns:
        One row an item with value or cost, by `content_id`, and first one
        whose `content_id` is null for the value without a view, if there is
        any: `content_id`, `sales` (valued events it has a part in), `value`,
        `cost`, `value_per_cost`, `return_on_cost` (value less cost, as a share
        of cost); the last two are null where the cost is unknown or 0.

    Raises:
        SchemaError: A column is missing.
        ParameterError: The log knows only days, `window_days` is below 1, or
            `attribution` is unknown.

    Examples:
        >>> log = pl.DataFrame(
        ...     {
        ...         "event_id": ["1", "2", "3"],
        ...         "user_id": ["a", "a", "a"],
        ...         "day": [0, 0, 0],
        ...         "t_us": [1, 2, 3],
        ...         "content_id": ["p", "q", None],
        ...         "event_type": ["content_view", "content_view", "purchase"],
        ...         "value": [None, None, 900],
        ...     }
        ... )
        >>> costs = pl.DataFrame({"content_id": ["p", "q"], "cost": [100, 300]})
        >>> asked = {"as_of": dt.date(1970, 1, 1)}
        >>> found = return_on_content(log, costs, **asked)
        >>> found.select("content_id", "value", "value_per_cost").rows()
        [('p', 0.0, 0.0), ('q', 900.0, 3.0)]
        >>> return_on_content(log, costs, **asked, attribution="equal")["value"].to_list()
        [450.0, 450.0]
    """
    spent = finish(
        as_table(costs, ["content_id", "cost"], name="costs").select(
            "content_id", nw.col("cost").cast(nw.Float64)
        )
    )

    sales, parts = attributed_sales(
        events,
        as_of=as_of,
        value=value,
        view_types=view_types,
        window_days=window_days,
        attribution=attribution,
    )
    found = _values(sales, parts)
    cost = spent.group_by("content_id").agg(pl.col("cost").sum())
    known_cost = pl.when(pl.col("cost") > 0).then("cost")
    result = (
        found.join(cost, on="content_id", how="full", coalesce=True)
        .with_columns(pl.col("sales").fill_null(0), pl.col("value").fill_null(0.0))
        .with_columns(value_per_cost=pl.col("value") / known_cost)
        .with_columns(return_on_cost=pl.col("value_per_cost") - 1)
    )
    return like(result.sort("content_id", nulls_last=False), events)


def events_with_payments(
    events: Any,  # noqa: ANN401 - an EventLog or any supported frame
    payments: Any,  # noqa: ANN401 - any supported frame
    *,
    as_of: dt.date,
    minor_units: int = 100,
) -> EventLog:
    """The log with every payment as an event of its own that has a `value`.

    Events carry no money, payments no content; `return_on_content` needs both
    in one order of time. Refunds are left out, because what is paid back was
    not brought in by what was viewed before it: values are gross. Rows without
    an instant are left out too, as they have no place in the order.

    Args:
        events: An `EventLog` with times, or a frame with `event_id`,
            `user_id`, `day`, `t_us`, `event_type`, `content_id`.
        payments: One row a payment (contract `payments`), with `t_us`.
        as_of: Last complete day; later rows are ignored.
        minor_units: Smallest units in one unit of the currency, such as cents
            in a euro; values are in them, whole.

    Returns:
        A log on the same engine with `event_id`, `user_id`, `day`, `t_us`,
        `event_type` (the kind, for a payment), `content_id` (null for a
        payment) and `value` (null for every other event).

    Raises:
        SchemaError: A column is missing, or payments do not add up.
        ParameterError: The log knows only days, or `minor_units` is below 1.

    Examples:
        >>> log = pl.DataFrame(
        ...     {
        ...         "event_id": ["1"],
        ...         "user_id": ["a"],
        ...         "day": [0],
        ...         "t_us": [1],
        ...         "event_type": ["content_view"],
        ...         "content_id": ["p"],
        ...     }
        ... )
        >>> paid = pl.DataFrame(
        ...     {
        ...         "payment_id": ["2"],
        ...         "user_id": ["a"],
        ...         "day": [0],
        ...         "t_us": [5],
        ...         "amount": [2.5],
        ...         "currency": ["EUR"],
        ...         "kind": ["purchase"],
        ...     }
        ... )
        >>> found = events_with_payments(log, paid, as_of=dt.date(1970, 1, 1)).frame.collect()
        >>> found["value"].to_list()
        [None, 250.0]
    """
    require_at_least(minor_units, 1, name="minor_units")

    log = as_event_log(events)
    known = timed_events(log, as_of=as_of, columns=_PLACED, question="events_with_payments")
    paid = known_payments(payments, as_of=as_of, columns=["payment_id", "t_us"]).frame
    worth = (nw.col("millionths") * minor_units + MILLION // 2) // MILLION
    sold = beside(
        paid.filter(
            nw.col("kind") != "refund", ~nw.col("user_id").is_null(), ~nw.col("t_us").is_null()
        ).select(
            "user_id",
            nw.col("day").cast(nw.Int64),
            nw.col("t_us").cast(nw.Int64),
            event_id=nw.col("payment_id").cast(nw.String),
            event_type=nw.col("kind").cast(nw.String),
            content_id=nw.lit(None, nw.String),
            value=worth.cast(nw.Float64),
        ),
        known,
    )
    columns = ["user_id", *_PLACED, "day"]
    texts = [nw.col(name).cast(nw.String) for name in ("event_id", "event_type", "content_id")]
    other = known.with_columns(
        *texts,
        nw.col("day").cast(nw.Int64),
        nw.col("t_us").cast(nw.Int64),
        value=nw.lit(None, nw.Float64),
    )
    whole = nw.concat([frame.select(*columns, "value") for frame in (other, sold)], how="vertical")
    return EventLog(frame=whole, zone=log.zone, resolution=log.resolution)


def _values(sales: nw.LazyFrame[Any], parts: nw.LazyFrame[Any]) -> pl.DataFrame:
    """Value and sales of each item; whole numbers are added before they are divided."""
    found = finish(
        parts.join(sales, on="sale", how="inner")
        .group_by("content_id", "items")
        .agg(nw.len().alias("sales"), nw.col("worth").sum())
    )
    rest = finish(
        sales.join(parts.select("sale"), on="sale", how="anti").select(
            nw.len().alias("sales"), nw.col("worth").sum()
        )
    ).filter(pl.col("sales") > 0)
    by_item = (
        found.sort("content_id", "items")
        .group_by("content_id", maintain_order=True)
        .agg(pl.col("sales").sum(), value=(pl.col("worth") / pl.col("items")).sum())
    )
    nobody = rest.select(
        pl.lit(None, by_item.schema["content_id"]).alias("content_id"),
        "sales",
        value=pl.col("worth").cast(pl.Float64),
    )
    return pl.concat([nobody, by_item])
