import datetime as dt
import math
from decimal import Decimal

import duckdb
import narwhals.stable.v2 as nw
import pandas as pd
import polars as pl
import pytest

from analytics_lib.core.errors import ParameterError, SchemaError
from analytics_lib.display.frames import (
    MAX_ROWS,
    as_json,
    read_columns,
    require_id,
    require_numbers,
    require_unique,
)


def test_only_the_named_columns_are_read() -> None:
    frame = pl.DataFrame({"a": [1], "email": ["ann@example.org"]})
    assert read_columns(frame, ["a", "a"], name="t") == [{"a": 1}]


def test_undefined_becomes_none_on_every_library() -> None:
    expected = [{"x": 1.5}, {"x": None}, {"x": None}]
    values = [1.5, math.nan, None]
    assert read_columns(pl.DataFrame({"x": values}), ["x"], name="t") == expected
    assert read_columns(pl.LazyFrame({"x": values}), ["x"], name="t") == expected
    assert read_columns(pd.DataFrame({"x": values}), ["x"], name="t") == expected
    assert read_columns(nw.from_native(pl.DataFrame({"x": values})), ["x"], name="t") == expected
    assert read_columns(pl.DataFrame({"x": [math.inf]}), ["x"], name="t") == [{"x": None}]
    whole = pd.DataFrame({"x": pd.array([1, None], dtype="Int64")})
    assert read_columns(whole, ["x"], name="t") == [{"x": 1}, {"x": None}]


def test_a_duckdb_relation_is_read() -> None:
    relation = duckdb.connect().sql("select 1 as a, 'x' as b")
    assert read_columns(relation, ["b", "a"], name="t") == [{"b": "x", "a": 1}]


def test_dates_and_times() -> None:
    midnight, noon = dt.datetime(2014, 1, 1), dt.datetime(2014, 1, 1, 12)  # noqa: DTZ001 - as stored
    rows = read_columns(pd.DataFrame({"t": [midnight, noon, pd.NaT]}), ["t"], name="t")
    assert [row["t"] for row in rows] == [dt.date(2014, 1, 1), "2014-01-01 12:00:00", None]
    assert as_json(dt.date(2014, 1, 1)) == "2014-01-01"


def test_decimals_and_booleans() -> None:
    frame = pl.DataFrame({"d": [Decimal("1.50")], "b": [True]})
    assert read_columns(frame, ["d", "b"], name="t") == [{"d": 1.5, "b": True}]


def test_what_cannot_be_shown_is_refused() -> None:
    with pytest.raises(SchemaError, match="column 'x' holds values of type list"):
        read_columns(pl.DataFrame({"x": [[1]]}), ["x"], name="t")
    with pytest.raises(SchemaError, match="was given a dict; it must be a polars or pandas frame"):
        read_columns({"x": [1]}, ["x"], name="t")
    with pytest.raises(SchemaError, match="`t` is missing column 'y'"):
        read_columns(pl.DataFrame({"x": [1]}), ["y"], name="t")


def test_raw_tables_are_refused() -> None:
    at = pl.DataFrame({"x": range(MAX_ROWS)})
    assert len(read_columns(at, ["x"], name="t")) == MAX_ROWS
    above = pl.DataFrame({"x": range(MAX_ROWS + 1)})
    with pytest.raises(ParameterError, match=r"`t` would show 10,001 rows; at most 10,000"):
        read_columns(above, ["x"], name="t")


@pytest.mark.parametrize("bad", ["", "Weekly", "1st", "a b", 'a"', "a_b"])
def test_ids_are_stable_names(bad: str) -> None:
    with pytest.raises(ParameterError, match="it must start with a lower-case letter"):
        require_id(bad)


def test_a_repeated_key_is_refused_without_showing_it() -> None:
    rows: list[dict[str, str | int | float | bool | dt.date | None]] = [{"k": "ann"}, {"k": "ann"}]
    with pytest.raises(SchemaError, match=r"`t` repeats \['k'\] in 1 row;") as caught:
        require_unique(rows, ["k"], name="t")
    assert "ann" not in str(caught.value)
    require_numbers(rows, [], name="t")
