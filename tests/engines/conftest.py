"""The four ways to hold a log, and the plain-Python oracle."""

import os
import runpy
import shutil
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


_FEW = 2  # with so many choices beside the engine there are combinations to leave out
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


@pytest.fixture(scope="session")
def spark():
    pyspark_sql = pytest.importorskip("pyspark.sql", reason="no pyspark: the extra `spark`")
    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        pytest.skip("no Java: install a Java 17 runtime")
    settings = {
        "spark.ui.enabled": "false",
        # Two partitions, so that rows of a group must meet; no replanning or compiling, which
        # costs more than it brings on a few hundred rows.
        "spark.sql.shuffle.partitions": "2",
        "spark.sql.adaptive.enabled": "false",
        "spark.sql.codegen.wholeStage": "false",
        "spark.sql.codegen.factoryMode": "NO_CODEGEN",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        # A zone with clock changes: nothing may depend on the zone of the session.
        "spark.sql.session.timeZone": "America/Los_Angeles",
    }
    builder = pyspark_sql.SparkSession.builder.master("local[2]").appName("tests")
    for key, value in settings.items():
        builder = builder.config(key, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    yield session
    session.stop()


def pytest_collection_modifyitems(config, items):
    """Of the combinations on other engines than polars keep every third.

    polars is asked all of them and shows that the numbers are right; another engine meets each
    log and each choice, but not each log with each choice. A lazy frame of polars, which goes the
    way of a frame of polars, does not meet each log with each metric either.
    `--every-combination` keeps them all.
    """
    if config.getoption("every_combination", default=False):
        return
    dropped = [item for item in items if not _is_kept(item)]
    if dropped:
        gone = set(map(id, dropped))
        items[:] = [item for item in items if id(item) not in gone]
        config.hook.pytest_deselected(items=dropped)


def _is_kept(item):
    found = getattr(item, "callspec", None)
    if found is None or "engine" not in found.params or "engines" not in item.path.parts:
        return True
    places = dict(found.indices)
    engine = places.pop("engine")
    if not engine or not places:
        return True
    is_lazy = found.params["engine"] == "polars lazy" and "log" in places
    return (len(places) < _FEW and not is_lazy) or (sum(places.values()) + engine) % 3 == 0
