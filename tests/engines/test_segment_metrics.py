"""Segments on every engine against plain Python."""

import datetime as dt
import math
import statistics
from fractions import Fraction

import numpy as np
import polars as pl
import pytest

from analytics_lib.core.periods import day_date, day_number
from analytics_lib.metrics.rfm import DEFAULT_RFM_SEGMENTS, rfm
from analytics_lib.metrics.segment_migration import segment_migration
from analytics_lib.metrics.segment_rules import segment_by_rules
from analytics_lib.metrics.segments import compare_segments

AS_OF = dt.date(2024, 3, 31)
LAST = day_number(AS_OF)


def payments(kind):
    rng = np.random.default_rng(5)
    rows = [
        (
            None if number % 50 == 0 else f"u{int(rng.integers(45)):02d}",
            None if number % 60 == 0 else LAST + 3 - int(rng.integers(200)),
            None if number % 70 == 0 else int(rng.integers(-3, 12)) * 10,
        )
        for number in range(400)
    ]
    rows += [("ties1", LAST - 9, 10), ("ties2", LAST - 9, 10), ("refunded", LAST - 1, -50)]
    rows += [("late", LAST + 1, 10), ("free", LAST, 0)]
    frame = pl.DataFrame(
        rows, schema={"user_id": pl.String, "day": pl.Int32, "amount": pl.Int64}, orient="row"
    )
    if kind == "whole":
        return frame
    # A third of a unit, and tenths that no float holds exactly.
    return frame.with_columns(amount=pl.col("amount") / 100 + 0.1)


PAYMENTS = {kind: payments(kind) for kind in ("whole", "fractions")}
PAYMENTS["empty"] = PAYMENTS["whole"].clear()
PAYMENTS["one"] = PAYMENTS["whole"].filter(pl.col("user_id") == "ties1")


def scored(value, values):
    below = sum(other < value for other in values)
    equal = sum(other == value for other in values)
    middle = Fraction(2 * below + equal, 2 * len(values))  # (mean rank - 1/2) / n
    return 1 + math.floor(middle * 5)


def customers(frame):
    found = {}
    for user, day, amount in frame.iter_rows():
        if None in {user, day, amount} or day > LAST:
            continue
        exact = Fraction(amount).limit_denominator(1_000_000)
        found.setdefault(user, []).append((day, exact))
    numbers = {}
    for user, paid in sorted(found.items()):
        days = {day for day, amount in paid if amount > 0}
        if days:
            revenue = sum(amount for _, amount in paid)
            numbers[user] = (max(days), len(days), revenue, revenue / len(days))
    return numbers


@pytest.mark.parametrize("name", PAYMENTS)
def test_rfm(engine, name, plain):
    found = rfm(engine.make(PAYMENTS[name]), as_of=AS_OF)
    assert isinstance(found, engine.library)
    numbers = customers(PAYMENTS[name])
    lasts, counts, _, means = ([n[i] for n in numbers.values()] for i in range(4))
    expected = []
    for user, (last, count, revenue, mean) in numbers.items():
        r, f, m = scored(last, lasts), scored(count, counts), scored(mean, means)
        [segment] = [
            name for name, its in DEFAULT_RFM_SEGMENTS.items()
            if its["recency"][0] <= r <= its["recency"][1]
            and its["frequency"][0] <= f <= its["frequency"][1]
        ]  # fmt: skip
        expected.append((
            user, day_date(last), LAST - last, count,
            pytest.approx(float(revenue), abs=1e-9), pytest.approx(float(mean), abs=1e-9),
            r, f, m, segment,
        ))  # fmt: skip
    assert plain(found) == expected


def test_float_amounts_add_up_the_same_in_any_order(engine, plain):
    paid = PAYMENTS["fractions"]
    reference = rfm(paid, as_of=AS_OF).rows()
    shuffled = paid.sample(fraction=1, shuffle=True, seed=3)
    assert plain(rfm(engine.make(shuffled), as_of=AS_OF)) == reference


USERS = pl.DataFrame(
    [
        ("d", 3, 0.5, "web", True),
        ("a", 20, float("nan"), "ios", False),
        ("b", None, 9.0, None, None),
        ("c", 0, None, "android", True),
        ("e", 8, 2.0, "web", False),
    ],
    schema={
        "user_id": pl.String, "days": pl.Int64, "spent": pl.Float64,
        "platform": pl.String, "paying": pl.Boolean,
    },
    orient="row",
)  # fmt: skip

# origin: by hand; the users are asked in order a, b, c, d, e.
CONDITIONS = [
    ([{"column": "days", "above": 8}], "ynnnn"),
    ([{"column": "days", "at_least": 8}], "ynnny"),
    ([{"column": "days", "below": 8}], "nnyyn"),
    ([{"column": "days", "at_most": 8}], "nnyyy"),
    ([{"column": "days", "at_least": 3, "below": 20}], "nnnyy"),
    ([{"column": "days", "is": 0}], "nnynn"),
    ([{"column": "days", "one_of": [3, 20]}], "ynnyn"),
    ([{"column": "days", "missing": True}], "nynnn"),
    ([{"column": "days", "missing": False}], "ynyyy"),
    ([{"column": "spent", "above": 1}], "nynny"),
    ([{"column": "spent", "at_most": 2.0}], "nnnyy"),
    ([{"column": "spent", "missing": True}], "ynynn"),
    ([{"column": "platform", "is": "web"}], "nnnyy"),
    ([{"column": "platform", "one_of": ["ios", "android"]}], "ynynn"),
    ([{"column": "platform", "missing": True}], "nynnn"),
    ([{"column": "platform", "is": "web"}, {"column": "days", "above": 3}], "nnnny"),
]


@pytest.mark.parametrize(("where", "fits"), CONDITIONS)
def test_conditions(engine, where, fits, plain):
    rules = {"segments": [{"name": "y", "where": where}], "otherwise": "n"}
    found = segment_by_rules(engine.make(USERS), rules=rules)
    assert isinstance(found, engine.library)
    assert plain(found, "user_id", "segment") == list(zip("abcde", fits, strict=True))


def test_true_and_false(engine, plain):
    users = USERS.drop_nulls("paying")  # pandas has no type for true, false and missing
    rules = {
        "segments": [{"name": "y", "where": [{"column": "paying", "is": True}]}],
        "otherwise": "n",
    }
    found = segment_by_rules(engine.make(users), rules=rules)
    assert plain(found, "user_id", "segment") == [("a", "n"), ("c", "y"), ("d", "y"), ("e", "n")]


def test_the_first_rule_that_fits_decides(engine, plain):
    rules = {
        "segments": [
            {"name": "phone", "where": [{"column": "platform", "one_of": ["ios", "android"]}]},
            {"name": "often", "where": [{"column": "days", "at_least": 8}]},
            {"name": "phone", "where": [{"column": "spent", "above": 8}]},
        ],
        "otherwise": "rest",
    }
    found = segment_by_rules(engine.make(USERS), rules=rules, name="kind")
    # origin: by hand
    assert plain(found, "kind") == [("phone",), ("phone",), ("phone",), ("rest",), ("often",)]


def segmented(seed, users):
    rng = np.random.default_rng(seed)
    labels = ["x", "y", "z", None]
    return pl.DataFrame(
        [(f"u{n:03d}", labels[int(rng.integers(4))], rng.normal(3, 9)) for n in users],
        schema={"user_id": pl.String, "segment": pl.String, "value": pl.Float64},
        orient="row",
    ).with_columns(value=pl.when(pl.col("value") > 0).then("value"), size=pl.col("value").is_null())


def test_compare_segments(engine, plain):
    users = segmented(1, range(90))
    found = compare_segments(engine.make(users), segment="segment", values=["value", "size"])
    assert isinstance(found, engine.library)
    expected = []
    for label in (None, "x", "y", "z"):
        members = users.filter(pl.col("segment").eq_missing(pl.lit(label)))
        for name in ("size", "value"):
            known = [float(value) for value in members[name] if value is not None]
            expected.append((
                label, members.height, 90, name, len(known),
                pytest.approx(statistics.fmean(known)), pytest.approx(statistics.median(known)),
            ))  # fmt: skip
    columns = ("segment", "users", "all_users", "column", "n", "mean", "median")
    assert plain(found, *columns) == expected
    reference = compare_segments(users, segment="segment", values=["value", "size"])
    assert plain(found) == reference.rows()


@pytest.mark.parametrize("whole", [False, True], ids=["text", "numbers"])
def test_segment_migration(engine, whole, plain):
    numbers = pl.col("segment").replace_strict({"x": 1, "y": 2, "z": 3}, return_dtype=pl.Int64)
    before, after = segmented(1, range(60)), segmented(2, range(20, 90))
    if whole:
        before, after = (f.drop_nulls("segment").with_columns(numbers) for f in (before, after))
    found = segment_migration(engine.make(before), engine.make(after))
    assert isinstance(found, engine.library)
    was = dict(zip(before["user_id"], before["segment"], strict=True))
    now = dict(zip(after["user_id"], after["segment"], strict=True))
    labels = [1, 2, 3] if whole else ["x", "y", "z", None]
    expected = []
    for old in labels:
        origin = [user for user in was if was[user] == old]
        for new in labels:
            moved = sum(user in now and now[user] == new for user in origin)
            kind = "stayed" if old == new else "moved"
            expected.append((old, new, kind, moved, len(origin)))
        expected.append((old, None, "left", sum(user not in now for user in origin), len(origin)))
    entered = [user for user in now if user not in was]
    expected += [
        (None, new, "entered", sum(now[user] == new for user in entered), len(entered))
        for new in labels
    ]
    columns = ("segment_before", "segment_after", "movement", "users", "origin_users")
    assert sorted(plain(found, *columns), key=str) == sorted(expected, key=str)
    assert plain(found) == segment_migration(before, after).rows()
