"""What people do before and after a chosen event."""

import datetime as dt
from collections.abc import Sequence
from typing import Any, Literal, get_args

import narwhals.stable.v2 as nw
import polars as pl

from analytics_lib.core.checks import require_at_least, require_choice
from analytics_lib.core.errors import ParameterError
from analytics_lib.metrics.frames import beside, finish, like, restore_groups
from analytics_lib.metrics.journey_steps import (
    END,
    START,
    Steps,
    count_paths,
    path_steps,
    refuse_marker,
)
from analytics_lib.statistics import add_share_interval

Occurrence = Literal["first", "every"]


def around_event(
    events: Any,  # noqa: ANN401 - an EventLog or any supported frame
    *,
    event_type: str,
    before: int,
    after: int,
    as_of: dt.date,
    occurrence: Occurrence = "first",
    path: str = "user_id",
    by: Sequence[str] = (),
    column: str = "event_type",
    collapse_repeats: bool = False,
    confidence_level: float = 0.95,
) -> Any:  # noqa: ANN401 - the caller's own kind of frame
    """What happens in the steps before and after a chosen event?

    The trap is counting every occurrence as if it were a person: one user who
    searches fifty times then outvotes fifty who search once. So the default is
    the first occurrence of each path.

    Args:
        events: An `EventLog`, or a frame with `user_id`, `day`, `t_us`,
            `event_id` and the columns named; one row an event.
        event_type: The chosen event, a value of `column`.
        before: How many steps before it, 0 or more.
        after: How many steps after it, 0 or more.
        as_of: Last complete day; later rows are ignored.
        occurrence: `first` of each path, or `every` one.
        path: Column of paths, such as `user_id` or `session_id`; a path never
            spans two users, and events without one are left out.
        by: Columns to break down by; the paths are taken within a group.
        column: Column of event names; a missing name is `(missing)`.
        collapse_repeats: Whether the same event several times in a row is one.
        confidence_level: Coverage of the Wilson intervals.

    Returns:
        One row a group, offset and event that occurs there, sorted: the `by`
        columns, `offset` (-1 for the step before, 1 for the step after, never
        0), `event` (`(start)` before the first step of the path, `(end)` after
        its last), `n` occurrences followed or preceded by it, `users`,
        `occurrences` (all), `share` (`n` / `occurrences`; those of an offset
        add up to 1), `ci_lower`, `ci_upper`. Empty where the event does not
        occur.

    Raises:
        SchemaError: A column is missing, or an event is called like a marker.
        ParameterError: The log knows only days, `occurrence` is unknown, or
            `before` or `after` is negative, or both are 0.

    Examples:
        >>> log = pl.DataFrame(
        ...     {
        ...         "event_id": ["1", "2", "3"],
        ...         "user_id": ["a", "a", "b"],
        ...         "event_type": ["home", "buy", "buy"],
        ...         "t_us": [0, 5, 7],
        ...         "day": [0, 0, 0],
        ...     }
        ... )
        >>> around_event(
        ...     log, event_type="buy", before=1, after=1, as_of=dt.date(1970, 1, 1)
        ... ).select("offset", "event", "n", "share").rows()
        [(-1, '(start)', 1, 0.5), (-1, 'home', 1, 0.5), (1, '(end)', 2, 1.0)]
    """
    require_choice(occurrence, get_args(Occurrence), name="occurrence")
    require_at_least(before, 0, name="before")
    require_at_least(after, 0, name="after")
    if before == after == 0:
        raise ParameterError("`before` and `after` are both 0; one must be at least 1.")

    steps = path_steps(
        events,
        question="around_event",
        as_of=as_of,
        path=path,
        column=column,
        by=by,
        collapse_repeats=collapse_repeats,
    )
    offsets = [offset for offset in range(-before, after + 1) if offset]
    around = _neighbours(steps, event_type=event_type, occurrence=occurrence, offsets=offsets)
    counts = finish(count_paths(around, keys=[*steps.groups, "offset", "event"], path=steps.path))
    for marker in (START, END):
        refuse_marker(counts["event"], marker=marker, column=column)
    result = (
        restore_groups(counts, by)
        .with_columns(
            pl.col("event").fill_null(
                pl.when(pl.col("offset") < 0).then(pl.lit(START)).otherwise(pl.lit(END))
            )
        )
        .with_columns(occurrences=pl.col("n").sum().over(*by, "offset"))
        .select(*by, "offset", "event", "n", "users", "occurrences")
    )
    with_shares = add_share_interval(
        result, numerator="n", denominator="occurrences", confidence_level=confidence_level
    )
    return like(with_shares.sort(*by, "offset", "event"), events)


def _neighbours(
    steps: Steps, *, event_type: str, occurrence: Occurrence, offsets: Sequence[int]
) -> nw.LazyFrame[Any]:
    """A row for each occurrence and offset, with the event there; null beyond the path."""
    anchors = steps.frame.filter(nw.col("event") == event_type).select(*steps.path, "step")
    if occurrence == "first":
        anchors = anchors.group_by(*steps.path).agg(nw.col("step").min())
    numbers = nw.from_native(pl.LazyFrame({"offset": offsets}, schema={"offset": pl.Int64}))
    places = anchors.join(beside(numbers, anchors), how="cross").with_columns(
        step=nw.col("step") + nw.col("offset")
    )
    there = steps.frame.select(*steps.path, "step", "event")
    return places.join(there, on=[*steps.path, "step"], how="left")
