"""Suppression: the threshold in threes, and nothing left that gives a count away."""

import polars as pl
import pytest

from analytics_lib.core.errors import ParameterError, SchemaError
from analytics_lib.core.results import Estimate
from analytics_lib.privacy import safe_share, suppress_small_counts


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


def test_a_missing_column_or_a_threshold_of_one_is_refused():
    frame = pl.DataFrame({"users": [1]})
    with pytest.raises(SchemaError, match=r"missing column 'user'.*Did you mean 'users'"):
        suppress_small_counts(frame, counts=["user"], minimum=10)
    with pytest.raises(ParameterError, match="`minimum` is 1; it must be at least 2"):
        suppress_small_counts(frame, counts=["users"], minimum=1)


@pytest.mark.parametrize(
    ("value", "n", "safe"),
    [
        (9 / 40, 40, False),
        (10 / 40, 40, True),
        (0.0, 40, True),  # nobody
        (1.0, 9, False),
        (1.0, 10, True),
        (0.0, 9, False),  # nobody of few: those few are told
        (float("nan"), 0, True),  # undefined, about nobody
    ],
)
def test_a_share_stands_for_the_people_it_counts(value, n, safe):
    # origin: by hand, value times n against a minimum of 10
    share = Estimate(value=value, n=n, unit="share")
    assert (safe_share(share, minimum=10) is share) == safe
    with pytest.raises(ParameterError, match="minimum"):
        safe_share(share, minimum=1)
