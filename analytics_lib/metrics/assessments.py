"""Whether work is handed in, and on time."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl

from analytics_lib.core.periods import day_number
from analytics_lib.events.boundary import as_table
from analytics_lib.metrics.enrolments import PRESENTATION, started
from analytics_lib.metrics.frames import finish, flag, like
from analytics_lib.statistics import add_share_interval

COURSEWORK = ("tutor_marked", "computer_marked")


def late_shares(
    submissions: Any,  # noqa: ANN401 - any supported frame
    assessments: Any,  # noqa: ANN401 - any supported frame
    *,
    as_of: dt.date,
    kinds: Sequence[str] = COURSEWORK,
    by: Sequence[str] = ("kind",),
    confidence_level: float = 0.95,
) -> Any:  # noqa: ANN401 - the caller's own kind of frame
    """What share of the work that was handed in came after its due day?

    Results carried over from an earlier presentation (banked) were not handed
    in and do not count; nor does work whose due day is unknown.

    Args:
        submissions: One row a learner and assessment (contract `submissions`).
        assessments: One row an assessment (contract `assessments`).
        as_of: Last complete day; later submissions are ignored.
        kinds: Kinds of assessments; exams are sat on a day, not handed in late.
        by: Columns of `assessments` to group by.
        confidence_level: Coverage of the Wilson intervals.

    Returns:
        One row a group: the `by` columns, `submitted`, `late`, `share`,
        `ci_lower`, `ci_upper`.

    Raises:
        SchemaError: A column is missing.
    """
    work = as_table(
        submissions, ["assessment_id", "user_id", "submitted_day", "is_banked"], name="submissions"
    )
    due = as_table(
        assessments, ["assessment_id", "due_day", "kind", *by], name="assessments"
    ).filter(nw.col("kind").is_in(list(kinds)))
    dated = due.filter(~nw.col("due_day").is_null()).select(
        *dict.fromkeys(["assessment_id", "due_day", *by])
    )
    handed_in = work.filter(
        ~nw.col("is_banked"), nw.col("submitted_day") <= day_number(as_of)
    ).join(dated, on="assessment_id", how="inner")
    is_late = nw.when(nw.col("submitted_day") > nw.col("due_day")).then(nw.lit(1))
    counts = finish(
        handed_in.with_columns(late=is_late.otherwise(nw.lit(0)))
        .group_by(*by)
        .agg(nw.len().alias("submitted"), nw.col("late").sum())
    )
    shares = add_share_interval(
        counts, numerator="late", denominator="submitted", confidence_level=confidence_level
    )
    return like(shares.sort(*by), submissions)


def submission_shares(
    submissions: Any,  # noqa: ANN401 - any supported frame
    assessments: Any,  # noqa: ANN401 - any supported frame
    enrolments: Any,  # noqa: ANN401 - any supported frame
    courses: Any,  # noqa: ANN401 - any supported frame
    *,
    as_of: dt.date,
    kinds: Sequence[str] = COURSEWORK,
    by: Sequence[str] = ("kind",),
    confidence_level: float = 0.95,
) -> Any:  # noqa: ANN401 - the caller's own kind of frame
    """What share of the work that was expected was handed in?

    Expected is one piece of work from every learner who was enrolled on its
    due day: whoever had withdrawn by then owes nothing, and whoever never
    clicked does. Dividing by those who handed in anything at all would hide
    the silent ones.

    Args:
        submissions: One row a learner and assessment (contract `submissions`).
        assessments: One row an assessment (contract `assessments`).
        enrolments: One row a learner and presentation (contract `enrolments`).
        courses: One row a presentation (contract `courses`).
        as_of: Last complete day; only work due by then counts.
        kinds: Kinds of assessments; exams are left out by default, because
            their results are often kept elsewhere and missing is not absent.
        by: Columns of `assessments` to group by.
        confidence_level: Coverage of the Wilson intervals.

    Returns:
        One row a group: the `by` columns, `expected`, `submitted` (late and
        banked work included), `share`, `ci_lower`, `ci_upper`.

    Raises:
        SchemaError: A column is missing.
    """
    work = as_table(submissions, ["assessment_id", "user_id", "submitted_day"], name="submissions")
    due = as_table(
        assessments, ["assessment_id", *PRESENTATION, "due_day", "kind", *by], name="assessments"
    ).filter(nw.col("kind").is_in(list(kinds)))
    last_day = day_number(as_of)
    dated = due.filter(~nw.col("due_day").is_null(), nw.col("due_day") <= last_day).select(
        *dict.fromkeys(["assessment_id", *PRESENTATION, "due_day", *by])
    )
    people = started(enrolments, courses, as_of=as_of).select(
        *PRESENTATION, "user_id", "enrolled_day", "unenrolled_day"
    )
    enrolled = nw.col("enrolled_day").is_null() | (nw.col("enrolled_day") <= nw.col("due_day"))
    stayed = nw.col("unenrolled_day").is_null() | (nw.col("unenrolled_day") > nw.col("due_day"))
    expected = dated.join(people, on=list(PRESENTATION), how="inner").filter(enrolled, stayed)
    handed_in = (
        work.filter(nw.col("submitted_day") <= last_day)
        .group_by("assessment_id", "user_id")
        .agg(nw.len().alias("pieces"))
    )
    is_in = flag(~nw.col("pieces").is_null())
    counts = finish(
        expected.join(handed_in, on=["assessment_id", "user_id"], how="left")
        .with_columns(submitted=is_in)
        .group_by(*by)
        .agg(nw.len().alias("expected"), nw.col("submitted").sum())
    )
    shares = add_share_interval(
        counts.with_columns(pl.col("submitted").cast(pl.Int64)),
        numerator="submitted",
        denominator="expected",
        confidence_level=confidence_level,
    )
    return like(shares.sort(*by), submissions)
