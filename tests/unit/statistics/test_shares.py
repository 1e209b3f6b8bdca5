import math

import numpy as np
import polars as pl
import pytest
from statsmodels.stats.proportion import (
    confint_proportions_2indep,
    proportion_confint,
    proportions_ztest,
)

from analytics_lib.core.errors import ParameterError, SchemaError
from analytics_lib.statistics import (
    add_share_interval,
    estimate_share,
    share_difference,
    wilson_interval,
)


@pytest.mark.parametrize("confidence_level", [0.8, 0.95, 0.99])
def test_wilson_equals_statsmodels(confidence_level):
    trials = np.array([1, 2, 10, 263, 148, 29, 100_000])
    successes = np.array([0, 1, 10, 81, 15, 1, 99_999])
    lower, upper = wilson_interval(successes, trials, confidence_level=confidence_level)
    # origin: statsmodels 0.14, proportion_confint(method="wilson")
    expected = proportion_confint(successes, trials, alpha=1 - confidence_level, method="wilson")
    np.testing.assert_allclose(lower, expected[0], atol=1e-12)
    np.testing.assert_allclose(upper, expected[1], atol=1e-12)


@pytest.mark.parametrize(
    ("successes", "trials", "lower", "upper"),
    [
        # origin: Newcombe 1998, Stat. Med. 17, 857-872, table I, method 3
        pytest.param(81, 263, 0.2553, 0.3662, id="81 of 263"),
        pytest.param(15, 148, 0.0624, 0.1605, id="15 of 148"),
        pytest.param(0, 20, 0.0000, 0.1611, id="0 of 20"),
        pytest.param(1, 29, 0.0061, 0.1718, id="1 of 29"),
    ],
)
def test_share_has_the_published_interval(successes, trials, lower, upper):
    found = estimate_share(successes, trials)
    assert found.value == successes / trials
    assert (round(found.ci_lower, 4), round(found.ci_upper, 4)) == (lower, upper)
    assert (found.n, found.unit, found.confidence_level) == (trials, "share", 0.95)


@pytest.mark.parametrize("trials", [1, 2, 3, 17])
def test_ends_are_exact_where_nobody_or_everybody_did(trials):
    assert estimate_share(0, trials).ci_lower == 0
    assert estimate_share(trials, trials).ci_upper == 1


def test_share_of_nobody_is_undefined():
    found = estimate_share(0, 0)
    assert math.isnan(found.value)
    assert math.isnan(found.ci_lower)
    assert math.isnan(found.ci_upper)
    assert found.n == 0


@pytest.mark.parametrize(("numerator", "denominator"), [(-1, 5), (6, 5), (1, 0)])
def test_impossible_counts_are_refused(numerator, denominator):
    with pytest.raises(ParameterError, match="must lie between 0 and the denominator"):
        estimate_share(numerator, denominator)


@pytest.mark.parametrize("level", [0, 1, 1.5, math.nan])
def test_impossible_confidence_is_refused(level):
    with pytest.raises(ParameterError, match="`confidence_level` is"):
        estimate_share(1, 2, confidence_level=level)


def test_intervals_are_appended_and_missing_stays_missing():
    frame = pl.DataFrame({"hit": [81, 0, None, 3], "all": [263, 0, 7, None]})
    found = add_share_interval(frame, numerator="hit", denominator="all")
    assert found.columns == ["hit", "all", "share", "ci_lower", "ci_upper"]
    assert found["share"].to_list() == [81 / 263, None, None, None]
    assert round(found["ci_lower"][0], 4) == 0.2553  # origin: Newcombe 1998
    assert found["ci_lower"].to_list()[1:] == [None, None, None]
    assert found["ci_upper"].to_list()[1:] == [None, None, None]
    assert add_share_interval(frame.clear(), numerator="hit", denominator="all").is_empty()


def test_a_missing_count_column_is_named():
    with pytest.raises(SchemaError, match=r"missing column 'hits'.*Did you mean 'hit'"):
        add_share_interval(pl.DataFrame({"hit": [1]}), numerator="hits", denominator="hit")


@pytest.mark.parametrize(
    ("first", "second", "lower", "upper"),
    [
        # origin: Newcombe 1998, Stat. Med. 17, 873-890, table II, method 10, signs turned:
        # the paper takes the first minus the second.
        pytest.param((48, 80), (56, 70), -0.3339, -0.0524, id="56/70 - 48/80"),
        pytest.param((3, 10), (9, 10), -0.8090, -0.1705, id="9/10 - 3/10"),
        pytest.param((0, 29), (5, 56), -0.1926, 0.0381, id="5/56 - 0/29"),
        pytest.param((0, 10), (10, 10), -1.0, -0.6075, id="10/10 - 0/10"),
    ],
)
def test_difference_has_the_published_interval(first, second, lower, upper):
    found = share_difference(estimate_share(*first), estimate_share(*second))
    assert found.effect_size == pytest.approx(second[0] / second[1] - first[0] / first[1])
    assert round(found.ci_lower, 4) == -upper
    assert round(found.ci_upper, 4) == -lower
    assert found.unit == "share"


def test_difference_equals_statsmodels():
    found = share_difference(estimate_share(48, 80), estimate_share(56, 70))
    # origin: statsmodels 0.14
    low, high = confint_proportions_2indep(56, 70, 48, 80, method="newcomb", compare="diff")
    assert (found.ci_lower, found.ci_upper) == pytest.approx((low, high), rel=1e-9)
    pvalue = proportions_ztest([56, 48], [70, 80])[1]
    assert found.pvalue == pytest.approx(pvalue, rel=1e-9)
    assert found.rel_effect_size == pytest.approx((56 / 70) / (48 / 80) - 1)


def test_difference_is_undefined_where_a_share_is():
    found = share_difference(estimate_share(0, 0), estimate_share(1, 2))
    assert math.isnan(found.effect_size)
    assert math.isnan(found.ci_lower)
    assert math.isnan(found.pvalue)
    same = share_difference(estimate_share(0, 5), estimate_share(0, 5))
    assert same.effect_size == 0
    assert math.isnan(same.pvalue)
    assert math.isnan(same.rel_effect_size)


def test_shares_are_compared_with_their_like():
    with pytest.raises(ParameterError, match="must be equal"):
        share_difference(estimate_share(1, 2), estimate_share(1, 2, confidence_level=0.9))
    mean = type(estimate_share(1, 2))(value=1.0, n=1, unit="days")
    with pytest.raises(ParameterError, match="both must be 'share'"):
        share_difference(estimate_share(1, 2), mean)
