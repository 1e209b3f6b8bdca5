"""The metrics of series on every engine: the same numbers from the same series."""

import dataclasses
import datetime as dt

import numpy as np
import polars as pl
import pytest

from analytics_lib.metrics.change_points import change_points
from analytics_lib.metrics.comparisons import compare_with_history, compare_with_peers
from analytics_lib.metrics.correlations import correlations
from analytics_lib.metrics.seasons import seasonal_profile, seasonality
from analytics_lib.metrics.trends import trend

START = dt.date(2023, 12, 4)


def series(*, size, seed, gaps=()):
    rng = np.random.default_rng(seed)
    n = np.arange(size)
    values = 0.2 * n + 5 * (n % 7 == 6) + 8 * (n > size // 2) + rng.normal(size=size)
    frame = pl.DataFrame(
        {"interval_start": [START + dt.timedelta(days=int(day)) for day in n], "value": values},
        schema={"interval_start": pl.Date, "value": pl.Float64},
    )
    place = pl.int_range(pl.len())
    known = ~place.is_in(list(gaps)) & (place != pl.len() - 1)
    in_disorder = frame.with_columns(value=pl.when(known).then("value"))
    return in_disorder.sample(fraction=1, shuffle=True, seed=seed)


SERIES = {
    "empty": series(size=0, seed=1),
    "one": series(size=1, seed=1),
    "two": series(size=2, seed=1),
    "short": series(size=9, seed=2),
    "long": series(size=80, seed=3),
    "with gaps": series(size=60, seed=4, gaps=(0, 7, 30)),
    "whole numbers": series(size=40, seed=5).with_columns(pl.col("value").round().cast(pl.Int64)),
}


@pytest.fixture(params=SERIES)
def given(request):
    return SERIES[request.param]


@pytest.mark.parametrize("method", ["ols", "theil_sen"])
def test_trend(engine, given, method):
    found = trend(engine.make(given), method=method)
    assert repr(found) == repr(trend(given, method=method))
    known = given.drop_nulls().sort("interval_start")
    assert found.n == known.height
    if found.n >= 8 and method == "ols":
        days = (known["interval_start"].cast(pl.Int32)).to_numpy()
        # origin: numpy's least squares
        slope, _ = np.polyfit(days - days[-1], known["value"].to_numpy(), 1)
        assert found.slope == pytest.approx(slope)


def test_seasons(engine, given, plain):
    assert repr(seasonality(engine.make(given), period=7)) == repr(seasonality(given, period=7))
    profile = seasonal_profile(engine.make(given), period=7)
    assert isinstance(profile, engine.library)
    assert plain(profile) == seasonal_profile(given, period=7).rows()


def test_change_points(engine, given, plain):
    found = change_points(engine.make(given), minimum_length=2)
    assert isinstance(found, engine.library)
    rows = plain(found)
    assert rows == change_points(given, minimum_length=2).rows()
    known = given.drop_nulls().sort("interval_start")
    bounds = [
        0,
        *(known["interval_start"].to_list().index(row[0]) for row in rows),
        known.height,
    ]
    values = known["value"].to_list()
    for place, (_, before, after, *_, n_before, n_after) in enumerate(rows):
        i, j, k = bounds[place : place + 3]
        assert (n_before, n_after) == (j - i, k - j)
        assert before == pytest.approx(np.mean(values[i:j]))
        assert after == pytest.approx(np.mean(values[j:k]))


@pytest.mark.parametrize("season", [None, 7])
def test_comparison_with_history(engine, given, season):
    asked = {"season": season, "minimum_history": 4}
    found = compare_with_history(engine.make(given), **asked)
    known = given.drop_nulls().sort("interval_start")
    if known.is_empty():
        assert found.at is None
        return
    *earlier, (day, newest) = known.rows()
    history = [v for d, v in earlier if (day - d).days % (season or 1) == 0]
    assert (found.at, found.value, found.n) == (day, newest, len(history))
    if len(history) >= 4:
        below = sum(v < newest for v in history) + sum(v == newest for v in history) / 2
        assert found.percentile == pytest.approx(below / len(history))
        assert found.mean == pytest.approx(np.mean(history))
        assert found.z_score == pytest.approx((newest - np.mean(history)) / np.std(history, ddof=1))
    assert len(dataclasses.fields(found)) == 7


def observations(n):
    rng = np.random.default_rng(n)
    x = rng.integers(0, 6, size=n)
    frame = pl.DataFrame({"x": x, "y": x + rng.normal(size=n), "z": rng.normal(size=n)})
    group = pl.when(pl.int_range(pl.len()) % 3 > 0).then(pl.lit("g"))
    gap = pl.int_range(pl.len()) % 4 == 1
    return frame.with_columns(y=pl.when(~gap).then("y"), group=group)


@pytest.mark.parametrize("n", [0, 1, 3, 40])
def test_correlations(engine, n, plain):
    frame = observations(n)
    for method in ("spearman", "pearson"):
        found = correlations(engine.make(frame), columns=["x", "y", "z"], method=method)
        assert isinstance(found, engine.library)
        assert plain(found) == correlations(frame, columns=["x", "y", "z"], method=method).rows()


@pytest.mark.parametrize("n", [0, 1, 3, 40])
def test_comparison_with_peers(engine, n, plain):
    frame = observations(n)
    found = compare_with_peers(engine.make(frame), value="y", by=["group"], minimum_peers=2)
    assert isinstance(found, engine.library)
    rows = list(zip(frame["group"].to_list(), frame["y"].to_list(), strict=True))
    expected = []
    for place, (group, value) in enumerate(rows):
        others = [
            y for at, (its, y) in enumerate(rows) if at != place and its == group and y is not None
        ]
        rank = None
        if value is not None and len(others) >= 2:
            equal = sum(y == value for y in others) / 2
            rank = (sum(y < value for y in others) + equal) / len(others)
        expected.append((group, len(others), rank and pytest.approx(rank)))
    assert plain(found, "group", "peers", "percentile") == expected
