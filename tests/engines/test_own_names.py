"""Every metric takes a researcher's own frame: other column names, and dates for day numbers."""

import runpy
from pathlib import Path

import duckdb
import polars as pl
import pytest

from analytics_lib.events.boundary import event_log
from analytics_lib.events.own_tables import own_table

HERE = Path(__file__).parent
ASKED = runpy.run_path(str(HERE / "questions.py"))
COMPARED = runpy.run_path(str(HERE / "compared.py"))
QUESTIONS, TABLES = ASKED["QUESTIONS"], ASKED["TABLES"]
LOGS = ("log", "unnumbered", "visits", "studied", "chatted")


def own(name):
    return f"Their {name}"


def as_found(name):
    """A table as a researcher has it: own names, and dates where the metrics count days."""
    frame = TABLES[name]
    days = [] if name in LOGS else [day for day in frame.columns if day.endswith("day")]
    if name == "visits":
        frame = frame.with_columns(pl.from_epoch("t_us", "us").dt.replace_time_zone("UTC"))
        frame = frame.drop("day")
    return frame.with_columns(pl.col(days).cast(pl.Date)).rename(own)


def mapped(name, frame):
    """That table through the mapping argument."""
    columns = TABLES[name].columns
    if name == "visits":
        others = {column: own(column) for column in columns if column not in {"day", "t_us"}}
        return event_log(frame, user_id=others.pop("user_id"), time=own("t_us"), columns=others)
    if name in LOGS:
        others = {column: own(column) for column in columns if column != "user_id"}
        return event_log(frame, user_id=own("user_id"), columns=others)
    days = {column: own(column) for column in columns if column.endswith("day")}
    others = {column: own(column) for column in columns if column not in days}
    return own_table(frame, columns=others, days=days)


@pytest.fixture
def table(engine):
    if engine.name != "DuckDB":
        return lambda name: mapped(name, engine.make(as_found(name)))
    connection = duckdb.connect()
    return lambda name: mapped(name, connection.from_arrow(as_found(name).to_arrow()))


@pytest.mark.parametrize("engine", ["polars lazy", "pandas", "DuckDB"], indirect=True)
@pytest.mark.parametrize("name", QUESTIONS)
def test_the_answer_is_the_same(engine, table, name):
    found, expected = QUESTIONS[name](table), QUESTIONS[name](TABLES.__getitem__)
    if isinstance(expected, pl.DataFrame):
        assert isinstance(found, engine.library)
    assert not COMPARED["differences"](found, expected, ordered=name not in ASKED["UNORDERED"])
