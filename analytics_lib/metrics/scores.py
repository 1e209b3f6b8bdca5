"""What learners score, by kind of assessment and by learner."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl

from analytics_lib.core.periods import day_number
from analytics_lib.events.boundary import as_table
from analytics_lib.metrics.assessments import COURSEWORK
from analytics_lib.metrics.enrolments import PRESENTATION, presentation_name
from analytics_lib.metrics.frames import finish, flag, like
from analytics_lib.metrics.ratings import centres_by_group

ALL_KINDS = (*COURSEWORK, "exam")


def scores_by_kind(
    submissions: Any,  # noqa: ANN401 - any supported frame
    assessments: Any,  # noqa: ANN401 - any supported frame
    *,
    as_of: dt.date,
    kinds: Sequence[str] = ALL_KINDS,
    keep_banked: bool = False,
    confidence_level: float = 0.95,
) -> Any:  # noqa: ANN401 - the caller's own kind of frame
    """What do learners score in each kind of assessment of a presentation?

    The mean counts each scored piece of work once; the weighted mean counts
    it by its weight in the course mark. Both are of what was handed in: work
    that never came is not a 0 here (see `submission_shares`). Scores carried
    over from an earlier presentation (banked) measure that one and are left
    out, unless told otherwise; how many there were is said.

    Args:
        submissions: One row a learner and assessment (contract `submissions`).
        assessments: One row an assessment (contract `assessments`).
        as_of: Last complete day; later submissions are ignored. Scores are
            known some time after.
        kinds: Kinds of assessments.
        keep_banked: Whether banked scores count.
        confidence_level: Coverage of the t intervals of the mean. A learner's
            scores resemble each other, so they are somewhat too narrow.

    Returns:
        One row a presentation and kind, sorted: `course_id`, `presentation`,
        `kind`, `scores`, `banked`, `mean`, `mean_ci_lower`, `mean_ci_upper`,
        `weighted_mean` (null where all of it weighs 0), `name`; points of 100.

    Raises:
        SchemaError: A column is missing.

    Examples:
        >>> tests = pl.DataFrame({"assessment_id": ["1", "2"], "weight": [10.0, 30.0]})
        >>> tests = tests.with_columns(
        ...     course_id=pl.lit("A"), presentation=pl.lit("1"), kind=pl.lit("exam")
        ... )
        >>> work = pl.DataFrame({"assessment_id": ["1", "2"], "score": [40.0, 80.0]})
        >>> work = work.with_columns(user_id=pl.lit("a"), submitted_day=4, is_banked=False)
        >>> scores_by_kind(work, tests, as_of=dt.date(1970, 2, 1)).select(
        ...     "mean", "weighted_mean"
        ... ).row(0)
        (60.0, 70.0)
    """
    keys = [*PRESENTATION, "kind"]
    scored = scored_work(submissions, assessments, as_of=as_of, kinds=kinds)
    banked = flag(nw.col("is_banked"))
    marked = scored.with_columns(banked=banked)
    carried = finish(marked.group_by(*keys).agg(nw.col("banked").sum()))
    kept = marked if keep_banked else marked.filter(~nw.col("is_banked"))
    counts = finish(kept.group_by(*keys, "score", "weight").agg(nw.len().alias("count")))
    weight = pl.col("weight") * pl.col("count")
    weighted = counts.group_by(keys).agg(
        points=(weight * pl.col("score")).sum(), weight=weight.sum()
    )
    means = centres_by_group(
        counts, by=keys, value="score", unit="points", confidence_level=confidence_level
    )
    result = (
        carried.join(means, on=keys, how="left")
        .join(weighted, on=keys, how="left")
        .with_columns(
            pl.col("n").fill_null(0).alias("scores"),
            (pl.col("points") / pl.col("weight")).fill_nan(None).alias("weighted_mean"),
            presentation_name(),
        )
    )
    return like(
        result.select(
            *keys, "scores", "banked", "mean", "mean_ci_lower", "mean_ci_upper",
            "weighted_mean", "name",
        ).sort(keys),
        submissions,
    )  # fmt: skip


def learner_scores(
    submissions: Any,  # noqa: ANN401 - any supported frame
    assessments: Any,  # noqa: ANN401 - any supported frame
    *,
    as_of: dt.date,
    kinds: Sequence[str] = COURSEWORK,
    keep_banked: bool = False,
) -> Any:  # noqa: ANN401 - the caller's own kind of frame
    """What is each learner's weighted mean score in a presentation?

    It is the mean of what was handed in and scored, by weight; a learner with
    one good piece of work stands high, so read it with `pieces` and `weight`.

    Args:
        submissions: One row a learner and assessment (contract `submissions`).
        assessments: One row an assessment (contract `assessments`).
        as_of: Last complete day; later submissions are ignored.
        kinds: Kinds of assessments; exams weigh 100 beside the coursework and
            are asked for alone.
        keep_banked: Whether scores carried over from an earlier presentation count.

    Returns:
        One row a learner and presentation with a score, sorted: `course_id`,
        `presentation`, `user_id`, `pieces`, `weight` (percent of the course
        mark), `score` (points of 100; null where all of it weighs 0).

    Raises:
        SchemaError: A column is missing.

    Examples:
        >>> tests = pl.DataFrame({"assessment_id": ["1", "2"], "weight": [10.0, 30.0]})
        >>> tests = tests.with_columns(
        ...     course_id=pl.lit("A"), presentation=pl.lit("1"), kind=pl.lit("exam")
        ... )
        >>> work = pl.DataFrame({"assessment_id": ["1", "2"], "score": [40.0, 80.0]})
        >>> work = work.with_columns(user_id=pl.lit("a"), submitted_day=4, is_banked=False)
        >>> learner_scores(work, tests, as_of=dt.date(1970, 2, 1), kinds=["exam"])["score"].item()
        70.0
    """
    found = score_learners(
        submissions, assessments, as_of=as_of, kinds=kinds, keep_banked=keep_banked
    )
    return like(found, submissions)


def score_learners(
    submissions: Any,  # noqa: ANN401 - any supported frame
    assessments: Any,  # noqa: ANN401 - any supported frame
    *,
    as_of: dt.date,
    kinds: Sequence[str],
    keep_banked: bool,
) -> pl.DataFrame:
    """`learner_scores` as a polars frame, for metrics that build on it."""
    keys = [*PRESENTATION, "user_id"]
    scored = scored_work(submissions, assessments, as_of=as_of, kinds=kinds)
    kept = scored if keep_banked else scored.filter(~nw.col("is_banked"))
    sums = finish(
        kept.with_columns(points=nw.col("weight") * nw.col("score"))
        .group_by(*keys)
        .agg(nw.len().alias("pieces"), nw.col("weight").sum(), nw.col("points").sum())
    )
    score = (pl.col("points") / pl.col("weight")).fill_nan(None)
    return sums.with_columns(score=score).drop("points").sort(keys)


def scored_work(
    submissions: Any,  # noqa: ANN401 - any supported frame
    assessments: Any,  # noqa: ANN401 - any supported frame
    *,
    as_of: dt.date,
    kinds: Sequence[str],
) -> nw.LazyFrame[Any]:
    """Work with a score, with the presentation, kind and weight of its assessment.

    Raises:
        SchemaError: A column is missing.
    """
    work = as_table(
        submissions,
        ["assessment_id", "user_id", "submitted_day", "is_banked", "score"],
        name="submissions",
    )
    pieces = as_table(
        assessments, ["assessment_id", *PRESENTATION, "kind", "weight"], name="assessments"
    ).filter(nw.col("kind").is_in(list(kinds)))
    known = work.filter(
        nw.col("submitted_day") <= day_number(as_of), ~nw.col("score").is_null()
    ).with_columns(score=nw.col("score").cast(nw.Float64))
    return known.join(
        pieces.select("assessment_id", *PRESENTATION, "kind", nw.col("weight").cast(nw.Float64)),
        on="assessment_id",
        how="inner",
    )
