"""Assessment: worked examples, boundaries, and every refusal."""

import json
import math

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy.stats import binom, nbinom

from analytics_lib.core.errors import ParameterError, SchemaError
from analytics_lib.privacy import assessment
from analytics_lib.privacy.assessment import (
    assess_k_anonymity,
    assess_k_map,
    assess_l_diversity,
    assess_marketer_risk,
    assess_privacy,
    assess_prosecutor_risk,
    assess_t_closeness,
    assess_uniqueness,
    distances,
)
from analytics_lib.privacy.assessment.slide_negative_binomial import (
    population_classes,
    seen_once_and_twice,
    slide_negative_binomial,
)

# origin: Li, Li, Venkatasubramanian (2007), table 3 (3-diverse salary and disease, in thousands)
SALARIES = pl.DataFrame(
    {
        "zip": ["476**"] * 3 + ["4790*"] * 3 + ["476**2"] * 3,
        "salary": [3, 4, 5, 6, 11, 8, 7, 9, 10],
    }
)
PEOPLE = pl.DataFrame({"age": [30, 30, 30, 41, 41], "ill": ["a", "b", "b", "a", "b"]})


def test_the_salaries_of_the_paper():
    # origin: Li et al. (2007), section 3.1: D[{3,4,5}, Q] = 0.375; D[{6,8,11}, Q] = 0.167
    first = SALARIES.filter(pl.col("zip") == "476**")["salary"].to_list()
    assert first == [3, 4, 5]
    found = assess_t_closeness(
        SALARIES, quasi_identifiers=["zip"], sensitive="salary", order="natural"
    )
    assert found.t == pytest.approx(0.375, abs=1e-15)
    assert found.mean == pytest.approx((0.375 + 1 / 6 + 17 / 72) / 3)  # 17/72 by hand
    assert found.distance == "ordered"


@pytest.mark.parametrize(("k", "holds", "below"), [(2, True, 0), (3, False, 2), (4, False, 5)])
def test_the_k_asked_for(k, holds, below):
    found = assess_k_anonymity(PEOPLE, quasi_identifiers=["age"], k=k)
    assert (found.k, found.holds, found.records_below) == (2, holds, below)


@pytest.mark.parametrize("k", [1, 0, -3, float("nan")])
def test_a_k_that_protects_nobody_is_refused(k):
    with pytest.raises(ParameterError, match=r"`k` is .*; it must be .*at least 2"):
        assess_k_anonymity(PEOPLE, quasi_identifiers=["age"], k=k)


def test_a_table_smaller_than_k_is_refused():
    assert assess_k_anonymity(PEOPLE, quasi_identifiers=["age"], k=5).required_k == 5
    with pytest.raises(ParameterError, match="`k` is 6, but the table has 5 records"):
        assess_k_anonymity(PEOPLE, quasi_identifiers=["age"], k=6)


ROLES = [
    (["agee"], [], "`quasi_identifiers` names 'agee'.*Did you mean 'age'"),
    (["age"], ["il"], "`sensitive` names 'il'.*Did you mean 'ill'"),
    (["age", "age"], [], r"`quasi_identifiers` names \['age'\] more than once"),
    ([], [], "`quasi_identifiers` is empty"),
    ("age", [], "`quasi_identifiers` is the text 'age'"),
    (["age"], "ill", "`sensitive` is the text 'ill'"),
    (["age", "ill"], ["ill"], r"`sensitive` names \['ill'\], which `quasi_identifiers` names too"),
]


@pytest.mark.parametrize(("quasi", "sensitive", "message"), ROLES)
def test_roles_that_do_not_fit_are_refused(quasi, sensitive, message):
    with pytest.raises(ParameterError, match=message):
        assess_privacy(PEOPLE, quasi_identifiers=quasi, sensitive=sensitive)


@pytest.mark.parametrize(
    "name",
    [
        "assess_alpha_k_anonymity",
        "assess_l_diversity",
        "assess_t_closeness",
        "assess_beta_likeness",
        "assess_delta_disclosure",
    ],
)
def test_a_column_with_two_roles_is_refused_everywhere(name):
    with pytest.raises(ParameterError, match="must have one role"):
        getattr(assessment, name)(PEOPLE, quasi_identifiers=["age", "ill"], sensitive="ill")


def test_an_empty_table_is_refused():
    with pytest.raises(SchemaError, match="`table` has no records"):
        assess_privacy(PEOPLE.clear(), quasi_identifiers=["age"])
    with pytest.raises(SchemaError, match="'list' is not supported"):
        assess_privacy([1, 2], quasi_identifiers=["age"])


def test_a_pyarrow_table_is_assessed_like_any_other():
    asked = {"quasi_identifiers": ["age"], "sensitive": ["ill"]}
    found, plain = (assess_privacy(frame, **asked) for frame in (PEOPLE.to_arrow(), PEOPLE))
    assert str(found.to_dict()) == str(plain.to_dict())


def test_a_column_of_several_types_is_refused_without_showing_a_value():
    mixed = pd.DataFrame({"age": [1, "secret", None]})
    with pytest.raises(SchemaError, match="values of several types") as refused:
        assess_privacy(mixed, quasi_identifiers=["age"])
    assert "secret" not in str(refused.value)


def test_a_population_is_given_once():
    with pytest.raises(ParameterError, match="are both given"):
        assess_privacy(PEOPLE, quasi_identifiers=["age"], population=PEOPLE, population_size=9)


def test_two_equally_common_values_have_an_entropy_l_of_two():
    frame = pl.DataFrame({"age": [1, 1], "ill": ["a", "b"]})
    found = assess_l_diversity(frame, quasi_identifiers=["age"], sensitive="ill")
    assert found.entropy_l == pytest.approx(2, rel=1e-15)
    assert found.recursive_c == 1


@pytest.mark.parametrize(("recursive_l", "c"), [(2, 3 / 3), (3, 3 / 1), (4, math.inf)])
def test_recursive_diversity(recursive_l, c):
    frame = pl.DataFrame({"age": [1] * 6, "ill": ["a", "a", "a", "b", "b", "c"]})
    found = assess_l_diversity(
        frame, quasi_identifiers=["age"], sensitive="ill", recursive_l=recursive_l
    )
    assert found.recursive_c == c
    with pytest.raises(ParameterError, match="`recursive_l` is 1; it must be at least 2"):
        assess_l_diversity(frame, quasi_identifiers=["age"], sensitive="ill", recursive_l=1)


def test_one_value_and_one_class_give_nothing_away():
    frame = pl.DataFrame({"age": [1, 1], "ill": ["a", "a"], "pay": [3, 3]})
    found = assess_privacy(
        frame, quasi_identifiers=["age"], sensitive=["ill", "pay"], orders={"pay": "natural"}
    )
    for one in found.sensitive:
        assert one.closeness.t == 0
        assert one.likeness.enhanced_beta == 0
        assert one.disclosure.strict_delta == 0
        assert one.diversity.most_certain == 1


TREE = {"a": ("x", "*"), "b": ("y", "*")}
DISTANCES = [
    ({"order": ["a"]}, "`order` lacks 1 of the 2 values of `ill`"),
    ({"order": ["a", "b", "a"]}, "`order` names a value more than once"),
    ({"order": "natural"}, "`ill` is String, which has no natural order"),
    ({"order": ["a", "b"], "hierarchy": TREE}, "are both given"),
    ({"hierarchy": {"a": ("*",)}}, "`hierarchy` lacks 1 of the 2 values of `ill`"),
    ({"hierarchy": {"a": ("x", "*"), "b": ("*",)}}, "equally many labels"),
    ({"hierarchy": {"a": (), "b": ()}}, "equally many labels"),
    ({"hierarchy": {"a": ("x", "*"), "b": ("x", "+")}}, "must end in one root"),
    ({"hierarchy": {"a": ("x", "y", "*"), "b": ("x", "z", "*")}}, "level 1 with two parents"),
]


@pytest.mark.parametrize(("asked", "message"), DISTANCES)
def test_an_order_or_hierarchy_that_does_not_fit_is_refused(asked, message):
    with pytest.raises(ParameterError, match=message):
        assess_t_closeness(PEOPLE, quasi_identifiers=["age"], sensitive="ill", **asked)


def test_a_missing_number_has_no_natural_place():
    frame = pl.DataFrame({"age": [1, 1], "pay": [1, None]})
    with pytest.raises(ParameterError, match="`pay` has missing values"):
        assess_t_closeness(frame, quasi_identifiers=["age"], sensitive="pay", order="natural")


def test_where_whole_numbers_would_overflow_floats_are_near(monkeypatch):
    # by hand: two halves, the lower and the upper; cumulative difference rises to 1/2 and falls
    frame = pl.DataFrame({"pay": range(2000)}).with_columns(half=pl.col("pay") >= 1000)
    asked = {"quasi_identifiers": ["half"], "sensitive": "pay", "order": "natural"}
    exact = assess_t_closeness(frame, **asked).t
    assert exact == pytest.approx(0.25, rel=1e-3)
    monkeypatch.setattr(distances, "_LARGEST", 1)
    assert assess_t_closeness(frame, **asked).t == pytest.approx(exact, rel=1e-12)


@pytest.mark.parametrize(("threshold", "exposed"), [(0.3, 5), (0.4, 2), (0.5, 0)])
def test_the_threshold_of_risk(threshold, exposed):
    found = assess_prosecutor_risk(PEOPLE, quasi_identifiers=["age"], threshold=threshold)
    assert found.records_at_risk == exposed


def test_a_threshold_outside_the_shares_is_refused():
    with pytest.raises(ParameterError, match=r"`threshold` is 1\.5; it must lie between 0 and 1"):
        assess_prosecutor_risk(PEOPLE, quasi_identifiers=["age"], threshold=1.5)


def test_a_population_that_does_not_hold_the_table_is_refused():
    few = pl.DataFrame({"age": [30, 30, 41, 41]})
    with pytest.raises(SchemaError, match="`population` lacks records of 1 of the 2 classes"):
        assess_k_map(PEOPLE, population=few, quasi_identifiers=["age"])
    with pytest.raises(SchemaError, match="of other types"):
        assess_k_map(
            PEOPLE, population=pl.DataFrame({"age": ["30", "?"]}), quasi_identifiers=["age"]
        )
    larger = pl.DataFrame({"age": [30, 30, 30, 41, 41, 41]})
    with pytest.raises(ParameterError, match="`k` is 7, but the table has 6 records"):
        assess_k_map(PEOPLE, population=larger, quasi_identifiers=["age"], k=7)


def test_marketer_risk_with_and_without_a_register():
    everybody = pl.DataFrame({"age": [30] * 6 + [41] * 4})
    assert assess_marketer_risk(PEOPLE, quasi_identifiers=["age"]) == 2 / 5
    found = assess_marketer_risk(PEOPLE, quasi_identifiers=["age"], population=everybody)
    assert found == pytest.approx((3 / 6 + 2 / 4) / 5)


def test_unknown_orders_are_refused():
    with pytest.raises(ParameterError, match=r"`orders` names 'il'.*Did you mean 'ill'"):
        assess_privacy(
            PEOPLE, quasi_identifiers=["age"], sensitive=["ill"], orders={"il": ["a", "b"]}
        )


def test_a_report_holds_no_values():
    frame = PEOPLE.with_columns(ill=pl.lit("a secret"), age=pl.lit(9081726354))
    found = assess_privacy(frame, quasi_identifiers=["age"], sensitive=["ill"]).to_dict()
    assert "a secret" not in str(found)
    assert "9081726354" not in str(found)
    assert found["k_anonymity"]["k"] == 5
    assert found["uniqueness"]["population_uniques"] is None  # undefined
    assert found["sensitive"][0]["diversity"]["recursive_c"] == "infinite"
    assert json.loads(json.dumps(found, allow_nan=False))["k_map"] is None


def test_the_input_is_not_changed():
    frame = PEOPLE.clone()
    assess_privacy(frame, quasi_identifiers=["age"], sensitive=["ill"])
    assert frame.equals(PEOPLE)


# -- uniqueness --


def test_without_a_population_there_is_no_estimate():
    found = assess_uniqueness(PEOPLE, quasi_identifiers=["age"])
    assert (found.sample_uniques, found.population_size) == (0, 0)
    assert math.isnan(found.population_uniques)


@pytest.mark.parametrize("ages", [[1, 2, 3], [1, 1, 2, 2]])
@pytest.mark.parametrize("estimator", ["pitman", "zayatz", "snb"])
def test_where_all_or_none_are_alone_there_is_no_estimate(ages, estimator):
    found = assess_uniqueness(
        pl.DataFrame({"age": ages}),
        quasi_identifiers=["age"],
        population_size=100,
        estimator=estimator,
    )
    assert math.isnan(found.population_uniques)


def test_zayatz_by_hand():
    # Sizes 1, 1, 2 of 4 records of 8 people. Seen once: 4/8 for a single, and
    # 2 * C(6,3) / C(8,4) = 40/70 for a pair. Alone if seen alone: 2 * 0.5 / (2 * 0.5 + 40/70).
    frame = pl.DataFrame({"age": [1, 2, 3, 3]})
    found = assess_uniqueness(
        frame, quasi_identifiers=["age"], population_size=8, estimator="zayatz"
    )
    alone = 1 / (1 + 40 / 70)
    assert found.unique_if_sample_unique == pytest.approx(alone)
    assert found.population_uniques == pytest.approx(alone * 2 * 2)


@pytest.mark.parametrize(("alpha", "beta", "fraction"), [(0.5, 0.3, 0.3), (2.0, 0.6, 0.7)])
def test_a_class_of_the_model_is_seen_once_and_twice(alpha, beta, fraction):
    # origin: brute force; every size of the class, and every way to draw of it
    sizes = np.arange(1, 400)
    chances = nbinom.pmf(sizes - 1, alpha, beta)
    expected = [float((chances * binom.pmf(seen, sizes, fraction)).sum()) for seen in (1, 2)]
    found = seen_once_and_twice(alpha, beta, fraction=fraction)
    assert found == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(("alpha", "beta"), [(0.5, 0.2), (1.0, 0.5), (2.0, 0.3)])
def test_uniques_of_a_population_of_the_model_are_found_again(alpha, beta):
    """origin: a population drawn from the model, whose uniques are counted."""
    rng = np.random.default_rng(7)
    population = 1 + rng.negative_binomial(alpha, beta, size=20_000)
    sample = rng.binomial(population, 0.6)
    sample = sample[sample > 0]
    found = slide_negative_binomial(sample, people=int(population.sum()))
    assert found == pytest.approx((population == 1).sum(), rel=0.05)
    classes = population_classes(sample, fraction=sample.sum() / population.sum())
    assert classes == pytest.approx(20_000, rel=0.02)


def test_without_a_pair_the_model_has_no_estimate():
    frame = pl.DataFrame({"age": [1, 2, 3, 3, 3]})
    found = assess_uniqueness(frame, quasi_identifiers=["age"], population_size=8, estimator="snb")
    assert math.isnan(found.population_uniques)


def test_sizes_that_fit_no_parameters_have_no_estimate():
    """Nearly all are pairs and nobody is in between: no negative binomial gives that."""
    sizes = np.array([1] + [2] * 500, dtype=np.int64)
    assert math.isnan(slide_negative_binomial(sizes, people=1_100))


def test_wrong_estimators_and_populations_are_refused():
    with pytest.raises(ParameterError, match=r"`estimator` is 'pitmann'.*Did you mean 'pitman'"):
        assess_uniqueness(PEOPLE, quasi_identifiers=["age"], estimator="pitmann")
    with pytest.raises(ParameterError, match="`population_size` is 4, but the table has 5"):
        assess_uniqueness(PEOPLE, quasi_identifiers=["age"], population_size=4)
