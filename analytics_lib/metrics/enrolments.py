"""Who enrols, and how enrolments end."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl

from analytics_lib.core.checks import require_choice
from analytics_lib.core.periods import day_number
from analytics_lib.core.results import Estimate
from analytics_lib.events.boundary import as_table
from analytics_lib.metrics.frames import finish, like
from analytics_lib.statistics import add_share_interval, estimate_share

PRESENTATION = ("course_id", "presentation")
OUTCOME_GROUPS = {
    "withdrawn": ("withdrawn",),
    "completed": ("pass", "distinction"),
    "pass": ("pass",),
    "distinction": ("distinction",),
    "fail": ("fail",),
}


def enrolment_counts(
    enrolments: Any,  # noqa: ANN401 - any supported frame
    courses: Any,  # noqa: ANN401 - any supported frame
    *,
    as_of: dt.date,
) -> Any:  # noqa: ANN401 - the caller's own kind of frame
    """How many enrolments, of how many different learners, does each presentation have?

    A learner in two presentations is two enrolments and one learner, so
    learners do not add up over presentations.

    Args:
        enrolments: One row a learner and presentation (contract `enrolments`).
        courses: One row a presentation (contract `courses`).
        as_of: Last complete day; presentations that start later are left out.

    Returns:
        One row a presentation: `course_id`, `presentation`, `start_day`,
        `end_day`, `enrolments`, `learners`, `is_over` (all of it lies up to
        `as_of`), `name` (such as `AAA 2013J`).

    Raises:
        SchemaError: A column is missing.
    """
    known = started(enrolments, courses, as_of=as_of)
    keys = [*PRESENTATION, "start_day", "end_day"]
    counts = finish(
        known.group_by(*keys).agg(
            nw.len().alias("enrolments"), nw.col("user_id").n_unique().alias("learners")
        )
    )
    over = (pl.col("end_day") <= day_number(as_of) + 1).alias("is_over")
    named = counts.with_columns(over, presentation_name()).sort(*PRESENTATION)
    return like(named, enrolments)


def learner_count(
    enrolments: Any,  # noqa: ANN401 - any supported frame
    courses: Any,  # noqa: ANN401 - any supported frame
    *,
    as_of: dt.date,
) -> int:
    """How many different learners are enrolled in any presentation that has started?"""
    known = started(enrolments, courses, as_of=as_of)
    learners = finish(known.group_by("user_id").agg(nw.len().alias("n")).select(nw.len()))
    return int(learners.item())


def outcome_shares(
    enrolments: Any,  # noqa: ANN401 - any supported frame
    courses: Any,  # noqa: ANN401 - any supported frame
    *,
    outcome: str,
    as_of: dt.date,
    by: Sequence[str] = PRESENTATION,
    confidence_level: float = 0.95,
) -> Any:  # noqa: ANN401 - the caller's own kind of frame
    """What share of the enrolments of each presentation ended that way?

    The base is everybody enrolled, with those who never clicked: of those who
    started only, every course looks better than it is.

    Args:
        enrolments: One row a learner and presentation (contract `enrolments`).
        courses: One row a presentation (contract `courses`).
        outcome: `withdrawn`, `completed` (pass or distinction), `pass`,
            `distinction` or `fail`.
        as_of: Last complete day; only presentations that are over by then count.
        by: Columns to group by.
        confidence_level: Coverage of the Wilson intervals.

    Returns:
        One row a group: the `by` columns, `enrolments`, the count under the
        outcome's own name, `share`, `ci_lower`, `ci_upper`; by presentation
        also `name` (such as `AAA 2013J`).

    Raises:
        SchemaError: A column is missing.
        ParameterError: `outcome` is unknown.
    """
    counts = _outcome_counts(enrolments, courses, outcome=outcome, as_of=as_of, by=by)
    shares = add_share_interval(
        counts, numerator=outcome, denominator="enrolments", confidence_level=confidence_level
    )
    named = shares.with_columns(presentation_name()) if set(PRESENTATION) <= set(by) else shares
    return like(named.sort(*by), enrolments)


def outcome_share(
    enrolments: Any,  # noqa: ANN401 - any supported frame
    courses: Any,  # noqa: ANN401 - any supported frame
    *,
    outcome: str,
    as_of: dt.date,
    confidence_level: float = 0.95,
) -> Estimate:
    """What share of all enrolments in presentations that are over ended that way?

    Args:
        enrolments: One row a learner and presentation (contract `enrolments`).
        courses: One row a presentation (contract `courses`).
        outcome: `withdrawn`, `completed` (pass or distinction), `pass`,
            `distinction` or `fail`.
        as_of: Last complete day; only presentations that are over by then count.
        confidence_level: Coverage of the Wilson interval.

    Returns:
        Estimate in `"share"` of enrolments; `nan` where no presentation is over.

    Raises:
        SchemaError: A column is missing.
        ParameterError: `outcome` is unknown.
    """
    counts = _outcome_counts(enrolments, courses, outcome=outcome, as_of=as_of, by=PRESENTATION)
    return estimate_share(
        int(counts[outcome].sum()),
        int(counts["enrolments"].sum()),
        confidence_level=confidence_level,
    )


def presentation_name() -> pl.Expr:
    """The name people use for a presentation: `AAA 2013J`."""
    return pl.concat_str("course_id", "presentation", separator=" ").alias("name")


def started(enrolments: Any, courses: Any, *, as_of: dt.date) -> nw.LazyFrame[Any]:  # noqa: ANN401
    """Enrolments in presentations that have started, with `start_day` and `end_day`.

    An enrolment dated after `as_of` is not known yet; one without a date is kept.
    """
    table = as_table(enrolments, [*PRESENTATION, "user_id", "enrolled_day"], name="enrolments")
    dates = as_table(courses, [*PRESENTATION, "start_day", "end_day"], name="courses")
    last_day = day_number(as_of)
    known = nw.col("enrolled_day").is_null() | (nw.col("enrolled_day") <= last_day)
    begun = dates.select(*PRESENTATION, "start_day", "end_day").filter(
        nw.col("start_day") <= last_day
    )
    return table.filter(known).join(begun, on=list(PRESENTATION), how="inner")


def _outcome_counts(
    enrolments: Any,  # noqa: ANN401 - any supported frame
    courses: Any,  # noqa: ANN401 - any supported frame
    *,
    outcome: str,
    as_of: dt.date,
    by: Sequence[str],
) -> pl.DataFrame:
    require_choice(outcome, OUTCOME_GROUPS, name="outcome")

    known = started(enrolments, courses, as_of=as_of)
    over = known.filter(nw.col("end_day") <= day_number(as_of) + 1)
    hit = nw.when(nw.col("outcome").is_in(OUTCOME_GROUPS[outcome])).then(nw.lit(1))
    flagged = over.with_columns(hit.otherwise(nw.lit(0)).alias(outcome))
    return finish(flagged.group_by(*by).agg(nw.len().alias("enrolments"), nw.col(outcome).sum()))
