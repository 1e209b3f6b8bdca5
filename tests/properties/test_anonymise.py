"""Every method on random tables: k, l, t, the loss and the rows counted again in plain Python."""

from collections import Counter, defaultdict

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics_lib.privacy.anonymisation import anonymise
from analytics_lib.privacy.hierarchies import hierarchy_by_interval, hierarchy_from_table

TREE = {
    "a": ["a", "ab", "abcd", "*"],
    "b": ["b", "ab", "abcd", "*"],
    "c": ["c", "cd", "abcd", "*"],
    "d": ["d", "cd", "abcd", "*"],
    "e": ["e", "e+", "e+", "*"],
    None: [None, None, None, "*"],
}
AGES = {n: [str(n), f"[{n // 2 * 2}, {n // 2 * 2 + 2})", "*"] for n in range(7)}
TREES = {"letter": TREE, "age": AGES}
HIERARCHIES = {
    "letter": hierarchy_from_table(
        pl.DataFrame([row for value, row in TREE.items() if value], orient="row"), name="letter"
    ),
    "age": hierarchy_by_interval(list(AGES), name="age", widths=[2]),
}
ROWS = st.lists(
    st.tuples(
        st.sampled_from(list(TREE)),
        st.sampled_from(list(AGES)),
        st.sampled_from(["x", "y", "z", None]),
    ),
    min_size=4,
    max_size=40,
)


def cell_loss(column, label, rows):
    """NCP of one released label, from the definition."""
    values = {row[list(TREES).index(column)] for row in rows}
    under = [value for value in values if label in TREES[column][value]]
    if label == "*":
        return 1.0
    if label is None or label in {TREES[column][value][0] for value in values}:
        return 0.0
    if column == "age":
        return (max(under) - min(under)) / ((max(values) - min(values)) or 1)
    return len(under) / len(values)


def set_loss(column, label, rows):
    """NCP of one released range or set."""
    values = {row[list(TREES).index(column)] for row in rows}
    if label is None or label[0] not in "[{":
        return 0.0
    parts = label[1:-1].split(", ")
    if column == "age":
        return (int(parts[1]) - int(parts[0])) / (max(values) - min(values))
    return len(parts) / len(values)


@settings(max_examples=150)
@given(
    rows=ROWS,
    k=st.integers(2, 4),
    kinds=st.sampled_from([None, 2]),
    t=st.sampled_from([None, 0.2, 0.4]),
    limit=st.sampled_from([0, 0.2]),
    method=st.sampled_from(["best", "full_domain", "hybrid", "mondrian"]),
    labels=st.sampled_from(["hierarchy", "values"]),
    seed=st.integers(0, 3),
)
def test_what_is_released_meets_the_demands(rows, k, kinds, t, limit, method, labels, seed):
    if kinds is not None and len({row[2] for row in rows}) < kinds:
        kinds = None
    if method == "full_domain":
        labels = "hierarchy"
    table = pl.DataFrame(
        rows, schema={"letter": pl.String, "age": pl.Int64, "secret": pl.String}, orient="row"
    )
    found = anonymise(
        table,
        quasi_identifiers=HIERARCHIES,
        sensitive="secret",
        k=k,
        l=kinds,
        t=t,
        suppression_limit=limit,
        method=method,
        labels=labels,
        rng=np.random.default_rng(seed),
    )
    # origin: brute force over the released rows
    released = found.table.rows()
    assert len(released) + found.suppressed == len(rows)
    assert found.suppressed <= limit * len(rows)

    classes = defaultdict(list)
    for letter, age, secret in released:
        classes[letter, age].append(secret)
    everywhere = Counter(row[2] for row in rows)
    assert min(len(members) for members in classes.values()) == found.achieved.k >= k
    fewest = min(len(set(members)) for members in classes.values())
    assert fewest == found.achieved.l >= (kinds or 1)
    farthest = max(
        sum(abs(members.count(v) / len(members) - everywhere[v] / len(rows)) for v in everywhere)
        / 2
        for members in classes.values()
    )
    assert farthest == pytest.approx(found.achieved.t, abs=1e-9)
    assert farthest <= (1 if t is None else t) + 1e-9
    assert not Counter(row[2] for row in released) - everywhere

    loss_of = cell_loss if labels == "hierarchy" else set_loss
    loss = sum(
        loss_of("letter", letter, rows) + loss_of("age", age, rows) for letter, age, _ in released
    )
    assert found.ncp == pytest.approx((loss / 2 + found.suppressed) / len(rows))


@settings(max_examples=50)
@given(rows=ROWS, k=st.integers(2, 4), seed=st.integers(0, 3))
def test_every_label_covers_the_value_of_its_row(rows, k, seed):
    table = pl.DataFrame(
        rows, schema={"letter": pl.String, "age": pl.Int64, "secret": pl.String}, orient="row"
    ).with_row_index("person")
    for method in ("full_domain", "peel", "mondrian"):
        found = anonymise(
            table,
            quasi_identifiers=HIERARCHIES,
            k=k,
            method=method,
            keep=["person"],
            rng=np.random.default_rng(seed),
        )
        for letter, age, person in found.table.rows():
            assert letter in TREE[rows[person][0]]
            assert age in AGES[rows[person][1]]
