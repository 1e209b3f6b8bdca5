"""Who completes a presentation, of which base."""

import datetime as dt
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl

from analytics_lib.core.checks import require_at_least
from analytics_lib.core.periods import day_number
from analytics_lib.metrics.enrolments import (
    OUTCOME_GROUPS,
    PRESENTATION,
    presentation_name,
    started,
)
from analytics_lib.metrics.frames import beside, finish, flag, known_events, like
from analytics_lib.metrics.learners import course_events
from analytics_lib.metrics.progress import LATER
from analytics_lib.statistics import add_share_interval

BASES = ("enrolled", "stayed", "started")


def course_completion(
    events: Any,  # noqa: ANN401 - an EventLog or any supported frame
    content: Any,  # noqa: ANN401 - any supported frame
    enrolments: Any,  # noqa: ANN401 - any supported frame
    courses: Any,  # noqa: ANN401 - any supported frame
    *,
    as_of: dt.date,
    days: int = 14,
    confidence_level: float = 0.95,
) -> Any:  # noqa: ANN401 - the caller's own kind of frame
    """What share completes: of all enrolled, of those who stayed a while, of those who began?

    Who stayed or began has already survived something, so of them a course
    looks better than of everybody. All three bases stand side by side.

    Args:
        events: An `EventLog`, or a frame with `user_id`, `day`, `content_id`; one row an event.
        content: One row a piece of content (contract `content`).
        enrolments: One row a learner and presentation (contract `enrolments`).
        courses: One row a presentation (contract `courses`).
        as_of: Last complete day; only presentations that are over by then count.
        days: `stayed` is enrolled on so many days of the presentation or more.
        confidence_level: Coverage of the Wilson intervals.

    Returns:
        One row a presentation and base, sorted by presentation: `course_id`,
        `presentation`, `base` (`enrolled`, `stayed`, `started`: at least one
        event in the presentation between its first and its last day),
        `learners`, `completed` (pass or distinction), `share`, `ci_lower`,
        `ci_upper`, `name`. Null for `started` where the log has no event of
        the presentation: not known is not none.

    Raises:
        SchemaError: A column is missing.
        ParameterError: `days` is below 1.

    Examples:
        >>> course = {"course_id": "A", "presentation": "1"}
        >>> courses = pl.DataFrame({**course, "start_day": [0], "end_day": [30]})
        >>> people = pl.DataFrame({"user_id": ["a", "b"], "unenrolled_day": [None, 13]})
        >>> people = people.with_columns(
        ...     **{k: pl.lit(v) for k, v in course.items()},
        ...     enrolled_day=pl.lit(0),
        ...     outcome=pl.Series(["pass", "withdrawn"]),
        ... )
        >>> items = pl.DataFrame({**course, "content_id": ["x"], "kind": ["page"]})
        >>> log = pl.DataFrame({"user_id": ["a", "b"], "day": 3, "content_id": "x"})
        >>> course_completion(log, items, people, courses, as_of=dt.date(1970, 2, 1)).select(
        ...     "base", "share"
        ... ).rows()
        [('enrolled', 0.5), ('stayed', 1.0), ('started', 0.5)]
    """
    require_at_least(days, 1, name="days")

    log = known_events(course_events(events, content), as_of=as_of)
    people = beside(_people_of_the_past(enrolments, courses, as_of=as_of, days=days), log)
    keys = [*PRESENTATION, "user_id"]
    began = (
        log.select(*keys, "day")
        .join(people.select(*keys, "start_day", "end_day"), on=keys, how="inner")
        .filter(nw.col("day") >= nw.col("start_day"), nw.col("day") < nw.col("end_day"))
        .group_by(*keys)
        .agg(nw.len().alias("events"))
    )
    is_in = nw.when(nw.col("events").is_null()).then(nw.lit(0)).otherwise(nw.lit(1))
    flagged = people.join(began, on=keys, how="left").with_columns(
        enrolled=nw.lit(1), started=is_in
    )
    counts = finish(
        flagged.with_columns(
            **{f"completed_{base}": nw.col(base) * nw.col("completed") for base in BASES}
        )
        .group_by(*PRESENTATION)
        .agg(nw.col(*BASES, *(f"completed_{base}" for base in BASES)).sum())
    )
    known = finish(log.group_by(*PRESENTATION).agg(nw.len().alias("events")))
    shares = add_share_interval(
        _one_row_a_base(counts.join(known, on=PRESENTATION, how="left")),
        numerator="completed",
        denominator="learners",
        confidence_level=confidence_level,
    )
    return like(shares.with_columns(presentation_name()), events)


def _people_of_the_past(
    enrolments: Any,  # noqa: ANN401 - any supported frame
    courses: Any,  # noqa: ANN401 - any supported frame
    *,
    as_of: dt.date,
    days: int,
) -> nw.LazyFrame[Any]:
    """Enrolments in presentations that are over, with `stayed` and `completed` (0 or 1)."""
    over = started(enrolments, courses, as_of=as_of).filter(
        nw.col("end_day") <= day_number(as_of) + 1
    )
    dated = over.with_columns(
        since=nw.max_horizontal(nw.col("enrolled_day").fill_null(0), nw.col("start_day")),
        until=nw.min_horizontal(nw.col("unenrolled_day").fill_null(LATER), nw.col("end_day")),
    )
    is_long = nw.col("until") - nw.col("since") >= days
    is_done = nw.col("outcome").is_in(OUTCOME_GROUPS["completed"])
    return dated.with_columns(
        stayed=flag(is_long),
        completed=flag(is_done),
    ).select(*PRESENTATION, "user_id", "start_day", "end_day", "stayed", "completed")


def _one_row_a_base(counts: pl.DataFrame) -> pl.DataFrame:
    is_known = pl.col("events").is_not_null()
    rows = [
        counts.select(
            *PRESENTATION,
            pl.lit(number).alias("order"),
            pl.lit(base).alias("base"),
            pl.when(is_known | pl.lit(base != "started")).then(base).alias("learners"),
            pl.when(is_known | pl.lit(base != "started"))
            .then(f"completed_{base}")
            .alias("completed"),
        )
        for number, base in enumerate(BASES)
    ]
    return pl.concat(rows).sort(*PRESENTATION, "order").drop("order")
