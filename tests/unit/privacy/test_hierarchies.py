"""Hierarchies: built four ways, checked, and silent about the values they lack."""

import datetime as dt
import itertools
import math

import numpy as np
import pandas as pd
import polars as pl
import pytest

from analytics_lib.core.errors import ParameterError, SchemaError
from analytics_lib.privacy.hierarchies import (
    hierarchy_by_date_part,
    hierarchy_by_interval,
    hierarchy_by_prefix,
    hierarchy_by_suppression,
    hierarchy_from_table,
)

CITIES = {
    "value": ["Rome", "Oslo", "Bern", "Pisa"],
    "country": ["Italy", "Norway", "Switzerland", "Italy"],
    "part": ["South", "North", "South", "South"],
    "all": ["*", "*", "*", "*"],
}


def label(hierarchy, value, level):
    return hierarchy.labels[level][hierarchy.codes[level][hierarchy.values.index(value)]]


@pytest.mark.parametrize("library", [pl.DataFrame, pl.LazyFrame, pd.DataFrame])
def test_every_value_has_the_labels_of_its_row(library):
    hierarchy = hierarchy_from_table(library(CITIES), name="city")
    assert hierarchy.height == 3
    for row in range(4):
        value = CITIES["value"][row]
        found = [label(hierarchy, value, level) for level in range(4)]
        assert found == [CITIES[column][row] for column in CITIES]


def test_values_under_one_label_are_neighbours():
    hierarchy = hierarchy_from_table(pl.DataFrame(CITIES), name="city")
    for level in hierarchy.codes:
        runs = [key for key, _ in itertools.groupby(level)]
        assert len(runs) == len(set(runs))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"value": ["Rome", "Oslo", "Bern", "Rome"]}, "has 1 rows for values that it has"),
        ({"part": ["South", "North", "South", "North"]}, "level 1 to level 2: 1 labels too many"),
        ({"all": ["*", "?", "*", "*"]}, "highest level of the hierarchy of `city` has 2 labels"),
        ({"part": ["South", None, "South", "South"]}, "has 1 empty cells"),
    ],
)
def test_what_is_no_hierarchy_is_refused(change, message):
    with pytest.raises(SchemaError, match=message):
        hierarchy_from_table(pl.DataFrame(CITIES | change), name="city")


def test_no_rows_are_refused():
    with pytest.raises(SchemaError, match="has no rows"):
        hierarchy_from_table(pl.DataFrame(CITIES).clear(), name="city")


def test_values_alone_are_no_hierarchy():
    with pytest.raises(SchemaError, match="`city` has no level above the values"):
        hierarchy_from_table(pl.DataFrame({"value": ["*"]}), name="city")


def test_missing_values_are_counted_and_not_shown():
    hierarchy = hierarchy_from_table(pl.DataFrame(CITIES), name="city")
    column = pl.Series(["Rome", "Atlantis", "Atlantis", "Eldorado", None])
    with pytest.raises(
        SchemaError, match=r"`city` lacks 2 distinct values.*in 3 of 5 rows"
    ) as told:
        hierarchy.encode(column)
    assert "Atlantis" not in str(told.value)
    with pytest.raises(SchemaError, match="lacks 1 distinct value of"):
        hierarchy.encode(pl.Series(["Atlantis"]))


def test_a_null_is_a_value_of_its_own_below_the_top():
    used, codes = hierarchy_from_table(pl.DataFrame(CITIES), name="city").encode(
        pl.Series(["Rome", None])
    )
    assert [used.values[code] for code in codes] == ["Rome", None]
    null = codes[1]
    assert [used.labels[level][used.codes[level][null]] for level in range(4)] == [
        None,
        None,
        None,
        "*",
    ]
    assert used.with_missing() is used


def test_a_column_without_nulls_keeps_the_hierarchy():
    hierarchy = hierarchy_by_suppression(["a", "b"], name="x")
    used, codes = hierarchy.encode(pl.Series(["b", "a"]))
    assert used is hierarchy
    assert [used.values[code] for code in codes] == ["b", "a"]


@pytest.mark.parametrize("column", [pl.Series([17, 23]), pl.Series([17.0, 23.0])])
def test_whole_numbers_are_found_whatever_their_type(column):
    hierarchy = hierarchy_by_interval([17, 23], name="age", widths=[5])
    assert hierarchy.encode(column)[1].tolist() == [0, 1]


def test_intervals_are_half_open_and_begin_at_the_origin():
    hierarchy = hierarchy_by_interval(
        pl.Series([9, 10, 11, 19, 20, -1, None]), name="age", widths=[10, 20], origin=0
    )
    # origin: by hand
    assert {value: label(hierarchy, value, 1) for value in hierarchy.values} == {
        "-1": "[-10, 0)",
        "9": "[0, 10)",
        "10": "[10, 20)",
        "11": "[10, 20)",
        "19": "[10, 20)",
        "20": "[20, 30)",
    }
    assert label(hierarchy, "20", 2) == "[20, 40)"
    assert np.all(np.diff(hierarchy.positions) > 0)


@pytest.mark.parametrize(
    ("widths", "message"),
    [([0], "has 0"), ([5, 5], "has 5 after 5"), ([5, 12], "has 12 after 5"), ([-1], "has -1")],
)
def test_widths_must_grow_by_whole_factors(widths, message):
    with pytest.raises(ParameterError, match=message):
        hierarchy_by_interval([1, 2], name="age", widths=widths)


def test_words_have_no_intervals():
    with pytest.raises(SchemaError, match="`age` has 1 values that are no numbers"):
        hierarchy_by_interval(["1", "old"], name="age", widths=[5])


def test_parts_of_dates():
    days = pl.Series([dt.date(2009, 12, 31), dt.date(2010, 1, 1), dt.date(2010, 7, 1), None])
    hierarchy = hierarchy_by_date_part(
        days, name="born", parts=["month", "quarter", "half", "year", "decade"]
    )
    # origin: by hand
    found = [
        [label(hierarchy, value, level) for level in range(1, 7)] for value in hierarchy.values
    ]
    assert found == [
        ["2009-12", "2009-Q4", "2009-H2", "2009", "2000s", "*"],
        ["2010-01", "2010-Q1", "2010-H1", "2010", "2010s", "*"],
        ["2010-07", "2010-Q3", "2010-H2", "2010", "2010s", "*"],
    ]


def test_parts_must_be_known_and_contain_each_other():
    days = pl.Series([dt.date(2010, 1, 1)])
    with pytest.raises(ParameterError, match="Did you mean 'month'"):
        hierarchy_by_date_part(days, name="born", parts=["mnth"])
    with pytest.raises(ParameterError, match="'month' after 'year'"):
        hierarchy_by_date_part(days, name="born", parts=["year", "month"])
    with pytest.raises(SchemaError, match="`born` is String; it must be dates"):
        hierarchy_by_date_part(pl.Series(["2010"]), name="born")


def test_prefixes_hide_the_length():
    hierarchy = hierarchy_by_prefix(["AB1", "AB12", "A"], name="postcode", keep=[2, 1])
    # origin: by hand
    assert {value: label(hierarchy, value, 1) for value in hierarchy.values} == {
        "AB1": "AB*",
        "AB12": "AB*",
        "A": "A*",
    }
    assert hierarchy.labels[2] == ("A*",)


@pytest.mark.parametrize(("keep", "message"), [([0], "`keep` is 0"), ([2, 2], "has 2 after 2")])
def test_prefixes_must_shorten(keep, message):
    with pytest.raises(ParameterError, match=message):
        hierarchy_by_prefix(["AB1"], name="postcode", keep=keep)


def test_a_hierarchy_needs_values():
    with pytest.raises(SchemaError, match="`x` has no values"):
        hierarchy_by_suppression(pl.Series([None], dtype=pl.String), name="x")


def test_a_number_on_a_border_is_in_the_interval_that_begins_there():
    # origin: by hand; 0.3 / 0.1 and 0.7 / 0.1 are below 3 and 7 in floating point
    made = hierarchy_by_interval([0.1, 0.2, 0.3, 0.7], name="x", widths=[0.1])
    assert made.labels[1] == ("[0.1, 0.2)", "[0.2, 0.3)", "[0.3, 0.4)", "[0.7, 0.8)")


def test_large_numbers_keep_an_interval_of_their_own():
    made = hierarchy_by_interval([12_345_671, 12_345_682], name="pay", widths=[10])
    assert made.labels[1] == ("[12345670, 12345680)", "[12345680, 12345690)")


@pytest.mark.parametrize("values", [[1, math.inf], [1.5, math.inf], [1, math.nan, -math.inf]])
def test_an_endless_number_has_no_interval(values):
    with pytest.raises(SchemaError, match=r"`age` has \d values that are no numbers"):
        hierarchy_by_interval(values, name="age", widths=[10])


def test_whole_numbers_and_fractions_stand_beside_each_other():
    found = hierarchy_by_interval([1, 12.5, None], name="age", widths=[10])
    assert found.labels[1] == ("[0, 10)", "[10, 20)")


def test_numbers_and_words_do_not():
    with pytest.raises(SchemaError, match="`age` has values of several types") as refused:
        hierarchy_by_interval([1, "secret"], name="age", widths=[10])
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("wrong", ["1", math.inf, None])
def test_widths_and_origin_are_finite_numbers(wrong):
    with pytest.raises(ParameterError, match=r"`widths` is .* must be a finite number"):
        hierarchy_by_interval([1], name="age", widths=[wrong])
    with pytest.raises(ParameterError, match=r"`origin` is .* must be a finite number"):
        hierarchy_by_interval([1], name="age", widths=[1], origin=wrong)
