"""Further learning metrics on every engine against a count in plain Python."""

import random
import statistics
from collections import defaultdict

import duckdb
import numpy as np
import polars as pl
import pytest

from analytics_lib.core.periods import day_date
from analytics_lib.metrics.completion import course_completion
from analytics_lib.metrics.learning_paths import outcome_by_early_use
from analytics_lib.metrics.pace import days_from_due, days_to_first_activity, study_efficiency
from analytics_lib.metrics.peers import (
    OU_GRADES,
    peer_benchmark,
    peer_percentiles,
    skill_levels,
)
from analytics_lib.metrics.progress import learner_progress, progress_by_presentation
from analytics_lib.metrics.scores import learner_scores, scores_by_kind

PRESENTATION = {"course_id": pl.String, "presentation": pl.String}
SCHEMAS = {
    "courses": {**PRESENTATION, "start_day": pl.Int32, "end_day": pl.Int32},
    "enrolments": {
        **PRESENTATION, "user_id": pl.String, "enrolled_day": pl.Int32,
        "unenrolled_day": pl.Int32, "outcome": pl.String,
    },
    "content": {
        "content_id": pl.String, **PRESENTATION, "kind": pl.String, "opens_day": pl.Int32,
        "closes_day": pl.Int32,
    },
    "events": {
        "user_id": pl.String, "day": pl.Int32, "content_id": pl.String, "quantity": pl.Int64,
    },
    "assessments": {
        "assessment_id": pl.String, **PRESENTATION, "kind": pl.String, "due_day": pl.Int32,
        "weight": pl.Float64,
    },
    "submissions": {
        "assessment_id": pl.String, "user_id": pl.String, "submitted_day": pl.Int32,
        "is_banked": pl.Boolean, "score": pl.Float64,
    },
}  # fmt: skip
COURSES = [("A", "1", 100, 160), ("A", "2", 200, 260), ("B", "1", 110, 170)]
KINDS = ("tutor_marked", "computer_marked", "exam")


def drawn(seed):
    draw = random.Random(seed)
    users = [f"u{number}" for number in range(9)]
    enrolments = [
        (
            course,
            run,
            user,
            draw.choice([None, start - 20, start + 5]),
            draw.choice([None, None, start - 3, start + 3, start + 14, start + 40]),
            draw.choice(["pass", "distinction", "fail", "withdrawn", None]),
        )
        for course, run, start, _ in COURSES
        for user in draw.sample(users, 7)
    ]
    content = [
        (
            f"{course}{run}{number}",
            course,
            run,
            draw.choice(["quiz", "forum", "page"]),
            draw.choice([None, start, start + 10]),
            draw.choice([None, start + 9, start + 30]),
        )
        for course, run, start, _ in COURSES
        for number in range(5)
    ]
    # The log knows nothing of B 1; some content belongs to no course.
    content += [("free", None, None, "page", None, None)]
    seen = [row[0] for row in content if row[1] != "B"]
    events = [
        (
            draw.choice([*users, None]),
            draw.randrange(80, 280),
            draw.choice(seen),
            draw.randrange(1, 5),
        )
        for _ in range(150)
    ]
    assessments = [
        (
            f"{course}{run}t{number}",
            course,
            run,
            draw.choice(KINDS),
            draw.choice([None, start + 10, start + 40]),
            draw.choice([0.0, 10.0, 12.5, 50.0]),
        )
        for course, run, start, _ in COURSES
        for number in range(4)
    ]
    submissions = [
        (
            row[0],
            user,
            draw.randrange(95, 280),
            draw.random() < 0.2,
            draw.choice([None, 0.0, 39.0, 40.0, 55.0, 77.5, 85.0, 100.0]),
        )
        for row in assessments
        for user in draw.sample(users, 6)
    ]
    return {
        "courses": COURSES, "enrolments": enrolments, "content": content, "events": events,
        "assessments": assessments, "submissions": submissions,
    }  # fmt: skip


CASES = {"empty": {name: [] for name in SCHEMAS}, **{f"drawn {n}": drawn(n) for n in range(3)}}


@pytest.fixture(params=CASES)
def case(request):
    rows = CASES[request.param]
    return {
        name: [dict(zip(schema, row, strict=True)) for row in rows[name]]
        for name, schema in SCHEMAS.items()
    }


@pytest.fixture(params=[99, 159, 300], ids=["before", "first over", "all over"])
def last(request):
    return request.param


@pytest.fixture
def tables(engine, case):
    made = {name: pl.DataFrame(case[name], schema=schema) for name, schema in SCHEMAS.items()}
    if engine.name != "DuckDB":
        return {name: engine.make(table) for name, table in made.items()}
    connection = duckdb.connect()
    return {name: connection.from_arrow(table.to_arrow()) for name, table in made.items()}


def named(tables, *names):
    return [tables[name] for name in names]


LEARNING = ("events", "content", "enrolments", "courses")
WORK = ("submissions", "assessments")


def of(row):
    return row["course_id"], row["presentation"]


def learners(case, last):
    """Known enrolments in presentations that have begun, with the dates of the presentation."""
    dates = {of(row): row for row in case["courses"] if row["start_day"] <= last}
    return [
        {**row, **dates[of(row)]}
        for row in case["enrolments"]
        if of(row) in dates and (row["enrolled_day"] is None or row["enrolled_day"] <= last)
    ]


def actions(case, last):
    """Known events about content of a presentation, with that content."""
    items = {row["content_id"]: row for row in case["content"] if row["course_id"]}
    return [
        {**row, **items[row["content_id"]]}
        for row in case["events"]
        if row["user_id"] and row["day"] <= last and row["content_id"] in items
    ]


def close(value):
    return pytest.approx(value, rel=1e-12, abs=1e-12) if isinstance(value, float) else value


def close_rows(rows):
    return [tuple(close(value) for value in row) for row in rows]


def mean(values):
    return sum(values) / len(values) if values else None


def progress(case, last):
    """`(course, run, user, items, visible, used, used and visible)`."""
    log = actions(case, last)
    found = []
    for one in learners(case, last):
        mine = [row for row in log if of(row) == of(one) and row["user_id"] == one["user_id"]]
        begin = one["enrolled_day"] or 0
        end = min(
            one["end_day"],
            last + 1,
            10**6 if one["unenrolled_day"] is None else one["unenrolled_day"],
        )
        days = range(begin, end)
        items = [row for row in case["content"] if of(row) == of(one)]

        def is_shown(item, day):
            opens, closes = item["opens_day"], item["closes_day"]
            return (opens is None or opens <= day) and (closes is None or day < closes)

        visible = {item["content_id"] for item in items if any(is_shown(item, day) for day in days)}
        used = {row["content_id"] for row in mine if row["day"] in days}
        found.append(
            (*of(one), one["user_id"], len(items), len(visible), len(used), len(used & visible))
        )
    known = {of(row) for row in log}
    return sorted(row for row in found if row[:2] in known)


def test_progress(engine, tables, case, last, plain):
    asked = {
        "as_of": day_date(last), "visible_from": "opens_day", "visible_until": "closes_day",
    }  # fmt: skip
    found = learner_progress(*named(tables, *LEARNING), **asked)
    assert isinstance(found, engine.library)
    expected = progress(case, last)
    names = ("items", "visible_items", "used_items", "used_visible_items")
    assert plain(found, "course_id", "presentation", "user_id", *names) == expected
    shares = [(b / v if v else None, u / n) for *_, n, v, u, b in expected]
    assert plain(found, "share_of_visible", "share_of_all") == close_rows(shares)

    by_run = progress_by_presentation(*named(tables, *LEARNING), **asked)
    assert isinstance(by_run, engine.library)
    groups = defaultdict(list)
    for row in expected:
        if row[4]:
            groups[row[:2]].append(row)
    means = [
        (*key, len(its), mean([r[6] / r[4] for r in its]), mean([r[5] / r[3] for r in its]))
        for key, its in sorted(groups.items())
    ]
    names = ("course_id", "presentation", "learners", "share_of_visible", "share_of_all")
    assert plain(by_run, *names) == close_rows(means)


def test_without_dates_everything_is_visible(tables, last, plain):
    found = learner_progress(*named(tables, *LEARNING), as_of=day_date(last))
    for items, visible in plain(found, "items", "visible_items"):
        assert visible in {0, items}


@pytest.mark.parametrize("days", [1, 14, 35])
def test_course_completion(engine, tables, case, last, days, plain):
    found = course_completion(*named(tables, *LEARNING), as_of=day_date(last), days=days)
    assert isinstance(found, engine.library)
    log = actions(case, last)
    groups = defaultdict(list)
    for one in learners(case, last):
        if one["end_day"] <= last + 1:
            groups[of(one)].append(one)
    expected = []
    for key, its in sorted(groups.items()):
        span = range(its[0]["start_day"], its[0]["end_day"])
        began = {row["user_id"] for row in log if of(row) == key and row["day"] in span}

        def stay(one):
            return sum(
                (one["enrolled_day"] or 0) <= day
                and (one["unenrolled_day"] is None or day < one["unenrolled_day"])
                for day in span  # noqa: B023
            )

        bases = {
            "enrolled": its,
            "stayed": [one for one in its if stay(one) >= days],
            "started": [one for one in its if one["user_id"] in began],
        }
        for base, members in bases.items():
            done = sum(one["outcome"] in {"pass", "distinction"} for one in members)
            known = base != "started" or any(of(row) == key for row in log)
            counts = (len(members), done) if known else (None, None)
            expected.append((*key, base, *counts))
    assert plain(found, "course_id", "presentation", "base", "learners", "completed") == expected


@pytest.mark.parametrize(
    ("outcome", "hits"), [("completed", {"pass", "distinction"}), ("fail", {"fail"})]
)
@pytest.mark.parametrize("weeks", [1, 2, 4])
def test_outcome_by_early_use(engine, tables, case, last, weeks, outcome, hits, plain):
    found = outcome_by_early_use(
        *named(tables, *LEARNING), outcome=outcome, weeks=weeks, as_of=day_date(last)
    )
    assert isinstance(found, engine.library)
    log = actions(case, last)
    groups = defaultdict(list)
    for one in learners(case, last):
        limit = one["start_day"] + 7 * weeks
        if (
            one["end_day"] <= last + 1
            and (one["enrolled_day"] or 0) < limit
            and (one["unenrolled_day"] is None or one["unenrolled_day"] >= limit)
        ):
            groups[of(one)].append(one)
    expected = []
    for key, its in sorted(groups.items()):
        begin = its[0]["start_day"]
        for kind in sorted({row["kind"] for row in log if of(row) == key}):
            users = {
                row["user_id"] for row in log
                if of(row) == key and row["kind"] == kind
                and begin <= row["day"] < begin + 7 * weeks
            }  # fmt: skip
            for used in (False, True):
                members = [one for one in its if (one["user_id"] in users) == used]
                n, hit = len(members), sum(one["outcome"] in hits for one in members)
                expected.append((*key, kind, used, n, hit, hit / n if n else None))
    names = ("course_id", "presentation", "kind", "used", "learners", outcome, "share")
    assert plain(found, *names) == expected


def test_days_to_first_activity(engine, tables, case, last, plain):
    found = days_to_first_activity(*named(tables, *LEARNING), as_of=day_date(last))
    assert isinstance(found, engine.library)
    log = actions(case, last)
    groups = defaultdict(list)
    for one in learners(case, last):
        groups[of(one)].append(one)
    expected = []
    for key, its in sorted(groups.items()):
        if not any(of(row) == key for row in log):
            continue
        days = []
        for one in its:
            mine = [r["day"] for r in log if of(r) == key and r["user_id"] == one["user_id"]]
            days += [min(mine) - one["start_day"]] if mine else []
        median = float(statistics.median(days)) if days else None
        expected.append((*key, len(its), len(days), median))
    names = ("course_id", "presentation", "enrolled", "began", "median_days")
    assert plain(found, *names) == expected


def work(case, last, kinds, *, scored=True):
    pieces = {row["assessment_id"]: row for row in case["assessments"] if row["kind"] in kinds}
    return [
        {**pieces[row["assessment_id"]], **row}
        for row in case["submissions"]
        if row["assessment_id"] in pieces
        and row["submitted_day"] <= last
        and (row["score"] is not None or not scored)
    ]


@pytest.mark.parametrize("by", [("kind",), ("course_id", "presentation", "kind")])
def test_days_from_due(engine, tables, case, last, by, plain):
    found = days_from_due(*named(tables, *WORK), as_of=day_date(last), by=by)
    assert isinstance(found, engine.library)
    groups = defaultdict(list)
    for row in work(case, last, KINDS[:2], scored=False):
        if not row["is_banked"] and row["due_day"] is not None and row["due_day"] <= last:
            groups[tuple(row[name] for name in by)].append(row["submitted_day"] - row["due_day"])
    expected = [
        (*key, len(days), float(statistics.median(days)), mean(days))
        for key, days in sorted(groups.items())
    ]
    assert plain(found, *by, "submitted", "median_days", "mean_days") == close_rows(expected)


def weighted(rows):
    weight = sum(row["weight"] for row in rows)
    return sum(row["weight"] * row["score"] for row in rows) / weight if weight else None


@pytest.mark.parametrize("keep_banked", [False, True])
def test_scores_by_kind(engine, tables, case, last, keep_banked, plain):
    found = scores_by_kind(*named(tables, *WORK), as_of=day_date(last), keep_banked=keep_banked)
    assert isinstance(found, engine.library)
    groups = defaultdict(list)
    for row in work(case, last, KINDS):
        groups[*of(row), row["kind"]].append(row)
    expected = []
    for key, its in sorted(groups.items()):
        kept = [row for row in its if keep_banked or not row["is_banked"]]
        banked = sum(row["is_banked"] for row in its)
        values = [row["score"] for row in kept]
        expected.append((*key, len(kept), banked, mean(values), weighted(kept)))
    names = ("course_id", "presentation", "kind", "scores", "banked", "mean", "weighted_mean")
    assert plain(found, *names) == close_rows(expected)


def scores(case, last, *, keep_banked=False):
    groups = defaultdict(list)
    for row in work(case, last, KINDS[:2]):
        if keep_banked or not row["is_banked"]:
            groups[*of(row), row["user_id"]].append(row)
    return [
        (*key, len(its), sum(row["weight"] for row in its), weighted(its))
        for key, its in sorted(groups.items())
    ]


@pytest.mark.parametrize("keep_banked", [False, True])
def test_learner_scores(engine, tables, case, last, keep_banked, plain):
    found = learner_scores(*named(tables, *WORK), as_of=day_date(last), keep_banked=keep_banked)
    assert isinstance(found, engine.library)
    assert plain(found) == close_rows(scores(case, last, keep_banked=keep_banked))


def by_run(case, last):
    groups = defaultdict(list)
    for *key, user, _, _, score in scores(case, last):
        if score is not None:
            groups[tuple(key)].append((user, score))
    return sorted(groups.items())


def test_skill_levels(engine, tables, case, last, plain):
    found = skill_levels(*named(tables, *WORK), as_of=day_date(last))
    assert isinstance(found, engine.library)
    expected = []
    cuts = [*OU_GRADES.values(), 101]
    for key, its in by_run(case, last):
        for level, low, high in zip(OU_GRADES, cuts, cuts[1:], strict=False):
            count = sum(low <= score < high for _, score in its)
            expected.append((*key, level, low, len(its), count, count / len(its)))
    names = ("course_id", "presentation", "level", "from_score", "learners", "at_level", "share")
    assert plain(found, *names) == expected


def test_peers(engine, tables, case, last, plain):
    placed = peer_percentiles(*named(tables, *WORK), as_of=day_date(last))
    bench = peer_benchmark(*named(tables, *WORK), as_of=day_date(last), minimum_learners=4)
    assert isinstance(placed, engine.library)
    assert isinstance(bench, engine.library)
    percentiles, quantiles = [], []
    for key, its in by_run(case, last):
        n = len(its)
        for user, score in its:
            below = sum(other < score for _, other in its)
            equal = sum(other == score for _, other in its)
            percentiles.append((*key, user, score, n, 100 * (below + equal / 2) / n))
        known = n >= 4
        values = np.quantile([score for _, score in its], [0.1, 0.25, 0.5, 0.75, 0.9])
        quantiles.append((*key, n, *(float(value) if known else None for value in values)))
    assert plain(placed) == close_rows(percentiles)
    names = ("p10", "p25", "p50", "p75", "p90")
    assert plain(bench, "course_id", "presentation", "learners", *names) == close_rows(quantiles)


def test_study_efficiency(engine, tables, case, last, plain):
    found = study_efficiency(*named(tables, "events", "content", *WORK), as_of=day_date(last))
    assert isinstance(found, engine.library)
    log = actions(case, last)
    expected = []
    for key, its in by_run(case, last):
        rows = []
        for user, score in its:
            mine = [row for row in log if of(row) == key and row["user_id"] == user]
            if mine:
                days = len({row["day"] for row in mine})
                rows.append((score, days, sum(row["quantity"] for row in mine)))
        if rows:
            score, days, clicks = (mean(column) for column in zip(*rows, strict=True))
            ratios = (score / days, 100 * score / clicks)
            expected.append((*key, len(rows), score, days, clicks, *ratios))
    assert [row[:-1] for row in plain(found)] == close_rows(expected)
