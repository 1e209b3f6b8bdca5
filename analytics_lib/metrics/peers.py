"""Where learners stand: at which level, and beside the others of their presentation."""

import datetime as dt
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import polars as pl

from analytics_lib.core.errors import ParameterError
from analytics_lib.metrics.assessments import COURSEWORK
from analytics_lib.metrics.enrolments import PRESENTATION, presentation_name
from analytics_lib.metrics.frames import like
from analytics_lib.metrics.scores import score_learners
from analytics_lib.statistics import add_share_interval

OU_GRADES = {
    "fail": 0.0,
    "grade 4 pass": 40.0,
    "grade 3 pass": 55.0,
    "grade 2 pass": 70.0,
    "grade 1 pass": 85.0,
}
_QUANTILES = (10, 25, 50, 75, 90)


def skill_levels(
    submissions: Any,  # noqa: ANN401 - any supported frame
    assessments: Any,  # noqa: ANN401 - any supported frame
    *,
    as_of: dt.date,
    cut_points: Mapping[str, float] = OU_GRADES,
    kinds: Sequence[str] = COURSEWORK,
    keep_banked: bool = False,
    confidence_level: float = 0.95,
) -> Any:  # noqa: ANN401 - the caller's own kind of frame
    """What share of the learners of each presentation is at each level?

    Levels are cut at published points, not at quantiles of those present: a
    tenth is always in the top tenth, however much or little is learned. The
    base is learners with a score, so those who handed in nothing are missing.

    Args:
        submissions: One row a learner and assessment (contract `submissions`).
        assessments: One row an assessment (contract `assessments`).
        as_of: Last complete day; later submissions are ignored.
        cut_points: Least score of each level by its name, rising from 0.
        kinds: Kinds of assessments in the score (see `learner_scores`).
        keep_banked: Whether scores carried over from an earlier presentation count.
        confidence_level: Coverage of the Wilson intervals.

    Returns:
        One row a presentation and level, lowest level first: `course_id`,
        `presentation`, `level`, `from_score`, `learners` (with a score),
        `at_level`, `share`, `ci_lower`, `ci_upper`, `name`.

    Raises:
        SchemaError: A column is missing.
        ParameterError: The cut points do not rise from 0, or there are none.

    Examples:
        >>> tests = pl.DataFrame({"assessment_id": ["1"], "weight": [10.0]})
        >>> tests = tests.with_columns(
        ...     course_id=pl.lit("A"), presentation=pl.lit("1"), kind=pl.lit("tutor_marked")
        ... )
        >>> work = pl.DataFrame({"user_id": list("abc"), "score": [39.0, 40.0, 90.0]})
        >>> work = work.with_columns(assessment_id=pl.lit("1"), submitted_day=4, is_banked=False)
        >>> skill_levels(work, tests, as_of=dt.date(1970, 2, 1))["at_level"].to_list()
        [1, 1, 0, 0, 1]

    References:
        The Open University, Calculating your result: module scores of 40, 55,
        70 and 85 for grades 4 to 1; Kuzilek J. et al. (2017), Sci. Data
        4:170171: a score below 40 is a fail.
    """
    cuts = list(cut_points.values())
    if not cuts or cuts[0] != 0 or any(a >= b for a, b in pairwise(cuts)):
        raise ParameterError(f"`cut_points` are {cuts}; they must rise, and the first must be 0.")

    scored = score_learners(
        submissions, assessments, as_of=as_of, kinds=kinds, keep_banked=keep_banked
    ).drop_nulls("score")
    above = [(pl.col("score") >= cut).cast(pl.Int64) for cut in cuts]
    keys = list(PRESENTATION)
    counts = scored.group_by(*keys, (pl.sum_horizontal(above) - 1).alias("order")).len("at_level")
    levels = pl.DataFrame(
        {"order": range(len(cuts)), "level": list(cut_points), "from_score": cuts},
        schema={"order": pl.Int64, "level": pl.String, "from_score": pl.Float64},
    )
    grid = (
        scored.group_by(keys)
        .len("learners")
        .join(levels, how="cross")
        .join(counts, on=[*keys, "order"], how="left")
        .with_columns(pl.col("learners").cast(pl.Int64), pl.col("at_level").fill_null(0).cast(int))
        .sort(*keys, "order")
    )
    shares = add_share_interval(
        grid.select(*keys, "level", "from_score", "learners", "at_level"),
        numerator="at_level",
        denominator="learners",
        confidence_level=confidence_level,
    )
    return like(shares.with_columns(presentation_name()), submissions)


def peer_percentiles(
    submissions: Any,  # noqa: ANN401 - any supported frame
    assessments: Any,  # noqa: ANN401 - any supported frame
    *,
    as_of: dt.date,
    kinds: Sequence[str] = COURSEWORK,
    keep_banked: bool = False,
) -> Any:  # noqa: ANN401 - the caller's own kind of frame
    """At which percentile of their presentation does each learner stand?

    Equal scores get equal percentiles: those below and half of those equal,
    the learner too. It is about persons: for the learner and the tutor, not
    for a page (see `peer_benchmark`).

    Args:
        submissions: One row a learner and assessment (contract `submissions`).
        assessments: One row an assessment (contract `assessments`).
        as_of: Last complete day; later submissions are ignored.
        kinds: Kinds of assessments in the score (see `learner_scores`).
        keep_banked: Whether scores carried over from an earlier presentation count.

    Returns:
        One row a learner and presentation, sorted: `course_id`,
        `presentation`, `user_id`, `score`, `learners`, `percentile` (above 0,
        below 100); learners without a score are left out.

    Raises:
        SchemaError: A column is missing.

    Examples:
        >>> tests = pl.DataFrame({"assessment_id": ["1"], "weight": [10.0]})
        >>> tests = tests.with_columns(
        ...     course_id=pl.lit("A"), presentation=pl.lit("1"), kind=pl.lit("tutor_marked")
        ... )
        >>> work = pl.DataFrame({"user_id": list("abc"), "score": [39.0, 40.0, 90.0]})
        >>> work = work.with_columns(assessment_id=pl.lit("1"), submitted_day=4, is_banked=False)
        >>> peer_percentiles(work, tests, as_of=dt.date(1970, 2, 1))["percentile"].to_list()
        [16.6..., 50.0, 83.3...]
    """
    scored = score_learners(
        submissions, assessments, as_of=as_of, kinds=kinds, keep_banked=keep_banked
    ).drop_nulls("score")
    rank = pl.col("score").rank("average").over(PRESENTATION)
    ranked = scored.with_columns(learners=pl.len().over(PRESENTATION).cast(pl.Int64))
    placed = ranked.with_columns(percentile=100 * (rank - 0.5) / pl.col("learners"))
    return like(
        placed.select(*PRESENTATION, "user_id", "score", "learners", "percentile"), submissions
    )


def peer_benchmark(
    submissions: Any,  # noqa: ANN401 - any supported frame
    assessments: Any,  # noqa: ANN401 - any supported frame
    *,
    as_of: dt.date,
    kinds: Sequence[str] = COURSEWORK,
    keep_banked: bool = False,
    minimum_learners: int = 20,
) -> Any:  # noqa: ANN401 - the caller's own kind of frame
    """Which scores do learners compare with, without naming any?

    A quantile of few learners is one learner's score, so small presentations
    have none.

    Args:
        submissions: One row a learner and assessment (contract `submissions`).
        assessments: One row an assessment (contract `assessments`).
        as_of: Last complete day; later submissions are ignored.
        kinds: Kinds of assessments in the score (see `learner_scores`).
        keep_banked: Whether scores carried over from an earlier presentation count.
        minimum_learners: With fewer, the quantiles are null.

    Returns:
        One row a presentation, sorted: `course_id`, `presentation`,
        `learners`, `p10`, `p25`, `p50`, `p75`, `p90` (points of 100; linear
        between the two nearest scores, so that most are no learner's own),
        `name`.

    Raises:
        SchemaError: A column is missing.

    Examples:
        >>> tests = pl.DataFrame({"assessment_id": ["1"], "weight": [10.0]})
        >>> tests = tests.with_columns(
        ...     course_id=pl.lit("A"), presentation=pl.lit("1"), kind=pl.lit("tutor_marked")
        ... )
        >>> work = pl.DataFrame({"user_id": list("abc"), "score": [39.0, 40.0, 90.0]})
        >>> work = work.with_columns(assessment_id=pl.lit("1"), submitted_day=4, is_banked=False)
        >>> peer_benchmark(work, tests, as_of=dt.date(1970, 2, 1), minimum_learners=3).select(
        ...     "learners", "p25", "p50"
        ... ).row(0)
        (3, 39.5, 40.0)

    References:
        Hyndman R. J. and Fan Y. (1996), Am. Stat. 50, 361-365, definition 7.
    """
    scored = score_learners(
        submissions, assessments, as_of=as_of, kinds=kinds, keep_banked=keep_banked
    ).drop_nulls("score")
    quantiles = {
        f"p{percent}": pl.col("score").quantile(percent / 100, "linear") for percent in _QUANTILES
    }
    sized = scored.group_by(*PRESENTATION).agg(
        pl.len().cast(pl.Int64).alias("learners"), **quantiles
    )
    is_large = pl.col("learners") >= minimum_learners
    shown = [pl.when(is_large).then(name).alias(name) for name in quantiles]
    return like(sized.with_columns(*shown, presentation_name()).sort(*PRESENTATION), submissions)
