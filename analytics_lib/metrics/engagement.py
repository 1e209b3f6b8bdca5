"""How engaged each user is: recency, frequency, depth and breadth, and their weighted score."""

import datetime as dt
import math
from dataclasses import astuple, dataclass
from typing import Any, Literal, get_args

import narwhals.stable.v2 as nw
import polars as pl

from analytics_lib.core.checks import require_at_least, require_choice
from analytics_lib.core.errors import ParameterError
from analytics_lib.core.periods import day_number
from analytics_lib.metrics.activity_window import (
    Measure,
    active_days_of,
    activity_in_window,
    window_start,
)
from analytics_lib.metrics.frames import finish, known_events, like

EngagementBase = Literal["known", "active"]
COMPONENTS = ("recency", "frequency", "depth", "breadth")


@dataclass(frozen=True, slots=True, kw_only=True)
class EngagementWeights:
    """How much each component counts in the engagement score.

    There is no accepted standard: whether somebody comes back at all (recency
    and frequency) counts three fifths unless told otherwise, what they do when
    they are there (depth and breadth) two fifths.

    Attributes:
        recency: Weight of how lately the user was active.
        frequency: Weight of the active days in the window.
        depth: Weight of the events on an active day.
        breadth: Weight of the different kinds of event.
    """

    recency: float = 0.3
    frequency: float = 0.3
    depth: float = 0.2
    breadth: float = 0.2

    def __post_init__(self) -> None:
        """Refuse weights that are negative or do not add up to 1."""
        for name in COMPONENTS:
            require_at_least(getattr(self, name), 0, name=f"weights.{name}")
        total = math.fsum(astuple(self))
        if not math.isclose(total, 1, abs_tol=1e-9):
            raise ParameterError(f"`weights` add up to {total:g}; they must add up to 1.")


DEFAULT_WEIGHTS = EngagementWeights()


def engagement_scores(
    events: Any,  # noqa: ANN401 - an EventLog or any supported frame
    *,
    as_of: dt.date,
    window: int = 30,
    weights: EngagementWeights = DEFAULT_WEIGHTS,
    measure: Measure = "events",
    breadth: str = "event_type",
    base: EngagementBase = "known",
) -> Any:  # noqa: ANN401 - the caller's own kind of frame
    """How engaged is each user, compared with all others?

    The trap is a score nobody can explain. Each of its four parts is the
    percentile rank of a plain number, both are returned beside the score, and
    the weights are an argument. The score compares users of one day with each
    other: if everybody becomes twice as active, no score changes. It holds the
    recency that churn is defined by, so it must not be used to predict churn
    from the same days.

    Args:
        events: An `EventLog`, or a frame with `user_id`, `day` and the
            `breadth` column; one row an event.
        as_of: Last complete day; later rows are ignored.
        window: Days up to `as_of` in which frequency, depth and breadth are
            counted. Users compare fairly in a log that is shorter, too.
        weights: Weight of each component; they add up to 1.
        measure: What depth counts: `events` (rows) or the `quantity` of each.
        breadth: Column whose different values make breadth: event types, or
            kinds of content. A missing value is no kind.
        base: Who is ranked: every user `known` up to `as_of`, or only those
            `active` in the window.

    Returns:
        One row a user, sorted by `user_id`: `score` (0 to 100); `recency`,
        `frequency`, `depth`, `breadth` (percentile ranks, 0 to 100, higher is
        more engaged; a user at the middle of n equal ones has their common
        mean rank: (rank - 0.5) / n); and the numbers behind them,
        `days_since_active`, `active_days`, `events`, `events_per_active_day`
        (null without an active day, which ranks lowest), `kinds`.

    Raises:
        SchemaError: A column is missing.
        ParameterError: `window` is below 1, or `measure` or `base` is unknown.

    Examples:
        >>> log = pl.DataFrame(
        ...     {"user_id": ["a", "a", "b"], "day": [8, 9, 5], "event_type": ["x", "y", "x"]}
        ... )
        >>> engagement_scores(log, as_of=dt.date(1970, 1, 10), window=7).select(
        ...     "user_id", "score", "frequency", "depth", "active_days", "kinds"
        ... ).rows()  # alike in depth, one event an active day: 80 % of 75, 20 % of 50
        [('a', 70.0, 75.0, 50.0, 2, 2), ('b', 30.0, 25.0, 50.0, 1, 1)]

    References:
        Percentile ranks after Hazen A. (1914), Trans. Am. Soc. Civ. Eng. 77;
        recency, frequency and value after Hughes A. M. (1994), Strategic
        Database Marketing.
    """
    require_choice(base, get_args(EngagementBase), name="base")
    start = window_start(as_of=as_of, window=window)

    users = finish(
        activity_in_window(active_days_of(events, as_of=as_of, measure=measure), start=start)
    )
    kinds = _kinds_by_user(events, as_of=as_of, start=start, column=breadth)
    if base == "active":
        users = users.filter(pl.col("active_days") > 0)
    per_day = pl.col("events") / pl.col("active_days")
    known = (
        users.join(kinds, on="user_id", how="left")
        .with_columns(pl.col("kinds").fill_null(0))
        .with_columns(
            days_since_active=day_number(as_of) - pl.col("last_day"),
            events_per_active_day=pl.when(pl.col("active_days") > 0).then(per_day),
        )
        .sort("user_id")
    )
    ranked = known.with_columns(
        recency=_percentile_rank(-pl.col("days_since_active")),
        frequency=_percentile_rank(pl.col("active_days")),
        depth=_percentile_rank(pl.col("events_per_active_day").fill_null(0.0)),
        breadth=_percentile_rank(pl.col("kinds")),
    )
    weighted = [pl.col(name) * getattr(weights, name) for name in COMPONENTS]
    scored = ranked.with_columns(score=weighted[0] + weighted[1] + weighted[2] + weighted[3])
    numbers = ("days_since_active", "active_days", "events", "events_per_active_day", "kinds")
    return like(scored.select("user_id", "score", *COMPONENTS, *numbers), events)


def _kinds_by_user(
    events: Any,  # noqa: ANN401 - an EventLog or any supported frame
    *,
    as_of: dt.date,
    start: int,
    column: str,
) -> pl.DataFrame:
    """`user_id` and in how many `kinds` of event they took part since `start`."""
    kinds = (
        known_events(events, as_of=as_of, columns=[column])
        .filter(nw.col("day") >= start, ~nw.col(column).is_null())
        .select("user_id", nw.col(column).alias("kind"))
        .group_by("user_id", "kind")
        .agg(nw.len().alias("events"))
    )
    return finish(kinds.group_by("user_id").agg(nw.len().alias("kinds")))


def _percentile_rank(values: pl.Expr) -> pl.Expr:
    return (values.rank("average") - 0.5) / pl.len() * 100
