"""How long people stay on content, and how often a visit ends where it began."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl

from analytics_lib.core.errors import ParameterError
from analytics_lib.metrics.content_log import (
    MINUTE_US,
    VIEW_TYPES,
    entries,
    require_event_types,
    session_pages,
    with_named_share,
)
from analytics_lib.metrics.frames import finish, flag, like
from analytics_lib.statistics import add_share_interval

_SECOND_US = 1_000_000
_LONGEST_CAP = 24 * 60


def time_on_page(
    events: Any,  # noqa: ANN401 - an EventLog or any supported frame
    *,
    as_of: dt.date,
    session: str = "session_id",
    view_types: Sequence[str] = VIEW_TYPES,
    cap_minutes: float = 30,
    confidence_level: float = 0.95,
) -> Any:  # noqa: ANN401 - the caller's own kind of frame
    """How long do people stay on each piece of content?

    The time from a view to the next view of the session. Two traps: nobody
    knows how long the last page of a session was read (0 would be wrong, so
    it has no time and is counted apart), and a tab left open makes hours (so
    times are capped, and how many were is shown). Items that mostly end
    sessions are therefore judged by the few who went on.

    Args:
        events: An `EventLog` with times, or a frame with `user_id`, `day`,
            `t_us`, `event_id`, `event_type`, `content_id` and the session.
        as_of: Last complete day; later rows are ignored, and a session that
            runs past its midnight is cut there.
        session: Column of sessions; views without one are left out.
        view_types: Event types that are views.
        cap_minutes: Longest time that counts, above 0 and at most a day.
        confidence_level: Coverage of the Wilson intervals.

    Returns:
        One row a piece of content, by `content_id`: `content_id`, `views`,
        `timed_views` (with a next view), `mean_seconds`, `median_seconds`
        (null without timed views), `capped` and its share of the timed views
        (`capped_share`, `capped_ci_lower`, `capped_ci_upper`), `last_views`
        (without a next view) and their share of the views (`last_share`,
        `last_ci_lower`, `last_ci_upper`).

    Raises:
        SchemaError: A column is missing.
        ParameterError: The log knows only days, no event type is a view, or
            `cap_minutes` is out of range.

    Examples:
        >>> log = pl.DataFrame(
        ...     {
        ...         "event_id": ["1", "2", "3"],
        ...         "user_id": ["a", "a", "a"],
        ...         "session_id": ["s", "s", "s"],
        ...         "day": [0, 0, 0],
        ...         "t_us": [0, 20_000_000, 50_000_000],
        ...         "content_id": ["p", "q", "p"],
        ...         "event_type": ["content_view"] * 3,
        ...     }
        ... )
        >>> found = time_on_page(log, as_of=dt.date(1970, 1, 1))
        >>> found.select("content_id", "views", "timed_views", "median_seconds").rows()
        [('p', 2, 1, 20.0), ('q', 1, 1, 30.0)]

    References:
        Plausible Analytics issues 111, on last pages, and 2161, on means of hours.
    """
    require_event_types(view_types, name="view_types")
    if not 0 < cap_minutes <= _LONGEST_CAP:
        raise ParameterError(
            f"`cap_minutes` is {cap_minutes}; it must be above 0 and at most {_LONGEST_CAP}."
        )

    cap = round(cap_minutes * MINUTE_US)
    pages = session_pages(
        events, question="time_on_page", as_of=as_of, session=session, view_types=view_types
    ).filter(~nw.col("content_id").is_null())
    stay = nw.col("next_us") - nw.col("t_us")
    found = finish(
        pages.with_columns(stay=stay, is_last=flag(nw.col("next_us").is_null()))
        .with_columns(
            stay=nw.when(nw.col("stay") > cap).then(nw.lit(cap)).otherwise(nw.col("stay")),
            capped=flag(nw.col("stay") > cap),
        )
        .group_by("content_id")
        .agg(
            nw.len().alias("views"),
            nw.col("is_last", "capped").sum(),
            nw.col("stay").sum().alias("total"),
            nw.col("stay").median().alias("median"),
        )
    )
    timed = pl.when(pl.col("timed_views") > 0)
    result = found.with_columns(timed_views=pl.col("views") - pl.col("is_last")).with_columns(
        mean_seconds=timed.then(pl.col("total") / pl.col("timed_views") / _SECOND_US),
        median_seconds=timed.then(pl.col("median") / _SECOND_US),
        last_views=pl.col("is_last"),
    )
    for name, base in (("capped", "timed_views"), ("last", "views")):
        result = with_named_share(
            result, name=name, numerator="capped" if name == "capped" else "last_views",
            denominator=base, confidence_level=confidence_level,
        )  # fmt: skip
    columns = (
        "content_id", "views", "timed_views", "mean_seconds", "median_seconds",
        "capped", "capped_share", "capped_ci_lower", "capped_ci_upper",
        "last_views", "last_share", "last_ci_lower", "last_ci_upper",
    )  # fmt: skip
    return like(result.select(columns).sort("content_id"), events)


def content_bounce(
    events: Any,  # noqa: ANN401 - an EventLog or any supported frame
    *,
    as_of: dt.date,
    session: str = "session_id",
    confidence_level: float = 0.95,
) -> Any:  # noqa: ANN401 - the caller's own kind of frame
    """What share of the visits that began on each piece of content ended with that one event?

    The base is the visits that began there, not all views: a page deep inside
    visits cannot bounce. An event of any kind, on any page, ends the bounce.
    Counted once a visit, never once an hour or a page.

    Args:
        events: An `EventLog` with times, or a frame with `user_id`, `day`,
            `t_us`, `event_id`, `event_type`, `content_id` and the session.
        as_of: Last complete day; later rows are ignored, and a session that
            runs past its midnight is cut there.
        session: Column of sessions; events without one are left out.
        confidence_level: Coverage of the Wilson intervals.

    Returns:
        One row a piece of content that began a session, by `content_id`:
        `content_id`, `entries` (sessions that began on it), `bounces`,
        `share`, `ci_lower`, `ci_upper`.

    Raises:
        SchemaError: A column is missing.
        ParameterError: The log knows only days.

    Examples:
        >>> log = pl.DataFrame(
        ...     {
        ...         "event_id": ["1", "2", "3"],
        ...         "user_id": ["a", "b", "b"],
        ...         "session_id": ["s", "t", "t"],
        ...         "day": [0, 0, 0],
        ...         "t_us": [0, 0, 50_000_000],
        ...         "content_id": ["p", "p", "q"],
        ...         "event_type": ["content_view"] * 3,
        ...     }
        ... )
        >>> content_bounce(log, as_of=dt.date(1970, 1, 1)).rows()[0][:4]
        ('p', 2, 1, 0.5)

    References:
        Umami issues 2228, 2284 and 2727, on bounces counted once an hour.
    """
    pages = session_pages(events, question="content_bounce", as_of=as_of, session=session)
    alone = nw.col("next_us").is_null() & (nw.col("quantity") == 1)
    found = finish(
        entries(pages)
        .with_columns(bounces=flag(alone))
        .group_by("content_id")
        .agg(nw.len().alias("entries"), nw.col("bounces").sum())
    )
    shares = add_share_interval(
        found, numerator="bounces", denominator="entries", confidence_level=confidence_level
    )
    return like(shares.sort("content_id"), events)
