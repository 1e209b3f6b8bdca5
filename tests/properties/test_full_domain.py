"""The search against every node of the lattice, counted in plain Python."""

import itertools
import math
from collections import Counter, defaultdict

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics_lib.core.errors import ParameterError
from analytics_lib.privacy.anonymisation import coded_table, criteria_for, find_full_domain
from analytics_lib.privacy.hierarchies import hierarchy_by_interval, hierarchy_from_table

TREE = {
    "a": ["a", "ab", "abcd", "*"],
    "b": ["b", "ab", "abcd", "*"],
    "c": ["c", "cd", "abcd", "*"],
    "d": ["d", "cd", "abcd", "*"],
    "e": ["e", "e+", "e+", "*"],
    "f": ["f", "f", "f", "*"],  # its own label: exact below the top
}
AGES = {n: [str(n), f"[{n // 2 * 2}, {n // 2 * 2 + 2})", "*"] for n in range(7)}
SEX = {"f": ["f", "*"], "m": ["m", "*"]}
TREES = {"letter": TREE, "age": AGES, "sex": SEX}
HIERARCHIES = {
    "letter": hierarchy_from_table(pl.DataFrame(list(TREE.values()), orient="row"), name="letter"),
    "age": hierarchy_by_interval(list(AGES), name="age", widths=[2]),
    "sex": hierarchy_from_table(pl.DataFrame(list(SEX.values()), orient="row"), name="sex"),
}
ROWS = st.lists(
    st.tuples(
        st.sampled_from(list(TREE)),
        st.sampled_from(list(AGES)),
        st.sampled_from(list(SEX)),
        st.sampled_from(["x", "y", "z"]),
    ),
    min_size=4,
    max_size=30,
)


def cell_loss(column, level, value, values):
    """NCP of one cell, from the definition."""
    if level == 0 or (level < 3 and column == "letter" and value == "f"):
        return 0.0
    if level == len(TREES[column][value]) - 1:
        return 1.0
    label = TREES[column][value][level]
    under = {other for other in values if TREES[column][other][level] == label}
    if column == "age":
        width = max(values) - min(values)
        return (max(under) - min(under)) / width if width else 0.0
    return len(under) / len(values)


def classes_at(rows, node):
    groups = defaultdict(list)
    for row in rows:
        key = tuple(
            TREES[column][row[i]][level]
            for i, (column, level) in enumerate(zip(TREES, node, strict=True))
        )
        groups[key].append(row)
    return groups


def meets(members, rows, k, kinds, t):
    if len(members) < k:
        return False
    there, everywhere = Counter(r[3] for r in members), Counter(r[3] for r in rows)
    if kinds is not None and len(there) < kinds:
        return False
    if t is None:
        return True
    apart = sum(abs(there[v] / len(members) - everywhere[v] / len(rows)) for v in everywhere) / 2
    return apart <= t + 1e-9


def by_definition(rows, node, k, kinds, t, *, entropy):
    """Loss and number of suppressed rows of one node."""
    values = {column: {row[i] for row in rows} for i, column in enumerate(TREES)}
    loss, suppressed = 0.0, []
    for members in classes_at(rows, node).values():
        if not meets(members, rows, k, kinds, t):
            suppressed += members
            continue
        for row in members:
            loss += sum(
                cell_loss(column, node[i], row[i], values[column]) for i, column in enumerate(TREES)
            ) / len(TREES)
    if not entropy:
        return (loss + len(suppressed)) / len(rows), len(suppressed)
    bits = 0.0
    for i, (column, level) in enumerate(zip(TREES, node, strict=True)):
        labels = Counter(TREES[column][row[i]][level] for row in rows)
        raw = Counter(row[i] for row in rows)
        bits -= sum(math.log2(raw[r[i]] / labels[TREES[column][r[i]][level]]) for r in rows)
        gone = Counter(TREES[column][row[i]][level] for row in suppressed)
        bits -= sum(n * math.log2(n / len(suppressed)) for n in gone.values())
    return bits, len(suppressed)


@settings(max_examples=150)
@given(
    rows=ROWS,
    k=st.integers(2, 4),
    kinds=st.sampled_from([None, 2]),
    t=st.sampled_from([None, 0.2, 0.4]),
    limit=st.sampled_from([0, 0.1, 0.3, 1]),
    entropy=st.booleans(),
)
def test_the_search_finds_the_optimum_of_the_whole_lattice(rows, k, kinds, t, limit, entropy):
    table = pl.DataFrame(rows, schema=[*TREES, "secret"], orient="row")
    if kinds is not None and table["secret"].n_unique() < kinds:
        kinds = None
    coded = coded_table(table, HIERARCHIES, sensitive=["secret"])
    lattice = itertools.product(*[range(h.height + 1) for h in HIERARCHIES.values()])
    everything = [by_definition(rows, node, k, kinds, t, entropy=entropy) for node in lattice]
    most = math.floor(limit * len(rows) + 1e-12)
    # origin: brute force over the 24 nodes
    best = min(loss for loss, suppressed in everything if suppressed <= most)

    found = find_full_domain(
        coded,
        criteria_for(coded, k=k, l=kinds, t=t),
        suppression_limit=limit,
        objective="entropy_with_suppression" if entropy else "ncp",
    )
    assert found.optimal
    assert found.nodes == len(everything) == found.checked + found.pruned
    assert found.loss == pytest.approx(best, abs=1e-9)
    assert (found.loss, found.suppressed) == pytest.approx(
        by_definition(rows, found.levels, k, kinds, t, entropy=entropy)
    )


def test_a_search_cut_short_proves_nothing():
    rows = [("a", 0, "f", "x"), ("b", 1, "m", "y"), ("c", 5, "f", "x"), ("d", 6, "m", "y")]
    table = pl.DataFrame(rows, schema=[*TREES, "secret"], orient="row")
    coded = coded_table(table, HIERARCHIES)
    found = find_full_domain(coded, criteria_for(coded, k=2), suppression_limit=1, most_checks=1)
    assert (found.checked, found.optimal) == (1, False)


def test_no_node_within_the_limit():
    table = pl.DataFrame(
        [("a", 0, "f", "x"), ("a", 0, "f", "x")], schema=[*TREES, "secret"], orient="row"
    )
    coded = coded_table(table, HIERARCHIES, sensitive=["secret"])
    with pytest.raises(ParameterError, match="`l` is 2, but a sensitive column has 1 values"):
        criteria_for(coded, k=2, l=2)
    with pytest.raises(ParameterError, match="no generalisation meets the demands"):
        find_full_domain(coded, criteria_for(coded, k=2), suppression_limit=0.0, most_checks=0)
