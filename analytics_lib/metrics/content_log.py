"""What a log says about content: counts by item and user, pages of a session in their order."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl

from analytics_lib.core.errors import ParameterError
from analytics_lib.metrics.frames import known_events, timed_events
from analytics_lib.statistics import add_share_interval

VIEW_TYPES = ("content_view",)
MINUTE_US = 60_000_000
_ORDER = ("t_us", "event_id")


def require_event_types(types: Sequence[str], *, name: str) -> None:
    """Raise `ParameterError` unless event types are named, in a sequence and each once."""
    if isinstance(types, str) or not types or len(set(types)) != len(types):
        raise ParameterError(
            f"`{name}` is {types!r}; it must be a sequence of different event types, at least one."
        )


def counts_by_user(
    events: Any,  # noqa: ANN401 - an EventLog or any supported frame
    *,
    as_of: dt.date,
    counts: Mapping[str, Sequence[str]],
) -> nw.LazyFrame[Any]:
    """How often each user did each thing with each piece of content.

    Args:
        events: An `EventLog`, or a frame with `user_id`, `day`, `event_type`, `content_id`.
        as_of: Last complete day; later rows are ignored.
        counts: Event types by the name of the column that counts them.

    Returns:
        One row a `content_id` and `user_id`, with a column a count; a row that
        stands for several events counts by its `quantity`.
    """
    asked = [event_type for types in counts.values() for event_type in types]
    log = _about_content(known_events(events, as_of=as_of, columns=["event_type", "content_id"]))
    weighted = with_quantity(log.filter(nw.col("event_type").is_in(asked)))
    columns = {
        name: nw.when(nw.col("event_type").is_in(list(types)))
        .then(nw.col("quantity"))
        .otherwise(nw.lit(0))
        for name, types in counts.items()
    }
    return (
        weighted.with_columns(**columns)
        .group_by("content_id", "user_id")
        .agg(nw.col(*counts).sum())
    )


def with_quantity(frame: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """The frame with `quantity` as a 64-bit number, 1 where the log does not say."""
    if "quantity" not in frame.collect_schema().names():
        return frame.with_columns(quantity=nw.lit(1, nw.Int64))
    return frame.with_columns(nw.col("quantity").fill_null(1).cast(nw.Int64))


def session_pages(
    events: Any,  # noqa: ANN401 - an EventLog or any supported frame
    *,
    question: str,
    as_of: dt.date,
    session: str,
    view_types: Sequence[str] | None = None,
    columns: Sequence[str] = (),
) -> nw.LazyFrame[Any]:
    """The events of sessions, each with the instants of its neighbours in the session.

    Args:
        events: An `EventLog`, or a frame with `user_id`, `day`, `t_us`,
            `event_id`, `event_type`, `content_id` and the session.
        question: Metric that asks, for the message where the time of day is missing.
        as_of: Last complete day; later rows are ignored.
        session: Column of sessions; rows without one, or without an instant, are left out.
        view_types: Only events of these types are pages; without it, all events.
        columns: Further columns to keep.

    Returns:
        The rows with `before_us` and `next_us`, null at the ends of a session.
    """
    needed = [*_ORDER, "event_type", "content_id", session, *columns]
    log = timed_events(events, as_of=as_of, columns=needed, question=question)
    placed = with_quantity(log).filter(~nw.col(session).is_null())
    if view_types is not None:
        placed = placed.filter(nw.col("event_type").is_in(list(view_types)))
    kept = placed.select(*dict.fromkeys(["user_id", "quantity", *needed]))
    return kept.with_columns(
        before_us=nw.col("t_us").shift(1).over("user_id", session, order_by=list(_ORDER)),
        next_us=nw.col("t_us").shift(-1).over("user_id", session, order_by=list(_ORDER)),
    )


def entries(pages: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """The first event of each session, where it concerns a piece of content."""
    return _about_content(pages.filter(nw.col("before_us").is_null()))


def with_named_share(
    frame: pl.DataFrame, *, name: str, numerator: str, denominator: str, confidence_level: float
) -> pl.DataFrame:
    """The frame with `<name>_share` and its interval, for rows that hold several shares."""
    shares = add_share_interval(
        frame, numerator=numerator, denominator=denominator, confidence_level=confidence_level
    )
    return shares.rename(
        {column: f"{name}_{column}" for column in ("share", "ci_lower", "ci_upper")}
    )


def _about_content(frame: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    return frame.filter(~nw.col("content_id").is_null())
