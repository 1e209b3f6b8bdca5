"""How good content is by a published score, and which items need somebody's attention."""

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl

from analytics_lib.core.checks import require_at_least, require_between, require_choice
from analytics_lib.core.errors import ParameterError
from analytics_lib.events.boundary import as_table
from analytics_lib.metrics.calendar import day_column
from analytics_lib.metrics.content import content_views
from analytics_lib.metrics.content_log import VIEW_TYPES, require_event_types
from analytics_lib.metrics.content_time import content_bounce, time_on_page
from analytics_lib.metrics.frames import finish, flag, known_events, like

QUALITY_WEIGHTS: Mapping[str, float] = {
    "time": 0.25,
    "return": 0.25,
    "interactions": 0.25,
    "low_bounce": 0.25,
}
_MEASURES = {
    "time": "median_seconds",
    "return": "return_share",
    "interactions": "interactions_per_viewer",
    "low_bounce": "stay_share",
}
_LEAST_KNOWN_WEIGHT = 0.5
_REASONS = {
    "low_quality": "quality",
    "short_time": "time_rank",
    "few_returns": "return_rank",
    "few_interactions": "interactions_rank",
    "high_bounce": "low_bounce_rank",
}


def content_quality(
    events: Any,  # noqa: ANN401 - an EventLog or any supported frame
    *,
    as_of: dt.date,
    interactions: Sequence[str],
    minimum_viewers: int,
    session: str = "session_id",
    view_types: Sequence[str] = VIEW_TYPES,
    weights: Mapping[str, float] = QUALITY_WEIGHTS,
    cap_minutes: float = 30,
) -> Any:  # noqa: ANN401 - the caller's own kind of frame
    """How good is each piece of content, by a score whose parts are shown?

    No single number is quality, and long pages take long to read. So the score
    is a published mean of four percentile ranks among the items, each of which
    is returned: median time on page, share of viewers who came back on another
    day, interactions per viewer, share of visits begun there that went on. A
    rank says better than the others, not good.

    Args:
        events: An `EventLog` with times, or a frame with `user_id`, `day`,
            `t_us`, `event_id`, `event_type`, `content_id` and the session.
        as_of: Last complete day; later rows are ignored.
        interactions: Event types that count as interactions, such as `comment`.
        minimum_viewers: Items with fewer viewers are left out, and out of the
            ranks; 1 or more.
        session: Column of sessions.
        view_types: Event types that are views.
        weights: Weight of `time`, `return`, `interactions` and `low_bounce`, 0
            or more; they need not add up to 1, and one left out weighs 0.
        cap_minutes: Longest time on a page that counts.

    Returns:
        One row a piece of content, best first: `content_id`, `viewers`, the
        measures `median_seconds`, `return_share`, `interactions_per_viewer`,
        `stay_share` (one less the bounce share), their percentile ranks
        `time_rank`, `return_rank`, `interactions_rank`, `low_bounce_rank` (0 to
        1: the share of items below plus half of those equal), `known_weight`
        (share of the weight whose measure is known) and `quality` (0 to 1: the
        weighted mean of the known ranks); null where less than half of the
        weight is known.

    Raises:
        SchemaError: A column is missing.
        ParameterError: The log knows only days, a weight is unknown, negative
            or all are 0, or a number is out of range.
    """
    require_event_types(interactions, name="interactions")
    require_at_least(minimum_viewers, 1, name="minimum_viewers")
    shares = _shares_of_weight(weights)

    asked: dict[str, Any] = {"as_of": as_of, "view_types": view_types}
    views = _collected(content_views(events, interactions=interactions, **asked))
    times = _collected(time_on_page(events, session=session, cap_minutes=cap_minutes, **asked))
    bounces = _collected(content_bounce(events, as_of=as_of, session=session))
    total = pl.sum_horizontal([f"{kind}_events" for kind in interactions])
    items = (
        views.filter(pl.col("viewers") >= minimum_viewers)
        .join(_returning(events, **asked), on="content_id", how="left")
        .join(times.select("content_id", "median_seconds"), on="content_id", how="left")
        .join(bounces.select("content_id", bounce="share"), on="content_id", how="left")
        .with_columns(
            return_share=pl.col("returning") / pl.col("viewers"),
            interactions_per_viewer=total / pl.col("viewers"),
            stay_share=1 - pl.col("bounce"),
        )
        .with_columns(_percentile(column).alias(f"{n}_rank") for n, column in _MEASURES.items())
    )
    scored = items.with_columns(known_weight=_weighted(shares, of=lambda _: pl.lit(1.0)))
    mean = _weighted(shares, of=lambda name: pl.col(f"{name}_rank")) / pl.col("known_weight")
    enough = pl.col("known_weight") >= _LEAST_KNOWN_WEIGHT
    result = scored.with_columns(quality=pl.when(enough).then(mean)).sort(
        "quality", "content_id", descending=[True, False], nulls_last=True
    )
    ranks = [f"{name}_rank" for name in _MEASURES]
    columns = ("content_id", "viewers", *_MEASURES.values(), *ranks, "known_weight", "quality")
    return like(result.select(columns), events)


def content_suggestions(
    quality: Any,  # noqa: ANN401 - any supported frame
    *,
    high_demand: float = 0.75,
    low_quality: float = 0.25,
) -> Any:  # noqa: ANN401 - the caller's own kind of frame
    """Which items do many people see that do worse than the others, and by what rule?

    An item nobody sees is not worth mending first, so only items in demand are
    named. Each row is one rule that named the item, with the number and the
    threshold it was compared with; some items always stand at the bottom of a
    rank, so this is a list to look at, not a verdict.

    Args:
        quality: Result of `content_quality`: one row a piece of content.
        high_demand: Items whose viewers are at or above this quantile of all
            items are in demand; between 0 and 1.
        low_quality: A score or rank at or below it is low; between 0 and 1.

    Returns:
        One row an item and reason, most viewers first: `content_id`, `reason`
        (`low_quality`, `short_time`, `few_returns`, `few_interactions`,
        `high_bounce`), `value` and its `threshold`, `viewers` and their
        `viewers_threshold`.

    Raises:
        SchemaError: A column is missing.
        ParameterError: A threshold is not between 0 and 1.

    Examples:
        >>> ranks = {f"{name}_rank": [0.75, 0.25] for name in _MEASURES}
        >>> found = pl.DataFrame({"content_id": ["p", "q"], "viewers": [5, 9], **ranks})
        >>> found = found.with_columns(low_bounce_rank=0.5, quality=pl.Series([0.7, 0.3]))
        >>> content_suggestions(found)["reason"].to_list()
        ['few_interactions', 'few_returns', 'short_time']
    """
    require_between(high_demand, 0, 1, name="high_demand")
    require_between(low_quality, 0, 1, name="low_quality")

    table = as_table(quality, ["content_id", "viewers", *_REASONS.values()], name="quality")
    items = finish(table)
    threshold = items["viewers"].quantile(high_demand, interpolation="higher")
    wanted = items.filter(pl.col("viewers") >= pl.lit(threshold, pl.Int64))
    named = [
        wanted.filter(pl.col(column) <= low_quality).select(
            "content_id",
            reason=pl.lit(reason),
            value=pl.col(column).cast(pl.Float64),
            threshold=pl.lit(low_quality, pl.Float64),
            viewers="viewers",
            viewers_threshold=pl.lit(threshold, pl.Int64),
        )
        for reason, column in _REASONS.items()
    ]
    ordered = pl.concat(named).sort(
        "viewers", "content_id", "reason", descending=[True, False, False]
    )
    return like(ordered, quality)


def _shares_of_weight(weights: Mapping[str, float]) -> dict[str, float]:
    for name, weight in weights.items():
        require_choice(name, QUALITY_WEIGHTS, name="weights")
        require_at_least(weight, 0, name=f"weights[{name!r}]")
    total = sum(weights.values())
    if not 0 < total < math.inf:
        raise ParameterError(f"`weights` add up to {total}; they must add up to more than 0.")
    return {name: weight / total for name, weight in weights.items()}


def _weighted(shares: Mapping[str, float], *, of: Any) -> pl.Expr:  # noqa: ANN401 - name to column
    """Sum of the weights of the known measures, each times what `of` says."""
    return pl.sum_horizontal(
        pl.when(pl.col(f"{name}_rank").is_not_null()).then(share * of(name)).otherwise(0.0)
        for name, share in shares.items()
    )


def _percentile(column: str) -> pl.Expr:
    """Share of the known values below, plus half of those equal (itself one of them)."""
    return (pl.col(column).rank("average") - 0.5) / pl.col(column).count()


def _collected(frame: Any) -> pl.DataFrame:  # noqa: ANN401 - a metric's result
    return finish(nw.from_native(frame).lazy())


def _returning(
    events: Any,  # noqa: ANN401 - an EventLog or any supported frame
    *,
    as_of: dt.date,
    view_types: Sequence[str],
) -> pl.DataFrame:
    """Viewers of each item who viewed it on more than one day."""
    views = known_events(events, as_of=as_of, columns=["event_type", "content_id"]).filter(
        nw.col("event_type").is_in(list(view_types)), ~nw.col("content_id").is_null()
    )
    days = views.select("content_id", "user_id", day_column().alias("day"))
    span = days.group_by("content_id", "user_id").agg(
        nw.col("day").min().alias("first"), nw.col("day").max().alias("last")
    )
    people = span.with_columns(returning=flag(nw.col("last") > nw.col("first")))
    return finish(people.group_by("content_id").agg(nw.col("returning").sum()))
