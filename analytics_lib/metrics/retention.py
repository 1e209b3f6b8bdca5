"""Who comes back: on day n, on day n or later, or within a bracket of days."""

import datetime as dt
from collections.abc import Sequence
from typing import Any, Literal, get_args

import narwhals.stable.v2 as nw
import polars as pl

from analytics_lib.core.checks import require_at_least, require_choice
from analytics_lib.core.errors import ParameterError
from analytics_lib.core.periods import day_number
from analytics_lib.core.results import Estimate
from analytics_lib.events.boundary import as_table
from analytics_lib.metrics.calendar import day_column
from analytics_lib.metrics.frames import (
    beside,
    finish,
    known_events,
    like,
    restore_groups,
    with_group_keys,
)
from analytics_lib.metrics.user_ages import ages_since_first_event
from analytics_lib.statistics import add_share_interval, estimate_share

RetentionKind = Literal["on", "on_or_after", "bracket"]


def retention_curve(
    events: Any,  # noqa: ANN401 - an EventLog or any supported frame
    *,
    kind: RetentionKind,
    ages: Sequence[int],
    as_of: dt.date,
    width: int = 1,
    by: Sequence[str] = (),
    population: Any = None,  # noqa: ANN401 - any supported frame
    confidence_level: float = 0.95,
) -> Any:  # noqa: ANN401 - the caller's own kind of frame
    """What share of users is active again n days after their first day?

    The trap is whom to divide by: a user whose day n has not come yet is not
    lost. Only mature users count, those whose day (or bracket) n is over by
    `as_of`, so the base shrinks with age. Retention is no funnel: it may rise.

    Args:
        events: An `EventLog`, or a frame with `user_id` and `day`; one row an event.
        kind: `on` asks for activity on day n itself, `on_or_after` for day n
            or any later day (never below the others: later chances count), and
            `bracket` for any of the `width` days from `width * n` on.
        ages: The values of n, 0 or more; for `bracket` counted in brackets.
        as_of: Last complete day; later rows are ignored.
        width: Days of a bracket; 7 makes ages weeks.
        by: Columns that split users into groups, of the population where there
            is one; otherwise of the events, and the first day is taken within
            a group and a return must be in the same.
        population: Who belongs to the base, with `user_id`, the `by` columns
            and `first_day` (day number); people without a single event stay in
            it and events outside it are left out. Without it the base is
            whoever has an event, from the first event on.
        confidence_level: Coverage of the Wilson intervals.

    Returns:
        One row a group and age: the `by` columns, `age`, `users` (mature),
        `retained`, `share`, `ci_lower`, `ci_upper`; shares are null where
        nobody is mature.

    Raises:
        SchemaError: A column is missing.
        ParameterError: `kind` is unknown, an age is negative, or `width` is
            below 1 or given without brackets.
    """
    require_choice(kind, get_args(RetentionKind), name="kind")
    require_at_least(width, 1, name="width")
    require_at_least(min(ages, default=0), 0, name="ages")
    if kind != "bracket" and width != 1:
        raise ParameterError(f"`width` is {width}, but only kind 'bracket' has a width.")

    if population is None:
        aged, groups = ages_since_first_event(events, by=by, as_of=as_of)
        cohorts = None
    else:
        aged, groups, cohorts = _ages_since_first_day(events, population, by=by, as_of=as_of)
    found = _counts_by_age(aged, groups=groups, kind=kind, width=width, ages=ages)
    if cohorts is None:
        # Whoever is there has a first day, so the counts know the sizes: the log is read once.
        whole = found if kind == "on_or_after" else found.filter(pl.col("age") == 0)
        cohorts = whole.group_by(*groups, "first_day").agg(users=pl.col("retained").sum())
    rows = [
        _at_age(cohorts, found, age=age, kind=kind, width=width, groups=groups, as_of=as_of)
        for age in ages or [0]
    ]
    result = pl.concat(rows if ages else [rows[0].clear()])
    with_shares = add_share_interval(
        restore_groups(result, by).select(*by, "age", "users", "retained"),
        numerator="retained",
        denominator="users",
        confidence_level=confidence_level,
    )
    return like(with_shares.sort(*by, "age"), events)


def day_n_retention(
    events: Any,  # noqa: ANN401 - an EventLog or any supported frame
    *,
    n: int,
    as_of: dt.date,
    confidence_level: float = 0.95,
) -> Estimate:
    """What share of users is active exactly n days after their first active day?

    Args:
        events: An `EventLog`, or a frame with `user_id` and `day`; one row an event.
        n: Days after the first, 1 or more.
        as_of: Last complete day; later rows are ignored.
        confidence_level: Coverage of the Wilson interval.

    Returns:
        Estimate in `"share"` of mature users; `nan` where nobody is mature.

    Raises:
        SchemaError: A column is missing.
        ParameterError: `n` is below 1.

    Examples:
        >>> log = pl.DataFrame({"user_id": ["a", "a", "b"], "day": [0, 7, 0]})
        >>> day_n_retention(log, n=7, as_of=dt.date(1970, 1, 8)).value
        0.5
    """
    return _single(events, kind="on", n=n, as_of=as_of, confidence_level=confidence_level)


def on_or_after_retention(
    events: Any,  # noqa: ANN401 - an EventLog or any supported frame
    *,
    n: int,
    as_of: dt.date,
    confidence_level: float = 0.95,
) -> Estimate:
    """What share of users is active n days after their first active day or later?

    It is one minus the share lost for good, so far as `as_of` can tell, and
    rises for old users simply because they had more time.

    Args:
        events: An `EventLog`, or a frame with `user_id` and `day`; one row an event.
        n: Days after the first, 1 or more.
        as_of: Last complete day; later rows are ignored.
        confidence_level: Coverage of the Wilson interval.

    Returns:
        Estimate in `"share"` of mature users; `nan` where nobody is mature.

    Raises:
        SchemaError: A column is missing.
        ParameterError: `n` is below 1.
    """
    return _single(events, kind="on_or_after", n=n, as_of=as_of, confidence_level=confidence_level)


def bracket_retention(
    events: Any,  # noqa: ANN401 - an EventLog or any supported frame
    *,
    start: int,
    end: int,
    as_of: dt.date,
    confidence_level: float = 0.95,
) -> Estimate:
    """What share of users is active on any of the days from `start` up to, not including, `end`?

    Args:
        events: An `EventLog`, or a frame with `user_id` and `day`; one row an event.
        start: First day of the bracket, counted from the first active day; 1 or more.
        end: First day after the bracket.
        as_of: Last complete day; later rows are ignored.
        confidence_level: Coverage of the Wilson interval.

    Returns:
        Estimate in `"share"` of the users whose bracket is over; `nan` where
        there is none.

    Raises:
        SchemaError: A column is missing.
        ParameterError: `start` is below 1 or `end` not after it.
    """
    require_at_least(start, 1, name="start")
    require_at_least(end, start + 1, name="end")

    log = known_events(events, as_of=as_of).select("user_id", day_column().alias("day"))
    firsts = log.group_by("user_id").agg(nw.col("day").min().alias("first_day"))
    mature = firsts.filter(nw.col("first_day") + (end - 1) <= day_number(as_of))
    age = nw.col("day") - nw.col("first_day")
    back = log.join(mature, on="user_id", how="inner").filter(age >= start, age < end)
    retained = finish(back.group_by("user_id").agg(nw.len().alias("events")).select(nw.len()))
    users = finish(mature.select(nw.len()))
    return estimate_share(retained.item(), users.item(), confidence_level=confidence_level)


def _single(
    events: Any,  # noqa: ANN401 - an EventLog or any supported frame
    *,
    kind: RetentionKind,
    n: int,
    as_of: dt.date,
    confidence_level: float,
) -> Estimate:
    require_at_least(n, 1, name="n")

    curve = retention_curve(events, kind=kind, ages=[n], as_of=as_of)
    row = nw.from_native(curve).lazy().collect(backend="polars").to_native()
    return estimate_share(
        row["retained"].item(), row["users"].item(), confidence_level=confidence_level
    )


def _ages_since_first_day(
    events: Any,  # noqa: ANN401 - an EventLog or any supported frame
    population: Any,  # noqa: ANN401 - any supported frame
    *,
    by: Sequence[str],
    as_of: dt.date,
) -> tuple[nw.LazyFrame[Any], list[str], pl.DataFrame]:
    """The same for a population, and how many there are of each first day."""
    log = known_events(events, as_of=as_of).select("user_id", "day")
    people = as_table(population, [*by, "user_id", "first_day"], name="population")
    keyed, groups = with_group_keys(beside(people, log), by)
    first = (
        keyed.filter(nw.col("first_day") <= day_number(as_of))
        .group_by(*groups, "user_id")
        .agg(nw.col("first_day").min())
    )
    aged = (
        log.group_by("user_id", "day")
        .agg(nw.len().alias("events"))
        .join(first, on="user_id", how="inner")
        .with_columns(age=nw.col("day") - nw.col("first_day"))
        .filter(nw.col("age") >= 0)
    )
    cohorts = finish(first.group_by(*groups, "first_day").agg(nw.len().alias("users")))
    return aged, groups, cohorts


def _counts_by_age(
    aged: nw.LazyFrame[Any],
    *,
    groups: Sequence[str],
    kind: RetentionKind,
    width: int,
    ages: Sequence[int],
) -> pl.DataFrame:
    """Users by first day and age: those asked for and 0, or the last they were active at."""
    keys = [*groups, "user_id", "first_day"]
    if kind == "on_or_after":
        aged = aged.group_by(*keys).agg(nw.col("age").max())
    else:
        age = nw.col("age") // width if width > 1 else nw.col("age").cast(nw.Int64)
        brackets = aged.with_columns(age=age)
        asked = brackets.filter(nw.col("age").is_in([0, *ages]))
        aged = asked if width == 1 else asked.group_by(*keys, "age").agg(nw.len().alias("days"))
    return finish(aged.group_by(*groups, "first_day", "age").agg(nw.len().alias("retained")))


def _at_age(
    cohorts: pl.DataFrame,
    found: pl.DataFrame,
    *,
    age: int,
    kind: RetentionKind,
    width: int,
    groups: Sequence[str],
    as_of: dt.date,
) -> pl.DataFrame:
    """Mature users and the retained among them, at one age."""
    last_day_needed = age * width + width - 1
    mature = pl.col("first_day") + last_day_needed <= day_number(as_of)
    at_age = pl.col("age") >= age if kind == "on_or_after" else pl.col("age") == age
    everybody = pl.lit(0).alias("__all")
    users = cohorts.group_by(everybody, *groups).agg(pl.col("users").filter(mature).sum())
    retained = (
        found.filter(mature, at_age).group_by(everybody, *groups).agg(pl.col("retained").sum())
    )
    return users.join(retained, on=["__all", *groups], how="left").with_columns(
        pl.col("retained").fill_null(0), age=pl.lit(age, pl.Int64)
    )
