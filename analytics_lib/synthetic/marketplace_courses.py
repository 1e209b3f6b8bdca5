"""Courses of a simulated marketplace: presentations, who takes part, how it ends."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from analytics_lib.synthetic.calendars import Calendar, Integers
from analytics_lib.synthetic.marketplace_parameters import MarketplaceParameters
from analytics_lib.synthetic.platform_log import EventRows, times
from analytics_lib.synthetic.platform_people import Members

_KINDS = ("video", "text", "quiz")
_WEEK = 7.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolled:
    """Enrolments of a block as arrays.

    Attributes:
        learner: Number of the learner.
        course: Number of the course.
        presentation: Number of the presentation.
        enrolled_day: Day of the enrolment, after the start; that of the sign-up.
        second: Its second.
    """

    learner: Integers
    course: Integers
    presentation: Integers
    enrolled_day: Integers
    second: Integers


def presentation_starts(asked: MarketplaceParameters) -> Integers:
    """First day of each presentation; the last starts after everybody has signed up."""
    every = asked.courses.every_days
    starts: Integers = np.arange(1, asked.days // every + 2) * every
    return starts


def courses_table(asked: MarketplaceParameters, *, when: Calendar) -> pl.DataFrame:
    """One row a presentation of a course (contract `courses`)."""
    starts = presentation_starts(asked)
    names = pl.Series(asked.courses.names)
    count = len(names)
    start = when.first + np.tile(starts, count)
    return pl.DataFrame(
        {
            "course_id": names.gather(np.repeat(np.arange(count), starts.size)),
            "presentation": [_presentation(number) for _ in names for number in range(starts.size)],
            "start_day": pl.Series(start, dtype=pl.Int32),
            "end_day": pl.Series(start + asked.courses.length_days, dtype=pl.Int32),
        }
    ).sort("course_id", "presentation")


def content_table(asked: MarketplaceParameters) -> pl.DataFrame:
    """One row a piece of content of a presentation (contract `content`), by number."""
    starts = presentation_starts(asked)
    return pl.DataFrame(
        [
            {
                "content_id": f"{name}-{_presentation(number)}-{item + 1:02d}",
                "course_id": name,
                "presentation": _presentation(number),
                "kind": _KINDS[item % len(_KINDS)],
            }
            for name in asked.courses.names
            for number in range(starts.size)
            for item in range(asked.courses.items)
        ]
    )


def enrolled(asked: MarketplaceParameters, found: Members, *, rng: np.random.Generator) -> Enrolled:
    """Those who take a course enrol when they sign up, for the presentation that starts next."""
    learner = np.flatnonzero(found.drivers["course"])
    begins = found.begins[learner]
    return Enrolled(
        learner=learner,
        course=rng.integers(0, len(asked.courses.names), size=learner.size),
        presentation=np.searchsorted(presentation_starts(asked), begins, side="right"),
        enrolled_day=begins,
        second=times(learner.size, rng=rng),
    )


def enrolments_table(
    asked: MarketplaceParameters, found: Members, taking: Enrolled, *, when: Calendar,
    rng: np.random.Generator,
) -> pl.DataFrame:  # fmt: skip
    """One row a learner in a presentation (contract `enrolments`).

    Whoever leaves the platform before its end withdraws; an outcome is known once it is over.
    """
    end = presentation_starts(asked)[taking.presentation] + asked.courses.length_days
    gone = found.ends[taking.learner]
    withdrawn = found.has_left[taking.learner] & (gone < end)
    drawn = rng.random(end.size)
    passed = asked.courses.distinction_share + asked.courses.passed_share
    result = np.where(
        drawn < asked.courses.distinction_share,
        "distinction",
        np.where(drawn < passed, "pass", "fail"),
    )
    is_over = end <= asked.days
    words = pl.Series(np.where(withdrawn, "withdrawn", result), dtype=pl.String)
    known = pl.Series(withdrawn | is_over)
    return pl.DataFrame(
        {
            "course_id": pl.Series(asked.courses.names).gather(taking.course),
            "presentation": [_presentation(number) for number in taking.presentation],
            "user_id": found.names.gather(taking.learner),
            "enrolled_day": pl.Series(when.first + taking.enrolled_day, dtype=pl.Int32),
            "unenrolled_day": pl.Series(when.first + gone, dtype=pl.Int32).set(
                ~pl.Series(withdrawn), None
            ),
            "outcome": words.set(~known, None),
            "region": pl.Series(list(asked.regions)).gather(found.region[taking.learner]),
        },
        schema_overrides={"presentation": pl.String},
    )


def course_events(
    asked: MarketplaceParameters, found: Members, taking: Enrolled, *, when: Calendar,
    rng: np.random.Generator,
) -> list[EventRows]:  # fmt: skip
    """Enrolments, and the pieces of content used while the course runs and the learner is there."""
    starts = presentation_starts(asked)[taking.presentation]
    first = np.minimum(starts, asked.days)
    last = np.clip(found.ends[taking.learner], first, first + asked.courses.length_days)
    counts = rng.poisson(asked.courses.steps_per_week / _WEEK * when.activity(first, last))
    at = np.repeat(np.arange(counts.size), counts)
    presentation = taking.course[at] * presentation_starts(asked).size + taking.presentation[at]
    item = rng.integers(0, asked.courses.items, size=at.size)
    return [
        EventRows(
            kind="enrol_course", user=taking.learner, day=taking.enrolled_day,
            second=taking.second,
        ),
        EventRows(
            kind="content_view", user=taking.learner[at],
            day=when.days_of(at, first, last, rng.random(at.size)),
            second=times(at.size, rng=rng), content=presentation * asked.courses.items + item,
        ),
    ]  # fmt: skip


def _presentation(number: int) -> str:
    return f"{number + 1:03d}"
