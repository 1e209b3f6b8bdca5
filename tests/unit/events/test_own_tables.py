"""Tables with a researcher's own names, dates and zones."""

import datetime as dt

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from analytics_lib.core.errors import ParameterError, SchemaError
from analytics_lib.events.own_tables import own_table

# origin: 1 July 2014 is day 16,252; half an hour before midnight UTC it is that day in London.
LATE = dt.datetime(2014, 6, 30, 23, 30, tzinfo=dt.UTC)
JULY = 16_252
MICROSECONDS = int(LATE.timestamp()) * 1_000_000
PAID = pl.DataFrame({"who": ["a", "b"], "at": [LATE, None], "eur": [9.5, 1.0]})
MAKE = {
    "polars": lambda frame: frame,
    "polars lazy": lambda frame: frame.lazy(),
    "pandas": lambda frame: frame.to_pandas(),
    "DuckDB": lambda frame: duckdb.connect().from_arrow(frame.to_arrow()),
    "pyarrow": lambda frame: frame.to_arrow(),
}
KIND = {
    "polars": pl.DataFrame, "polars lazy": pl.LazyFrame, "pandas": pd.DataFrame,
    "DuckDB": duckdb.DuckDBPyRelation, "pyarrow": pa.Table,
}  # fmt: skip


@pytest.fixture(params=MAKE)
def make(request):
    def made(frame, **asked):
        found = own_table(MAKE[request.param](frame), **asked)
        assert isinstance(found, KIND[request.param])
        if isinstance(found, pd.DataFrame):
            return pl.from_pandas(found)
        if isinstance(found, pa.Table):
            return pl.DataFrame(found)
        return found.pl() if isinstance(found, duckdb.DuckDBPyRelation) else found.lazy().collect()

    return made


def test_names_and_instants(make):
    found = make(
        PAID, columns={"user_id": "who", "amount": "eur"}, days={"day": "at"}, table="payments",
        zone="Europe/London",
    )  # fmt: skip
    assert sorted(found.columns) == ["amount", "at", "day", "t_us", "user_id"]
    rows = found.select("user_id", "amount", "day", "t_us").sort("user_id").rows()
    assert rows == [("a", 9.5, JULY, MICROSECONDS), ("b", 1.0, None, None)]


def test_clock_times_have_the_zone_they_are_said_to_have(make):
    clocks = PAID.with_columns(pl.col("at").dt.replace_time_zone(None))
    found = make(clocks, days={"day": "at"}, source_zone="UTC", zone="Europe/London")
    assert found["day"].to_list() == [JULY, None]


def test_several_days_of_one_table(make):
    stays = pl.DataFrame(
        {"day": [7], "t_us": [5], "since": [dt.date(1970, 1, 3)], "until": [dt.date(1970, 1, 5)]}
    )
    found = make(stays, days={"joined_day": "since", "left_day": "until"}, table="memberships")
    assert found.select("day", "t_us", "joined_day", "left_day").rows() == [(7, 5, 2, 4)]


def test_a_column_of_dates_that_has_the_name_already(make):
    dated = pl.DataFrame({"day": [dt.date(1970, 1, 3)], "t_us": [5]})
    assert make(dated, days={"day": "day"}).select("day", "t_us").rows() == [(2, 5)]


def test_names_alone(make):
    assert make(PAID, columns={"user_id": "who"}).columns == ["user_id", "at", "eur"]
    assert make(PAID).columns == PAID.columns


@pytest.mark.parametrize(
    ("asked", "error", "words"),
    [
        ({"table": "payment"}, ParameterError, r"Did you mean 'payments'"),
        ({"columns": {"amuont": "eur"}, "table": "payments"}, ParameterError, "mean 'amount'"),
        ({"days": {"dya": "at"}, "table": "payments"}, ParameterError, "mean 'day'"),
        ({"columns": {"user_id": "whom"}}, SchemaError, "mean 'who'"),
        ({"days": {"day": "att"}}, SchemaError, "mean 'at'"),
        ({"days": {"day": "eur"}}, SchemaError, "`eur` is Float64"),
        ({"columns": {"who": "eur"}}, SchemaError, r"columns \['who'\] beside"),
        ({"days": {"eur": "at"}}, SchemaError, r"columns \['eur'\] beside"),
        ({"zone": "Mars"}, ParameterError, "Mars"),
        ({"source_zone": "Mars"}, ParameterError, "Mars"),
        ({"days": {"day": "at"}, "source_zone": "UTC"}, ParameterError, "with a zone"),
    ],
)
def test_mistakes(asked, error, words):
    with pytest.raises(error, match=words):
        own_table(PAID, **asked)


def test_what_is_no_frame():
    with pytest.raises(SchemaError, match="not supported"):
        own_table([1])
