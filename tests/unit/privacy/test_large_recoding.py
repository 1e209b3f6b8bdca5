"""What large tables, long hierarchies and wide lattices take another way for."""

import numpy as np
import polars as pl
import pytest

from analytics_lib.core.errors import ParameterError
from analytics_lib.privacy.anonymisation import (
    Criteria,
    anonymise,
    coded_table,
    criteria_for,
    find_full_domain,
    full_domain,
    joining,
    peel,
)
from analytics_lib.privacy.anonymisation.growing import GrowingClasses
from analytics_lib.privacy.anonymisation.joining import join_short_classes
from analytics_lib.privacy.anonymisation.partition import partition_of
from analytics_lib.privacy.hierarchies import (
    hierarchy_by_interval,
    hierarchy_by_suppression,
)

AGES = hierarchy_by_interval(range(100), name="age", widths=[5, 10, 20])
SEX = hierarchy_by_suppression(["f", "m"], name="sex")


def people(rows, seed=1):
    rng = np.random.default_rng(seed)
    return pl.DataFrame(
        {
            "age": rng.integers(0, 100, rows),
            "sex": np.where(rng.random(rows) < 0.5, "f", "m"),
            "ill": rng.random(rows) < 0.1,
        }
    )


def run(table, **asked):
    return anonymise(
        table,
        quasi_identifiers={"age": AGES, "sex": SEX},
        sensitive="ill",
        rng=np.random.default_rng(1),
        **asked,
    )


def test_neighbours_and_a_sample_do_almost_as_well_as_all(monkeypatch):
    table = people(600)
    every = run(table, k=3, l=2, method="hybrid")
    monkeypatch.setattr(joining, "_ALL_LOOKED_AT", 0)
    monkeypatch.setattr(joining, "_NEIGHBOURS", 5)
    monkeypatch.setattr(joining, "_SAMPLE", 20)
    some = run(table, k=3, l=2, method="hybrid")
    assert some.achieved.l == 2
    assert some.suppressed == 0
    assert every.ncp <= some.ncp <= 1.5 * every.ncp


def test_a_long_hierarchy_gives_the_same_losses_without_a_table(monkeypatch):
    coded = coded_table(people(60), {"age": AGES, "sex": SEX})
    partition = partition_of(coded, np.arange(60) // 3)
    with_table = GrowingClasses(coded, partition)
    monkeypatch.setattr("analytics_lib.privacy.anonymisation.growing._LARGEST_TABLE", 0)
    without = GrowingClasses(coded, partition)
    for number in range(20):
        expected = with_table.increases(number, slice(None))
        assert without.increases(number, slice(None)) == pytest.approx(expected)


def test_levels_are_left_out_of_a_wide_lattice_and_the_ends_last(monkeypatch):
    assert peel.thinned([[0, 1, 2, 3], [0, 1]]) == [[0, 1, 2, 3], [0, 1]]
    monkeypatch.setattr(peel, "_MOST_NODES", 4)
    # origin: by hand. 8 nodes, then 6 without level 2, then 4 without level 1.
    assert peel.thinned([[0, 1, 2, 3], [0, 1]]) == [[0, 3], [0, 1]]
    monkeypatch.setattr(peel, "_MOST_NODES", 2)
    assert peel.thinned([[0, 1], [0, 1]]) == [[1], [0, 1]]
    assert run(people(50), k=5, method="peel").achieved.k >= 5


def test_a_lattice_too_large_to_prove_anything_is_refused(monkeypatch):
    monkeypatch.setattr(full_domain, "_MOST_NODES", 9)
    coded = coded_table(people(50), {"age": AGES, "sex": SEX})
    with pytest.raises(ParameterError, match="There are 10 combinations of levels"):
        find_full_domain(coded, criteria_for(coded, k=5), suppression_limit=0)


def test_equal_choices_are_drawn_at_random():
    # 'c' is as far from every other letter: which one it joins is for the generator to say
    letters = hierarchy_by_suppression(list("abcdefg"), name="letter")
    table = pl.DataFrame({"letter": [*"aabbddeeffgg", "c"]})
    coded = coded_table(table, {"letter": letters})
    start = partition_of(coded, np.array([0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, -1]))
    joined = set()
    for seed in range(20):
        found = join_short_classes(
            coded,
            start,
            criteria_for(coded, k=2),
            most_suppressed=0,
            rng=np.random.default_rng(seed),
        )
        with_c = np.flatnonzero(found.classes == found.classes[-1])
        joined.add(table["letter"][int(with_c[0])])
    assert len(joined) > 2


def test_what_can_meet_no_demand_is_suppressed_for_the_gate_to_refuse():
    coded = coded_table(people(20), {"age": AGES, "sex": SEX}, sensitive=["ill"])
    start = partition_of(coded, np.arange(20) // 5)
    found = join_short_classes(
        coded, start, Criteria(k=2, l=3), most_suppressed=0, rng=np.random.default_rng(1)
    )
    assert set(found.classes) == {-1}
