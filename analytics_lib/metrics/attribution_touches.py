"""The touches before each conversion: what every model of attribution is counted from."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl

from analytics_lib.core.errors import SchemaError
from analytics_lib.core.periods import day_number
from analytics_lib.metrics.frames import finish, flag, timed_events

_DAY_US = 86_400_000_000
_LN_2 = 0.6931471805599453
_JOURNEY = ("user", "journey")
_ORDER = ("t_us", "event_id", "is_conversion", "channel")


@dataclass(frozen=True, slots=True, kw_only=True)
class TouchCounts:
    """Touches and conversions, counted.

    Attributes:
        touches: One row a kind of touch: `channel`, `before` (channel of the
            touch before it, null for the first), `is_last`, `length` (touches
            of the journey), `converted` (1 or 0), `n` (how many) and `decayed`
            (credit of `n` touches under time decay).
        users: One row a channel: `users` who converted after a touch of it.
        conversions: One row for each value of `touched` (1 or 0): `n` conversions
            with or without a touch, and their `users`.
    """

    touches: pl.DataFrame
    users: pl.DataFrame
    conversions: pl.DataFrame


def conversion_journeys(
    events: Any,  # noqa: ANN401 - an EventLog or any supported frame
    *,
    question: str,
    conversion: str,
    channel: str,
    touch_types: Sequence[str],
    lookback_days: int,
    since: dt.date | None,
    as_of: dt.date,
) -> nw.LazyFrame[Any]:
    """Which touches came before each conversion, since the same user's last one?

    Returns:
        One row a touch or conversion, in journeys that each end in a
        conversion or, the last of a user, in none: `user`, `journey`,
        `channel`, `t_us`, `event_id`, `is_conversion`, `is_touch` (within the
        lookback window), `converted` and `touched` (of the journey).

    Raises:
        SchemaError: A column is missing, or channels are no text.
        ParameterError: The log knows only days.
    """
    needed = ["event_id", "event_type", channel]
    known = timed_events(events, as_of=as_of, columns=needed, question=question)
    dtype = known.collect_schema()[channel]
    if dtype not in (nw.String, nw.Categorical, nw.Enum):
        raise SchemaError(f"`{channel}` is {dtype}; names of channels must be text.")

    rows = known.select(
        "event_id",
        "day",
        nw.col("user_id").alias("user"),
        nw.col("event_type").cast(nw.String).alias("type"),
        nw.col(channel).cast(nw.String).alias("channel"),
        nw.col("t_us").cast(nw.Int64),
    )
    is_touch = ~nw.col("channel").is_null()
    if touch_types:
        is_touch &= nw.col("type").is_in(list(touch_types))
    marked = (
        rows.with_columns(is_conversion=_flag(nw.col("type") == conversion))
        .with_columns(may_touch=_flag(is_touch & (nw.col("is_conversion") == 0)))
        .filter((nw.col("is_conversion") == 1) | (nw.col("may_touch") == 1))
        .with_columns(done=nw.col("is_conversion").cum_sum().over("user", order_by=_ORDER))
        .with_columns(journey=nw.col("done") - nw.col("is_conversion"))
        # The last row of a journey is its conversion, or its last touch.
        .with_columns(
            until=nw.col("t_us").max().over(*_JOURNEY),
            last_day=nw.col("day").max().over(*_JOURNEY),
            converted=nw.col("is_conversion").max().over(*_JOURNEY),
        )
    )
    in_time = nw.col("until") - nw.col("t_us") <= lookback_days * _DAY_US
    if since is not None:
        marked = marked.filter(nw.col("last_day") >= day_number(since))
    within = marked.with_columns(is_touch=_flag(in_time & (nw.col("may_touch") == 1)))
    return within.with_columns(touched=nw.col("is_touch").max().over(*_JOURNEY)).select(
        *_JOURNEY, *_ORDER, "is_touch", "converted", "touched"
    )


def count_touches(
    journeys: nw.LazyFrame[Any], *, collapse_repeats: bool, half_life_days: float
) -> TouchCounts:
    """How many touches of which channel stand where in their journeys?

    Args:
        journeys: As `conversion_journeys` returns them.
        collapse_repeats: Whether touches of one channel in a row are one, the
            latest of them.
        half_life_days: Days after which a touch weighs half.
    """
    touches = journeys.filter(nw.col("is_touch") == 1)
    after = nw.col("channel").shift(-1).over(*_JOURNEY, order_by=_ORDER)
    if collapse_repeats:
        touches = touches.with_columns(after=after).filter(
            nw.col("after").is_null() | (nw.col("after") != nw.col("channel"))
        )
    placed = (
        touches.with_columns(
            before=nw.col("channel").shift(1).over(*_JOURNEY, order_by=_ORDER),
            after=after,
            length=nw.col("is_touch").sum().over(*_JOURNEY),
            latest=nw.col("t_us").max().over(*_JOURNEY),
        )
        .with_columns(is_last=_flag(nw.col("after").is_null()))
        # Against the latest touch, not the conversion: the same shares, and none underflows.
        .with_columns(age=(nw.col("latest") - nw.col("t_us")) * (_LN_2 / _DAY_US / half_life_days))
        .with_columns(weight=(nw.col("age") * -1.0).exp())
        .with_columns(decayed=nw.col("weight") / nw.col("weight").sum().over(*_JOURNEY))
    )
    kinds = placed.group_by("channel", "before", "is_last", "length", "converted").agg(
        nw.len().alias("n"), nw.col("decayed").sum()
    )
    people = placed.filter(nw.col("converted") == 1).group_by("channel", "user").agg(nw.len())
    return TouchCounts(
        touches=finish(kinds),
        users=finish(people.group_by("channel").agg(nw.len().alias("users"))),
        conversions=count_conversions(journeys),
    )


def count_conversions(journeys: nw.LazyFrame[Any]) -> pl.DataFrame:
    """Conversions `n` and their `users`, with (`touched` 1) and without (0) a touch."""
    by_user = (
        journeys.filter(nw.col("is_conversion") == 1)
        .group_by("touched", "user")
        .agg(nw.len().alias("n"))
    )
    counts = finish(by_user.group_by("touched").agg(nw.col("n").sum(), nw.len().alias("users")))
    both = pl.DataFrame({"touched": [0, 1]}, schema={"touched": pl.Int64})
    return both.join(counts, on="touched", how="left").fill_null(0).sort("touched")


def _flag(condition: nw.Expr) -> nw.Expr:
    return flag(condition).cast(nw.Int64)
