"""Suppression: the threshold in threes, and nothing left that gives a count away."""

import polars as pl
import pytest

from analytics_lib.core.errors import ParameterError, SchemaError
from analytics_lib.core.results import Estimate
from analytics_lib.privacy import rounded_share, suppress_small_counts
from analytics_lib.statistics.shares import estimate_share


@pytest.mark.parametrize(
    ("count", "kept"),
    [(0, True), (1, False), (9, False), (10, True), (11, True), (None, True)],
)
def test_the_threshold(count, kept):
    frame = pl.DataFrame({"users": [count]}, schema={"users": pl.Int64})
    found = suppress_small_counts(frame, counts=["users"], minimum=10)
    assert found.to_dicts() == [{"users": count if kept else None, "suppressed": not kept}]


def test_one_small_count_takes_the_row_with_it_and_no_other():
    frame = pl.DataFrame(
        {"group": ["a", "b"], "users": [100, 100], "retained": [3, 30], "share": [0.03, 0.3]}
    )
    found = suppress_small_counts(
        frame, counts=["users", "retained"], dependents=["share"], minimum=10
    )
    assert found.to_dicts() == [
        {"group": "a", "users": None, "retained": None, "share": None, "suppressed": True},
        {"group": "b", "users": 100, "retained": 30, "share": 0.3, "suppressed": False},
    ]
    assert frame["retained"].to_list() == [3, 30]


def test_those_who_are_left_out_are_a_count_too():
    # origin: by hand; 1 of 25 did not return, nobody of 30, 10 of 40
    frame = pl.DataFrame({"users": [25, 30, 40, None], "returned": [24, 30, 30, 3]},
                         schema={"users": pl.UInt32, "returned": pl.UInt32})  # fmt: skip
    asked = {"counts": ["returned"], "parts": [("returned", "users")], "minimum": 10}
    found = suppress_small_counts(frame, **asked)
    assert found.columns == ["users", "returned", "suppressed"]
    assert found["returned"].to_list() == [None, 30, 30, None]
    with pytest.raises(SchemaError, match="customers"):
        suppress_small_counts(frame, **{**asked, "parts": [("returned", "customers")]})


def test_a_missing_column_or_a_threshold_of_one_is_refused():
    frame = pl.DataFrame({"users": [1]})
    with pytest.raises(SchemaError, match=r"missing column 'user'.*Did you mean 'users'"):
        suppress_small_counts(frame, counts=["user"], minimum=10)
    with pytest.raises(ParameterError, match="`minimum` is 1; it must be at least 2"):
        suppress_small_counts(frame, counts=["users"], minimum=1)


@pytest.mark.parametrize(
    ("people", "n", "counts"),
    [
        (4, 44, (0, 40)),
        (5, 45, (10, 50)),
        (155, 603, (160, 600)),
        (9, 9, (10, 10)),
        (44, 44, (40, 40)),
        (44, 45, (40, 50)),
        (0, 4, (0, 0)),
    ],
)
def test_a_rounded_share_is_that_of_rounded_counts(people, n, counts):
    # origin: by hand; the interval is tested where it is made
    found = rounded_share(Estimate(value=people / n, n=n, unit="share"), to=10)
    assert found.n == counts[1]
    if counts[1]:
        assert found == estimate_share(*counts)
    else:
        assert not found.is_defined


def test_a_share_of_nobody_stays_undefined_and_steps_are_checked():
    nobody = Estimate(value=float("nan"), n=0, unit="share")
    assert not rounded_share(nobody, to=10).is_defined
    with pytest.raises(ParameterError, match="`to` is 1"):
        rounded_share(nobody, to=1)
