"""How people move from event to event, and how two segments differ in it."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl

from analytics_lib.core.checks import suggest
from analytics_lib.core.errors import ParameterError
from analytics_lib.metrics.frames import finish, like, restore_groups
from analytics_lib.metrics.journey_steps import END, START, count_paths, path_steps, refuse_marker
from analytics_lib.statistics import add_share_interval, estimate_share, share_difference

_EDGE = ("from_event", "to_event")


def transitions(
    events: Any,  # noqa: ANN401 - an EventLog or any supported frame
    *,
    as_of: dt.date,
    path: str = "user_id",
    by: Sequence[str] = (),
    column: str = "event_type",
    collapse_repeats: bool = False,
    confidence_level: float = 0.95,
) -> Any:  # noqa: ANN401 - the caller's own kind of frame
    """From each event, what comes next, and how often?

    The trap is the phantom edge: where ties are broken one way for "next" and
    another for "last", paths seem to go on after their end. Here the markers
    of start and end follow from the one total order (`t_us`, `event_id`), so
    that as many transitions arrive at an event as leave it.

    Args:
        events: An `EventLog`, or a frame with `user_id`, `day`, `t_us`,
            `event_id` and the columns named; one row an event.
        as_of: Last complete day; later rows are ignored. What a path does
            after it is not known, so it ends there.
        path: Column of paths, such as `user_id` or `session_id`; a path never
            spans two users, and events without one are left out.
        by: Columns to break down by; the paths are taken within a group.
        column: Column of event names; a missing name is `(missing)`.
        collapse_repeats: Whether the same event several times in a row is one.
        confidence_level: Coverage of the Wilson intervals.

    Returns:
        One row a group and transition that occurs, sorted: the `by` columns,
        `from_event` (`(start)` before the first), `to_event` (`(end)` after
        the last), `n` transitions in `paths` different paths of `users`
        different users, `leaving` (all that leave `from_event`), `out_share`
        (`n` / `leaving`) with `out_ci_lower` and `out_ci_upper`, `arriving`
        (all that arrive at `to_event`), `in_share` (`n` / `arriving`) with
        `in_ci_lower` and `in_ci_upper`. The intervals take transitions as
        independent: a few paths that go round in circles make them too narrow.
        Empty where there are no events.

    Raises:
        SchemaError: A column is missing, or an event is called like a marker.
        ParameterError: The log knows only days.

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
        >>> found = transitions(log, as_of=dt.date(1970, 1, 1))
        >>> found.select("from_event", "to_event", "n", "out_share").rows()
        [('(start)', 'home', 2, 1.0), ('buy', '(end)', 1, 1.0),
         ('home', '(end)', 1, 0.5), ('home', 'buy', 1, 0.5)]
    """
    counts = _count_transitions(
        events,
        question="transitions",
        as_of=as_of,
        path=path,
        by=by,
        column=column,
        collapse_repeats=collapse_repeats,
    )
    with_bases = counts.with_columns(
        leaving=pl.col("n").sum().over(*by, "from_event"),
        arriving=pl.col("n").sum().over(*by, "to_event"),
    )
    result = with_bases
    for end, base in (("out", "leaving"), ("in", "arriving")):
        result = add_share_interval(
            result, numerator="n", denominator=base, confidence_level=confidence_level
        ).rename({name: f"{end}_{name}" for name in ("share", "ci_lower", "ci_upper")})
    shares = [f"{{}}_{name}" for name in ("share", "ci_lower", "ci_upper")]
    columns = [
        *("n", "paths", "users"),
        *("leaving", *(name.format("out") for name in shares)),
        *("arriving", *(name.format("in") for name in shares)),
    ]
    return like(result.select(*by, *_EDGE, *columns).sort(*by, *_EDGE), events)


def compare_transitions(
    events: Any,  # noqa: ANN401 - an EventLog or any supported frame
    *,
    segment: str,
    values: tuple[str | int, str | int],
    as_of: dt.date,
    path: str = "user_id",
    column: str = "event_type",
    collapse_repeats: bool = False,
    confidence_level: float = 0.95,
) -> Any:  # noqa: ANN401 - the caller's own kind of frame
    """From each event, do two segments go on differently?

    The trap is the many comparisons: of 100 transitions that do not differ,
    five or so have a 95 % interval without 0. Choose the transition first, or
    the confidence level to suit. The interval takes the segments, and the
    transitions within them, as independent: it is too narrow where the same
    users are in both.

    Args:
        events: An `EventLog`, or a frame with `user_id`, `day`, `t_us`,
            `event_id` and the columns named; one row an event.
        segment: Column of segments, such as `platform`; the paths are taken
            within a segment.
        values: The two segments: the base, and what is compared with it.
        as_of: Last complete day; later rows are ignored.
        path: Column of paths, such as `user_id` or `session_id`.
        column: Column of event names; a missing name is `(missing)`.
        collapse_repeats: Whether the same event several times in a row is one.
        confidence_level: Coverage of the intervals.

    Returns:
        One row a transition that occurs in either segment, sorted:
        `from_event`, `to_event`; of the base `base_n`, `base_users`,
        `base_leaving` and `base_share` (of all that leave `from_event`); the
        same of the other as `other_...`; `effect_size` (other less base, as a
        share) with Newcombe's interval `ci_lower` to `ci_upper`, and
        `rel_effect_size` (of the base's share). Null where nobody of a
        segment leaves `from_event`, or the base's share is zero.

    Raises:
        SchemaError: A column is missing, or an event is called like a marker.
        ParameterError: The log knows only days, or `values` are not two
            different ones that occur.
    """
    counts = _count_transitions(
        events,
        question="compare_transitions",
        as_of=as_of,
        path=path,
        by=[segment],
        column=column,
        collapse_repeats=collapse_repeats,
    )
    _require_segments(values, counts[segment].unique().sort().to_list(), name=segment)

    pairs = counts.filter(pl.col(segment).is_in(list(values))).select(_EDGE).unique().sort(*_EDGE)
    for side, value in zip(("base", "other"), values, strict=True):
        mine = counts.filter(pl.col(segment) == value)
        leaving = mine.group_by("from_event").agg(pl.col("n").sum().alias(f"{side}_leaving"))
        named = mine.select(*_EDGE, pl.col("n", "users").name.prefix(f"{side}_"))
        filled = pl.col(f"{side}_n", f"{side}_users", f"{side}_leaving").fill_null(0)
        pairs = (
            pairs.join(named, on=_EDGE, how="left")
            .join(leaving, on="from_event", how="left")
            .with_columns(filled)
        )
    return like(_with_differences(pairs, confidence_level=confidence_level), events)


def _count_transitions(
    events: Any,  # noqa: ANN401 - an EventLog or any supported frame
    *,
    question: str,
    as_of: dt.date,
    path: str,
    by: Sequence[str],
    column: str,
    collapse_repeats: bool,
) -> pl.DataFrame:
    """`from_event`, `to_event`, `n`, `paths` and `users` of each group, in polars."""
    steps = path_steps(
        events,
        question=question,
        as_of=as_of,
        path=path,
        column=column,
        by=by,
        collapse_repeats=collapse_repeats,
    )
    beside = steps.frame.with_columns(
        before=nw.col("event").shift(1).over(*steps.path, order_by=steps.order),
        after=nw.col("event").shift(-1).over(*steps.path, order_by=steps.order),
    )
    arrivals = beside.select(
        *steps.path, nw.col("before").fill_null(START).alias("from_event"), to_event=nw.col("event")
    )
    ends = beside.filter(nw.col("after").is_null()).select(
        *steps.path, nw.col("event").alias("from_event"), to_event=nw.lit(END)
    )
    edges = nw.concat([arrivals, ends])
    counts = finish(count_paths(edges, keys=[*steps.groups, *_EDGE], path=steps.path))
    refuse_marker(counts["to_event"], marker=START, column=column)
    refuse_marker(counts["from_event"], marker=END, column=column)
    return restore_groups(counts, by)


def _require_segments(
    values: tuple[str | int, str | int], known: list[str | int | None], *, name: str
) -> None:
    if len(values) != 2 or values[0] == values[1]:  # noqa: PLR2004 - two segments
        raise ParameterError(f"`values` is {values!r}; it must be two different segments.")
    absent = [value for value in values if value not in known]
    if known and absent:
        raise ParameterError(
            f"`values` has {absent[0]!r}, but no path has it as `{name}`."
            + suggest(str(absent[0]), [str(value) for value in known])
        )


def _with_differences(pairs: pl.DataFrame, *, confidence_level: float) -> pl.DataFrame:
    differences = []
    for row in pairs.iter_rows(named=True):
        base, other = (
            estimate_share(
                row[f"{side}_n"], row[f"{side}_leaving"], confidence_level=confidence_level
            )
            for side in ("base", "other")
        )
        found = share_difference(base, other)
        differences.append(
            {
                "base_share": base.value,
                "other_share": other.value,
                "effect_size": found.effect_size,
                "ci_lower": found.ci_lower,
                "ci_upper": found.ci_upper,
                "rel_effect_size": found.rel_effect_size,
            }
        )
    names = ["base_share", "other_share", "effect_size", "ci_lower", "ci_upper", "rel_effect_size"]
    columns = pl.DataFrame(differences, schema=dict.fromkeys(names, pl.Float64))
    sides = [
        f"{side}_{name}"
        for side in ("base", "other")
        for name in ("n", "users", "leaving", "share")
    ]
    return pairs.hstack(columns.with_columns(pl.all().fill_nan(None))).select(
        *_EDGE, *sides, *names[2:]
    )
