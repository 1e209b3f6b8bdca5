"""How fast learners begin and hand in, and what a day of study is worth."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl

from analytics_lib.core.periods import day_number
from analytics_lib.events.boundary import as_table
from analytics_lib.metrics.assessments import COURSEWORK
from analytics_lib.metrics.enrolments import PRESENTATION, presentation_name, started
from analytics_lib.metrics.frames import beside, finish, known_events, like
from analytics_lib.metrics.learners import course_events
from analytics_lib.metrics.ratings import centres_by_group
from analytics_lib.metrics.scores import score_learners
from analytics_lib.statistics import add_share_interval


def days_to_first_activity(
    events: Any,  # noqa: ANN401 - an EventLog or any supported frame
    content: Any,  # noqa: ANN401 - any supported frame
    enrolments: Any,  # noqa: ANN401 - any supported frame
    courses: Any,  # noqa: ANN401 - any supported frame
    *,
    as_of: dt.date,
    confidence_level: float = 0.95,
) -> Any:  # noqa: ANN401 - the caller's own kind of frame
    """How many days after the start does the median learner first do anything?

    The median is of those who began at all; those who never did would be
    infinitely late, so their number stands beside it. In a presentation that
    runs, some will still begin, and late: the median of one is too early.

    Args:
        events: An `EventLog`, or a frame with `user_id`, `day`, `content_id`; one row an event.
        content: One row a piece of content (contract `content`).
        enrolments: One row a learner and presentation (contract `enrolments`).
        courses: One row a presentation (contract `courses`).
        as_of: Last complete day; later rows are ignored.
        confidence_level: Coverage of the intervals (exact for the median, Wilson for the share).

    Returns:
        One row a presentation of which the log has an event, sorted:
        `course_id`, `presentation`, `enrolled`, `began`, `share`, `ci_lower`,
        `ci_upper`, `median_days` (below 0 before the start), `median_ci_lower`,
        `median_ci_upper`, `name`.

    Raises:
        SchemaError: A column is missing.

    Examples:
        >>> course = {"course_id": "A", "presentation": "1"}
        >>> courses = pl.DataFrame({**course, "start_day": [10], "end_day": [30]})
        >>> people = pl.DataFrame({**course, "user_id": ["a", "b"], "enrolled_day": 0})
        >>> items = pl.DataFrame({**course, "content_id": ["x"], "kind": ["page"]})
        >>> log = pl.DataFrame({"user_id": ["a", "a"], "day": [12, 15], "content_id": "x"})
        >>> days_to_first_activity(log, items, people, courses, as_of=dt.date(1970, 2, 1)).select(
        ...     "share", "median_days"
        ... ).row(0)
        (0.5, 2.0)
    """
    keys = list(PRESENTATION)
    log = known_events(course_events(events, content), as_of=as_of)
    people = beside(started(enrolments, courses, as_of=as_of), log)
    first = (
        log.select(*keys, "user_id", nw.col("day").cast(nw.Int64))
        .group_by(*keys, "user_id")
        .agg(nw.col("day").min())
        .join(people.select(*keys, "user_id", "start_day"), on=[*keys, "user_id"], how="inner")
        .with_columns(days=nw.col("day") - nw.col("start_day"))
    )
    counts = finish(first.group_by(*keys, "days").agg(nw.len().alias("count")))
    medians = centres_by_group(
        counts,
        by=keys,
        value="days",
        unit="days",
        centre="median",
        confidence_level=confidence_level,
    )
    enrolled = finish(people.group_by(*keys).agg(nw.len().alias("enrolled")))
    known = finish(log.group_by(*keys).agg(nw.len().alias("events")))
    counted = enrolled.join(known, on=keys, how="semi").join(medians, on=keys, how="left")
    shares = add_share_interval(
        counted.with_columns(
            pl.col("n").fill_null(0).alias("began"), pl.col("median").alias("median_days")
        ),
        numerator="began",
        denominator="enrolled",
        confidence_level=confidence_level,
    )
    named = shares.select(
        *keys, "enrolled", "began", "share", "ci_lower", "ci_upper",
        "median_days", "median_ci_lower", "median_ci_upper", presentation_name(),
    )  # fmt: skip
    return like(named.sort(keys), events)


def days_from_due(
    submissions: Any,  # noqa: ANN401 - any supported frame
    assessments: Any,  # noqa: ANN401 - any supported frame
    *,
    as_of: dt.date,
    kinds: Sequence[str] = COURSEWORK,
    by: Sequence[str] = ("kind",),
    confidence_level: float = 0.95,
) -> Any:  # noqa: ANN401 - the caller's own kind of frame
    """How many days before or after its due day is work handed in?

    Only work whose due day is over counts: before that, only the early ones
    are in. Banked results were not handed in. Work that never came has no day.

    Args:
        submissions: One row a learner and assessment (contract `submissions`).
        assessments: One row an assessment (contract `assessments`).
        as_of: Last complete day; later submissions are ignored.
        kinds: Kinds of assessments.
        by: Columns of `assessments` to group by.
        confidence_level: Coverage of the intervals.

    Returns:
        One row a group, sorted: the `by` columns, `submitted`, `median_days`
        (below 0 before the due day), `median_ci_lower`, `median_ci_upper`,
        `mean_days`, `mean_ci_lower`, `mean_ci_upper`.

    Raises:
        SchemaError: A column is missing.

    Examples:
        >>> tests = pl.DataFrame({"assessment_id": ["1"], "due_day": [9], "kind": "tutor_marked"})
        >>> tests = tests.with_columns(course_id=pl.lit("A"), presentation=pl.lit("1"))
        >>> work = pl.DataFrame({"user_id": ["a", "b"], "submitted_day": [6, 10]})
        >>> work = work.with_columns(assessment_id=pl.lit("1"), is_banked=False)
        >>> days_from_due(work, tests, as_of=dt.date(1970, 2, 1))["median_days"].item()
        -1.0
    """
    last = day_number(as_of)
    work = as_table(
        submissions, ["assessment_id", "user_id", "submitted_day", "is_banked"], name="submissions"
    ).filter(~nw.col("is_banked"), nw.col("submitted_day") <= last)
    due = as_table(assessments, ["assessment_id", "due_day", "kind", *by], name="assessments")
    dated = due.filter(
        nw.col("kind").is_in(list(kinds)), ~nw.col("due_day").is_null(), nw.col("due_day") <= last
    ).select(*dict.fromkeys(["assessment_id", "due_day", *by]))
    days = nw.col("submitted_day").cast(nw.Int64) - nw.col("due_day").cast(nw.Int64)
    counts = finish(
        work.join(dated, on="assessment_id", how="inner")
        .with_columns(days=days)
        .group_by(*by, "days")
        .agg(nw.len().alias("count"))
    )
    median, mean = (
        centres_by_group(
            counts,
            by=by,
            value="days",
            unit="days",
            centre=centre,
            confidence_level=confidence_level,
        )
        for centre in ("median", "mean")
    )
    both = median.with_columns(mean.select(pl.exclude(*by, "n")))
    names = {"n": "submitted", "median": "median_days", "mean": "mean_days"}
    return like(both.rename(names), submissions)


def study_efficiency(
    events: Any,  # noqa: ANN401 - an EventLog or any supported frame
    content: Any,  # noqa: ANN401 - any supported frame
    submissions: Any,  # noqa: ANN401 - any supported frame
    assessments: Any,  # noqa: ANN401 - any supported frame
    *,
    as_of: dt.date,
    kinds: Sequence[str] = COURSEWORK,
) -> Any:  # noqa: ANN401 - the caller's own kind of frame
    """How many points do learners score for a day, and for a hundred actions, of study?

    The mean of each learner's ratio would belong to whoever clicked once. So
    it is the mean score divided by the mean days (or actions) of the same
    learners: those with both a score and an event. Clicks are not effort: it
    compares runs of a course, not people.

    Args:
        events: An `EventLog`, or a frame with `user_id`, `day`, `content_id`
            and `quantity`; one row an event.
        content: One row a piece of content (contract `content`).
        submissions: One row a learner and assessment (contract `submissions`).
        assessments: One row an assessment (contract `assessments`).
        as_of: Last complete day; later rows are ignored.
        kinds: Kinds of assessments in the score (see `learner_scores`; banked
            scores are left out, because they took no study here).

    Returns:
        One row a presentation, sorted: `course_id`, `presentation`,
        `learners`, `mean_score` (points of 100), `mean_active_days`,
        `mean_actions`, `score_per_active_day`, `score_per_100_actions`, `name`.

    Raises:
        SchemaError: A column is missing.

    Examples:
        >>> course = {"course_id": "A", "presentation": "1"}
        >>> items = pl.DataFrame({**course, "content_id": ["x"], "kind": ["page"]})
        >>> log = pl.DataFrame({"user_id": "a", "day": [3, 4], "content_id": "x", "quantity": 5})
        >>> tests = pl.DataFrame({**course, "assessment_id": ["1"], "kind": ["tutor_marked"]})
        >>> work = pl.DataFrame({"assessment_id": ["1"], "user_id": ["a"], "score": [80.0]})
        >>> study_efficiency(
        ...     log,
        ...     items,
        ...     work.with_columns(submitted_day=4, is_banked=False),
        ...     tests.with_columns(weight=10.0),
        ...     as_of=dt.date(1970, 3, 1),
        ... ).select("score_per_active_day", "score_per_100_actions").row(0)
        (40.0, 800.0)
    """
    keys = [*PRESENTATION, "user_id"]
    log = known_events(course_events(events, content), as_of=as_of, columns=["quantity"])
    per_day = log.group_by(*keys, "day").agg(nw.col("quantity").sum())
    activity = finish(
        per_day.group_by(*keys).agg(
            nw.len().alias("active_days"), nw.col("quantity").sum().alias("actions")
        )
    )
    scored = score_learners(
        submissions, assessments, as_of=as_of, kinds=kinds, keep_banked=False
    ).drop_nulls("score")
    means = (
        scored.join(activity, on=keys)
        .sort(keys)
        .group_by(*PRESENTATION)
        .agg(
            pl.len().cast(pl.Int64).alias("learners"),
            pl.col("score").mean().alias("mean_score"),
            pl.col("active_days").mean().alias("mean_active_days"),
            pl.col("actions").mean().alias("mean_actions"),
        )
    )
    result = means.with_columns(
        score_per_active_day=pl.col("mean_score") / pl.col("mean_active_days"),
        score_per_100_actions=100 * pl.col("mean_score") / pl.col("mean_actions"),
        name=presentation_name(),
    )
    return like(result.sort(*PRESENTATION), events)
