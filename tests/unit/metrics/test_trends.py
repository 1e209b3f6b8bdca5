"""Trends, seasons, changes, correlations, comparisons: by hand, by brute force, planted."""

import datetime as dt
import math
from itertools import combinations, pairwise

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy import stats

from analytics_lib.core.errors import ParameterError, SchemaError
from analytics_lib.metrics.change_points import change_points
from analytics_lib.metrics.comparisons import compare_with_history, compare_with_peers
from analytics_lib.metrics.correlations import correlations
from analytics_lib.metrics.registry import trends as cards
from analytics_lib.metrics.seasons import seasonal_profile, seasonality
from analytics_lib.metrics.series import read_series
from analytics_lib.metrics.trends import trend

START = dt.date(2024, 1, 1)  # a Monday


def daily(values, *, start=START):
    days = [start + dt.timedelta(days=number) for number in range(len(values))]
    return pl.DataFrame({"interval_start": days, "value": values}, strict=False)


def monthly(values):
    months = [dt.date(2020 + number // 12, number % 12 + 1, 1) for number in range(len(values))]
    return pl.DataFrame({"interval_start": months, "value": values})


# Series


@pytest.mark.parametrize(
    ("starts", "steps"),
    [
        ([START, START + dt.timedelta(days=7), START + dt.timedelta(days=28)], [0, 1, 4]),
        ([dt.date(2024, 1, 1), dt.date(2024, 2, 1), dt.date(2024, 5, 1)], [0, 1, 4]),
        ([dt.date(2024, 1, 1), dt.date(2024, 4, 1), dt.date(2024, 10, 1)], [0, 1, 3]),
        ([dt.date(2020, 1, 1), dt.date(2021, 1, 1), dt.date(2022, 1, 1)], [0, 1, 2]),
        ([START, START + dt.timedelta(days=2), START + dt.timedelta(days=5)], [0, 2, 5]),
        ([3, 5, 9], [0, 1, 3]),
        ([7], [0]),
        ([], []),
    ],
    ids=["weeks", "months", "quarters", "years", "days", "numbers", "one", "none"],
)
def test_steps_follow_the_calendar(starts, steps):
    dtype = pl.Int64 if starts and isinstance(starts[0], int) else pl.Date
    frame = pl.DataFrame(
        {"at": pl.Series(starts[::-1], dtype=dtype), "value": pl.Series([1.0] * len(starts))},
        schema_overrides={"value": pl.Float64},
    )
    assert read_series(frame, at="at", value="value").steps.tolist() == steps


@pytest.mark.parametrize(
    ("frame", "match"),
    [
        (pl.DataFrame({"interval_start": [START]}), "'value'"),
        (daily(["1"]), "`value` of `series` is String"),
        (daily([1.0, math.inf]), "infinite"),
        (pl.concat([daily([1]), daily([2])]), "one row a period"),
        (daily([1]).with_columns(interval_start=pl.lit(None, pl.Date)), "null in 1 rows"),
        (
            daily([1]).with_columns(pl.col("interval_start").cast(pl.Datetime).dt.offset_by("1h")),
            "must hold dates",
        ),
        (daily([1]).with_columns(interval_start=pl.lit(0.5)), "must hold dates"),
        (daily([1]).with_columns(interval_start=pl.lit("2024-01-01")), "must hold dates"),
    ],
)
def test_a_series_must_be_one(frame, match):
    with pytest.raises(SchemaError, match=match):
        trend(frame)


# Trend


@pytest.mark.parametrize("method", ["ols", "theil_sen"])
@pytest.mark.parametrize(("slope", "direction"), [(2, "rising"), (-2, "falling"), (0, None)])
def test_a_line_has_its_slope(method, slope, direction):
    values = [10 + slope * number for number in range(9)]
    found = trend(daily([*values, None]), method=method)
    assert found.slope == pytest.approx(slope)
    assert found.level == pytest.approx(values[-1])
    assert (found.n, found.direction) == (9, direction)


@pytest.mark.parametrize(("points", "is_known"), [(7, False), (8, True), (9, True)])
def test_too_few_points_have_no_trend(points, is_known):
    found = trend(daily([float(number**2) for number in range(points)]))
    assert math.isnan(found.slope) != is_known
    assert (found.direction == "rising") == is_known
    assert found.n == points


def test_newey_west_by_its_formula():
    rng = np.random.default_rng(5)
    y = np.cumsum(rng.normal(size=40)) * 0.3 + 0.1 * np.arange(40)
    # origin: the published formula, term by term; lags floor(4 (40 / 100)^(2/9)) = 3
    x = np.column_stack([np.ones(40), np.arange(40.0)])
    bread = np.linalg.inv(x.T @ x)
    beta = bread @ x.T @ y
    scores = x * (y - x @ beta)[:, None]
    meat = scores.T @ scores
    for lag in range(1, 4):
        cross = scores[lag:].T @ scores[:-lag]
        meat += (1 - lag / 4) * (cross + cross.T)
    error = math.sqrt((bread @ meat @ bread)[1, 1] * 40 / 38)
    half = stats.t.ppf(0.95, 38) * error
    found = trend(daily(y), confidence_level=0.9)
    assert found.slope == pytest.approx(beta[1])
    assert (found.ci_lower, found.ci_upper) == pytest.approx((beta[1] - half, beta[1] + half))
    assert found.level == pytest.approx(beta[0] + 39 * beta[1])


def test_theil_sen_is_the_median_of_all_slopes():
    values = [3.0, 1.0, 4.0, None, 5.0, 9.0, 2.0, 6.0, 500.0]
    known = [(x, y) for x, y in enumerate(values) if y is not None]
    slopes = [(b[1] - a[1]) / (b[0] - a[0]) for a, b in combinations(known, 2)]
    found = trend(daily(values), method="theil_sen")
    assert found.slope == pytest.approx(np.median(slopes))  # origin: brute force
    assert found.ci_lower < found.slope < found.ci_upper


@pytest.mark.parametrize("points", [8, 20, 52])
def test_noise_seldom_has_a_direction(points):
    rng = np.random.default_rng(11)
    named = sum(trend(daily(rng.normal(size=points))).direction is not None for _ in range(200))
    # origin: 5 % of 200 are 10, with a standard deviation of 3; Newey and West alone fail here
    assert named <= 20


def test_a_small_robust_error_does_not_make_a_direction():
    # origin: the classical error of least squares, by scipy; neighbours alternate here, which
    # makes that of Newey and West smaller
    y = np.array([1.0, 4.0, 1.5, 4.5, 2.0, 5.0, 2.5, 5.5, 3.0, 6.0])
    line = stats.linregress(np.arange(10), y)
    half = stats.t.ppf(0.975, 8) * line.stderr
    found = trend(daily(y))
    assert (found.slope, found.ci_upper) == pytest.approx((line.slope, line.slope + half))


def test_months_count_as_one_step_each():
    assert trend(monthly([float(n) for n in range(24)])).slope == pytest.approx(1)


# Seasons


def seasonal_series(*, seasons, slope=0.0, size=10.0, noise=0.0, seed=3):
    rng = np.random.default_rng(seed)
    n = np.arange(7 * seasons)
    shape = size * np.array([3, 1, 0, 0, 0, -1, -3]) / 3
    return slope * n + shape[n % 7] + noise * rng.normal(size=n.size)


def test_a_planted_season_is_found():
    values = seasonal_series(seasons=8, slope=0.5, noise=0.2)
    found = seasonality(daily(values), period=7)
    assert found.n == 56
    assert found.seasonal_strength > 0.98
    assert found.trend_strength > 0.98
    profile = seasonal_profile(daily(values), period=7)
    # origin: as planted; the days of the first week name the places
    assert profile["effect"].to_list() == pytest.approx(
        [10, 10 / 3, 0, 0, 0, -10 / 3, -10], abs=0.6
    )
    assert profile["position"].to_list() == list(range(7))
    assert profile["first_period"].to_list() == [START + dt.timedelta(days=d) for d in range(7)]
    assert profile["n"].to_list() == [8] * 7


def test_the_strengths_by_their_formula():
    from statsmodels.tsa.seasonal import STL  # noqa: PLC0415 - this test alone

    values = seasonal_series(seasons=6, slope=0.2, size=2, noise=1.5)
    parts = STL(values, period=7, robust=True).fit()

    def strength(part):
        return 1 - np.var(parts.resid, ddof=1) / np.var(part + parts.resid, ddof=1)

    found = seasonality(daily(values), period=7)
    assert found.trend_strength == pytest.approx(max(0, strength(parts.trend)))
    assert found.seasonal_strength == pytest.approx(max(0, strength(parts.seasonal)))
    assert 0 < found.seasonal_strength < 0.95


@pytest.mark.parametrize(("days", "is_known"), [(20, False), (21, True), (22, True)])
def test_seasons_need_three_of_them(days, is_known):
    series = daily(seasonal_series(seasons=4)[:days])
    assert (seasonality(series, period=7).seasonal_strength > 0.9) == is_known
    assert seasonal_profile(series, period=7).is_empty() != is_known


def test_seasons_with_gaps_or_without_movement_say_nothing():
    values = list(seasonal_series(seasons=5))
    assert seasonality(daily([None, None, *values, None]), period=7).n == 35
    assert seasonality(daily([None, None, *values, None]), period=7).seasonal_strength > 0.9
    gap = seasonality(daily([*values[:9], None, *values[10:]]), period=7)
    assert math.isnan(gap.seasonal_strength)
    flat = seasonality(daily([5.0] * 35), period=7)
    assert math.isnan(flat.seasonal_strength)
    assert math.isnan(flat.trend_strength)
    assert math.isnan(seasonality(daily([1.0]).clear(), period=7).trend_strength)


# Change points


def residual(values, bounds):
    return sum(
        sum((v - np.mean(values[i:j])) ** 2 for v in values[i:j]) for i, j in pairwise(bounds)
    )


def every_segmentation(n, *, most, least):
    for changes in range(most + 1):
        for inner in combinations(range(1, n), changes):
            bounds = (0, *inner, n)
            if all(j - i >= least for i, j in pairwise(bounds)):
                yield bounds


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("penalty", [None, 0.5, 5.0])
def test_no_other_segmentation_is_better(seed, penalty):
    rng = np.random.default_rng(seed)
    n, least = int(rng.integers(6, 12)), int(rng.integers(1, 4))
    values = rng.normal(size=n) + 3 * (np.arange(n) > n // 2)

    def criterion(bounds):
        changes = len(bounds) - 2
        if penalty is not None:
            return residual(values, bounds) + penalty * changes
        sizes = [math.log((j - i) / n) for i, j in pairwise(bounds)]
        fit = n * math.log(residual(values, bounds) / n)
        return fit + 3 * changes * math.log(n) + sum(sizes)

    tried = list(every_segmentation(n, most=2, least=least))
    # The criterion compares the segmentations of least residual for each number of changes.
    champions = {}
    for bounds in tried:
        now = champions.get(len(bounds))
        if now is None or residual(values, bounds) < residual(values, now):
            champions[len(bounds)] = bounds
    expected = min(champions.values(), key=criterion)  # origin: brute force
    found = change_points(daily(values), maximum=2, minimum_length=least, penalty=penalty)
    days = [START + dt.timedelta(days=inner) for inner in expected[1:-1]]
    assert found["interval_start"].to_list() == days


def test_planted_changes_are_found():
    rng = np.random.default_rng(8)
    values = np.concatenate([np.full(40, 10.0), np.full(25, 14.0), np.full(35, 8.0)])
    found = change_points(daily(values + rng.normal(size=100)))
    days = [(day - START).days for day in found["interval_start"]]
    assert len(days) == 2
    assert abs(days[0] - 40) <= 2
    assert abs(days[1] - 65) <= 2
    assert found["level_after"].to_list() == pytest.approx([14, 8], abs=0.6)
    assert found["change"].to_list() == pytest.approx([4, -6], abs=1)
    assert found["n_before"].to_list()[1] == found["n_after"].to_list()[0]


def test_noise_seldom_changes_its_level():
    rng = np.random.default_rng(21)
    named = sum(not change_points(daily(rng.normal(size=60))).is_empty() for _ in range(200))
    # origin: the promise of the docstring is 3 %; 6 of 200, with a standard deviation of 2.4
    assert named <= 14


def test_steps_without_noise_and_series_without_movement():
    exact = change_points(daily([1.0] * 5 + [4.0] * 5 + [None]))
    assert exact.rows() == [(START + dt.timedelta(days=5), 1.0, 4.0, 3.0, 5, 5)]
    assert change_points(daily([7.0] * 30)).is_empty()
    assert change_points(daily([1.0] * 5 + [4.0] * 5), maximum=0).is_empty()
    assert change_points(daily([1.0, None])).is_empty()


@pytest.mark.parametrize(("points", "found"), [(5, 0), (6, 1), (7, 1)])
def test_a_change_needs_two_levels(points, found):
    values = [0.0] * 3 + [9.0] * (points - 3)
    assert change_points(daily(values), minimum_length=3).height == found


@pytest.mark.parametrize(("penalty", "found"), [(99, 1), (100, 0), (101, 0)])
def test_a_change_must_pay_its_penalty(penalty, found):
    # origin: by hand; one change takes the squares from 4 x 25 = 100 to 0
    assert change_points(
        daily([0.0, 0.0, 10.0, 10.0]), minimum_length=2, penalty=penalty
    ).height == found  # fmt: skip


# Correlations


def table(*, n=25, seed=2):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=n)
    y = x + rng.normal(size=n)
    z = np.round(rng.normal(size=n), 0)  # ties
    frame = pl.DataFrame({"x": x, "y": y, "z": z, "same": [4.0] * n})
    missing = pl.int_range(pl.len()) % 6 == 0
    return frame.with_columns(y=pl.when(~missing).then("y"))


@pytest.mark.parametrize("method", ["spearman", "pearson"])
@pytest.mark.parametrize("correction", ["holm", "fdr_bh"])
def test_correlations_agree_with_scipy(method, correction):
    frame = table()
    columns = ["x", "y", "z", "same"]
    found = correlations(frame, columns=columns, method=method, correction=correction)
    pvalues = []
    for row in found.to_dicts():
        both = frame.select(row["first"], row["second"]).drop_nulls()
        assert row["n"] == both.height
        if row["second"] == "same":
            assert row["coefficient"] is row["pvalue"] is row["adjusted_pvalue"] is None
            continue
        # origin: scipy, as another implementation
        test = stats.pearsonr if method == "pearson" else stats.spearmanr
        expected = test(both[row["first"]].to_numpy(), both[row["second"]].to_numpy())
        assert row["coefficient"] == pytest.approx(expected.statistic)
        assert row["pvalue"] == pytest.approx(expected.pvalue)
        pvalues.append(expected.pvalue)
        if method == "pearson":
            interval = expected.confidence_interval(0.95)
            assert (row["ci_lower"], row["ci_upper"]) == pytest.approx(tuple(interval))
        else:
            assert row["ci_lower"] is None
    adjusted = [p for p in found["adjusted_pvalue"] if p is not None]
    assert adjusted == pytest.approx(adjust(pvalues, correction=correction))


def adjust(pvalues, *, correction):
    """Holm and Benjamini-Hochberg as their papers step through the ordered p values."""
    m = len(pvalues)
    order = sorted(range(m), key=pvalues.__getitem__)
    result = [0.0] * m
    if correction == "holm":
        worst = 0.0
        for rank, place in enumerate(order):
            worst = max(worst, min(1.0, (m - rank) * pvalues[place]))
            result[place] = worst
    else:
        best = 1.0
        for rank in range(m, 0, -1):
            place = order[rank - 1]
            best = min(best, pvalues[place] * m / rank)
            result[place] = best
    return result


@pytest.mark.parametrize(
    ("n", "coefficient", "interval"), [(2, None, None), (3, 1.0, None), (4, 1.0, 1.0)]
)
def test_a_correlation_needs_rows(n, coefficient, interval):
    frame = pl.DataFrame({"x": list(range(n)), "y": [10 * v for v in range(n)]})
    found = correlations(frame, columns=["x", "y"], method="pearson").to_dicts()[0]
    assert found["coefficient"] == (coefficient and pytest.approx(coefficient))
    assert found["ci_lower"] == (interval and pytest.approx(interval))
    assert found["n"] == n


def test_numbers_of_any_size_correlate():
    frame = pl.DataFrame({"x": [1e-200, 2e-200, 3e-200, 5e-200], "y": [4e200, 3e200, 2e200, 0.0]})
    found = correlations(frame, columns=["x", "y"], method="pearson")
    assert found["coefficient"][0] == pytest.approx(-1)


# Comparisons


def test_the_newest_complete_value_against_those_before():
    found = compare_with_history(daily([2.0, 4.0, 4.0, 6.0, 6.0, None]), minimum_history=4)
    # origin: by hand; mean 4, squares 4 + 4 over 3; three below, one equal of four
    assert (found.at, found.value, found.n, found.mean) == (START + dt.timedelta(days=4), 6.0, 4, 4)
    assert found.standard_deviation == pytest.approx(math.sqrt(8 / 3))
    assert found.z_score == pytest.approx(2 / math.sqrt(8 / 3))
    assert found.percentile == 3.5 / 4


def test_a_sunday_is_compared_with_sundays():
    values = [0.0, 0, 0, 0, 0, 0, 100] * 4
    values[-1] = 150.0
    series = daily(values)
    assert compare_with_history(series).percentile == 1.0
    found = compare_with_history(series, season=7, minimum_history=3)
    assert (found.n, found.mean) == (3, 100.0)
    # A missing row does not shift the weekdays.
    with_gap = series.filter(pl.int_range(pl.len()) != 10)
    assert compare_with_history(with_gap, season=7, minimum_history=3) == found


@pytest.mark.parametrize(("earlier", "is_known"), [(7, False), (8, True), (9, True)])
def test_history_needs_values(earlier, is_known):
    found = compare_with_history(daily([*(float(n) for n in range(earlier)), 99.0]))
    assert (found.percentile == 1.0) == is_known
    assert (found.n, found.value) == (earlier, 99.0)


def test_a_history_that_never_varied_has_no_z_score():
    found = compare_with_history(daily([0.1] * 9 + [0.2]))
    assert math.isnan(found.z_score)
    assert (found.percentile, found.standard_deviation) == (1.0, 0.0)
    assert (
        compare_with_history(daily([1.0]).with_columns(value=pl.lit(None, pl.Float64))).at is None
    )


def test_peers_are_the_others_of_the_group():
    frame = pl.DataFrame(
        {
            "group": ["a", "a", "a", "a", None, None, "b"],
            "value": [1.0, 2.0, 2.0, None, 5.0, 7.0, 3.0],
        }
    )
    found = compare_with_peers(frame, value="value", by=["group"], minimum_peers=1)
    # origin: by hand; each 2 has the 1 below and the other 2 equal
    assert found["peers"].to_list() == [2, 2, 2, 3, 1, 1, 0]
    assert found["percentile"].to_list() == [0.0, 0.75, 0.75, None, 0.0, 1.0, None]
    assert found["peers_median"].to_list() == [2.0, 2.0, 2.0, None, 6.0, 6.0, None]
    assert found.columns[:2] == ["group", "value"]


@pytest.mark.parametrize(("others", "is_known"), [(4, False), (5, True), (6, True)])
def test_few_peers_have_no_rank(others, is_known):
    frame = pl.DataFrame({"value": list(range(others + 1))})
    found = compare_with_peers(frame, value="value")["percentile"].is_not_null()
    assert found.to_list() == [is_known] * (others + 1)


NUMBERS = daily([float(n) for n in range(30)])
WRONG = [
    (lambda: trend(NUMBERS, method="olss"), "Did you mean 'ols'"),
    (lambda: trend(NUMBERS, minimum_points=2), "`minimum_points`"),
    (lambda: trend(NUMBERS, confidence_level=1), "`confidence_level`"),
    (lambda: seasonality(NUMBERS, period=1), "`period`"),
    (lambda: seasonal_profile(NUMBERS, period=7, minimum_seasons=1), "`minimum_seasons`"),
    (lambda: change_points(NUMBERS, maximum=-1), "`maximum`"),
    (lambda: change_points(NUMBERS, minimum_length=0), "`minimum_length`"),
    (lambda: change_points(NUMBERS, penalty=0), "`penalty`"),
    (lambda: change_points(NUMBERS, penalty=math.nan), "`penalty`"),
    (lambda: correlations(table(), columns=["x"]), "`columns`"),
    (lambda: correlations(table(), columns="xy"), "`columns`"),
    (lambda: correlations(table(), columns=["x", "y", "x"]), "`columns`"),
    (lambda: correlations(table(), columns=["x", "y"], method="kendall"), "`method`"),
    (lambda: correlations(table(), columns=["x", "y"], correction="none"), "`correction`"),
    (lambda: correlations(table(), columns=["x", "y"], confidence_level=0), "`confidence_level`"),
    (lambda: compare_with_history(NUMBERS, minimum_history=1), "`minimum_history`"),
    (lambda: compare_with_history(NUMBERS, season=0), "`season`"),
    (lambda: compare_with_peers(NUMBERS, value="value", minimum_peers=0), "`minimum_peers`"),
]


@pytest.mark.parametrize(("ask", "match"), WRONG)
def test_wrong_questions_are_refused(ask, match):
    with pytest.raises(ParameterError, match=match):
        ask()


@pytest.mark.parametrize(
    ("ask", "match"),
    [
        (lambda: correlations(table(), columns=["x", "w"]), "'w'"),
        (
            lambda: correlations(table().with_columns(x=pl.lit("a")), columns=["x", "y"]),
            "`x` of `frame` is String",
        ),
        (
            lambda: correlations(table().with_columns(x=pl.lit(math.inf)), columns=["x", "y"]),
            "`x` holds an infinite",
        ),
        (
            lambda: compare_with_peers(NUMBERS.with_columns(peers=1), value="value"),
            "already has \\['peers'\\]",
        ),
        (lambda: compare_with_peers(NUMBERS, value="interval_start"), "must be a number"),
    ],
)  # fmt: skip
def test_wrong_frames_are_refused(ask, match):
    with pytest.raises(SchemaError, match=match):
        ask()


def test_pandas_dates_of_either_kind_are_read():
    values = [float(n) for n in range(10)]
    objects = pd.DataFrame({"interval_start": daily(values)["interval_start"].to_list(),
                            "value": values})  # fmt: skip
    stamps = objects.assign(interval_start=pd.to_datetime(objects["interval_start"]))
    assert trend(objects) == trend(stamps) == trend(daily(values))


def test_every_metric_of_series_has_a_card():
    functions = {
        trend, seasonality, seasonal_profile, change_points, correlations, compare_with_history,
        compare_with_peers,
    }  # fmt: skip
    assert {card.function for card in cards.CARDS} == {function.__name__ for function in functions}
    assert all(card.question.endswith("?") and card.definition.endswith(".")
               for card in cards.CARDS)  # fmt: skip
