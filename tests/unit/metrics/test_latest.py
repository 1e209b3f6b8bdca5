"""One value of each group, for titles."""

import pandas as pd
import polars as pl
import pytest

from analytics_lib.core.errors import SchemaError
from analytics_lib.metrics import latest_shares, shares_at_age

ROWS = {
    "name": ["b", "b", "a", "a", "a", "c"],
    "age": [0, 1, 0, 1, 2, 0],
    "share": [0.9, 0.8, 1.0, 0.5, None, None],
}


@pytest.mark.parametrize("library", [pl.DataFrame, pd.DataFrame])
def test_latest_is_the_last_known_share_of_each_group(library):
    # origin: by hand; c has no share at all, a's third is unknown
    found = latest_shares(library(ROWS), at="age")
    assert isinstance(found, library)
    assert list(found["name"]) == ["a", "b"]
    assert list(found["age"]) == [1, 1]
    assert list(found["share"]) == [0.5, 0.8]


@pytest.mark.parametrize(("age", "names"), [(0, ["b", "a"]), (1, ["b", "a"]), (2, []), (3, [])])
def test_shares_at_an_age_leave_out_the_unknown(age, names):
    assert shares_at_age(pl.DataFrame(ROWS), age=age)["name"].to_list() == names


def test_a_missing_column_is_named():
    with pytest.raises(SchemaError, match="'week'"):
        shares_at_age(pl.DataFrame(ROWS), age=1, at="week")
