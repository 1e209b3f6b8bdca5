"""Anonymisation of Adult against what ARX reaches on the same data with the same hierarchies.

origin of all figures, unless said otherwise: ARX (Flash, optimal), run on these files; losses by
an evaluator of its own (normalised certainty penalty, suppressed records count as 1).
"""

from pathlib import Path

import polars as pl
import pytest

from analytics_lib.privacy.anonymisation import coded_table, criteria_for, find_full_domain
from analytics_lib.privacy.hierarchies import hierarchy_from_table

ADULT = Path(__file__).parents[2] / "data" / "adult"
SENSITIVE = "salary-class"


@pytest.fixture(scope="module")
def adult():
    return pl.read_csv(ADULT / "adult.csv", separator=";")


@pytest.fixture(scope="module")
def hierarchies(adult):
    return {
        name: hierarchy_from_table(
            pl.read_csv(
                ADULT / f"adult_hierarchy_{name}.csv",
                separator=";",
                has_header=False,
                infer_schema=False,
            ),
            name=name,
            numeric=name == "age",
        )
        for name in adult.columns
    }


@pytest.fixture(scope="module")
def eight(hierarchies):
    return {name: tree for name, tree in hierarchies.items() if name != SENSITIVE}


@pytest.mark.parametrize(
    ("k", "limit", "arx"),
    [
        (5, 0, 0.6672),
        (5, 0.05, 0.3109),
        (5, 1, 0.2453),
        (10, 0, 0.6672),
        (10, 0.05, 0.3727),
        (10, 1, 0.3008),
        (25, 0.05, 0.4488),
        (50, 0, 0.7315),
        (50, 0.05, 0.4987),
        (50, 1, 0.3984),
    ],
)
def test_full_domain_is_at_least_as_good_as_arx(adult, eight, k, limit, arx):
    coded = coded_table(adult, eight)
    found = find_full_domain(coded, criteria_for(coded, k=k), suppression_limit=limit)
    assert found.optimal
    assert found.nodes == 6480
    assert found.loss < arx + 0.00005  # ARX's is rounded to four digits
    assert found.suppressed <= limit * 30162


@pytest.mark.parametrize(
    ("k", "demand", "arx"),
    [
        (5, {"l": 2}, 0.3882),
        (10, {"l": 2}, 0.4128),
        (5, {"t": 0.2}, 0.5687),
        (10, {"t": 0.2}, 0.5715),
    ],
)
def test_full_domain_with_a_sensitive_column(adult, eight, k, demand, arx):
    coded = coded_table(adult, eight, sensitive=[SENSITIVE])
    found = find_full_domain(coded, criteria_for(coded, k=k, **demand), suppression_limit=0.05)
    assert found.optimal
    assert found.loss < arx + 0.00005


@pytest.mark.parametrize(
    ("k", "limit", "levels", "loss"),
    [
        # origin: ARX's test TestAnonymizationKAnonymity, monotonic non-uniform entropy
        (5, 0.04, (1, 0, 1, 1, 3, 2, 2, 0, 1), 255559.85455731067),
        (100, 0.04, (1, 1, 1, 1, 3, 2, 2, 1, 1), 379417.3460570988),
        (5, 0, (1, 2, 1, 1, 3, 2, 2, 1, 1), 407289.5388925293),
        (100, 0, (0, 4, 1, 1, 3, 2, 2, 1, 1), 453196.8932458743),
    ],
)
def test_the_optima_of_arx_own_tests(adult, hierarchies, k, limit, levels, loss):
    coded = coded_table(adult, hierarchies)
    found = find_full_domain(
        coded, criteria_for(coded, k=k), suppression_limit=limit, objective="entropy"
    )
    assert found.optimal
    assert found.levels == levels
    assert found.loss == pytest.approx(loss, rel=1e-12)
    if (k, limit) == (5, 0.04):
        assert found.suppressed == 906
