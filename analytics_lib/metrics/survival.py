"""How long users stay."""

import datetime as dt
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl

from analytics_lib.core.checks import require_at_least
from analytics_lib.core.periods import day_number
from analytics_lib.metrics.frames import finish, flag, known_events, like
from analytics_lib.statistics import kaplan_meier


def user_survival(
    events: Any,  # noqa: ANN401 - an EventLog or any supported frame
    *,
    as_of: dt.date,
    silence_days: int = 30,
    confidence_level: float = 0.95,
) -> Any:  # noqa: ANN401 - the caller's own kind of frame
    """What share of users is still there so many days after their first?

    A user has gone who was silent for `silence_days` complete days. Whoever
    was active more recently may still come back, and is watched only up to
    the last active day: dropping such users, or calling them retained, would
    both be wrong.

    Args:
        events: An `EventLog`, or a frame with `user_id` and `day`; one row an event.
        as_of: Last complete day; later rows are ignored.
        silence_days: Days of silence that mean gone, 1 or more. The shorter,
            the more of those called gone come back.
        confidence_level: Coverage of the intervals.

    Returns:
        One row a day of life on which somebody went: `age` (days from the
        first to the last active day), `at_risk`, `gone`, `survival`,
        `ci_lower`, `ci_upper`. Empty where nobody has gone.

    Raises:
        SchemaError: A column is missing.
        ParameterError: `silence_days` is below 1.

    Examples:
        >>> log = pl.DataFrame({"user_id": ["a", "b", "b"], "day": [0, 0, 39]})
        >>> user_survival(log, as_of=dt.date(1970, 2, 10)).select("age", "survival").rows()
        [(0, 0.5)]

    References:
        Kaplan and Meier 1958, J. Am. Stat. Assoc. 53, 457-481.
    """
    require_at_least(silence_days, 1, name="silence_days")

    known = known_events(events, as_of=as_of)
    lives = known.group_by("user_id").agg(
        nw.col("day").min().alias("first"), nw.col("day").max().alias("last")
    )
    last_silent = day_number(as_of) - silence_days
    spans = lives.with_columns(
        age=nw.col("last") - nw.col("first"),
        has_gone=flag(nw.col("last") <= last_silent),
    )
    counts = finish(spans.group_by("age", "has_gone").agg(nw.len().alias("users")))
    people = counts.select(pl.exclude("users").repeat_by("users").explode())
    curve = kaplan_meier(
        people, duration="age", observed="has_gone", confidence_level=confidence_level
    )
    return like(curve.rename({"time": "age", "events": "gone"}), events)
