"""Retention counted in hours from the first event, and without a gap."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl

from analytics_lib.core.checks import require_at_least
from analytics_lib.core.periods import day_number
from analytics_lib.metrics.frames import finish, known_events, like, timed_events
from analytics_lib.statistics import add_share_interval

_HOUR_US = 3_600_000_000
_HOURS_A_DAY = 24


def rolling_retention(
    events: Any,  # noqa: ANN401 - an EventLog or any supported frame
    *,
    ages: Sequence[int],
    as_of: dt.date,
    whole_hours: bool = False,
    confidence_level: float = 0.95,
) -> Any:  # noqa: ANN401 - the caller's own kind of frame
    """What share is active again in the n-th 24 hours after the first event?

    The trap of calendar days: whoever comes at 23:45 and again at 00:01 is
    "retained on day 1" after sixteen minutes. Here day n begins n times 24
    hours after the user's own first event.

    Args:
        events: An `EventLog` with the time of day, or a frame with `user_id`,
            `day` and `t_us`; one row an event.
        ages: The values of n, 0 or more.
        as_of: Last complete day; later rows are ignored.
        whole_hours: Whether the first event is moved back to the full hour (in
            UTC), as Amplitude does.
        confidence_level: Coverage of the Wilson intervals.

    Returns:
        One row an age: `age`, `users` (whose n-th 24 hours are over by
        `as_of`), `retained`, `share`, `ci_lower`, `ci_upper`; shares are null
        where nobody is mature.

    Raises:
        SchemaError: A column is missing.
        ParameterError: The log knows only days, or an age is negative.

    Examples:
        >>> hour = 3_600_000_000
        >>> log = pl.DataFrame(
        ...     {"user_id": ["a", "a"], "day": [0, 1], "t_us": [23 * hour, 25 * hour]}
        ... )
        >>> found = rolling_retention(log, ages=[1], as_of=dt.date(1970, 1, 9))
        >>> found.select("users", "retained").rows()
        [(1, 0)]

    References:
        PostHog issue 29958; Amplitude, retention analysis, on time.
    """
    require_at_least(min(ages, default=0), 0, name="ages")

    log = timed_events(events, as_of=as_of, question="rolling_retention")
    first = log.with_columns(
        began=nw.col("t_us").min().over("user_id"), first_day=nw.col("day").min().over("user_id")
    )
    if whole_hours:
        first = first.with_columns(began=nw.col("began") // _HOUR_US * _HOUR_US)
    aged = first.with_columns(
        age=(nw.col("t_us") - nw.col("began")) // (_HOURS_A_DAY * _HOUR_US)
    ).filter(nw.col("age").is_in([0, *ages]))
    counts = finish(
        aged.group_by("user_id", "first_day", "age")
        .agg(nw.len().alias("events"))
        .group_by("first_day", "age")
        .agg(nw.len().alias("retained"))
    )
    # The n-th 24 hours end on the local day n + 1 after the first one.
    rows = _mature(counts, ages=ages, days=1, after=1, as_of=as_of)
    return like(_shares(rows, confidence_level=confidence_level), events)


def streak_retention(
    events: Any,  # noqa: ANN401 - an EventLog or any supported frame
    *,
    ages: Sequence[int],
    as_of: dt.date,
    width: int = 1,
    confidence_level: float = 0.95,
) -> Any:  # noqa: ANN401 - the caller's own kind of frame
    """What share has been active in every bracket since the first day, up to the n-th?

    Args:
        events: An `EventLog`, or a frame with `user_id` and `day`; one row an event.
        ages: The values of n, 0 or more, in brackets.
        as_of: Last complete day; later rows are ignored.
        width: Days of a bracket; 7 asks for every week.
        confidence_level: Coverage of the Wilson intervals.

    Returns:
        One row an age: `age`, `users` (mature), `retained` (without a gap),
        `share`, `ci_lower`, `ci_upper`; never rising with age among the same users.

    Raises:
        SchemaError: A column is missing.
        ParameterError: An age is negative or `width` below 1.

    Examples:
        >>> log = pl.DataFrame({"user_id": ["a", "a", "a"], "day": [0, 1, 3]})
        >>> found = streak_retention(log, ages=[1, 3], as_of=dt.date(1970, 1, 9))
        >>> found.select("age", "retained").rows()
        [(1, 1), (3, 0)]

    References:
        Mixpanel, retention (consecutive).
    """
    require_at_least(min(ages, default=0), 0, name="ages")
    require_at_least(width, 1, name="width")

    days = (
        known_events(events, as_of=as_of)
        .group_by("user_id", "day")
        .agg(nw.len().alias("events"))
        .with_columns(first_day=nw.col("day").min().over("user_id"))
        .with_columns(age=(nw.col("day") - nw.col("first_day")) // width)
        .group_by("user_id", "first_day", "age")
        .agg(nw.len().alias("days"))
        .with_columns(one=nw.lit(1))
        .with_columns(rank=nw.col("one").cum_sum().over("user_id", order_by="age") - 1)
    )
    unbroken = days.filter(nw.col("age") == nw.col("rank"), nw.col("age").is_in([0, *ages]))
    counts = finish(unbroken.group_by("first_day", "age").agg(nw.len().alias("retained")))
    rows = _mature(counts, ages=ages, days=width, after=width - 1, as_of=as_of)
    return like(_shares(rows, confidence_level=confidence_level), events)


def _mature(
    counts: pl.DataFrame, *, ages: Sequence[int], days: int, after: int, as_of: dt.date
) -> pl.DataFrame:
    """Users and retained at each age, of those whose age ended by `as_of`.

    Args:
        counts: `retained` by `first_day` and `age`; at age 0 everybody is.
        ages: The ages.
        days: Days of one age.
        after: Days that age 0 needs after the first day.
        as_of: Last complete day.
    """
    rows = []
    for age in ages:
        old_enough = counts.filter(pl.col("first_day") + age * days + after <= day_number(as_of))
        users, retained = (
            old_enough.filter(pl.col("age") == at)["retained"].sum() for at in (0, age)
        )
        rows.append({"age": age, "users": users, "retained": retained})
    schema = {"age": pl.Int64, "users": pl.Int64, "retained": pl.Int64}
    return pl.DataFrame(rows, schema=schema).sort("age")


def _shares(rows: pl.DataFrame, *, confidence_level: float) -> pl.DataFrame:
    return add_share_interval(
        rows, numerator="retained", denominator="users", confidence_level=confidence_level
    )
