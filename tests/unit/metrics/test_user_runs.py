"""The sorted log: who is served, what comes out, and when it declines."""

import duckdb
import narwhals.stable.v2 as nw
import numpy as np
import polars as pl
import pytest

from analytics_lib.metrics import user_runs as module
from analytics_lib.metrics.user_ages import user_days
from analytics_lib.metrics.user_runs import user_runs

TEXT = ["b", "a", "b", "a", "c"]
ROWS = {"user_id": TEXT, "t_us": [5, 9, 2, 4, 7], "day": [0, 3, 1, 2, 4]}
LOG = pl.DataFrame(ROWS, schema_overrides={"day": pl.Int32})
ENGINES = {
    "polars": lambda frame: frame.lazy(),
    "pandas": lambda frame: frame.to_pandas(),
    "DuckDB": lambda frame: duckdb.connect().from_arrow(frame.to_arrow()),
}


def runs_of(frame, values=("day",)):
    return user_runs(nw.from_native(frame).lazy(), values)


@pytest.mark.parametrize("make", ENGINES.values(), ids=ENGINES)
@pytest.mark.parametrize("users", [TEXT, [2, -1, 2, -1, 2**40]], ids=["text", "numbers"])
def test_each_user_is_one_run_in_order_of_time(make, users):
    found = runs_of(make(LOG.with_columns(user_id=pl.Series(users))))
    ends = [*found.starts[1:], found.user.size]
    each = [
        list(zip(found.time[a:b], found.values["day"][a:b], strict=True))
        for a, b in zip(found.starts, ends, strict=True)
    ]
    # origin: by hand, from ROWS; the order of the users is nobody's business
    assert sorted(each) == [[(2, 1), (5, 0)], [(4, 2), (9, 3)], [(7, 4)]]
    assert found.user.tolist() == np.repeat([0, 1, 2], np.diff([*found.starts, 5])).tolist()


def test_what_cannot_be_sorted_here_is_left_to_the_engine(monkeypatch):
    assert runs_of(LOG.clear()) is None
    assert runs_of(LOG.with_columns(pl.col("user_id").cast(pl.Categorical))) is None
    monkeypatch.delitem(module.FETCHERS, "polars")
    assert runs_of(LOG) is None


def test_two_users_of_one_hash_are_not_taken_for_one(monkeypatch):
    def colliding(*_, **__):
        column = np.zeros(2, dtype=np.int64)
        return {"__code": column, "__check": np.array([1, 2]), "t_us": column, "day": column}

    monkeypatch.setitem(module.FETCHERS, "polars", colliding)
    assert runs_of(LOG) is None
    assert user_days(nw.from_native(LOG).lazy()) is None


@pytest.mark.parametrize("make", ENGINES.values(), ids=ENGINES)
@pytest.mark.parametrize("users", [TEXT, [2, -1, 2, -1, 2**40]], ids=["text", "numbers"])
def test_each_day_of_each_user_is_there_once(make, users):
    log = LOG.with_columns(user_id=pl.Series(users))
    found = user_days(nw.from_native(make(pl.concat([log, log]))).lazy())
    # origin: by hand, from ROWS: days 0 and 1, 2 and 3, and 4
    assert sorted(found.select("first_day", "age").rows()) == [
        (0, 0),
        (0, 1),
        (2, 0),
        (2, 1),
        (4, 0),
    ]


def test_users_that_differ_only_in_the_bits_that_fall_out_are_left_to_the_engine():
    log = LOG.with_columns(user_id=pl.Series([0, 2**62, 0, 1, 1]))
    assert user_days(nw.from_native(log).lazy()) is None
