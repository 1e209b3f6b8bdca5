import math
import subprocess
import sys

import numpy as np
import pytest
from scipy import stats

from analytics_lib.core.errors import ParameterError
from analytics_lib.statistics import estimate_mean, estimate_median, mean_difference

SAMPLE = np.random.default_rng(7).gamma(2, 3, size=40)
OTHER = np.random.default_rng(8).normal(9, 1, size=15)


@pytest.mark.parametrize("level", [0.8, 0.95, 0.99])
def test_mean_equals_scipy(level):
    found = estimate_mean(SAMPLE, unit="days", confidence_level=level)
    # origin: the one-sample t-test of scipy
    expected = stats.ttest_1samp(SAMPLE, 0).confidence_interval(level)
    assert (found.ci_lower, found.ci_upper) == pytest.approx(tuple(expected), rel=1e-10)
    assert found.value == pytest.approx(SAMPLE.mean())
    assert (found.n, found.unit) == (40, "days")


@pytest.mark.parametrize("function", [estimate_mean, estimate_median])
def test_missing_values_are_left_out(function):
    found = function([1.0, math.nan, 3.0], unit="days")
    assert (found.value, found.n) == (2.0, 2)
    nothing = function([math.nan], unit="days")
    assert math.isnan(nothing.value)
    assert nothing.n == 0
    single = function([4.0], unit="days")
    assert single.value == 4.0
    assert math.isnan(single.ci_lower)


@pytest.mark.parametrize("function", [estimate_mean, estimate_median])
def test_infinity_is_refused(function):
    with pytest.raises(ParameterError, match="infinite"):
        function([1.0, math.inf], unit="days")


@pytest.mark.parametrize(
    ("n", "lower", "upper"),
    [
        # origin: binomial tables in Conover 1999: for n = 5 even the extremes miss with
        # 2/32 = 6.25 %; for n = 6 with 2/64 = 3.1 %; n = 9: ranks 2 and 8; n = 20: ranks 6 and 15.
        pytest.param(5, None, None, id="too few"),
        pytest.param(6, 1, 6, id="just enough"),
        pytest.param(7, 1, 7, id="one more"),
        pytest.param(9, 2, 8, id="nine"),
        pytest.param(20, 6, 15, id="twenty"),
    ],
)
def test_median_lies_between_the_tabulated_ranks(n, lower, upper):
    found = estimate_median(list(range(n, 0, -1)), unit="days")
    assert found.value == (n + 1) / 2
    if lower is None:
        assert math.isnan(found.ci_lower)
        assert math.isnan(found.ci_upper)
    else:
        assert (found.ci_lower, found.ci_upper) == (lower, upper)


def test_median_equals_scipy():
    found = estimate_median(SAMPLE, unit="days")
    # origin: scipy.stats.quantile_test, exact binomial interval
    expected = stats.quantile_test(SAMPLE, q=0, p=0.5).confidence_interval(0.95)
    assert (found.ci_lower, found.ci_upper) == pytest.approx(tuple(expected))


def test_difference_equals_welch():
    found = mean_difference(SAMPLE, OTHER, unit="days")
    # origin: Welch's t-test of scipy
    welch = stats.ttest_ind(OTHER, SAMPLE, equal_var=False)
    assert found.pvalue == pytest.approx(welch.pvalue, rel=1e-10)
    expected = tuple(welch.confidence_interval(0.95))
    assert (found.ci_lower, found.ci_upper) == pytest.approx(expected, rel=1e-10)
    assert found.rel_effect_size == pytest.approx(OTHER.mean() / SAMPLE.mean() - 1)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param([], [1.0, 2.0], id="nobody"),
        pytest.param([1.0], [1.0, 2.0], id="a single one"),
        pytest.param([1.0, 1.0], [2.0, 2.0], id="no variance"),
    ],
)
def test_difference_without_variance_has_no_interval(first, second):
    found = mean_difference(first, second, unit="days")
    assert math.isnan(found.ci_lower)
    assert math.isnan(found.pvalue)


def test_statsmodels_is_not_loaded():
    code = "import sys, analytics_lib.statistics; sys.exit('statsmodels' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
