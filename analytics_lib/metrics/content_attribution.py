"""Sales and the content viewed before them: which item has what part in which sale."""

import datetime as dt
from collections.abc import Sequence
from typing import Any, Literal, get_args

import narwhals.stable.v2 as nw

from analytics_lib.core.checks import require_at_least, require_choice
from analytics_lib.events.boundary import as_event_log
from analytics_lib.metrics.content_log import VIEW_TYPES, require_event_types
from analytics_lib.metrics.frames import known_events

Attribution = Literal["last_view", "equal"]
_DAY_US = 86_400_000_000


def attributed_sales(
    events: Any,  # noqa: ANN401 - an EventLog or any supported frame
    *,
    as_of: dt.date,
    value: str = "value",
    view_types: Sequence[str] = VIEW_TYPES,
    window_days: int = 7,
    attribution: Attribution = "last_view",
) -> tuple[nw.LazyFrame[Any], nw.LazyFrame[Any]]:
    """Which items have a part in which sales?

    Args:
        events: As for `return_on_content`.
        as_of: Last complete day; later rows are ignored.
        value: As for `return_on_content`.
        view_types: As for `return_on_content`.
        window_days: As for `return_on_content`.
        attribution: As for `return_on_content`.

    Returns:
        The sales, lazily (`user_id`, `sale`, `sold`, `worth`), and their parts
        (`sale`, `content_id`, `items` among which the sale is divided).

    Raises:
        SchemaError: As for `return_on_content`.
        ParameterError: As for `return_on_content`.
    """
    require_event_types(view_types, name="view_types")
    require_at_least(window_days, 1, name="window_days")
    require_choice(attribution, get_args(Attribution), name="attribution")
    as_event_log(events).require_time_of_day(question="return_on_content")
    columns = ["event_id", "t_us", "event_type", "content_id", value]
    log = known_events(events, as_of=as_of, columns=columns).filter(~nw.col("t_us").is_null())
    # Fixed-point sums would lose their decimals at the edge, where counts become plain integers.
    is_whole = log.collect_schema()[value].is_integer()
    worth = nw.col(value).cast(nw.Int64 if is_whole else nw.Float64)
    sales = log.filter(~nw.col(value).is_null()).select(
        "user_id", nw.col("event_id").alias("sale"), nw.col("t_us").alias("sold"), worth=worth
    )
    views = log.filter(
        nw.col("event_type").is_in(list(view_types)), ~nw.col("content_id").is_null()
    ).select("user_id", "content_id", "t_us", "event_id")
    before = sales.join(views, on="user_id", how="inner").filter(
        nw.col("t_us") <= nw.col("sold"),
        nw.col("t_us") >= nw.col("sold") - window_days * _DAY_US,
    )
    parts = _last_items(before) if attribution == "last_view" else _every_item(before)
    return sales, parts


def _last_items(before: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """The item viewed last before each sale, of equal instants the greatest `event_id`."""
    latest = before.with_columns(latest=nw.col("t_us").max().over("sale")).filter(
        nw.col("t_us") == nw.col("latest")
    )
    last = latest.with_columns(last=nw.col("event_id").max().over("sale")).filter(
        nw.col("event_id") == nw.col("last")
    )
    return last.select("sale", "content_id", items=nw.lit(1))


def _every_item(before: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Every different item viewed before each sale, and how many they are."""
    items = before.group_by("sale", "content_id").agg(nw.len().alias("views"))
    counts = items.group_by("sale").agg(nw.len().alias("items"))
    return items.join(counts, on="sale", how="inner").select("sale", "content_id", "items")
