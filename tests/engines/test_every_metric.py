"""Every registered metric gives on every engine what it gives on polars, in the caller's library.

That the numbers are right is shown by the oracles of the other files; here no metric and no engine
is left out.
"""

import runpy
from pathlib import Path

import duckdb
import polars as pl
import pytest

from analytics_lib.metrics.registry import METRICS

HERE = Path(__file__).parent
ASKED = runpy.run_path(str(HERE / "questions.py"))
COMPARED = runpy.run_path(str(HERE / "compared.py"))
QUESTIONS, TABLES = ASKED["QUESTIONS"], ASKED["TABLES"]


def test_every_metric_is_asked():
    assert {name.partition(":")[0] for name in QUESTIONS} == set(METRICS)


@pytest.fixture
def table(engine):
    """A table by its name, on the engine; all of one question on one connection."""
    if engine.name != "DuckDB":
        return lambda name: engine.make(TABLES[name])
    connection = duckdb.connect()
    return lambda name: connection.from_arrow(TABLES[name].to_arrow())


@pytest.mark.parametrize("name", QUESTIONS)
def test_all_engines_give_the_same(engine, table, name):
    found, expected = QUESTIONS[name](table), QUESTIONS[name](TABLES.__getitem__)
    ordered = name not in ASKED["UNORDERED"]
    assert not COMPARED["differences"](found, expected, ordered=ordered)
    if isinstance(expected, pl.DataFrame):
        assert isinstance(found, engine.library)
        assert len(expected) > 0
