"""Groups and who is active in them, and who joins and leaves."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl

from analytics_lib.core.checks import require_choice
from analytics_lib.core.periods import CALENDAR_GRANULARITIES, CalendarGranularity, day_number
from analytics_lib.events.boundary import as_table
from analytics_lib.metrics.by_period import INTERVAL, fill_periods
from analytics_lib.metrics.calendar import period_key, period_spine, with_period_key
from analytics_lib.metrics.frames import beside, finish, flag, known_events, like
from analytics_lib.statistics import add_share_interval

NEVER = 100_000  # a day number later than any contract allows


def known_memberships(memberships: Any, *, as_of: dt.date) -> nw.LazyFrame[Any]:  # noqa: ANN401
    """Stays of at least a day that began up to the last complete day.

    Returns:
        `group_id`, `user_id`, `joined_day`, `left_day`; the last is a day far
        in the future while one is a member.

    Raises:
        SchemaError: A column is missing.
    """
    columns = ["group_id", "user_id", "joined_day", "left_day"]
    table = as_table(memberships, columns, name="memberships")
    known = table.filter(
        ~nw.col("group_id").is_null(),
        ~nw.col("user_id").is_null(),
        nw.col("joined_day") <= day_number(as_of),
    )
    stays = known.select(
        "group_id",
        "user_id",
        nw.col("joined_day").cast(nw.Int64),
        nw.col("left_day").fill_null(NEVER).cast(nw.Int64),
    )
    return stays.filter(nw.col("left_day") > nw.col("joined_day"))


def group_sizes(
    groups: Any,  # noqa: ANN401 - any supported frame
    memberships: Any,  # noqa: ANN401 - any supported frame
    events: Any,  # noqa: ANN401 - an EventLog or any supported frame
    *,
    granularity: CalendarGranularity,
    as_of: dt.date,
    confidence_level: float = 0.95,
) -> Any:  # noqa: ANN401 - the caller's own kind of frame
    """How many members does each group have, and what share of them is active?

    The base is everybody who was a member on any day of the period, those who
    left during it too: of those who stayed, every group looks lively. Only
    events on days of the membership count. Groups without members are there,
    with 0. Each membership meets each period once on the way, so days of many
    years are dear and months are not.

    Args:
        groups: One row a group (contract `groups`).
        memberships: One row a stay (contract `memberships`).
        events: An `EventLog`, or a frame with `user_id` and `day`; one row an event.
        granularity: `day`, `week` (ISO, from Monday), `month`, `quarter` or `year`.
        as_of: Last complete day; later rows are ignored.
        confidence_level: Coverage of the Wilson intervals.

    Returns:
        One row a group and period from the one it was made in, sorted:
        `group_id`, `kind`, `interval_start`, `interval_end`, `members`,
        `members_at_end` (of the last day), `active`, `share`, `ci_lower`,
        `ci_upper`; null while the period is not complete, the share of an
        empty group too.

    Raises:
        SchemaError: A column is missing.
        ParameterError: `granularity` is unknown.

    Examples:
        >>> groups = pl.DataFrame({"group_id": ["g"], "created_day": [4], "kind": ["study"]})
        >>> stays = pl.DataFrame({"user_id": ["a", "b"], "left_day": [None, 6]})
        >>> stays = stays.with_columns(group_id=pl.lit("g"), joined_day=4)
        >>> log = pl.DataFrame({"user_id": ["a", "b"], "day": [5, 9]})
        >>> found = group_sizes(groups, stays, log, granularity="week", as_of=dt.date(1970, 1, 11))
        >>> found.select("members", "members_at_end", "active").row(0)
        (2, 1, 1)
    """
    require_choice(granularity, CALENDAR_GRANULARITIES, name="granularity")

    columns = ["group_id", "created_day", "kind"]
    table = as_table(groups, columns, name="groups")
    made = finish(
        table.filter(nw.col("created_day") <= day_number(as_of)).select(
            "group_id", "kind", nw.col("created_day").cast(nw.Int64).alias("day")
        )
    )
    log = known_events(events, as_of=as_of)
    stays = beside(known_memberships(memberships, as_of=as_of), log)
    begun = with_period_key(nw.from_native(made).lazy(), granularity=granularity)
    first = finish(begun.select("group_id", "key"))
    counts = pl.concat(
        [
            _members(stays, granularity=granularity, as_of=as_of),
            _active_members(stays, log, granularity=granularity),
            first,
        ],
        how="diagonal_relaxed",
    )
    values = ["members", "members_at_end", "active"]
    whole = counts.join(first.rename({"key": "since"}), on="group_id").filter(
        pl.col("key") >= pl.col("since")
    )
    filled = fill_periods(
        whole.group_by("group_id", "key").agg(pl.col(values).sum()),
        by=["group_id"],
        counted=values,
        granularity=granularity,
        as_of=as_of,
    ).join(made, on="group_id")
    alive = filled.filter(pl.col("interval_end") > pl.col("day").cast(pl.Int32).cast(pl.Date))
    shares = add_share_interval(
        alive.select("group_id", "kind", *INTERVAL, *values),
        numerator="active",
        denominator="members",
        confidence_level=confidence_level,
    )
    return like(shares.sort("group_id", "interval_start"), events)


def membership_changes(
    memberships: Any,  # noqa: ANN401 - any supported frame
    *,
    granularity: CalendarGranularity,
    as_of: dt.date,
    by: Sequence[str] = (),
) -> Any:  # noqa: ANN401 - the caller's own kind of frame
    """How many memberships began and ended in each calendar period?

    A person in two groups is two memberships, so this is not the number of
    people who came or went.

    Args:
        memberships: One row a stay (contract `memberships`).
        granularity: Calendar unit.
        as_of: Last complete day; later rows are ignored.
        by: `("group_id",)` for each group of its own.

    Returns:
        One row a period (and group), sorted: the `by` columns,
        `interval_start`, `interval_end`, `joined`, `left`, `net`; 0 in a quiet
        period, null while it is not complete.

    Raises:
        SchemaError: A column is missing.
        ParameterError: `granularity` or a column of `by` is unknown.

    Examples:
        >>> stays = pl.DataFrame({"user_id": ["a", "b"], "left_day": [None, 6]})
        >>> found = membership_changes(
        ...     stays.with_columns(group_id=pl.lit("g"), joined_day=4),
        ...     granularity="week",
        ...     as_of=dt.date(1970, 1, 11),
        ... )
        >>> found.select("joined", "left", "net").row(0)
        (2, 1, 1)
    """
    require_choice(granularity, CALENDAR_GRANULARITIES, name="granularity")
    for name in by:
        require_choice(name, ["group_id"], name="by")

    stays = known_memberships(memberships, as_of=as_of)
    ends = {"joined": "joined_day", "left": "left_day"}
    found = []
    for name, column in ends.items():
        dated = stays.with_columns(day=nw.col(column)).filter(nw.col("day") <= day_number(as_of))
        keyed = with_period_key(dated, granularity=granularity)
        found.append(finish(keyed.group_by(*by, "key").agg(nw.len().alias(name))))
    counts = pl.concat(found, how="diagonal").group_by(*by, "key").agg(pl.col(*ends).sum())
    filled = fill_periods(counts, by=by, counted=list(ends), granularity=granularity, as_of=as_of)
    return like(filled.with_columns(net=pl.col("joined") - pl.col("left")), memberships)


def _members(
    stays: nw.LazyFrame[Any], *, granularity: CalendarGranularity, as_of: dt.date
) -> pl.DataFrame:
    """Members of each group and period, once each however often they came and went."""
    first = finish(stays.select(nw.col("joined_day").min())).item()
    if first is None:
        return pl.DataFrame(
            schema={"group_id": pl.String, "key": pl.Int64, "members": pl.Int64}
        ).with_columns(members_at_end=pl.lit(0))
    spine = period_spine(
        period_key(first, granularity=granularity),
        period_key(day_number(as_of), granularity=granularity),
        granularity=granularity,
        as_of=as_of,
    ).select(
        "key",
        pl.col("interval_start").cast(pl.Int32).cast(pl.Int64).alias("first_day"),
        pl.col("interval_end").cast(pl.Int32).cast(pl.Int64).alias("after"),
    )
    periods = beside(nw.from_native(spine).lazy(), stays)
    is_there = flag(nw.col("left_day") >= nw.col("after"))
    people = (
        stays.join(periods, how="cross")
        .filter(nw.col("joined_day") < nw.col("after"), nw.col("left_day") > nw.col("first_day"))
        .with_columns(members_at_end=is_there)
        .group_by("group_id", "key", "user_id")
        .agg(nw.col("members_at_end").max())
    )
    return finish(
        people.group_by("group_id", "key").agg(
            nw.len().alias("members"), nw.col("members_at_end").sum()
        )
    )


def _active_members(
    stays: nw.LazyFrame[Any], log: nw.LazyFrame[Any], *, granularity: CalendarGranularity
) -> pl.DataFrame:
    """Members of each group and period with an event on a day of their membership."""
    days = (
        log.with_columns(day=nw.col("day").cast(nw.Int64))
        .group_by("user_id", "day")
        .agg(nw.len().alias("events"))
    )
    inside = days.join(stays, on="user_id", how="inner").filter(
        nw.col("day") >= nw.col("joined_day"), nw.col("day") < nw.col("left_day")
    )
    people = (
        with_period_key(inside, granularity=granularity)
        .group_by("group_id", "key", "user_id")
        .agg(nw.len().alias("days"))
    )
    return finish(people.group_by("group_id", "key").agg(nw.len().alias("active")))
