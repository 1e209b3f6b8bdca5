"""Readings of growth, by hand."""

import math

import polars as pl
import pytest

from analytics_lib.core.errors import ParameterError, SchemaError
from analytics_lib.metrics import mean_of_last, share_gone_quiet, users_so_far


def test_everybody_is_new_once():
    assert users_so_far(pl.DataFrame({"new": [3, 4, None]})) == 7
    assert math.isnan(users_so_far(pl.DataFrame({"new": [None]}, schema={"new": pl.Int64})))


def test_those_gone_quiet_are_a_share_of_the_period_before():
    months = pl.DataFrame({"active": [10, 40, 90, None], "dormant": [0, 5, 10, None]})
    found = share_gone_quiet(months)
    # origin: by hand, 10 of the 40 of the month before
    assert (found.value, found.n) == (0.25, 40)
    assert share_gone_quiet(months.to_pandas()).value == 0.25
    for short in (months.head(1), months.clear()):
        assert math.isnan(share_gone_quiet(short).value)


def test_the_mean_of_the_last_known_values():
    days = pl.DataFrame({"users": [9, 2, None, 4, None]})
    for count, mean in ((1, 4), (2, 3), (3, 5)):
        found = mean_of_last(days, "users", count=count, unit="users")
        assert (found.value, found.n) == (mean, count)
        assert math.isnan(found.ci_lower)
    assert math.isnan(mean_of_last(days, "users", count=4, unit="users").value)


def test_what_cannot_be_read_is_refused():
    frame = pl.DataFrame({"users": [1]})
    with pytest.raises(ParameterError, match="`count` is 0"):
        mean_of_last(frame, "users", count=0, unit="users")
    with pytest.raises(SchemaError, match="new"):
        users_so_far(frame)
    with pytest.raises(SchemaError, match="dormant"):
        share_gone_quiet(frame)
