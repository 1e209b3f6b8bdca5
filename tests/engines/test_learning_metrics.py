"""The learning metrics on every engine, on tables small enough to count by eye."""

import datetime as dt

import duckdb
import polars as pl
import pytest

from analytics_lib import metrics
from analytics_lib.core.errors import ParameterError, SchemaError
from analytics_lib.core.periods import day_date
from analytics_lib.events.boundary import as_event_log

DAYS = ("day", "start_day", "end_day", "enrolled_day", "unenrolled_day", "due_day", "submitted_day")


def frame(columns, rows):
    made = pl.DataFrame(rows, schema=columns, orient="row")
    whole = [name for name in made.columns if name in DAYS]
    return made.with_columns(pl.col(whole).cast(pl.Int32))


PRESENTATION = ["course_id", "presentation"]
TABLES = {
    "courses": frame(
        [*PRESENTATION, "start_day", "end_day"],
        [("AAA", "2013J", 100, 121), ("AAA", "2014J", 200, 223), ("BBB", "2013B", 100, 121)],
    ),
    "enrolments": frame(
        [*PRESENTATION, "user_id", "enrolled_day", "unenrolled_day", "outcome"],
        [
            ("AAA", "2013J", "a", 90, None, "pass"),
            ("AAA", "2013J", "b", None, 108, "withdrawn"),
            ("AAA", "2013J", "c", 95, None, "fail"),
            ("AAA", "2013J", "d", 95, None, "distinction"),  # without a single click
            ("AAA", "2014J", "a", 190, None, None),
            ("AAA", "2014J", "e", 190, None, None),
            ("BBB", "2013B", "b", 95, None, "pass"),
        ],
    ),
    "content": frame(
        ["content_id", *PRESENTATION, "kind"],
        [
            ("p1", "AAA", "2013J", "quiz"),
            ("p2", "AAA", "2013J", "forum"),
            ("p3", "AAA", "2014J", "quiz"),
            ("p4", "BBB", "2013B", "quiz"),
            ("p0", None, None, "page"),
        ],
    ),
    "events": frame(
        ["user_id", "day", "content_id", "quantity"],
        [
            ("a", 100, "p1", 3),
            ("a", 100, "p1", 2),  # the same learner, page and day again: add up
            ("a", 106, "p2", 1),
            ("a", 107, "p1", 1),
            ("b", 99, "p1", 4),  # before the start
            ("b", 103, "p2", 2),
            ("c", 120, "p1", 1),
            ("c", 121, "p1", 5),  # after the end
            ("z", 101, "p1", 9),  # not enrolled
            ("a", 101, "p0", 7),  # belongs to no course
            ("a", 201, "p3", 1),
            (None, 101, "p1", 8),
        ],
    ),
    "assessments": frame(
        ["assessment_id", *PRESENTATION, "kind", "due_day"],
        [
            ("t1", "AAA", "2013J", "tutor_marked", 105),
            ("t2", "AAA", "2013J", "tutor_marked", 110),
            ("m1", "BBB", "2013B", "computer_marked", 110),
            ("m2", "BBB", "2013B", "computer_marked", None),
            ("x", "AAA", "2013J", "exam", 119),
        ],
    ),
    "submissions": frame(
        ["assessment_id", "user_id", "submitted_day", "is_banked"],
        [
            ("t1", "a", 105, False),  # on the day
            ("t1", "b", 106, False),  # a day late
            ("t1", "c", 104, True),
            ("t2", "a", 112, False),
            ("t2", "c", 109, False),
            ("m1", "b", 111, False),
            ("m2", "b", 111, False),  # due day unknown
            ("x", "a", 120, False),
        ],
    ),
}


@pytest.fixture
def tables(engine):
    if engine.name != "DuckDB":
        return {name: engine.make(table) for name, table in TABLES.items()}
    connection = duckdb.connect()
    return {name: connection.from_arrow(table.to_arrow()) for name, table in TABLES.items()}


def named(tables, *names):
    return [tables[name] for name in names]


@pytest.mark.parametrize(
    ("last_day", "expected"),
    [
        pytest.param(99, [], id="nothing has started"),
        pytest.param(
            119, [("AAA", "2013J", 4, 4, False), ("BBB", "2013B", 1, 1, False)], id="running"
        ),
        pytest.param(120, [("AAA", "2013J", 4, 4, True), ("BBB", "2013B", 1, 1, True)], id="over"),
    ],
)
def test_enrolment_counts(engine, tables, last_day, expected, plain):
    found = metrics.enrolment_counts(
        *named(tables, "enrolments", "courses"), as_of=day_date(last_day)
    )
    assert isinstance(found, engine.library)
    assert plain(found, *PRESENTATION, "enrolments", "learners", "is_over") == expected


@pytest.mark.parametrize(("last_day", "learners"), [(99, 0), (120, 4), (199, 4), (200, 5)])
def test_learners_count_once(tables, last_day, learners):
    asked = named(tables, "enrolments", "courses")
    assert metrics.learner_count(*asked, as_of=day_date(last_day)) == learners


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        ("withdrawn", [("AAA", "2013J", 4, 1, 0.25), ("BBB", "2013B", 1, 0, 0.0)]),
        ("completed", [("AAA", "2013J", 4, 2, 0.5), ("BBB", "2013B", 1, 1, 1.0)]),
        ("fail", [("AAA", "2013J", 4, 1, 0.25), ("BBB", "2013B", 1, 0, 0.0)]),
    ],
)
def test_outcomes(engine, tables, outcome, expected, plain):
    asked = named(tables, "enrolments", "courses")
    found = metrics.outcome_shares(*asked, outcome=outcome, as_of=day_date(120))
    assert isinstance(found, engine.library)
    assert plain(found, *PRESENTATION, "enrolments", outcome, "share") == expected


@pytest.mark.parametrize(
    ("last_day", "n", "value"),
    [(119, 0, None), (120, 5, 0.2), (221, 5, 0.2), (222, 7, 1 / 7)],
    ids=["running", "over", "the next still running", "the next over"],
)
def test_only_presentations_that_are_over_have_outcomes(tables, last_day, n, value):
    asked = named(tables, "enrolments", "courses")
    found = metrics.outcome_share(*asked, outcome="withdrawn", as_of=day_date(last_day))
    assert found.n == n
    assert found.value == value if value is not None else not found.is_defined


@pytest.mark.parametrize(
    ("last_day", "active"),
    [
        pytest.param(105, [None], id="first week not over"),
        pytest.param(106, [2], id="first week just over"),
        pytest.param(119, [2, 1, None], id="last week not over"),
        pytest.param(120, [2, 1, 1], id="last week just over"),
        pytest.param(150, [2, 1, 1], id="long after"),
    ],
)
def test_active_learners_by_week(engine, tables, last_day, active, plain):
    found = metrics.active_learners_by_week(
        *named(tables, "events", "content", "enrolments", "courses"), as_of=day_date(last_day)
    )
    assert isinstance(found, engine.library)
    rows = plain(found, *PRESENTATION, "week", "interval_start", "enrolled", "active", "share")
    # Nothing of BBB: the log does not know its clicks.
    assert rows == [
        ("AAA", "2013J", week, day_date(100 + 7 * week), 4, n, None if n is None else n / 4)
        for week, n in enumerate(active)
    ]


def test_engagement_by_kind(engine, tables, plain):
    found = metrics.engagement_by_kind(
        *named(tables, "events", "content", "enrolments", "courses"), as_of=day_date(120)
    )
    assert isinstance(found, engine.library)
    columns = ("kind", "actions", "users", "enrolled", "share", "actions_per_user")
    # origin: by hand; quiz 3 + 2 + 1 by a, 4 by b, 1 by c; forum 1 by a, 2 by b
    assert plain(found, *columns) == [
        ("quiz", 11, 3, 4, 0.75, 11 / 3), ("forum", 3, 2, 4, 0.5, 1.5)
    ]  # fmt: skip


def test_a_polars_table_may_stand_beside_a_log_of_another_engine(tables, plain):
    found = metrics.active_learners_by_week(
        tables["events"], *named(TABLES, "content", "enrolments", "courses"), as_of=day_date(120)
    )
    assert plain(found, "active") == [(2,), (1,), (1,)]


@pytest.mark.parametrize(
    ("last_day", "expected"),
    [
        pytest.param(105, [("tutor_marked", 1, 0)], id="due day"),
        pytest.param(106, [("tutor_marked", 2, 1)], id="a day after"),
        pytest.param(
            120, [("computer_marked", 1, 1), ("tutor_marked", 4, 2)], id="everything handed in"
        ),
    ],
)
def test_late_work(engine, tables, last_day, expected, plain):
    found = metrics.late_shares(
        *named(tables, "submissions", "assessments"), as_of=day_date(last_day)
    )
    assert isinstance(found, engine.library)
    assert plain(found, "kind", "submitted", "late") == expected
    assert plain(found, "share") == [(late / n,) for _, n, late in expected]


def test_late_exams_by_presentation(tables, plain):
    found = metrics.late_shares(
        *named(tables, "submissions", "assessments"),
        as_of=day_date(120), kinds=["exam"], by=PRESENTATION,
    )  # fmt: skip
    assert plain(found, *PRESENTATION, "submitted", "late") == [("AAA", "2013J", 1, 1)]


@pytest.mark.parametrize(
    ("last_day", "expected"),
    [
        pytest.param(104, [], id="nothing due"),
        pytest.param(105, [("tutor_marked", 4, 2)], id="first due day"),
        pytest.param(109, [("tutor_marked", 4, 3)], id="late work came in"),
        pytest.param(
            # b had left before the second was due and owes nothing.
            120, [("computer_marked", 1, 1), ("tutor_marked", 7, 5)], id="all due",
        ),
    ],
)  # fmt: skip
def test_work_handed_in(engine, tables, last_day, expected, plain):
    found = metrics.submission_shares(
        *named(tables, "submissions", "assessments", "enrolments", "courses"),
        as_of=day_date(last_day),
    )
    assert isinstance(found, engine.library)
    assert plain(found, "kind", "expected", "submitted") == expected


def test_course_events_keep_the_log(tables):
    log = as_event_log(tables["events"], zone="Europe/London")
    found = metrics.course_events(log, tables["content"])
    assert (found.zone, found.resolution) == ("Europe/London", "day")
    rows = found.frame.select("name").collect(backend="polars").to_native()["name"].to_list()
    assert rows.count("AAA 2013J") == 10


def test_a_log_is_answered_in_its_own_library(engine, tables):
    log = as_event_log(tables["events"])
    found = metrics.active_users(log, granularity="week", as_of=day_date(120))
    assert isinstance(found, engine.library)


def test_a_duckdb_result_can_be_joined_with_the_callers_own_frame():
    connection = duckdb.connect()
    tables = {name: connection.from_arrow(table.to_arrow()) for name, table in TABLES.items()}
    found = metrics.enrolment_counts(*named(tables, "enrolments", "courses"), as_of=day_date(120))
    joined = found.set_alias("l").join(tables["courses"].set_alias("r"), "course_id")
    assert len(joined.fetchall()) == 3  # origin: by hand, 2 x AAA and 1 x BBB


def test_mistakes_are_named(tables):
    with pytest.raises(ParameterError, match=r"`outcome` is 'passed'; .*Did you mean 'pass'"):
        metrics.outcome_shares(
            *named(tables, "enrolments", "courses"), outcome="passed", as_of=dt.date(2024, 1, 1)
        )
    with pytest.raises(SchemaError, match="`courses` is missing columns 'start_day', 'end_day'"):
        metrics.learner_count(tables["enrolments"], tables["enrolments"], as_of=day_date(1))
