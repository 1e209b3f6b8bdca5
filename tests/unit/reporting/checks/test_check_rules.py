"""Each rule just below, at and just above its limit; every expected number worked out by hand."""

import datetime as dt
import math

import pytest

from analytics_lib.reporting.checks.rules import (
    judge_anomaly,
    judge_bounds,
    judge_change,
    judge_freshness,
    judge_rows,
)
from analytics_lib.reporting.checks.spec import Anomaly, Bounds, ChangeLimit, Freshness, Rows


def result(value, unit="users"):
    return {"name": "users", "label": "Users", "value": value, "unit": unit}


@pytest.mark.parametrize(
    ("value", "status"),
    [
        (99, "failed"), (100, "passed"), (101, "passed"),
        (199, "passed"), (200, "passed"), (201, "failed"),
        (None, "failed"), (math.nan, "failed"), (math.inf, "failed"), ("forty", "failed"),
    ],
)  # fmt: skip
def test_bounds_include_both_ends(value, status):
    assert judge_bounds(result(value), Bounds(min=100, max=200))[0] == status


def test_bounds_may_have_one_end_and_say_what_was_found():
    assert judge_bounds(result(1), Bounds(max=2))[0] == "passed"
    assert judge_bounds(result(0.1, "share"), Bounds(min=0.25)) == (
        "failed", "Users is 10.0%, below 25.0%",
    )  # fmt: skip
    assert judge_bounds({"name": "users", "value": None}, Bounds(min=1))[1] == "users has no value"


@pytest.mark.parametrize(
    ("now", "before", "limit", "status"),
    [
        (109, 100, {"max_absolute": 10}, "passed"),
        (110, 100, {"max_absolute": 10}, "passed"),
        (111, 100, {"max_absolute": 10}, "failed"),
        (90, 100, {"max_absolute": 10}, "passed"),
        (89, 100, {"max_absolute": 10}, "failed"),
        (128, 100, {"max_relative": 0.29}, "passed"),
        (129, 100, {"max_relative": 0.29}, "passed"),  # 0.29 * 100 is 28.999999999999996
        (130, 100, {"max_relative": 0.29}, "failed"),
        (0.8, 0.6, {"max_absolute": 0.2}, "passed"),  # 0.8 - 0.6 is 0.20000000000000007
        (-129, -100, {"max_relative": 0.29}, "passed"),
        (-130, -100, {"max_relative": 0.29}, "failed"),
        (0, 0, {"max_relative": 0.1}, "passed"),
        (1, 0, {"max_relative": 0.1}, "failed"),  # no relative size: any move is too far
        (1, 0, {"max_relative": 0.1, "max_absolute": 2}, "passed"),
        (3, 0, {"max_relative": 0.1, "max_absolute": 2}, "failed"),
        (None, 100, {"max_absolute": 10}, "failed"),
        (100, None, {"max_absolute": 10}, "not judged"),
    ],
)
def test_change_against_the_page_before(now, before, limit, status):
    assert judge_change(result(now), result(before), ChangeLimit(**limit))[0] == status


def test_change_without_an_earlier_page_is_not_judged():
    status, words = judge_change(result(1), None, ChangeLimit(max_absolute=1))
    assert (status, words) == ("not judged", "Users: no earlier page with a value")


@pytest.mark.parametrize(
    ("today", "status", "age"),
    [("2014-02-01", "passed", "0 whole days"), ("2014-02-03", "passed", "2 whole days"),
     ("2014-02-04", "passed", "3 whole days"), ("2014-02-05", "failed", "4 whole days"),
     ("2014-01-31", "passed", "0 whole days")],
)  # fmt: skip
def test_freshness_counts_whole_days_since_the_last_complete_day_ended(today, status, age):
    found = judge_freshness(
        dt.date(2014, 1, 31), dt.date.fromisoformat(today), Freshness(max_age_days=3)
    )
    assert found[0] == status
    assert age in found[1]


@pytest.mark.parametrize(
    ("rows", "status"),
    [(None, "failed"), (0, "failed"), (4, "failed"), (5, "passed"), (6, "passed")],
)
def test_rows(rows, status):
    assert judge_rows(rows, Rows(object="weeks", min=5))[0] == status


# origin: by hand: the median of 1 to 9 is 5, the median of their distances from it 2,
# so 3.5 robust standard deviations are 3.5 * 1.4826 * 2 = 10.3782
@pytest.mark.parametrize(
    ("value", "status"),
    [(15.37, "passed"), (15.38, "failed"), (-5.37, "passed"), (-5.38, "failed"), (5, "passed")],
)
def test_anomaly_by_median_and_mad(value, status):
    assert judge_anomaly(result(value), list(range(1, 10)), Anomaly())[0] == status


# origin: by hand: seven of eight values are 10 and one is 18: the MAD is 0, the mean absolute
# deviation 1, so 3.5 scores are 3.5 * 1.2533 = 4.38655
@pytest.mark.parametrize(("value", "status"), [(14.38, "passed"), (14.39, "failed")])
def test_anomaly_where_most_values_are_the_same(value, status):
    assert judge_anomaly(result(value), [10] * 7 + [18], Anomaly())[0] == status


def test_anomaly_where_nothing_ever_varied():
    assert judge_anomaly(result(10), [10] * 8, Anomaly())[0] == "passed"
    status, words = judge_anomaly(result(11), [10] * 8, Anomaly())
    assert status == "failed"
    assert "none varied" in words


@pytest.mark.parametrize(
    ("history", "status"),
    [([5] * 7, "not judged"), ([5] * 8, "passed"), ([5] * 7 + [None, math.nan], "not judged")],
)
def test_anomaly_says_where_there_is_not_enough_history(history, status):
    found, words = judge_anomaly(result(5), history, Anomaly(min_pages=8))
    assert found == status
    assert ("not enough history" in words) == (status == "not judged")


def test_anomaly_looks_at_the_latest_pages_only():
    history = [1000.0] * 20 + [1, 2, 3, 4, 5]
    assert judge_anomaly(result(3), history, Anomaly(min_pages=5, last_pages=5))[0] == "passed"
    assert judge_anomaly(result(1000), history, Anomaly(min_pages=5, last_pages=5))[0] == "failed"
    assert judge_anomaly(result(None), history, Anomaly())[0] == "failed"
