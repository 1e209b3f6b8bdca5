"""What each buyer contributed to the value of an item, to see whether one makes up nearly all."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

import polars as pl

from analytics_lib.metrics.content_attribution import Attribution, attributed_sales
from analytics_lib.metrics.content_log import VIEW_TYPES
from analytics_lib.metrics.frames import finish


def content_contributions(
    events: Any,  # noqa: ANN401 - an EventLog or any supported frame
    *,
    as_of: dt.date,
    value: str = "value",
    view_types: Sequence[str] = VIEW_TYPES,
    window_days: int = 7,
    attribution: Attribution = "last_view",
) -> pl.DataFrame:
    """What has each user brought to the rows of `return_on_content`?

    Rows about single people: for `largest_contributions`, never for a page.
    The trap is the number of sales, which may all be those of one user.

    Args:
        events: As asked of `return_on_content`.
        as_of: Last complete day; later rows are ignored.
        value: As asked of `return_on_content`.
        view_types: As asked of `return_on_content`.
        window_days: As asked of `return_on_content`.
        attribution: As asked of `return_on_content`.

    Returns:
        One row an item and user with sales it has a part in, sorted:
        `content_id` (null for sales without a view), `user_id`, `value`.

    Raises:
        SchemaError: As for `return_on_content`.
        ParameterError: As for `return_on_content`.

    Examples:
        >>> log = pl.DataFrame(
        ...     {
        ...         "event_id": ["1", "2", "3"],
        ...         "user_id": ["a", "a", "b"],
        ...         "day": [0, 0, 0],
        ...         "t_us": [1, 2, 3],
        ...         "content_id": ["p", None, None],
        ...         "event_type": ["content_view", "purchase", "purchase"],
        ...         "value": [None, 900, 500],
        ...     }
        ... )
        >>> content_contributions(log, as_of=dt.date(1970, 1, 1)).rows()
        [(None, 'b', 500.0), ('p', 'a', 900.0)]
    """
    sales, parts = attributed_sales(
        events,
        as_of=as_of,
        value=value,
        view_types=view_types,
        window_days=window_days,
        attribution=attribution,
    )
    found = finish(
        sales.join(parts, on="sale", how="left").select("content_id", "user_id", "worth", "items")
    )
    share = pl.col("worth").cast(pl.Float64) / pl.col("items").fill_null(1)
    return (
        found.with_columns(value=share)
        .group_by("content_id", "user_id")
        .agg(pl.col("value").sort().sum())
        .sort("content_id", "user_id", nulls_last=False)
    )
