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


FRAME = pl.DataFrame({"n": [1, 2], "x": [0.1, None]})


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(FRAME.with_columns(pl.col("n") + 1), id="a count"),
        pytest.param(FRAME.with_columns(pl.col("n").cast(pl.Int32)), id="a type"),
        pytest.param(FRAME.with_columns(pl.col("x") * (1 + 1e-11)), id="a float"),
        pytest.param(FRAME.with_columns(x=pl.lit(0.1)), id="a missing value"),
        pytest.param(FRAME.rename({"n": "m"}), id="a name"),
        pytest.param(FRAME.head(1), id="fewer rows"),
        pytest.param(FRAME.reverse(), id="the order"),
    ],
)
def test_the_comparison_finds_a_planted_difference(other):
    assert COMPARED["differences"](other, FRAME)


def test_the_comparison_allows_what_it_says():
    assert not COMPARED["differences"](FRAME, FRAME)
    assert not COMPARED["differences"](FRAME.to_pandas(), FRAME)
    assert not COMPARED["differences"](FRAME.with_columns(pl.col("x") * (1 + 1e-13)), FRAME)
    assert not COMPARED["differences"](FRAME.reverse(), FRAME, ordered=False)


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
