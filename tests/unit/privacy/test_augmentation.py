"""Synthetic rows: k holds without and with them, none is a copy, and the naive way fails."""

from collections import Counter
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from analytics_lib.core.errors import DisclosureError, ParameterError, SchemaError
from analytics_lib.privacy.anonymisation.criteria import Criteria
from analytics_lib.privacy.augmentation import add_synthetic_rows, augment

ADULT = Path(__file__).resolve().parents[3] / "data" / "adult"
# A release of 2-anonymous people by hand: class 1 has room (a,x), (b,y) -> (a,y), (b,x); class 2
# has none, its rows are the same.
PEOPLE = pl.DataFrame(
    {
        "age": ["30", "30", "40", "40"],
        "team": ["a", "b", "c", "c"],
        "city": ["x", "y", None, None],
    }
)
# origin: ARX's optimum for k = 5 and at most 5 % suppressed: levels, suppressed rows and classes
LEVELS = {
    "sex": 0, "age": 3, "race": 0, "marital-status": 0, "education": 1, "native-country": 1,
    "workclass": 1, "occupation": 2,
}  # fmt: skip
SUPPRESSED, CLASSES = 1458, 399


def rng():
    return np.random.default_rng(20240501)


def ours(table, **given):
    asked = {"quasi_identifiers": ["age"], "k": 2, "rng": rng(), **given}
    return augment(table, **asked)


def class_sizes(rows, columns):
    return Counter(rows.select(columns).iter_rows())


@pytest.fixture(scope="module")
def adult():
    """Adult, 5-anonymous by ARX's own levels and hierarchies."""
    table = pl.read_csv(ADULT / "adult.csv", separator=";", infer_schema=False)
    table = table.with_columns(schooling="education", job="occupation")  # in detail, as sensitive
    for column, level in LEVELS.items():
        tree = pl.read_csv(
            ADULT / f"adult_hierarchy_{column}.csv", separator=";", has_header=False,
            infer_schema=False,
        )  # fmt: skip
        names = dict(zip(tree.to_series(0), tree.to_series(level), strict=True))
        table = table.with_columns(pl.col(column).replace_strict(names))
    sizes = class_sizes(table, list(LEVELS))
    kept = [sizes[row] >= 5 for row in table.select(*LEVELS).iter_rows()]
    released = table.filter(pl.Series(kept))
    assert table.height - released.height == SUPPRESSED
    assert len(class_sizes(released, list(LEVELS))) == CLASSES
    return released


def test_by_hand():
    found = ours(PEOPLE, rate=5.0)
    added = found.table.filter("is_synthetic").drop("is_synthetic")
    # origin: by hand
    assert set(added.rows()) == {("30", "a", "y"), ("30", "b", "x")}
    assert (found.real_rows, found.synthetic_rows, found.asked_rows) == (4, 20, 20)
    assert (found.classes_without_room, found.rows_without_room) == (1, 2)
    assert (found.k_real.k, found.k_all.k, found.copies) == (2, 2, 0)
    assert Counter(found.table.filter(~pl.col("is_synthetic")).drop("is_synthetic").rows()) == (
        Counter(PEOPLE.rows())
    )
    moved = dict(found.distances.select("column", "total_variation").rows())
    # origin: by hand; 22 of 24 rows are 30 instead of 2 of 4
    assert moved["age"] == pytest.approx(22 / 24 - 2 / 4)


@pytest.mark.parametrize(("rate", "rows"), [(0, 0), (0.1, 0), (0.25, 1), (1.0, 4)])
def test_rates(rate, rows):
    assert ours(PEOPLE, rate=rate).synthetic_rows == rows


def test_no_room_anywhere():
    found = ours(PEOPLE.select("age"), rate=1.0)
    assert (found.synthetic_rows, found.asked_rows, found.classes_without_room) == (0, 4, 2)
    assert found.rows_without_room == 4
    found = ours(PEOPLE.select("age", "team"), rate=1.0)
    assert (found.synthetic_rows, found.rows_without_room) == (0, 4)


def test_unmarked():
    found = ours(PEOPLE, rate=1.0, mark="unmarked")
    assert found.table.columns == ["age", "team", "city"]
    assert (found.table.height, found.synthetic_rows) == (8, 4)


def test_nothing_was_changed():
    before = PEOPLE.clone()
    ours(PEOPLE)
    assert PEOPLE.equals(before)


@pytest.mark.parametrize(("given", "error"), [
    ({"rate": -0.1}, ParameterError), ({"rate": float("nan")}, ParameterError),
    ({"rate": float("inf")}, ParameterError), ({"mark": "hidden"}, ParameterError),
    ({"k": 1}, ParameterError), ({"k": 5}, ParameterError), ({"k": 3}, DisclosureError),
    ({"quasi_identifiers": []}, ParameterError), ({"quasi_identifiers": ["agee"]}, ParameterError),
])  # fmt: skip
def test_refusals(given, error):
    with pytest.raises(error):
        ours(PEOPLE, **given)


def test_refused_tables():
    with pytest.raises(SchemaError, match="is_synthetic"):
        ours(PEOPLE.with_columns(is_synthetic=False))
    with pytest.raises(SchemaError, match="no records"):
        ours(PEOPLE.clear())
    with pytest.raises(DisclosureError, match="number its rows"):
        ours(pl.DataFrame({"age": ["30"] * 40, "n": range(40), "v": [1, 2] * 20}), rate=0)


def independent_columns(table, rows):
    """The naive way: every column drawn by itself."""
    draw = rng()
    return pl.DataFrame(
        [
            table[name].gather(pl.Series(draw.integers(0, table.height, rows)))
            for name in table.columns
        ]
    )


def test_independent_columns_break_k_on_adult_and_ours_does_not(adult):
    known = list(LEVELS)
    rows = round(0.1 * adult.height)
    naive = class_sizes(pl.concat([adult, independent_columns(adult, rows)]), known)
    assert sum(size for size in naive.values() if size < 5) > 100

    found = augment(adult, quasi_identifiers=known, k=5, rng=rng())
    real, added = (
        found.table.filter(pl.col("is_synthetic") == mark).drop("is_synthetic")
        for mark in (False, True)
    )
    # origin: brute force
    assert added.height == found.synthetic_rows == rows
    assert min(class_sizes(real, known).values()) == found.k_real.k >= 5
    assert min(class_sizes(pl.concat([real, added]), known).values()) == found.k_all.k >= 5
    assert set(class_sizes(added, known)) <= set(class_sizes(real, known))
    assert not set(added.rows()) & set(adult.rows())
    # one row in eleven is synthetic, so no column can move by more than 1/11
    assert found.distances["total_variation"].max() < 0.5 / 11


def test_on_adult_with_one_other_column_no_rows_are_possible(adult):
    narrow = adult.select(*LEVELS, "salary-class")
    found = augment(narrow, quasi_identifiers=list(LEVELS), k=5, rng=rng())
    # origin: a class with one binary column either has one value or both; either way all of its
    # combinations are real rows
    assert (found.synthetic_rows, found.classes_without_room) == (0, CLASSES)


def within(table, **demands):
    asked = {"k": 2, **demands}
    return add_synthetic_rows(
        table, original=table, quasi_identifiers=["age"], sensitive=["ill"],
        criteria=Criteria(**asked), rate=2.0, mark="marked", rng=rng(),
    )  # fmt: skip


# In the first class the only row that is no copy is (no, e): with every draw it has more "no" than
# 1 of 4. In the second everybody has a team and a desk of their own: nearly all others are free.
WARD = pl.DataFrame(
    {
        "age": ["30"] * 4 + ["40"] * 40,
        "ill": ["yes", "yes", "yes", "no"] + ["yes"] * 30 + ["no"] * 10,
        "team": ["x", "x", "x", "x"] + [f"t{number}" for number in range(40)],
        "desk": ["d", "e", "e", "d"] + [f"d{number}" for number in range(40)],
    }
)


def test_rows_that_move_a_class_too_far_are_taken_back():
    free, bound = within(WARD, l=2), within(WARD, l=2, t=0.1)
    assert (free.synthetic_rows, free.withdrawn_rows) == (88, 0)
    young = free.table.filter(pl.col("is_synthetic") & (pl.col("age") == "30"))
    # origin: by hand; one row of "no" makes 2 of 5, 0.15 from 1 of 4
    assert set(young.select("ill", "desk").rows()) == {("no", "e")}
    assert set(bound.table.filter("is_synthetic")["age"]) == {"40"}
    assert bound.withdrawn_rows == young.height
    assert bound.synthetic_rows == 88 - young.height
    assert bound.together.t <= 0.1
    assert bound.real.t == 0  # origin: both classes are 3 to 1, as the table


def test_where_all_rows_move_a_class_too_far_none_is_released():
    with pytest.raises(ParameterError, match="move their class beyond `t`"):
        within(WARD.head(4), l=2, t=0.1)


def test_real_rows_below_a_demand_are_refused_whatever_is_added():
    with pytest.raises(DisclosureError, match="sensitive values; `l` is 3"):
        within(WARD, l=3)


def test_truth_values_are_told_apart_from_their_labels():
    """A column of truth values has distributions too."""
    table = WARD.with_columns(seen=pl.Series([True, False] * 22))
    moved = dict(ours(table).distances.select("column", "total_variation").rows())
    assert set(moved) == {"age", "ill", "team", "desk", "seen"}
