"""Where people find content: the sources of entries, and appearances in search results."""

import datetime as dt
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl

from analytics_lib.core.errors import ParameterError
from analytics_lib.metrics.content_log import counts_by_user, entries, session_pages, with_quantity
from analytics_lib.metrics.frames import (
    finish,
    flag,
    known_events,
    like,
    restore_groups,
    with_group_keys,
)
from analytics_lib.statistics import add_share_interval


def content_sources(
    events: Any,  # noqa: ANN401 - an EventLog or any supported frame
    *,
    as_of: dt.date,
    source: str = "campaign_source",
    session: str = "session_id",
    confidence_level: float = 0.95,
) -> Any:  # noqa: ANN401 - the caller's own kind of frame
    """Where do the visits come from that begin on each piece of content?

    Only the first event of a visit has come from somewhere; sources of later
    pages repeat it, and counting them would weigh long visits. Visits without
    a source (typed in, or not measured) stay in the base as a group of their
    own: leaving them out would make every campaign look larger.

    Args:
        events: An `EventLog` with times, or a frame with `user_id`, `day`,
            `t_us`, `event_id`, `event_type`, `content_id`, the session and the source.
        as_of: Last complete day; later rows are ignored.
        source: Column of sources, such as `campaign_source` or a referrer.
        session: Column of sessions; events without one are left out.
        confidence_level: Coverage of the Wilson intervals.

    Returns:
        One row a piece of content and source, most entries first within the
        content: `content_id`, the source (null where unknown), `entries`,
        `content_entries` (all entries of the item), `share`, `ci_lower`,
        `ci_upper`.

    Raises:
        SchemaError: A column is missing, or the source is no text, number or truth value.
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
        ...         "campaign_source": ["letter", None, None],
        ...     }
        ... )
        >>> content_sources(log, as_of=dt.date(1970, 1, 1)).select(
        ...     "campaign_source", "entries", "share"
        ... ).rows()
        [('letter', 1, 0.5), (None, 1, 0.5)]
    """
    pages = session_pages(
        events, question="content_sources", as_of=as_of, session=session, columns=[source]
    )
    keyed, groups = with_group_keys(entries(pages), [source])
    counted = finish(keyed.group_by("content_id", *groups).agg(nw.len().alias("entries")))
    found = restore_groups(counted, [source]).with_columns(
        content_entries=pl.col("entries").sum().over("content_id")
    )
    shares = add_share_interval(
        found,
        numerator="entries",
        denominator="content_entries",
        confidence_level=confidence_level,
    )
    ordered = shares.sort(
        "content_id", "entries", source, descending=[False, True, False], nulls_last=True
    )
    columns = ("content_id", source, "entries", "content_entries", "share", "ci_lower", "ci_upper")
    return like(ordered.select(columns), events)


def entries_by_source(
    events: Any,  # noqa: ANN401 - an EventLog or any supported frame
    *,
    as_of: dt.date,
    source: str = "campaign_source",
    session: str = "session_id",
    confidence_level: float = 0.95,
) -> Any:  # noqa: ANN401 - the caller's own kind of frame
    """Which source brings visits to content, and how many of them end at once?

    The source with most visits is often the one whose visits end soonest, so
    the share that ended with its first event stands beside their number. Who
    comes from where is not chance: sources bring different people to different
    items, so a difference is no effect of the source.

    Args:
        events: An `EventLog` with times, or a frame with `user_id`, `day`,
            `t_us`, `event_id`, `event_type`, `content_id`, the session and the source.
        as_of: Last complete day; later rows are ignored, and a session that
            runs past its midnight is cut there.
        source: Column of sources, such as `campaign_source` or a referrer.
        session: Column of sessions; events without one are left out.
        confidence_level: Coverage of the Wilson intervals.

    Returns:
        One row a source, most entries first: the source (null where unknown),
        `entries` (visits that began on content), `entry_share` of all of them,
        `bounces` (of them, those with that one event), `share`, `ci_lower`, `ci_upper`.

    Raises:
        SchemaError: A column is missing, or the source is no text, number or truth value.
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
        ...         "campaign_source": ["letter", None, None],
        ...     }
        ... )
        >>> entries_by_source(log, as_of=dt.date(1970, 1, 1)).select(
        ...     "campaign_source", "entries", "entry_share", "bounces"
        ... ).rows()
        [('letter', 1, 0.5, 1), (None, 1, 0.5, 0)]
    """
    pages = session_pages(
        events, question="entries_by_source", as_of=as_of, session=session, columns=[source]
    )
    alone = nw.col("next_us").is_null() & (nw.col("quantity") == 1)
    keyed, groups = with_group_keys(entries(pages).with_columns(bounces=flag(alone)), [source])
    counted = finish(
        keyed.group_by(*groups).agg(nw.len().alias("entries"), nw.col("bounces").sum())
    )
    found = restore_groups(counted, [source]).with_columns(
        entry_share=pl.col("entries") / pl.col("entries").sum()
    )
    shares = add_share_interval(
        found, numerator="bounces", denominator="entries", confidence_level=confidence_level
    )
    ordered = shares.sort("entries", source, descending=[True, False], nulls_last=True)
    columns = (source, "entries", "entry_share", "bounces", "share", "ci_lower", "ci_upper")
    return like(ordered.select(columns), events)


def search_appearances(
    events: Any,  # noqa: ANN401 - an EventLog or any supported frame
    *,
    as_of: dt.date,
    appeared: str = "search_result",
    clicked: str = "search_click",
    position: str | None = None,
    confidence_level: float = 0.95,
) -> Any:  # noqa: ANN401 - the caller's own kind of frame
    """How often does each piece of content appear in search results, and who opens it there?

    Appearances without the clicks reward whatever matches every query; clicks
    without the position reward whatever stands on top. So both are beside the
    share of searchers who opened it.

    Args:
        events: An `EventLog`, or a frame with `user_id`, `day`, `event_type`, `content_id`.
        as_of: Last complete day; later rows are ignored.
        appeared: Event type of an item shown among the results; one row a result.
        clicked: Event type of a result that was opened.
        position: Column of whole positions in the list, 1 on top; null where unknown.
        confidence_level: Coverage of the Wilson intervals.

    Returns:
        One row an item that appeared, most appearances first: `content_id`,
        `appearances`, `searchers` (users it appeared to), `clickers` (of them,
        who opened it), `share`, `ci_lower`, `ci_upper` and, where a position
        is asked for, `mean_position`; null where no position is known.

    Raises:
        SchemaError: A column is missing.
        ParameterError: `appeared` equals `clicked`.

    Examples:
        >>> log = pl.DataFrame(
        ...     {
        ...         "user_id": ["a", "a", "b"],
        ...         "day": [0, 0, 0],
        ...         "content_id": ["p", "p", "p"],
        ...         "event_type": ["search_result", "search_click", "search_result"],
        ...     }
        ... )
        >>> search_appearances(log, as_of=dt.date(1970, 1, 1)).rows()[0][:5]
        ('p', 2, 2, 1, 0.5)
    """
    if appeared == clicked:
        raise ParameterError(f"`appeared` and `clicked` are both {appeared!r}; they must differ.")

    counts = {"appearances": (appeared,), "clicks": (clicked,)}
    found = finish(
        counts_by_user(events, as_of=as_of, counts=counts)
        .filter(nw.col("appearances") > 0)
        .with_columns(searchers=nw.lit(1), clickers=flag(nw.col("clicks") > 0))
        .group_by("content_id")
        .agg(nw.col("appearances", "searchers", "clickers").sum())
    )
    shares = add_share_interval(
        found, numerator="clickers", denominator="searchers", confidence_level=confidence_level
    )
    if position is not None:
        places = _mean_positions(events, as_of=as_of, appeared=appeared, position=position)
        shares = shares.join(places, on="content_id", how="left")
    return like(shares.sort("appearances", "content_id", descending=[True, False]), events)


def _mean_positions(
    events: Any,  # noqa: ANN401 - an EventLog or any supported frame
    *,
    as_of: dt.date,
    appeared: str,
    position: str,
) -> pl.DataFrame:
    needed = ["event_type", "content_id", position]
    rows = known_events(events, as_of=as_of, columns=needed).filter(
        nw.col("event_type") == appeared,
        ~nw.col("content_id").is_null(),
        ~nw.col(position).is_null(),
    )
    weighted = with_quantity(rows).with_columns(
        total=nw.col(position).cast(nw.Int64) * nw.col("quantity")
    )
    sums = finish(weighted.group_by("content_id").agg(nw.col("total", "quantity").sum()))
    return sums.select("content_id", mean_position=pl.col("total") / pl.col("quantity"))
