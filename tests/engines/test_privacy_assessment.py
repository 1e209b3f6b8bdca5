"""Every measure on every engine against a plain-Python oracle written from the definitions.

Earth mover's distances are solved as transport problems, not by the closed forms of the package.
"""

import math
import random
from collections import Counter, defaultdict
from fractions import Fraction

import numpy as np
import polars as pl
import pytest
from scipy.optimize import linprog

from analytics_lib.privacy.assessment import assess_privacy

QUASI = ["age", "region", "score"]
TREE = {
    None: ("unknown", "*"),
    "flu": ("mild", "*"),
    "cold": ("mild", "*"),
    "cancer": ("severe", "*"),
    "stroke": ("severe", "*"),
}
ORDER = [None, "cold", "flu", "stroke", "cancer", "plague"]


def random_people(seed, rows=120):
    draw = random.Random(seed)
    illness = [None, "flu", "flu", "flu", "cold", "cancer", "stroke"]
    return pl.DataFrame(
        {
            "age": [draw.choice([30, 41, None]) for _ in range(rows)],
            "region": [draw.choice(["north", "south", None, ""]) for _ in range(rows)],
            "score": [draw.choice([0.5, None, 1.5]) for _ in range(rows)],
            "ill": [draw.choice(illness) for _ in range(rows)],
            "pay": [draw.choice([1, 2, 3, 10, 11]) for _ in range(rows)],
        },
        schema_overrides={"score": pl.Float64},
    )


def grouped(frame, column):
    classes = defaultdict(Counter)
    for row in frame.to_dicts():
        classes[tuple(row[name] for name in QUASI)][row[column]] += 1
    return list(classes.values())


def shares(counter, values):
    total = sum(counter.values())
    return [Fraction(counter[value], total) for value in values]


def transport(first, second, cost):
    size = len(first)
    rows = np.zeros((2 * size, size * size))
    for i in range(size):
        rows[i, i * size : (i + 1) * size] = 1
        rows[size + i, i::size] = 1
    solved = linprog(
        np.array(cost, dtype=float).ravel(), A_eq=rows, b_eq=[float(x) for x in first + second]
    )
    assert solved.status == 0
    return solved.fun


def equal_cost(values):
    return [[float(a != b) for b in values] for a in values]


def ordered_cost(values):
    steps = len(values) - 1
    return [[abs(i - j) / steps for j in range(len(values))] for i in range(len(values))]


def tree_cost(values):
    def height(a, b):
        if a == b:
            return 0
        return next(h for h, pair in enumerate(zip(TREE[a], TREE[b], strict=True), 1)
                    if pair[0] == pair[1])  # fmt: skip

    return [[height(a, b) / len(TREE["flu"]) for b in values] for a in values]


def worst_distance(frame, column, values, cost):
    whole = shares(Counter(frame[column].to_list()), values)
    return max(transport(shares(one, values), whole, cost) for one in grouped(frame, column))


@pytest.mark.parametrize("seed", range(4))
def test_sizes_and_risks(engine, seed):
    frame = random_people(seed)
    found = assess_privacy(engine.make(frame), quasi_identifiers=QUASI, k=5)
    sizes = [sum(one.values()) for one in grouped(frame, "ill")]
    assert found.k_anonymity.k == min(sizes)
    assert found.k_anonymity.classes == len(sizes)
    assert found.k_anonymity.records == 120
    assert found.k_anonymity.largest_class == max(sizes)
    assert found.k_anonymity.classes_below == sum(size < 5 for size in sizes)
    assert found.k_anonymity.records_below == sum(size for size in sizes if size < 5)
    assert found.k_anonymity.unique_records == sizes.count(1)
    assert found.prosecutor.highest == 1 / min(sizes)
    assert found.prosecutor.average == len(sizes) / 120
    assert found.prosecutor.records_at_risk == sum(size for size in sizes if size < 5)
    assert found.uniqueness.sample_uniques == sizes.count(1)
    assert found.sensitive == ()
    assert found.k_map is None


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("column", ["ill", "pay"])
def test_diversity_likeness_and_disclosure(engine, seed, column):
    frame = random_people(seed)
    [found] = assess_privacy(
        engine.make(frame), quasi_identifiers=QUASI, sensitive=[column]
    ).sensitive
    classes = grouped(frame, column)
    whole = Counter(frame[column].to_list())
    n = sum(whole.values())
    assert found.alpha_k.alpha == max(max(c.values()) / sum(c.values()) for c in classes)
    assert found.diversity.distinct_l == min(len(c) for c in classes)
    entropies = [
        -sum(x / sum(c.values()) * math.log(x / sum(c.values())) for x in c.values())
        for c in classes
    ]
    assert found.diversity.entropy_l == pytest.approx(math.exp(min(entropies)), rel=1e-12)
    ratios = [
        math.inf if len(c) < 2 else max(c.values()) / (sum(c.values()) - max(c.values()))
        for c in classes
    ]
    assert found.diversity.recursive_c == max(ratios)
    homogeneous = [sum(c.values()) for c in classes if len(c) == 1]
    assert found.diversity.homogeneous_classes == len(homogeneous)
    assert found.diversity.homogeneous_records == sum(homogeneous)
    gains = [
        (Fraction(x, sum(c.values())) / Fraction(whole[v], n) - 1, -math.log(whole[v] / n))
        for c in classes
        for v, x in c.items()
    ]
    basic = max(gain for gain, _ in gains)
    assert found.likeness.basic_beta == pytest.approx(float(basic), rel=1e-12)
    attainable = all(gain <= bound for gain, bound in gains)
    assert found.likeness.enhanced_beta == pytest.approx(float(basic) if attainable else math.inf)
    logs = [abs(math.log(gain + 1)) for gain, _ in gains]
    assert found.disclosure.delta == pytest.approx(max(logs), rel=1e-12)
    assert found.disclosure.delta_bits == pytest.approx(max(logs) / math.log(2), rel=1e-12)
    lacking = sum(len(c) < len(whole) for c in classes)
    assert found.disclosure.classes_lacking_a_value == lacking
    assert math.isinf(found.disclosure.strict_delta) == (lacking > 0)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    ("column", "values", "cost", "asked"),
    [
        ("ill", list(TREE), equal_cost, {}),
        ("ill", ORDER, ordered_cost, {"orders": {"ill": ORDER}}),
        ("pay", [1, 2, 3, 10, 11], ordered_cost, {"orders": {"pay": "natural"}}),
        ("ill", list(TREE), tree_cost, {"hierarchies": {"ill": TREE}}),
    ],
    ids=["equal", "ordered", "natural", "hierarchical"],
)
def test_closeness_solves_the_transport_problem(engine, seed, column, values, cost, asked):
    frame = random_people(seed)
    [found] = assess_privacy(
        engine.make(frame), quasi_identifiers=QUASI, sensitive=[column], **asked
    ).sensitive
    expected = worst_distance(frame, column, values, cost(values))
    assert found.closeness.t == pytest.approx(expected, abs=1e-9)


def test_two_sensitive_columns_in_one_pass_equal_two_passes(engine):
    frame = engine.make(random_people(7))
    both = assess_privacy(frame, quasi_identifiers=QUASI, sensitive=["ill", "pay"])
    apart = [
        assess_privacy(frame, quasi_identifiers=QUASI, sensitive=[column]).sensitive[0]
        for column in ("ill", "pay")
    ]
    for together, alone in zip(both.sensitive, apart, strict=True):
        assert together.closeness.t == alone.closeness.t
        assert together.diversity.distinct_l == alone.diversity.distinct_l
        assert together.disclosure.delta == alone.disclosure.delta


@pytest.mark.parametrize("seed", range(3))
def test_a_population(engine, seed):
    population = random_people(seed, rows=400)
    sample = population[:40]
    found = assess_privacy(
        engine.make(sample), quasi_identifiers=QUASI, population=engine.make(population), k=3
    )
    in_sample = Counter(sample.select(QUASI).rows())
    everybody = Counter(population.select(QUASI).rows())
    assert found.k_map.k == min(everybody[key] for key in in_sample)
    assert found.k_map.population_records == 400
    assert found.k_map.records_below == sum(
        count for key, count in in_sample.items() if everybody[key] < 3
    )
    expected = sum(count / everybody[key] for key, count in in_sample.items()) / 40
    assert found.journalist.average == pytest.approx(expected, rel=1e-12)
    assert found.journalist.highest == 1 / found.k_map.k
    assert found.uniqueness.population_size == 400


def test_not_a_number_is_missing(engine):
    frame = pl.DataFrame({"score": [math.nan, None, 1.0, 1.0]})
    found = assess_privacy(engine.make(frame), quasi_identifiers=["score"])
    assert (found.k_anonymity.classes, found.k_anonymity.k) == (2, 2)


def test_categories_are_text(engine):
    frame = pl.DataFrame({"region": ["n", "n", "s", None]})
    made = frame.with_columns(pl.col("region").cast(pl.Categorical))
    found = assess_privacy(
        engine.make(made), quasi_identifiers=["region"], population=engine.make(frame)
    )
    assert found.k_anonymity.classes == 3
    assert found.k_map.k == 1
