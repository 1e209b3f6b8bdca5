"""The steps of each path in their one order: what every metric of journeys is counted from."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import narwhals.stable.v2 as nw

from analytics_lib.core.errors import SchemaError
from analytics_lib.metrics.frames import timed_events, with_group_keys

START = "(start)"
END = "(end)"
MISSING = "(missing)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps:
    """Events as steps of paths, lazily.

    Attributes:
        frame: One row a step: the columns of `path`, `event` (text, never
            null), `t_us`, `event_id` and `step` (1 for the first).
        groups: Columns of the groups, to be undone by `restore_groups`.
        path: Columns that name one path: the groups, `user`, and `path` where
            paths are not users.
        order: Columns of the total order within a path.
    """

    frame: nw.LazyFrame[Any]
    groups: list[str]
    path: list[str]
    order: list[str]


def path_steps(
    events: Any,  # noqa: ANN401 - an EventLog or any supported frame
    *,
    question: str,
    as_of: dt.date,
    path: str,
    column: str,
    by: Sequence[str] = (),
    collapse_repeats: bool = False,
) -> Steps:
    """In which order did the events of each path happen?

    The trap is the tie: with one order for what follows and another for what
    comes last, a path seems to go on after its end. So there is one total
    order, (`t_us`, `event_id`), and every question is asked of it.

    Args:
        events: An `EventLog`, or a frame with `user_id`, `day`, `t_us`,
            `event_id`, `path`, `column` and the `by` columns; one row an event.
        question: Public name of the question, for the error message.
        as_of: Last complete day; later rows are ignored.
        path: Column of paths, such as `user_id` or `session_id`; a path never
            spans two users. Events without one belong to no path, and events
            without an instant have no place in one.
        column: Column of event names; a missing name is `(missing)`.
        by: Columns of groups; the paths are taken within a group.
        collapse_repeats: Whether the same event several times in a row is one step.

    Raises:
        SchemaError: A column is missing, or the names are no text.
        ParameterError: The log knows only days.
    """
    known = timed_events(
        events, as_of=as_of, columns=["event_id", path, column, *by], question=question
    )
    names = _names(known, column)

    keyed, groups = with_group_keys(known, by)
    keys, order = [*groups, "user"], ["t_us", "event_id", "event"]
    picked = [nw.col("user_id").alias("user")]
    if path != "user_id":
        keys.append("path")
        picked.append(nw.col(path).alias("path"))
    steps = keyed.filter(~nw.col(path).is_null()).select(
        *groups,
        *picked,
        names.alias("event"),
        nw.col("t_us").cast(nw.Int64),
        "event_id",
        one=nw.lit(1).cast(nw.Int64),
    )
    if collapse_repeats:
        before = nw.col("event").shift(1).over(*keys, order_by=order)
        steps = (
            steps.with_columns(before=before)
            .filter(nw.col("before").is_null() | (nw.col("before") != nw.col("event")))
            .drop("before")
        )
    numbered = steps.with_columns(step=nw.col("one").cum_sum().over(*keys, order_by=order))
    return Steps(frame=numbered.drop("one"), groups=groups, path=keys, order=order)


def count_paths(
    rows: nw.LazyFrame[Any], *, keys: Sequence[str], path: Sequence[str]
) -> nw.LazyFrame[Any]:
    """`n` rows of so many different `paths` and `users`, for each value of the keys.

    Args:
        rows: Rows with the columns of `keys` and `path`.
        keys: Columns to count by, the groups among them.
        path: Columns that name one path, as in `Steps`.
    """
    in_path = list(dict.fromkeys([*keys, *path]))
    by_path = rows.group_by(*in_path).agg(nw.len().alias("n"))
    by_user = by_path.group_by(*keys, "user").agg(nw.col("n").sum(), nw.len().alias("paths"))
    return by_user.group_by(*keys).agg(nw.col("n", "paths").sum(), nw.len().alias("users"))


def refuse_marker(names: Iterable[str | None], *, marker: str, column: str) -> None:
    """Raise `SchemaError` if an event is called what marks the start or the end."""
    if marker in set(names):
        raise SchemaError(
            f"`{column}` has an event called {marker!r}, which marks the ends of paths; rename it."
        )


def _names(known: nw.LazyFrame[Any], column: str) -> nw.Expr:
    dtype = known.collect_schema()[column]
    if dtype not in (nw.String, nw.Categorical, nw.Enum):
        raise SchemaError(f"`{column}` is {dtype}; names of events must be text.")
    return nw.col(column).cast(nw.String).fill_null(MISSING)
