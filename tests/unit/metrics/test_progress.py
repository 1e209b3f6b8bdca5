import datetime as dt

import polars as pl
import pytest

from analytics_lib.core.errors import ParameterError, SchemaError
from analytics_lib.core.periods import day_date
from analytics_lib.metrics.completion import course_completion
from analytics_lib.metrics.learning_paths import outcome_by_early_use
from analytics_lib.metrics.pace import days_from_due, days_to_first_activity, study_efficiency
from analytics_lib.metrics.peers import peer_benchmark, peer_percentiles, skill_levels
from analytics_lib.metrics.progress import learner_progress, progress_by_presentation
from analytics_lib.metrics.scores import learner_scores, scores_by_kind

COURSE = {"course_id": "A", "presentation": "1"}
COURSES = pl.DataFrame({**COURSE, "start_day": [100], "end_day": [130]})


def people(*rows):
    """Learner, day of enrolment, day of leaving, outcome."""
    names = ["user_id", "enrolled_day", "unenrolled_day", "outcome"]
    types = {"enrolled_day": pl.Int32, "unenrolled_day": pl.Int32, "outcome": pl.String}
    made = pl.DataFrame(rows, schema=names, schema_overrides=types, orient="row")
    return made.with_columns(**{key: pl.lit(value) for key, value in COURSE.items()})


def items(**opens):
    """Pages, and the days on which they open."""
    made = pl.DataFrame(
        {"content_id": list(opens), "opens": list(opens.values())},
        schema_overrides={"opens": pl.Int32},
    )
    return made.with_columns(
        **{key: pl.lit(value) for key, value in COURSE.items()},
        kind=pl.lit("page"),
        closes=pl.col("opens") + 5,
    )


def log(*rows):
    made = pl.DataFrame(rows, schema=["user_id", "day", "content_id"], orient="row")
    return made.with_columns(pl.lit(1).alias("quantity"))


def assessments(*rows):
    names = ["assessment_id", "kind", "due_day", "weight"]
    made = pl.DataFrame(rows, schema=names, orient="row")
    return made.with_columns(**{key: pl.lit(value) for key, value in COURSE.items()})


def work(*rows):
    names = ["assessment_id", "user_id", "submitted_day", "is_banked", "score"]
    return pl.DataFrame(rows, schema=names, schema_overrides={"score": pl.Float64}, orient="row")


@pytest.mark.parametrize(
    ("left", "visible"), [(110, 1), (111, 2), (112, 2)], ids=["before", "on the day", "after"]
)
def test_what_opens_on_the_day_of_leaving_was_never_seen(left, visible):
    # origin: by hand; x is always open, y from day 110 on, and the day of leaving is none
    found = learner_progress(
        log(("a", 105, "x")), items(x=None, y=110), people(("a", 90, left, None)), COURSES,
        as_of=day_date(150), visible_from="opens",
    )  # fmt: skip
    assert found.select("items", "visible_items", "used_items").row(0) == (2, visible, 1)


@pytest.mark.parametrize(("enrolled", "visible"), [(114, 2), (115, 1), (116, 1)])
def test_what_closed_before_enrolment_was_never_seen(enrolled, visible):
    found = learner_progress(
        log(("b", 105, "x")), items(x=None, y=110), people(("a", enrolled, None, None)), COURSES,
        as_of=day_date(150), visible_from="opens", visible_until="closes",
    )  # fmt: skip
    assert found["visible_items"].item() == visible


def test_hidden_items_that_were_used_count_towards_all_items_only():
    found = learner_progress(
        log(("a", 105, "x"), ("a", 105, "y"), ("a", 105, "y")), items(x=None, y=110),
        people(("a", 90, 108, None)), COURSES, as_of=day_date(150), visible_from="opens",
    )  # fmt: skip
    assert found.select("used_items", "used_visible_items", "share_of_visible", "share_of_all").row(
        0
    ) == (2, 1, 1.0, 1.0)


def test_mean_progress_holds_those_who_used_nothing():
    # origin: by hand; a used 1 of 2, b nothing, c had left before the start
    found = progress_by_presentation(
        log(("a", 105, "x")), items(x=None, y=None),
        people(("a", 90, None, None), ("b", 90, None, None), ("c", 90, 90, None)), COURSES,
        as_of=day_date(150),
    )  # fmt: skip
    assert found.select("learners", "share_of_visible", "name").row(0) == (2, 0.25, "A 1")


@pytest.mark.parametrize(("left", "stayed"), [(113, 1), (114, 2), (115, 2)])
def test_two_weeks_are_fourteen_days(left, stayed):
    table = people(("a", 90, None, "pass"), ("b", 90, left, "withdrawn"))
    found = course_completion(
        log(("a", 105, "x")), items(x=None), table, COURSES, as_of=day_date(129), days=14
    )
    assert found["learners"].to_list() == [2, stayed, 1]
    assert found["share"].to_list() == [0.5, 1 / stayed, 1.0]


@pytest.mark.parametrize(("last", "rows"), [(128, 0), (129, 3), (130, 3)])
def test_completion_waits_for_the_end(last, rows):
    found = course_completion(
        log(("a", 105, "x")), items(x=None), people(("a", 90, None, "pass")), COURSES,
        as_of=day_date(last),
    )  # fmt: skip
    assert found.height == rows


def test_who_began_is_not_known_without_a_log():
    found = course_completion(
        log(("a", 105, "elsewhere")), items(x=None), people(("a", 90, None, "pass")), COURSES,
        as_of=day_date(129),
    )  # fmt: skip
    assert found["learners"].to_list() == [1, 1, None]
    assert found["share"].to_list() == [1, 1, None]


@pytest.mark.parametrize(
    ("left", "learners"), [(106, 1), (107, 2), (108, 2)], ids=["early", "landmark", "later"]
)
def test_who_left_before_the_landmark_is_not_compared(left, learners):
    table = people(("a", 90, None, "pass"), ("b", 90, left, "withdrawn"))
    found = outcome_by_early_use(
        log(("a", 105, "x")), items(x=None), table, COURSES, outcome="pass", weeks=1,
        as_of=day_date(129),
    )  # fmt: skip
    assert found.select("used", "learners", "pass").rows() == [
        (False, learners - 1, 0),
        (True, 1, 1),
    ]


def test_banked_scores_are_left_out_and_said():
    # origin: by hand; weights 10 and 30: (10 x 40 + 30 x 80) / 40 = 70, with 20 x 100: 4800 / 60
    pieces = assessments(
        *((str(n), "tutor_marked", 110, 10.0 * w) for n, w in enumerate((1, 3, 2)))
    )
    table = work(
        ("0", "a", 105, False, 40), ("1", "a", 106, False, 80), ("2", "a", 95, True, 100),
        ("1", "b", 106, False, None),
    )  # fmt: skip
    asked = {"as_of": day_date(150)}
    found = scores_by_kind(table, pieces, **asked)
    assert found.select("scores", "banked", "mean", "weighted_mean").row(0) == (2, 1, 60, 70)
    kept = scores_by_kind(table, pieces, keep_banked=True, **asked)
    assert kept.select("scores", "banked", "weighted_mean").row(0) == (3, 1, 80)
    assert learner_scores(table, pieces, **asked)["score"].to_list() == [70]
    assert learner_scores(table, pieces, keep_banked=True, **asked)["score"].to_list() == [80]


def test_what_weighs_nothing_has_no_weighted_mean():
    pieces = assessments(("0", "computer_marked", 110, 0.0))
    table = work(("0", "a", 105, False, 40))
    found = scores_by_kind(table, pieces, as_of=day_date(150))
    assert found.select("mean", "weighted_mean").row(0) == (40, None)
    assert peer_percentiles(table, pieces, as_of=day_date(150)).is_empty()


@pytest.mark.parametrize(("score", "level"), [(39.9, 0), (40, 1), (40.1, 1), (84.9, 3), (85, 4)])
def test_levels_begin_at_their_cut_points(score, level):
    pieces = assessments(("0", "tutor_marked", 110, 10.0))
    found = skill_levels(work(("0", "a", 105, False, score)), pieces, as_of=day_date(150))
    assert found["at_level"].to_list() == [int(n == level) for n in range(5)]


@pytest.mark.parametrize("cuts", [{}, {"a": 1}, {"a": 0, "b": 50, "c": 50}, {"a": 0, "b": -1}])
def test_cut_points_rise_from_nothing(cuts):
    pieces = assessments(("0", "tutor_marked", 110, 10.0))
    with pytest.raises(ParameterError, match="`cut_points` are"):
        skill_levels(work(("0", "a", 105, False, 1)), pieces, as_of=day_date(150), cut_points=cuts)


@pytest.mark.parametrize(("minimum", "known"), [(2, True), (3, True), (4, False)])
def test_few_learners_have_no_quantiles(minimum, known):
    pieces = assessments(("0", "tutor_marked", 110, 10.0))
    table = work(
        *(("0", user, 105, False, score) for user, score in (("a", 1), ("b", 2), ("c", 9)))
    )
    found = peer_benchmark(table, pieces, as_of=day_date(150), minimum_learners=minimum)
    assert found["p50"].item() == (2 if known else None)
    assert "user_id" not in found.columns


@pytest.mark.parametrize(("last", "submitted"), [(109, None), (110, 1), (111, 2)])
def test_lead_times_wait_for_the_due_day(last, submitted):
    pieces = assessments(("0", "tutor_marked", 110, 10.0))
    table = work(("0", "a", 105, False, 1), ("0", "b", 111, False, 1), ("0", "c", 90, True, 1))
    found = days_from_due(table, pieces, as_of=day_date(last))
    assert found["submitted"].to_list() == ([] if submitted is None else [submitted])
    if submitted == 2:
        assert found.select("median_days", "mean_days").row(0) == (-2, -2)


def test_who_never_began_stands_beside_the_median():
    found = days_to_first_activity(
        log(("a", 98, "x"), ("a", 104, "x"), ("b", 104, "x")), items(x=None),
        people(*((user, 90, None, None) for user in "abc")), COURSES, as_of=day_date(150),
    )  # fmt: skip
    # origin: by hand; -2 and 4 days
    assert found.select("enrolled", "began", "median_days").row(0) == (3, 2, 1)


def test_nobody_enrolled_began():
    found = days_to_first_activity(
        log(("z", 98, "x")), items(x=None), people(("a", 90, None, None)), COURSES,
        as_of=day_date(150),
    )  # fmt: skip
    assert found.select("enrolled", "began", "share", "median_days").row(0) == (1, 0, 0, None)


def test_efficiency_is_a_ratio_of_means():
    # origin: by hand; scores 80 and 40, active days 3 and 1, actions 3 and 1
    pieces = assessments(("0", "tutor_marked", 110, 10.0))
    found = study_efficiency(
        log(*(("a", day, "x") for day in (101, 102, 103)), ("b", 104, "x"), ("c", 104, "x")),
        items(x=None), work(("0", "a", 105, False, 80), ("0", "b", 105, False, 40)), pieces,
        as_of=day_date(150),
    )  # fmt: skip
    assert found.select("learners", "score_per_active_day", "score_per_100_actions").row(0) == (
        2, 30, 3000
    )  # fmt: skip


def test_mistakes_are_named():
    asked = (log(("a", 1, "x")), items(x=None), people(("a", 90, None, None)), COURSES)
    when = {"as_of": dt.date(1970, 9, 1)}
    with pytest.raises(ParameterError, match="`days` is 0"):
        course_completion(*asked, days=0, **when)
    with pytest.raises(ParameterError, match="`outcome` is 'passed'"):
        outcome_by_early_use(*asked, outcome="passed", weeks=1, **when)
    with pytest.raises(ParameterError, match="`weeks` is 0"):
        outcome_by_early_use(*asked, outcome="pass", weeks=0, **when)
    with pytest.raises(SchemaError, match=r"`content` is missing column 'open'.*'opens'"):
        learner_progress(*asked, visible_from="open", **when)
    with pytest.raises(SchemaError, match="`submissions` is missing column 'score'"):
        learner_scores(
            work(("0", "a", 1, False, 1)).drop("score"), assessments(("0", "exam", 1, 1.0)), **when
        )
