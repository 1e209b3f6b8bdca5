"""Only some rows: what a condition may be, and what meets it."""

import polars as pl
import pytest

from analytics_lib.core.errors import ParameterError, SchemaError
from analytics_lib.events.boundary import event_log
from analytics_lib.events.selection import only_events

FRAME = pl.DataFrame(
    {
        "user_id": ["a", "b", "c", "d"],
        "day": [0, 1, 2, 3],
        "region": ["n", None, "s", "w"],
        "quantity": [1, 2, None, 4],
        "known": [True, False, None, True],
    }
)


def users(where):
    return only_events(FRAME, where=where).collect()["user_id"].to_list()


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ({}, "abcd"),
        ({"region": "n"}, "a"),
        ({"region": {"one_of": ["n", "w", "x"]}}, "ad"),
        ({"quantity": 2}, "b"),
        ({"quantity": {"between": [2, 4]}}, "bd"),
        ({"quantity": {"between": [2, 3.5]}}, "b"),
        ({"quantity": {"between": [4, 4]}}, "d"),
        ({"region": {"between": ["n", "s"]}}, "ac"),
        ({"known": True}, "ad"),
        ({"known": True, "region": "w"}, "d"),
    ],
)
def test_rows_that_meet_every_condition_are_left(where, expected):
    assert users(where) == list(expected)


def test_a_log_stays_a_log():
    log = event_log(FRAME, zone="Europe/London")
    left = only_events(log, where={"region": "n"})
    assert (left.zone, left.resolution) == ("Europe/London", log.resolution)
    assert left.frame.collect()["user_id"].to_list() == ["a"]


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ({"region": None}, "must be a value or one of"),
        ({"region": ["n"]}, "must be a value or one of"),
        ({"region": {"one_of": ["n"], "between": ["a", "b"]}}, "must be a value or one of"),
        ({"region": {"one_off": ["n"]}}, "Did you mean 'one_of'"),
        ({"region": {"one_of": []}}, "must be a list"),
        ({"region": {"one_of": "n"}}, "must be a list"),
        ({"region": {"one_of": ["n", 1]}}, "texts only or numbers only"),
        ({"region": {"one_of": ["n", None]}}, "texts only or numbers only"),
        ({"quantity": {"between": [1]}}, "the lowest and the highest"),
        ({"quantity": {"between": [2, 1]}}, "the lowest and the highest"),
        ({"quantity": "2"}, "the column holds number values"),
        ({"region": 2}, "the column holds text values"),
        ({"known": 1}, "the column holds boolean values"),
    ],
)
def test_a_wrong_condition_is_refused(where, said):
    with pytest.raises(ParameterError, match=said):
        only_events(FRAME, where=where)


@pytest.mark.parametrize("table", [FRAME, event_log(FRAME)])
def test_a_missing_column_is_named(table):
    with pytest.raises(SchemaError, match="Did you mean 'region'"):
        only_events(table, where={"regoin": "n"})
