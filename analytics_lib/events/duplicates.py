"""Which events were received before: of one `event_id` the one received first stays."""

from typing import Any

import narwhals.stable.v2 as nw

from analytics_lib.events.marks import COUNTED, flag, without_missing

DUPLICATE = "__duplicate"
CONFLICT = "__conflict"
# What follows the time of receipt only settles ties.
_FIRST = ("received_us", "t_us", "day", "user_id", "event_type", "quantity")
_SAID = ("user_id", "event_type", "t_us", "day", "quantity")
_MARKS = (DUPLICATE, CONFLICT, COUNTED)


def mark_duplicates(frame: nw.LazyFrame[Any], *, unique_ids: bool) -> nw.LazyFrame[Any]:
    """The frame with marks of its duplicates; an event without an id is none.

    Most ids are there once, so only the others are put in order.

    Args:
        frame: One row an event.
        unique_ids: Whether duplicates are gone already.

    Returns:
        The frame with `__duplicate`, 1 for all rows of an id but the first;
        `__conflict`, 1 for those of them under an id whose rows do not all say
        the same; `__counted`, the quantity of a row that is no duplicate, else 0.
    """
    if unique_ids or "event_id" not in frame.collect_schema().names():
        return _unmarked(frame)
    named = frame.filter(~nw.col("event_id").is_null())
    repeated = (
        named.group_by("event_id")
        .agg(nw.len().alias("__rows"))
        .filter(nw.col("__rows") > 1)
        .select("event_id")
    )
    once = _unmarked(frame.join(repeated, on="event_id", how="anti"))
    several = _marked(named.join(repeated, on="event_id", how="semi"))
    return nw.concat([once, several])


def _unmarked(frame: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    marks = {DUPLICATE: nw.lit(0), CONFLICT: nw.lit(0), COUNTED: _quantity(frame)}
    return frame.with_columns(**{name: value.cast(nw.Int64) for name, value in marks.items()})


def _marked(frame: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    schema = frame.collect_schema()
    order = [name for name in _FIRST if name in schema]
    said = [f"__by_{name}" for name in _SAID if name in schema]
    keyed = frame.with_columns(
        nw.lit(1).alias("__one"),
        *(without_missing(name, schema[name]).alias(f"__by_{name}") for name in order),
    )
    sequence = [f"__by_{name}" for name in order]
    numbered = keyed.with_columns(
        nw.col("__one").cum_sum().over("event_id", order_by=sequence).alias("__number"),
        *(nw.col(name).min().over("event_id").alias(f"__least{name}") for name in said),
        *(nw.col(name).max().over("event_id").alias(f"__most{name}") for name in said),
    )
    apart = [flag(nw.col(f"__least{name}") != nw.col(f"__most{name}")) for name in said]
    judged = numbered.with_columns(
        flag(nw.col("__number") > 1).alias(DUPLICATE),
        nw.max_horizontal(nw.lit(0), *apart).alias("__apart"),
    ).with_columns(
        (nw.col(DUPLICATE) * nw.col("__apart")).alias(CONFLICT),
        ((1 - nw.col(DUPLICATE)) * _quantity(frame)).alias(COUNTED),
    )
    return judged.with_columns(nw.col(*_MARKS).cast(nw.Int64)).select(*schema.names(), *_MARKS)


def _quantity(frame: nw.LazyFrame[Any]) -> nw.Expr:
    return nw.col("quantity") if "quantity" in frame.collect_schema().names() else nw.lit(1)
