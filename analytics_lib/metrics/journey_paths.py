"""Which way paths go in their first steps."""

import datetime as dt
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl

from analytics_lib.core.checks import require_at_least
from analytics_lib.metrics.frames import finish, like, restore_groups
from analytics_lib.metrics.journey_steps import END, Steps, count_paths, path_steps, refuse_marker
from analytics_lib.statistics import add_share_interval

_ARROW = " > "


def top_paths(
    events: Any,  # noqa: ANN401 - an EventLog or any supported frame
    *,
    steps: int,
    limit: int,
    as_of: dt.date,
    path: str = "user_id",
    by: Sequence[str] = (),
    column: str = "event_type",
    collapse_repeats: bool = False,
    confidence_level: float = 0.95,
) -> Any:  # noqa: ANN401 - the caller's own kind of frame
    """Which first steps are the most frequent?

    The trap is the base: a share of the listed paths grows as the list gets
    shorter. The share here is of all paths.

    Args:
        events: An `EventLog`, or a frame with `user_id`, `day`, `t_us`,
            `event_id` and the columns named; one row an event.
        steps: How many events of a path to look at, 1 or more.
        limit: How many different beginnings to list in each group, 1 or more.
        as_of: Last complete day; later rows are ignored.
        path: Column of paths, such as `user_id` or `session_id`; a path never
            spans two users, and events without one are left out.
        by: Columns to break down by; the paths are taken within a group.
        column: Column of event names; a missing name is `(missing)`.
        collapse_repeats: Whether the same event several times in a row is one.
        confidence_level: Coverage of the Wilson intervals.

    Returns:
        One row a group and beginning, the most frequent first, ties by name:
        the `by` columns, `rank` (from 1), `step_1`, `step_2` and so on
        (`(end)` after the last event of a shorter path, then null), `journey`
        (the steps in one text), `paths`, `users`, `all_paths`, `share`
        (`paths` / `all_paths`), `ci_lower`, `ci_upper`. Empty where there are
        no events.

    Raises:
        SchemaError: A column is missing, or an event is called like the marker.
        ParameterError: The log knows only days, or `steps` or `limit` is below 1.

    Examples:
        >>> log = pl.DataFrame(
        ...     {
        ...         "event_id": ["1", "2", "3", "4"],
        ...         "user_id": ["a", "a", "b", "c"],
        ...         "event_type": ["home", "buy", "home", "home"],
        ...         "t_us": [0, 5, 7, 9],
        ...         "day": [0, 0, 0, 0],
        ...     }
        ... )
        >>> top_paths(log, steps=2, limit=5, as_of=dt.date(1970, 1, 1)).select(
        ...     "journey", "paths", "all_paths"
        ... ).rows()
        [('home > (end)', 2, 3), ('home > buy', 1, 3)]
    """
    require_at_least(steps, 1, name="steps")
    require_at_least(limit, 1, name="limit")

    found = path_steps(
        events,
        question="top_paths",
        as_of=as_of,
        path=path,
        column=column,
        by=by,
        collapse_repeats=collapse_repeats,
    )
    names = [f"step_{number}" for number in range(1, steps + 1)]
    ahead = {
        name: nw.col("event").shift(-distance).over(*found.path, order_by=found.order)
        for distance, name in enumerate(names)
        if distance
    }
    beginnings = (
        found.frame.filter(nw.col("step") <= steps)
        .with_columns(nw.col("event").alias("step_1"), **ahead)
        .filter(nw.col("step") == 1)
    )
    counts = finish(count_paths(beginnings, keys=[*found.groups, *names], path=found.path))
    result = _ranked(restore_groups(counts, by), by=by, names=names, column=column, limit=limit)
    with_shares = add_share_interval(
        result, numerator="paths", denominator="all_paths", confidence_level=confidence_level
    )
    return like(with_shares, events)


def step_matrix(
    events: Any,  # noqa: ANN401 - an EventLog or any supported frame
    *,
    steps: int,
    as_of: dt.date,
    path: str = "user_id",
    by: Sequence[str] = (),
    column: str = "event_type",
    collapse_repeats: bool = False,
    confidence_level: float = 0.95,
) -> Any:  # noqa: ANN401 - the caller's own kind of frame
    """What share of all paths is at each event at each step?

    The trap is the shrinking base: of the paths that are still going, the
    share of a late event rises merely because the others are over. Here a path
    that is over stays at `(end)`, so the shares of each step add up to 1.

    Args:
        events: An `EventLog`, or a frame with `user_id`, `day`, `t_us`,
            `event_id` and the columns named; one row an event.
        steps: How many steps, 1 or more.
        as_of: Last complete day; later rows are ignored.
        path: Column of paths, such as `user_id` or `session_id`; a path never
            spans two users, and events without one are left out.
        by: Columns to break down by; the paths are taken within a group.
        column: Column of event names; a missing name is `(missing)`.
        collapse_repeats: Whether the same event several times in a row is one.
        confidence_level: Coverage of the Wilson intervals.

    Returns:
        One row a group, step and event, sorted: the `by` columns, `step` (from
        1), `event` (each that occurs in any of the steps, and `(end)`),
        `paths` at it, `users`, `all_paths`, `share` (`paths` / `all_paths`),
        `ci_lower`, `ci_upper`. Empty where there are no events.

    Raises:
        SchemaError: A column is missing, or an event is called like the marker.
        ParameterError: The log knows only days, or `steps` is below 1.

    Examples:
        >>> log = pl.DataFrame(
        ...     {
        ...         "event_id": ["1", "2", "3"],
        ...         "user_id": ["a", "a", "b"],
        ...         "event_type": ["home", "buy", "home"],
        ...         "t_us": [0, 5, 7],
        ...         "day": [0, 0, 0],
        ...     }
        ... )
        >>> found = step_matrix(log, steps=2, as_of=dt.date(1970, 1, 1))
        >>> found.filter(pl.col("step") == 2).select("event", "paths", "share").rows()
        [('(end)', 1, 0.5), ('buy', 1, 0.5), ('home', 0, 0.0)]
    """
    require_at_least(steps, 1, name="steps")

    found = path_steps(
        events,
        question="step_matrix",
        as_of=as_of,
        path=path,
        column=column,
        by=by,
        collapse_repeats=collapse_repeats,
    )
    early = found.frame.filter(nw.col("step") <= steps)
    at_step = finish(count_paths(early, keys=[*found.groups, "step", "event"], path=found.path))
    refuse_marker(at_step["event"], marker=END, column=column)
    over = _over_by_step(found, steps=steps)
    columns = [*found.groups, "step", "event", "paths", "users"]
    counts = pl.concat([at_step.select(columns), over.select(columns)])
    result = restore_groups(_every_cell(counts, found.groups), by).with_columns(
        all_paths=pl.col("paths").sum().over(*by, "step")
    )
    with_shares = add_share_interval(
        result, numerator="paths", denominator="all_paths", confidence_level=confidence_level
    )
    order = [*by, "step", "event"]
    return like(with_shares.select(*order, pl.exclude(order)).sort(*order), events)


def _ranked(
    counts: pl.DataFrame, *, by: Sequence[str], names: Sequence[str], column: str, limit: int
) -> pl.DataFrame:
    """The most frequent beginnings of each group, with the markers of the end."""
    for name in names:
        refuse_marker(counts[name], marker=END, column=column)
    ended = [
        pl.when(pl.col(name).is_null() & pl.col(before).is_not_null())
        .then(pl.lit(END))
        .otherwise(pl.col(name))
        .alias(name)
        for before, name in pairwise(names)
    ]
    whole = pl.lit(value=True) if not by else pl.struct(by)
    frequent = [False] * len(by) + [True] + [False] * len(names)
    ranked = (
        counts.with_columns(ended)
        .with_columns(
            all_paths=pl.col("paths").sum().over(whole),
            journey=pl.concat_str(names, separator=_ARROW, ignore_nulls=True),
        )
        .sort(*by, "paths", *names, descending=frequent)
        .with_columns(rank=pl.int_range(1, pl.len() + 1).over(whole))
        .filter(pl.col("rank") <= limit)
    )
    return ranked.select(*by, "rank", *names, "journey", "paths", "users", "all_paths")


def _over_by_step(found: Steps, *, steps: int) -> pl.DataFrame:
    """Paths that are over at each step, and their users; a row for each group and step."""
    lengths = found.frame.group_by(*found.path).agg(nw.col("step").max().alias("length"))
    by_length = finish(lengths.group_by(*found.groups, "length").agg(nw.len().alias("n")))
    # A user is at the end from the step after the shortest of their paths.
    shortest = lengths.group_by(*found.groups, "user").agg(nw.col("length").min())
    by_shortest = finish(shortest.group_by(*found.groups, "length").agg(nw.len().alias("n")))
    everywhere = by_length.with_columns(one=pl.lit(0)).select(*found.groups, "one").unique()
    numbers = pl.DataFrame({"step": range(1, steps + 1)}, schema={"step": pl.Int64})
    over = everywhere.join(numbers, how="cross")
    for name, counts in (("paths", by_length), ("users", by_shortest)):
        ended = pl.col("n").filter(pl.col("length") < pl.col("step")).sum().alias(name)
        keys = [*found.groups, "step"]
        over = over.join(
            counts.join(numbers, how="cross").group_by(keys).agg(ended), on=keys, how="left"
        )
    return over.with_columns(event=pl.lit(END))


def _every_cell(counts: pl.DataFrame, groups: Sequence[str]) -> pl.DataFrame:
    """A row for each group, step and event, 0 where nobody was."""
    everywhere = counts.select(*groups, "step").unique()
    every = everywhere.join(counts.select("event").unique(), how="cross")
    cells = every.join(counts, on=[*groups, "step", "event"], how="left")
    return cells.with_columns(pl.col("paths", "users").fill_null(0))
