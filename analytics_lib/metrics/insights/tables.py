"""The tables that insights compare: people, groups and weeks, each row a unit of its own."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl

from analytics_lib.core.checks import require_at_least, require_columns
from analytics_lib.core.periods import day_number
from analytics_lib.events.boundary import as_table
from analytics_lib.metrics.frames import finish, known_events

_THURSDAY = 3  # weekday of day 0, Monday is 0
_SATURDAY = 5
_WEEK = 7
_WEEKEND = (2, 3)  # days after a Thursday
_BESIDE = (0, 1, 4, 5)


def insight_tables(
    events: Any,  # noqa: ANN401 - an EventLog or any supported frame
    memberships: Any,  # noqa: ANN401 - any supported frame
    *,
    as_of: dt.date,
    days: int = 28,
    traits: Sequence[str] = ("region", "platform", "campaign_source"),
    arrivals: Sequence[str] = ("sign_up", "experiment_assigned"),
) -> dict[str, pl.DataFrame]:
    """Who did how much, as independent rows over equal times?

    Three traps. Who came yesterday has done little: people are compared over their first days, and
    only those whose days are over. Events of one person, or members of one group, are no
    independent observations: a row is a person, a group or a week. And a weekend comes at the end
    of its week, so on a platform that grows it is busier than the working days before it: it is
    compared with as many days before as after.

    Args:
        events: An `EventLog`, or a frame with `user_id`, `day`, `event_id`, `event_type` and the
            traits; one row an event, with the whole history.
        memberships: One row a stay (contract `memberships`).
        as_of: Last complete day; later rows are ignored.
        days: Length of the times that are compared, 7 or more.
        traits: Columns of which the value at the first event is a trait of the person.
        arrivals: Event types that come with signing up by themselves; they are no action.

    Returns:
        `people`, one row a person whose first two times are over: `user_id`, `first_day`,
        the traits, `is_member` (joined a group within the first day), `came_on_weekend`,
        `actions` (within the first `days`), `came_back` (1 with an action in the `days` after),
        `actions_a_day` and `later_actions_a_day` (a day on which they were active, in the first
        `days` and in those after; null where there was none). `groups`, one row a group:
        `group_id`, `members` (there throughout the last `days`), `actions_per_member` in them.
        `weeks`, one row a complete week from Thursday to Wednesday: `week_start` (day number),
        `weekend_actions` (a day of the weekend) and `workday_actions` (a day of the Thursday and
        Friday before and the Monday and Tuesday after).

    Raises:
        SchemaError: A column is missing.
        ParameterError: `days` is below 7.
    """
    require_at_least(days, 7, name="days")
    last = day_number(as_of)
    known = known_events(events, as_of=as_of, columns=["event_id", "event_type", *traits])
    stays = finish(
        as_table(memberships, ["group_id", "user_id", "joined_day", "left_day"], name="memberships")
        .select("group_id", "user_id", "joined_day", "left_day")
    ).filter(pl.col("joined_day") <= last)  # fmt: skip

    firsts = _first_events(known, traits=traits)
    acts = finish(
        known.filter(~nw.col("event_type").is_in(list(arrivals)))
        .group_by("user_id", "day")
        .agg(nw.len().alias("actions"))
    ).join(firsts.select("user_id", "first_day"), on="user_id")
    acts = acts.with_columns(age=pl.col("day") - pl.col("first_day"))
    return {
        "people": _people(firsts, acts, stays, days=days, last=last),
        "groups": _groups(acts, stays, days=days, last=last),
        "weeks": _weeks(acts, last=last),
    }


def _first_events(known: nw.LazyFrame[Any], *, traits: Sequence[str]) -> pl.DataFrame:
    """One row a person: `user_id`, `first_day` and the traits at the first event."""
    times = ["t_us"] if "t_us" in known.collect_schema().names() else []
    require_columns(known.collect_schema().names(), traits, name="events")
    order = ["day", *times, "event_id"]
    ordered = known.select("user_id", *order, *traits).with_columns(
        before=nw.col("day").shift(1).over("user_id", order_by=order)
    )
    firsts = ordered.filter(nw.col("before").is_null()).select(
        "user_id", nw.col("day").alias("first_day"), *traits
    )
    return finish(firsts).sort("user_id")


def _people(
    firsts: pl.DataFrame, acts: pl.DataFrame, stays: pl.DataFrame, *, days: int, last: int
) -> pl.DataFrame:
    actions, age = pl.col("actions"), pl.col("age")
    early, later = actions.filter(age < days), actions.filter(age.is_between(days, 2 * days - 1))
    done = acts.group_by("user_id").agg(
        actions=early.sum(),
        came_back=(later.len() > 0).cast(pl.Int64),
        actions_a_day=early.mean(),
        later_actions_a_day=later.mean(),
    )
    joined = stays.group_by("user_id").agg(pl.col("joined_day").min())
    weekday = (pl.col("first_day") + _THURSDAY) % _WEEK
    return (
        firsts.filter(pl.col("first_day") + 2 * days - 1 <= last)
        .join(joined, on="user_id", how="left")
        .join(done, on="user_id", how="left")
        .with_columns(
            pl.col("actions", "came_back").fill_null(0),
            is_member=(pl.col("joined_day") <= pl.col("first_day")).fill_null(value=False),
            came_on_weekend=weekday >= _SATURDAY,
        )
        .drop("joined_day")
        .sort("user_id")
    )


def _groups(acts: pl.DataFrame, stays: pl.DataFrame, *, days: int, last: int) -> pl.DataFrame:
    start = last - days + 1
    stayed = pl.col("left_day").is_null() | (pl.col("left_day") > last)
    there = stays.filter(pl.col("joined_day") <= start, stayed).select("group_id", "user_id")
    window = acts.filter(pl.col("day") >= start).group_by("user_id").agg(pl.col("actions").sum())
    return (
        there.unique()
        .join(window, on="user_id", how="left")
        .group_by("group_id")
        .agg(pl.len().cast(pl.Int64).alias("members"), pl.col("actions").sum())
        .with_columns(actions_per_member=pl.col("actions") / pl.col("members"))
        .drop("actions")
        .sort("group_id")
    )


def _weeks(acts: pl.DataFrame, *, last: int) -> pl.DataFrame:
    # Day 0 is a Thursday.
    since = pl.col("day") % _WEEK
    actions, starts = pl.col("actions"), pl.col("week_start")
    first = acts["day"].min()
    return (
        acts.with_columns(week_start=pl.col("day") - since)
        .group_by("week_start")
        .agg(
            weekend_actions=actions.filter(since.is_in(_WEEKEND)).sum() / len(_WEEKEND),
            workday_actions=actions.filter(since.is_in(_BESIDE)).sum() / len(_BESIDE),
        )
        .filter(starts >= pl.lit(first, pl.Int64), starts + _WEEK - 1 <= last)
        .sort("week_start")
    )
