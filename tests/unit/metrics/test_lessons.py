import datetime as dt

import polars as pl
import pytest

from analytics_lib.core.errors import ParameterError, SchemaError
from analytics_lib.core.periods import day_number
from analytics_lib.events.tables.lessons import BOOKINGS, REVIEWS, TUTOR_SLOTS
from analytics_lib.metrics.bookings import (
    attendance_shares,
    cancellation_shares,
    tutor_utilisation,
)
from analytics_lib.metrics.tutors import learner_retention_by_tutor, tutor_ratings

MONDAY = dt.date(2024, 1, 1)
START = day_number(MONDAY)


def on(day):
    return MONDAY + dt.timedelta(days=day)


def lessons(*rows):
    """Learner, tutor, day from Monday 1 January 2024, status."""
    numbered = [(str(number), *row) for number, row in enumerate(rows)]
    made = pl.DataFrame(
        numbered, schema=["booking_id", "user_id", "tutor_id", "lesson_day", "status"], orient="row"
    )
    return made.with_columns(pl.col("lesson_day").cast(pl.Int32) + START)


def reviews(*rows):
    made = pl.DataFrame(rows, schema=["booking_id", "rating", "day"], orient="row")
    return made.with_columns(pl.col("day").cast(pl.Int32) + START)


def slots(*rows):
    made = pl.DataFrame(rows, schema=["tutor_id", "day", "slots"], orient="row")
    return made.with_columns(pl.col("day").cast(pl.Int32) + START)


@pytest.mark.parametrize(("last", "share"), [(5, None), (6, 0.5), (7, 0.5)])
def test_a_running_week_has_no_attendance(last, share):
    table = lessons(
        ("a", "t", 0, "attended"), ("b", "t", 6, "missed"), ("c", "t", 6, "cancelled"),
        ("d", "t", 6, None),
    )  # fmt: skip
    found = attendance_shares(table, granularity="week", as_of=on(last))
    assert found["share"][0] == share


def test_attendance_leaves_out_and_cancellation_counts_what_was_cancelled():
    table = lessons(
        *(("a", "t", 0, how) for how in ("attended", "missed", "cancelled", "cancelled"))
    )
    asked = {"granularity": "day", "as_of": on(0)}
    assert attendance_shares(table, **asked).select("lessons", "attended").row(0) == (2, 1)
    assert cancellation_shares(table, **asked).select("bookings", "cancelled").row(0) == (4, 2)


@pytest.mark.parametrize(("offered", "share"), [(3, 2 / 3), (2, 1.0), (1, None)])
def test_more_lessons_than_slots_are_refused(offered, share):
    table = lessons(("a", "t", 0, "attended"), ("b", "t", 0, "missed"), ("c", "t", 0, "cancelled"))
    asked = {"granularity": "day", "as_of": on(0)}
    if share is None:
        with pytest.raises(SchemaError, match="In 1 rows of tutor and day, more lessons"):
            tutor_utilisation(table, slots(("t", 0, offered)), **asked)
    else:
        found = tutor_utilisation(table, slots(("t", 0, offered)), **asked)
        assert found["share"].item() == pytest.approx(share)


def test_all_tutors_together_are_the_sums_of_each():
    # origin: by hand; t gives 1 lesson of 4 offered, u 2 of 2 and none of 3 on the next day
    table = lessons(("a", "t", 0, "attended"), ("b", "u", 0, "missed"), ("a", "u", 0, "attended"))
    offered = slots(("t", 0, 4), ("u", 0, 2), ("u", 1, 3))
    asked = {"granularity": "day", "as_of": on(1), "together": True}
    found = tutor_utilisation(table, offered, **asked)
    assert found.select("slots", "taken", "share").rows() == [(6, 3, 0.5), (3, 0, 0.0)]
    assert "tutor_id" not in found.columns
    with pytest.raises(SchemaError, match="more lessons were given"):
        tutor_utilisation(table, slots(("t", 0, 9), ("u", 0, 1)), **asked)


@pytest.mark.parametrize(
    ("weight", "scores"), [(0, [5, 3.5]), (2, [13 / 3, 15 / 4]), (1e9, [4, 4])]
)
def test_one_good_review_does_not_lead(weight, scores):
    # origin: by hand; t has 5, u has 3 and 4, C = 12 / 3 = 4
    table = lessons(*(("a", tutor, 0, "attended") for tutor in "tuu"), ("a", "u", 0, "missed"))
    said = reviews(("0", 5, 1), ("1", 3, 1), ("2", 4, 1), ("3", 1, 1), ("2", 1, 9))
    found = tutor_ratings(table, said, as_of=on(1), prior_weight=weight)
    assert found["rating_score"].to_list() == pytest.approx(scores)
    assert found["ratings"].to_list() == [1, 2]


@pytest.mark.parametrize("rating", [0, 6])
def test_ratings_beyond_the_scale_are_refused(rating):
    with pytest.raises(SchemaError, match="not from 1 to 5"):
        tutor_ratings(lessons(("a", "t", 0, "attended")), reviews(("0", rating, 0)), as_of=on(0))


@pytest.mark.parametrize(("day", "returned"), [(0, 0), (1, 1), (7, 1), (8, 0)])
def test_coming_back_has_a_first_and_a_last_day(day, returned):
    table = lessons(("a", "t", 0, "attended"), ("a", "t", day, "attended"))
    found = learner_retention_by_tutor(table, as_of=on(7 + day), days=7)
    assert found.select("learners", "returned").row(0) == (1, returned)


@pytest.mark.parametrize(("last", "rows"), [(6, 0), (7, 1), (8, 1)])
def test_who_had_no_time_to_come_back_does_not_count(last, rows):
    table = lessons(("a", "t", 0, "attended"))
    assert learner_retention_by_tutor(table, as_of=on(last), days=7).height == rows


def test_coming_back_to_any_tutor():
    table = lessons(("a", "t", 0, "attended"), ("a", "u", 3, "attended"))
    same = learner_retention_by_tutor(table, as_of=on(20), days=7)
    other = learner_retention_by_tutor(table, as_of=on(20), days=7, with_tutor="any")
    assert same["returned"].to_list() == [0, 0]
    assert other["returned"].to_list() == [1, 0]


LESSON = lessons(("a", "t", 0, "attended"))


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        (lambda: attendance_shares(LESSON, granularity="w", as_of=MONDAY), "`granularity`"),
        (lambda: cancellation_shares(LESSON, granularity="w", as_of=MONDAY), "`granularity`"),
        (
            lambda: tutor_utilisation(LESSON, slots(("t", 0, 1)), granularity="w", as_of=MONDAY),
            "`granularity`",
        ),
        (lambda: learner_retention_by_tutor(LESSON, as_of=MONDAY, days=0), "`days` is 0"),
        (
            lambda: learner_retention_by_tutor(LESSON, as_of=MONDAY, with_tutor="sam"),
            "Did you mean 'same'",
        ),
        (
            lambda: tutor_ratings(LESSON, reviews(("0", 5, 0)), as_of=MONDAY, prior_weight=-1),
            "`prior_weight` is -1",
        ),
    ],
)
def test_impossible_questions_are_refused(ask, words):
    with pytest.raises(ParameterError, match=words):
        ask()


def test_missing_columns_are_named():
    with pytest.raises(SchemaError, match="`bookings` is missing column 'status'"):
        learner_retention_by_tutor(LESSON.drop("status"), as_of=MONDAY)
    with pytest.raises(SchemaError, match="`slots` is missing columns 'day', 'slots'"):
        tutor_utilisation(LESSON, LESSON, granularity="day", as_of=MONDAY)
    with pytest.raises(SchemaError, match="`reviews` is missing columns 'rating', 'day'"):
        tutor_ratings(LESSON, LESSON, as_of=MONDAY)


@pytest.mark.parametrize("contract", [BOOKINGS, REVIEWS, TUTOR_SLOTS])
def test_contracts_hold_together(contract):
    empty = pl.DataFrame(schema=contract.polars_schema)
    assert contract.schema().validate(empty).is_empty()
    assert contract.columns_with_role("direct_identifier") == []
