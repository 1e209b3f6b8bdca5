"""Utility: worked examples, the refusal to compare what cannot be compared, every error."""

import math
import sys

import numpy as np
import polars as pl
import pytest
from scipy.stats import wasserstein_distance
from scipy.stats.contingency import association

from analytics_lib.core.errors import AccessError, ParameterError, SchemaError
from analytics_lib.privacy.utility import (
    association_change,
    class_size_loss,
    distribution_distances,
    downstream_score,
    label_coverage,
    ncp_by_hierarchy,
    ncp_by_value_sets,
    non_uniform_entropy,
)

TREE = {
    "Rome": ["Italy", "Europe"],
    "Bari": ["Italy", "Europe"],
    "Nice": ["France", "Europe"],
    "Lyon": ["France", "Europe"],
    "Ulm": ["Germany", "Europe"],
}
CITIES = pl.DataFrame({"city": ["Rome", "Rome", "Bari", "Nice"]})  # nobody in Lyon or Ulm


def city_loss(*labels, original=CITIES):
    return ncp_by_hierarchy(
        pl.DataFrame({"city": labels}, schema={"city": pl.String}),
        original=original,
        quasi_identifiers=["city"],
        hierarchies={"city": TREE},
    )


@pytest.mark.parametrize(
    ("labels", "ncp"),
    [
        (["Rome", "Rome", "Bari", "Nice"], 0),
        (["Italy", "Italy", "Italy", "Nice"], 3 * (2 / 3) / 4),  # 2 of the 3 cities that occur
        (["Italy", "Italy", "Italy", "France"], 3 * (2 / 3) / 4),  # France is Nice alone
        (["Europe"] * 4, 1),
        (["Rome", "Rome", None, None], 2 / 4),  # suppressed cells
        (["Rome", "Rome", "Bari"], 1 / 4),  # a suppressed record
        ([], 1),
    ],
)
def test_ncp_by_labels(labels, ncp):
    found = city_loss(*labels)
    assert found.ncp == pytest.approx(ncp)
    assert found.by_column == {"city": pytest.approx(ncp)}
    assert found.suppressed == 4 - len(labels)


def test_a_cell_missing_in_the_original_is_not_suppressed():
    original = pl.DataFrame({"city": ["Rome", None, "Bari", "Nice"]})
    assert city_loss("Rome", None, "Bari", "Nice", original=original).ncp == 0
    assert city_loss("Rome", None, None, "Nice", original=original).ncp == 1 / 4


def test_ncp_by_value_sets():
    people = pl.DataFrame(
        {
            "city": ["Rome", "Bari", "Nice", "Nice", "Rome"],
            "age": [20, 30, 40, 40, 70],
            "group": [1, 1, 2, 2, None],
        }
    )
    found = ncp_by_value_sets(people, class_column="group", quasi_identifiers=["city", "age"])
    assert found.by_column["city"] == pytest.approx((2 * 2 / 3 + 0 + 1) / 5)
    assert found.by_column["age"] == pytest.approx((2 * 10 / 50 + 0 + 1) / 5)
    assert found.ncp == pytest.approx(sum(found.by_column.values()) / 2)
    assert (found.records, found.suppressed) == (5, 1)


def test_missing_beside_numbers_costs_all():
    people = pl.DataFrame({"age": [20, None, None, None, 30], "group": [1, 1, 2, 2, 3]})
    found = ncp_by_value_sets(people, class_column="group", quasi_identifiers=["age"])
    assert found.ncp == 2 / 5
    nobody = people.with_columns(age=pl.lit(None, pl.Int64))
    assert ncp_by_value_sets(nobody, class_column="group", quasi_identifiers=["age"]).ncp == 0


def test_losses_of_two_kinds_are_never_compared():
    people = CITIES.with_columns(group=pl.Series([1, 1, 1, 1]))
    sets = ncp_by_value_sets(people, class_column="group", quasi_identifiers=["city"])
    labels = city_loss("Europe", "Europe", "Europe", "Europe")
    assert sets != labels
    assert labels.change_from(city_loss("Rome", "Rome", "Bari", "Nice")) == 1
    assert sets.change_from(sets) == 0
    with pytest.raises(ParameterError, match="must not be compared"):
        labels.change_from(sets)
    with pytest.raises(ParameterError, match="`base` is a HierarchyLoss, this a ValueSetLoss"):
        sets.change_from(labels)
    with pytest.raises(TypeError):
        assert labels < sets


def test_hierarchies_that_do_not_fit_are_refused():
    with pytest.raises(ParameterError, match="`hierarchies` lacks 1 of the 2 values of `city`"):
        label_coverage(pl.Series("city", ["Rome", "Turin"]), hierarchy=TREE)
    with pytest.raises(ParameterError, match="`released` has 1 labels in `city`"):
        city_loss("Spain", "Rome", "Rome", "Rome")
    with pytest.raises(SchemaError, match="`released` has 5 records, more than the 4"):
        city_loss(*["Rome"] * 5)
    with pytest.raises(ParameterError, match="`hierarchies` names 'town'"):
        ncp_by_hierarchy(
            CITIES, original=CITIES, quasi_identifiers=["city"], hierarchies={"town": TREE}
        )
    with pytest.raises(SchemaError, match="`original` has no records"):
        city_loss(original=CITIES.clear())
    with pytest.raises(ParameterError, match="must have one role"):
        ncp_by_value_sets(CITIES, class_column="city", quasi_identifiers=["city"])


def test_class_sizes():
    table = pl.DataFrame({"age": [1] * 6 + [2] * 4})
    found = class_size_loss(table, quasi_identifiers=["age"], k=2, suppressed=3)
    assert found.discernibility == 36 + 16 + 3 * 13
    assert found.average_class_size == 10 / 2 / 2
    with pytest.raises(ParameterError, match="`k` is 1"):
        class_size_loss(table, quasi_identifiers=["age"], k=1)
    with pytest.raises(ParameterError, match="`suppressed` is -1"):
        class_size_loss(table, quasi_identifiers=["age"], k=2, suppressed=-1)


def test_entropy_of_a_local_recoding():
    # by hand: of the two "Italy" one is Rome, one Bari: 2 bits; the rest is exact
    labels = pl.DataFrame({"city": ["Rome", "Italy", "Italy", "Nice"]})
    gone = pl.Series([False, True, True, False])
    found = non_uniform_entropy(CITIES, recoded=labels, quasi_identifiers=["city"], suppressed=gone)
    assert (found.bits, found.suppression_bits, found.suppressed) == (2, 0, 2)
    halves = non_uniform_entropy(
        CITIES, recoded=CITIES, quasi_identifiers=["city"], suppressed=~gone
    )
    assert (halves.bits, halves.suppression_bits) == (0, 2)
    with pytest.raises(SchemaError, match="`original` has 4 rows, `recoded` 3"):
        non_uniform_entropy(CITIES, recoded=labels[:3], quasi_identifiers=["city"])


@pytest.mark.parametrize("seed", range(3))
def test_distances_of_numbers(seed):
    # origin: scipy.stats.wasserstein_distance over the range
    draw = np.random.default_rng(seed)
    first = pl.DataFrame({"age": draw.integers(18, 90, 300)})
    second = first.sample(100, seed=seed)
    [row] = distribution_distances(second, original=first, columns=["age"]).to_dicts()
    width = first["age"].max() - first["age"].min()
    expected = wasserstein_distance(first["age"], second["age"]) / width
    assert row["mean_shift"] == pytest.approx(expected)
    values = sorted(set(first["age"]))
    shares = [
        abs((first["age"] == value).mean() - (second["age"] == value).mean()) for value in values
    ]
    assert row["total_variation"] == pytest.approx(sum(shares) / 2)


def test_distances_of_labels_and_missing_cells():
    # by hand: "Italy" gives Rome and Bari a quarter each; a quarter of the cells is missing
    labels = pl.DataFrame({"city": ["Italy", "Italy", None, "Nice"]})
    found = distribution_distances(
        labels, original=CITIES, columns=["city"], hierarchies={"city": TREE}
    )
    assert found.rows() == [("city", 0.25, None)]
    numbers = pl.DataFrame({"age": [1, 1]})
    assert distribution_distances(numbers, original=numbers, columns=["age"]).rows() == [
        ("age", 0, 0)
    ]
    none = pl.DataFrame({"age": [None, None]}, schema={"age": pl.Int64})
    assert distribution_distances(none, original=numbers, columns=["age"]).rows() == [
        ("age", 1, None)
    ]
    with pytest.raises(SchemaError, match="`released` has no records"):
        distribution_distances(labels.clear(), original=CITIES, columns=["city"])


@pytest.mark.parametrize("seed", range(3))
def test_association_is_corrected(seed):
    # origin: Bergsma's correction of scipy.stats.contingency.association (Cramér's V)
    draw = np.random.default_rng(seed)
    frame = pl.DataFrame({"a": draw.integers(0, 4, 300), "b": draw.integers(0, 3, 300)})
    frame = frame.with_columns(b=pl.when(pl.col("a") == 1).then(2).otherwise("b"))
    table = frame.pivot("b", index="a", values="a", aggregate_function="len").fill_null(0)
    plain = association(table.drop("a").to_numpy(), method="cramer")
    phi = max(plain**2 * 2 - 3 * 2 / 299, 0)
    expected = math.sqrt(phi / min(4 - 9 / 299 - 1, 3 - 4 / 299 - 1))
    found = association_change(frame[:150], original=frame, columns=["a", "b"])
    assert found["original"][0] == pytest.approx(expected)
    assert found["change"][0] == pytest.approx(found["released"][0] - expected)


def test_association_without_variety_is_undefined():
    frame = pl.DataFrame({"a": [1, 1], "b": [1, 2], "c": [1, 2]})
    found = association_change(frame, original=frame, columns=["a", "b", "c"])
    assert found["original"].to_list() == [None, None, None]
    assert found.select("first", "second").rows() == [("a", "b"), ("a", "c"), ("b", "c")]
    assert association_change(frame[:1], original=frame, columns=["a", "b"])["released"][0] is None
    with pytest.raises(ParameterError, match="`columns` has 1 names"):
        association_change(frame, original=frame, columns=["a"])


def people(rows, seed):
    draw = np.random.default_rng(seed)
    age = draw.integers(20, 60, rows)
    city = draw.choice(["Rome", "Nice", "Ulm"], rows)
    chance = 0.2 + 0.5 * (age > 40) + 0.2 * (city == "Rome")
    pays = np.where(draw.random(rows) < chance, "yes", "no")
    return pl.DataFrame({"age": age, "city": city, "pays": pays})


def score(released, **changes):
    asked = {
        "original": people(1000, 1),
        "holdout": people(1000, 2),
        "features": ["age", "city"],
        "target": "pays",
        "positive": "yes",
        "hierarchies": {"city": TREE, "age": {age: ["*"] for age in range(20, 60)}},
        "seed": 0,
        **changes,
    }
    return downstream_score(released, **asked)


def test_a_classifier_loses_what_the_release_lost():
    same = score(people(1000, 1))
    assert same.loss == 0
    assert same.original_auc > 0.7
    blind = score(people(1000, 1).with_columns(age=pl.lit("*"), city=pl.lit("Europe")))
    assert blind.released_auc == pytest.approx(0.5, abs=0.04)
    assert blind.loss == same.original_auc - blind.released_auc
    coarse = score(people(1000, 1).with_columns(city=pl.lit(None, pl.String)))
    assert 0.5 < coarse.released_auc < same.original_auc


def test_one_class_alone_cannot_be_learned():
    with pytest.raises(ParameterError, match="`positive` is the target of 0 of 1000 records"):
        score(people(1000, 1), positive="maybe")
    with pytest.raises(ParameterError, match="target of 3 of 3 records of `released`"):
        score(people(1000, 1).filter(pl.col("pays") == "yes")[:3])


def test_without_scikit_learn_the_score_is_refused(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn.ensemble", None)
    with pytest.raises(AccessError, match="the extra `research`"):
        score(people(100, 1))
