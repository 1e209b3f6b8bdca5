"""Downcoding and minimality: the parts by hand and by brute force."""

from itertools import permutations

import numpy as np
import polars as pl
import pytest

from analytics_lib.privacy.attacks.downcoding import attack_by_downcoding, divided
from analytics_lib.privacy.attacks.labels import label_column, source_counts
from analytics_lib.privacy.attacks.matching import released_classes
from analytics_lib.privacy.attacks.minimality import attack_by_minimality
from analytics_lib.privacy.attacks.tracing import source_of, with_sources
from analytics_lib.privacy.attacks.violations import Demands, expected_values
from analytics_lib.privacy.hierarchies import hierarchy_by_interval, hierarchy_by_suppression


def brute(sizes, held, whole, demands):
    """Every arrangement of the values; a way counts once for each part and reason it breaks."""
    values = [value for value, count in enumerate(held) for _ in range(count)]
    parts = np.repeat(np.arange(len(sizes)), sizes)
    total, expected = 0, np.zeros((len(sizes), len(held)))
    arrangements = set(permutations(values))
    for arranged in arrangements:
        counts = np.zeros((len(sizes), len(held)))
        np.add.at(counts, (parts, np.array(arranged)), 1)
        broken = 0
        for part in counts:
            if demands.l is not None:
                broken += int((part > 0).sum() < demands.l)
            if demands.t is not None:
                broken += int((part / part.sum() - whole > demands.t + 1e-12).sum())
        total += broken
        expected += broken * counts
    return total / len(arrangements), expected / max(total, 1)


@pytest.mark.parametrize(
    ("sizes", "held", "demands"),
    [
        ([2, 3], [3, 2], Demands(k=2, l=2)),
        ([3, 4], [4, 3], Demands(k=2, l=2)),
        ([2, 2, 3], [2, 3, 2], Demands(k=2, l=2)),
        ([3, 4], [4, 3], Demands(k=2, t=0.3)),
        ([2, 2, 3], [4, 3], Demands(k=2, t=0.3)),
        ([2, 5], [3, 2, 2], Demands(k=2, t=0.45)),
    ],
)
def test_violations_are_weighed_as_brute_force_counts_them(sizes, held, demands):
    whole = np.array(held) / sum(held)
    likely, expected = expected_values(
        np.array(sizes), held=np.array(held), whole=whole, demands=demands
    )
    # origin: brute force over all arrangements
    counted, among = brute(sizes, held, whole, demands)
    assert likely == pytest.approx(counted)
    assert expected == pytest.approx(among)


def test_nothing_is_concluded_where_no_part_can_break_a_demand():
    likely, expected = expected_values(
        np.array([4, 4]), held=np.array([4, 4]) // 2, whole=np.array([0.5, 0.5]),
        demands=Demands(k=2, l=2),
    )  # fmt: skip
    assert likely == 0
    assert not expected.any()


@pytest.mark.parametrize(
    ("rows", "shares", "least", "most", "expected"),
    [
        (10, [1, 1], [0, 0], [10, 10], [5, 5]),
        (10, [9, 1], [0, 0], [10, 10], [9, 1]),
        (5, [99, 1], [1, 1], [4, 4], [4, 1]),  # the floor of the rare one is taken off the other
        (5, [99, 1], [1, 1], [5, 5], [4, 1]),
        (9, [8, 1, 0], [0, 0, 0], [4, 9, 0], [4, 5, 0]),  # what is above the roof goes on
    ],
)
def test_rows_are_divided_within_bounds(rows, shares, least, most, expected):
    # origin: by hand
    found = divided(rows, np.array(shares, dtype=float), least=np.array(least), most=np.array(most))
    assert found.tolist() == expected


PEOPLE = pl.DataFrame({"age": [20, 21, 22, 23, 20, 20], "sex": ["f", "f", "m", "m", "f", "m"]})
TREES = {
    "age": hierarchy_by_interval(PEOPLE["age"], name="age", widths=[2, 4]),
    "sex": hierarchy_by_suppression(PEOPLE["sex"], name="sex"),
}


def test_the_labels_below_a_label():
    rows = pl.DataFrame({"age": ["20", "[20, 22)", "[20, 24)", "*"], "sex": ["*", "f", "m", "*"]})
    classes = released_classes(rows, hierarchies=TREES)
    column = label_column(classes, "age")
    below = {
        label: [[column.hierarchy.values[i] for i in np.flatnonzero(part)] for part in parts]
        for label, parts in zip(
            classes.labels["age"], [column.parts(n) for n in range(4)], strict=True
        )
    }
    # origin: by hand; the label for all hides [20, 24) and the missing value
    assert below["20"] == []
    assert below["[20, 22)"] == [["20"], ["21"]]
    assert below["[20, 24)"] == [["20", "21"], ["22", "23"]]
    assert below["*"] == [["20", "21", "22", "23"], [None]]


def test_rows_are_counted_by_what_they_were_made_from():
    traced = with_sources(PEOPLE, columns=["age", "sex"]).with_columns(age=pl.lit("[20, 24)"))
    classes = released_classes(traced, hierarchies=TREES)
    counts = source_counts(traced, classes, column="age")
    # origin: by hand; women: two of 20 and one of 21, men: one each of 20, 22 and 23
    assert dict(zip(classes.labels["sex"], counts[:, :4].tolist(), strict=True)) == {
        "f": [2, 1, 0, 0], "m": [1, 0, 1, 1],
    }  # fmt: skip
    assert source_of("age") not in PEOPLE.columns


def test_exact_labels_leave_nothing_to_undo():
    traced = with_sources(PEOPLE, columns=["age", "sex"]).with_columns(
        pl.col("age").cast(pl.String)
    )
    classes = released_classes(traced, hierarchies=TREES)
    assert (
        attack_by_downcoding(
            traced, classes, control=PEOPLE, k=2, rng=np.random.default_rng(1), margin=0.1
        )
        == ()
    )


def test_a_value_of_a_class_of_its_own_is_ruled_out():
    rows = pl.DataFrame({"age": ["20"] * 30 + ["[20, 22)"] * 30, "sex": ["f"] * 60})
    traced = rows.with_columns(
        pl.Series(source_of("age"), [20] * 30 + [21] * 30), pl.col("sex").alias(source_of("sex"))
    )
    control = pl.DataFrame({"age": [20] * 90 + [21] * 10, "sex": ["f"] * 100})
    (found,) = attack_by_downcoding(
        traced, released_classes(traced, hierarchies=TREES), control=control, k=2,
        rng=np.random.default_rng(1), margin=0.1,
    )  # fmt: skip
    # origin: by hand; 91 : 11 of 30 rows are 27 and 3, of which 3 are right, a tenth of one class
    assert (found.success.value, found.baseline.value) == (1.0, 0.0)
    assert found.name == "downcoding of age"


def test_no_class_is_coarser_than_k_demands():
    traced = with_sources(PEOPLE, columns=["age", "sex"]).with_columns(
        age=pl.lit("*"), sex=pl.lit("*"), ill=pl.Series(["a", "b"] * 3)
    )
    found = attack_by_minimality(
        traced, released_classes(traced, hierarchies=TREES), sensitive="ill",
        demands=Demands(k=4, l=2), rng=np.random.default_rng(1), margin=0.1,
    )  # fmt: skip
    assert (found.success.value, found.baseline.value, found.passed) == (0, 0, True)
