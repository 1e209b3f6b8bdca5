"""Ratios of means, and p-values of many tests."""

import math

import numpy as np
import pytest
from scipy import stats

from analytics_lib.core.errors import ParameterError
from analytics_lib.statistics import adjust_pvalues, mean_ratio, paired_ratio


def test_a_ratio_by_hand():
    # origin: by hand: means 2 and 4, variances 1 and 4, three each; the logarithm of the ratio 2
    # has the variance 1/3/4 + 4/3/16 = 1/6, and 4 degrees of freedom, t(0.975, 4) = 2.776445
    found = mean_ratio([1, 2, 3], [2, 4, 6])
    half = 2.776445 * math.sqrt(1 / 6)
    assert found.value == pytest.approx(2)
    assert found.ci_lower == pytest.approx(2 * math.exp(-half), rel=1e-6)
    assert found.ci_upper == pytest.approx(2 * math.exp(half), rel=1e-6)
    assert found.pvalue == pytest.approx(2 * stats.t.sf(math.log(2) / math.sqrt(1 / 6), 4))


def test_the_ratio_turned_over_is_its_inverse():
    one, other = mean_ratio([1, 2, 5], [2, 4, 9, 1]), mean_ratio([2, 4, 9, 1], [1, 2, 5])
    assert one.value == pytest.approx(1 / other.value)
    assert one.ci_lower == pytest.approx(1 / other.ci_upper)
    assert one.pvalue == pytest.approx(other.pvalue)


def test_a_paired_ratio_by_hand():
    # origin: by hand: means 2 and 5; left over y/5 - x/2 are -0.1, 0, 0.1, so the error of the
    # logarithm is sqrt(0.02 / 2 / 3); t(0.975, 2) = 4.302653
    found = paired_ratio([1, 2, 3, math.nan], [2, 5, 8, 9])
    half = 4.302653 * math.sqrt(0.02 / 2 / 3)
    assert found.value == pytest.approx(2.5)
    assert found.ci_lower == pytest.approx(2.5 * math.exp(-half), rel=1e-6)
    assert found.ci_upper == pytest.approx(2.5 * math.exp(half), rel=1e-6)


@pytest.mark.parametrize("compare", [mean_ratio, paired_ratio])
def test_what_cannot_be_said_is_not(compare):
    for base, other in (([], []), ([0, 0], [1, 2]), ([1, 2], [0, 0]), ([-1, -2], [1, 2])):
        assert math.isnan(compare(base, other).value)
    for base, other in (([2], [4]), ([2, 2], [4, 4])):
        found = compare(base, other)
        assert found.value == 2
        assert math.isnan(found.ci_lower)
        assert math.isnan(found.pvalue)


def test_one_observation_on_a_side_has_no_interval():
    assert math.isnan(mean_ratio([2], [4, 5]).pvalue)
    assert mean_ratio([2, math.nan], [4, 5]).value == 2.25


def test_impossible_numbers_are_refused():
    with pytest.raises(ParameterError, match="infinite"):
        mean_ratio([1, math.inf], [1, 2])
    with pytest.raises(ParameterError, match="`other` has 1 numbers; it must have 2"):
        paired_ratio([1, 2], [1])
    with pytest.raises(ParameterError, match="confidence_level"):
        mean_ratio([1, 2], [1, 2], confidence_level=1)


@pytest.mark.parametrize("seed", range(3))
def test_the_intervals_hold_the_truth_as_often_as_they_say(seed):
    rng = np.random.default_rng(seed)
    runs, held, paired_held = 1000, 0, 0
    for _ in range(runs):
        base, other = rng.gamma(1, 2, size=60), rng.gamma(1, 4, size=40)
        found = mean_ratio(base, other)
        held += found.ci_lower <= 2 <= found.ci_upper
        week = rng.gamma(2, size=50)
        found = paired_ratio(week * rng.gamma(9, size=50), 2 * week * rng.gamma(9, size=50))
        paired_held += found.ci_lower <= 2 <= found.ci_upper
    # origin: binomial, 1000 at 95 %: 4.5 standard deviations are 31; the skew takes a little more
    assert held > 910
    assert paired_held > 910


def test_the_ratio_as_an_estimate():
    found = mean_ratio([1, 2, 3], [2, 4, 6]).to_estimate(n=6)
    assert (found.value, found.n, found.unit) == (2, 6, "times")


def test_adjusted_pvalues_by_hand():
    given = [0.01, math.nan, 0.04, 0.03, 0.005]
    # origin: by hand; Holm: 4 * 0.005, 3 * 0.01, 2 * 0.03, then no smaller than the one before
    holm = adjust_pvalues(given, correction="holm")
    assert np.allclose(holm, [0.03, math.nan, 0.06, 0.06, 0.02], equal_nan=True)
    # origin: by hand; Benjamini and Hochberg: 4/2 * 0.01, 4/4 * 0.04, 4/3 * 0.03, 4/1 * 0.005
    bh = adjust_pvalues(given, correction="fdr_bh")
    assert np.allclose(bh, [0.02, math.nan, 0.04, 0.04, 0.02], equal_nan=True)
    assert adjust_pvalues([], correction="holm").size == 0
    with pytest.raises(ParameterError, match=r"`correction` is 'hom'.*Did you mean 'holm'"):
        adjust_pvalues([0.1], correction="hom")
