"""The metrics of lessons and tutors on every engine against a count in plain Python."""

import datetime as dt
import random
from collections import defaultdict

import duckdb
import polars as pl
import pytest

from analytics_lib.core.periods import calendar_period, day_date, day_number
from analytics_lib.metrics.bookings import (
    attendance_shares,
    cancellation_shares,
    tutor_utilisation,
)
from analytics_lib.metrics.tutors import learner_retention_by_tutor, tutor_ratings

AS_OF = dt.date(2024, 3, 5)
LAST = day_number(AS_OF)
SCHEMAS = {
    "bookings": {
        "booking_id": pl.String, "user_id": pl.String, "tutor_id": pl.String,
        "lesson_day": pl.Int32, "status": pl.String,
    },
    "reviews": {"booking_id": pl.String, "rating": pl.Int64, "day": pl.Int32},
    "slots": {"tutor_id": pl.String, "day": pl.Int32, "slots": pl.Int64},
}  # fmt: skip


def drawn(seed):
    draw = random.Random(seed)
    tutors = ["t", "u", "v"]
    bookings = [
        (
            str(number),
            draw.choice("abcde"),
            draw.choice(tutors),
            LAST - draw.randrange(-9, 60),
            draw.choice(["attended", "attended", "attended", "missed", "cancelled", None]),
        )
        for number in range(60)
    ]
    reviews = [
        (str(draw.randrange(60)), draw.choice([1, 3, 4, 5, None]), LAST - draw.randrange(-9, 40))
        for _ in range(30)
    ]
    slots = [(tutor, LAST - day, 60) for tutor in tutors for day in range(-2, 61)]
    return {"bookings": bookings, "reviews": reviews, "slots": slots}


CASES = {
    "empty": {name: [] for name in SCHEMAS},
    "one": {
        "bookings": [("1", "a", "t", LAST - 30, "attended")],
        "reviews": [("1", 5, LAST - 29)],
        "slots": [("t", LAST - 30, 1)],
    },
    **{f"drawn {seed}": drawn(seed) for seed in range(3)},
}
GRANULARITIES = pytest.mark.parametrize("granularity", ["day", "week", "month"])


@pytest.fixture(params=CASES)
def case(request):
    return CASES[request.param]


@pytest.fixture
def tables(engine, case):
    made = {
        name: pl.DataFrame(case[name], schema=schema, orient="row")
        for name, schema in SCHEMAS.items()
    }
    if engine.name != "DuckDB":
        return {name: engine.make(table) for name, table in made.items()}
    connection = duckdb.connect()
    return {name: connection.from_arrow(table.to_arrow()) for name, table in made.items()}


def spine(days, granularity):
    if not days:
        return []
    period, found = calendar_period(granularity, containing=day_date(min(days))), []
    while period.start <= AS_OF:
        found.append(period)
        period = period.shift(1)
    return found


def shown(period, *values):
    over = period.is_complete(as_of=AS_OF)
    return (period.start, period.end, *(values if over else [None] * len(values)))


def over(case, *statuses):
    """`(learner, tutor, day, status)` of lessons that are over, with these ends."""
    return [row[1:] for row in case["bookings"] if row[3] <= LAST and row[4] in statuses]


@GRANULARITIES
@pytest.mark.parametrize("by", [(), ("tutor_id",)])
@pytest.mark.parametrize(
    ("ask", "hit", "base"),
    [
        (attendance_shares, "attended", ("attended", "missed")),
        (cancellation_shares, "cancelled", ("attended", "missed", "cancelled")),
    ],
)
def test_what_becomes_of_bookings(engine, tables, case, granularity, by, ask, hit, base, plain):
    found = ask(tables["bookings"], granularity=granularity, as_of=AS_OF, by=by)
    assert isinstance(found, engine.library)
    rows = over(case, *base)
    expected = []
    for tutor in sorted({row[1] for row in rows}) if by else [None]:
        mine = [row for row in rows if tutor in {None, row[1]}]
        for period in spine([row[2] for row in rows], granularity):
            its = [row for row in mine if period.contains(day_date(row[2]))]
            hits = sum(row[3] == hit for row in its)
            key = (tutor,) if by else ()
            share = hits / len(its) if its else None
            expected.append((*key, *shown(period, len(its), hits, share)))
    total = "lessons" if hit == "attended" else "bookings"
    assert plain(found, *by, "interval_start", "interval_end", total, hit, "share") == expected


@GRANULARITIES
def test_tutor_utilisation(engine, tables, case, granularity, plain):
    found = tutor_utilisation(
        tables["bookings"], tables["slots"], granularity=granularity, as_of=AS_OF
    )
    assert isinstance(found, engine.library)
    slots = [row for row in case["slots"] if row[1] <= LAST]
    held = over(case, "attended", "missed")
    expected = []
    for tutor in sorted({row[0] for row in slots}):
        for period in spine([row[1] for row in slots], granularity):
            offered = sum(n for t, day, n in slots if t == tutor and period.contains(day_date(day)))
            taken = sum(t == tutor and period.contains(day_date(day)) for _, t, day, _ in held)
            share = taken / offered if offered else None
            expected.append((tutor, *shown(period, offered, taken, share)))
    names = ("tutor_id", "interval_start", "interval_end", "slots", "taken", "share")
    assert plain(found, *names) == expected
    whole = tutor_utilisation(
        tables["bookings"], tables["slots"], granularity=granularity, as_of=AS_OF, together=True
    )
    sums = {}
    for _, start, end, offered, taken, _ in expected:
        before = sums.get((start, end), (0, 0))
        known = None if offered is None else (before[0] + offered, before[1] + taken)
        sums[start, end] = known or (None, None)
    both = plain(whole, "interval_start", "interval_end", "slots", "taken")
    assert both == [(*period, *numbers) for period, numbers in sums.items()]


@pytest.mark.parametrize("weight", [1, 10])
def test_tutor_ratings(engine, tables, case, weight, plain):
    found = tutor_ratings(tables["bookings"], tables["reviews"], as_of=AS_OF, prior_weight=weight)
    assert isinstance(found, engine.library)
    tutors = {row[0]: row[2] for row in case["bookings"] if row[3] <= LAST and row[4] == "attended"}
    points = defaultdict(list)
    for booking, rating, day in case["reviews"]:
        if booking in tutors and rating is not None and day <= LAST:
            points[tutors[booking]].append(rating)
    everything = [rating for its in points.values() for rating in its]
    expected = []
    for tutor, its in sorted(points.items()):
        score = (weight * sum(everything) / len(everything) + sum(its)) / (weight + len(its))
        expected.append(
            (tutor, len(its), pytest.approx(sum(its) / len(its)), pytest.approx(score, rel=1e-12))
        )
    assert plain(found) == expected


@pytest.mark.parametrize("days", [1, 7, 28])
@pytest.mark.parametrize("with_tutor", ["same", "any"])
def test_learner_retention_by_tutor(engine, tables, case, days, with_tutor, plain):
    found = learner_retention_by_tutor(
        tables["bookings"], as_of=AS_OF, days=days, with_tutor=with_tutor
    )
    assert isinstance(found, engine.library)
    lessons = over(case, "attended")
    counts = defaultdict(lambda: [0, 0])
    for learner, tutor in {row[:2] for row in lessons}:
        first = min(day for who, whom, day, _ in lessons if (who, whom) == (learner, tutor))
        if first + days > LAST:
            continue
        again = [
            day for who, whom, day, _ in lessons
            if who == learner and (with_tutor == "any" or whom == tutor)
            and first < day <= first + days
        ]  # fmt: skip
        counts[tutor][0] += 1
        counts[tutor][1] += bool(again)
    expected = [(tutor, n, back, back / n) for tutor, (n, back) in sorted(counts.items())]
    assert plain(found, "tutor_id", "learners", "returned", "share") == expected
