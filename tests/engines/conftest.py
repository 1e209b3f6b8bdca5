"""The four ways to hold a log, and the plain-Python oracle."""

import runpy
from pathlib import Path
from types import SimpleNamespace

import duckdb
import pandas as pd
import polars as pl
import pytest

from analytics_lib.metrics import user_runs


def to_duckdb(frame):
    # A connection of its own: a result must come back on it, not on the default one.
    return duckdb.connect().from_arrow(frame.to_arrow())


ENGINES = {
    "polars": lambda frame: frame,
    "polars lazy": lambda frame: frame.lazy(),
    "pandas": lambda frame: frame.to_pandas(),
    "DuckDB": to_duckdb,
}
LIBRARY = {
    "polars": pl.DataFrame,
    "polars lazy": pl.DataFrame,
    "pandas": pd.DataFrame,
    "DuckDB": duckdb.DuckDBPyRelation,
}


@pytest.fixture(params=ENGINES)
def engine(request):
    """One of the four: `make` turns a polars frame into it, `library` is what must come back."""
    return SimpleNamespace(
        name=request.param, make=ENGINES[request.param], library=LIBRARY[request.param]
    )


@pytest.fixture(params=["one pass", "asked of the engine"])
def both_paths(request, monkeypatch):
    """Once by one pass over the sorted log, where that is possible, and once by the engine."""
    if request.param != "one pass":
        monkeypatch.setattr(user_runs, "FETCHERS", {})


@pytest.fixture(scope="session")
def oracle():
    return SimpleNamespace(**runpy.run_path(str(Path(__file__).with_name("oracle.py"))))


@pytest.fixture(scope="session")
def plain():
    """Any result as rows of plain Python values, so that engines can be compared."""

    def convert(result, *columns):
        if isinstance(result, pd.DataFrame):
            result = pl.from_pandas(result)
        elif isinstance(result, duckdb.DuckDBPyRelation):
            result = result.pl()
        dates = [name for name, dtype in result.schema.items() if dtype == pl.Datetime]
        result = result.with_columns(pl.col(dates).cast(pl.Date))
        return result.select(columns or result.columns).rows()

    return convert
