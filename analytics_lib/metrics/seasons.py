"""How much of a series comes back every season, and when."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from analytics_lib.core.checks import require_at_least
from analytics_lib.metrics.frames import like
from analytics_lib.metrics.series import Floats, Series, read_series

_ROUNDING = 1e-20  # share of the variance of a series that is rounding, not movement


@dataclass(frozen=True, slots=True, kw_only=True)
class Seasonality:
    """How much of a series is trend, and how much season.

    Attributes:
        period: Length of the season in periods of the series.
        n: Values it rests on.
        trend_strength: 0 to 1; 1 where the deseasonalised series is all trend.
        seasonal_strength: 0 to 1; 1 where the detrended series is all season.
    """

    period: int
    n: int
    trend_strength: float = math.nan
    seasonal_strength: float = math.nan


def seasonality(
    series: Any,  # noqa: ANN401 - any supported frame
    *,
    period: int,
    at: str = "interval_start",
    value: str = "value",
    minimum_seasons: int = 3,
) -> Seasonality:
    """How much of the movement of the series is trend, and how much comes back every season?

    The strengths compare the remainder with what is left when trend or season
    is put back: max(0, 1 - Var(remainder) / Var(part + remainder)). Noise alone
    has strength too: in simulated noise with a season of 7 the seasonal strength
    was 0.54 in the middle of series of three seasons (one in twenty above 0.84),
    0.31 of five (0.59) and 0.21 of twenty (0.32). Read it against these.

    Args:
        series: One row a period; incomplete ones are null. Unknown periods at
            both ends are left out; between known ones they leave no answer.
        period: Periods of a season, 2 or more: 7 for days of the week, 12 for months.
        at: Column of the starts of periods: dates or whole numbers.
        value: Column of values.
        minimum_seasons: Fewer whole seasons give no answer; 2 or more.

    Returns:
        The strengths by a robust STL decomposition; `nan` where the series is
        too short, has gaps or does not move.

    Raises:
        SchemaError: A column is missing or of the wrong type, or a period twice there.
        ParameterError: `period` or `minimum_seasons` is below 2.

    Examples:
        >>> days = pl.DataFrame({"day": range(8), "value": [1, 3] * 4})
        >>> found = seasonality(days, at="day", period=2)
        >>> round(found.seasonal_strength, 3)
        1.0

    References:
        Wang X., Smith K., Hyndman R. (2006), Data Min. Knowl. Discov. 13,
        335-364; Hyndman R. J., Athanasopoulos G., Forecasting: Principles and
        Practice, 3rd ed., section 4.3.
    """
    whole, parts = _decompose(
        read_series(series, at=at, value=value), period=period, minimum_seasons=minimum_seasons
    )
    if parts is None:
        return Seasonality(period=period, n=whole.values.size)
    trend_part, season, rest = parts
    scale = float(whole.values.var())
    return Seasonality(
        period=period,
        n=whole.values.size,
        trend_strength=_strength(trend_part, rest, scale=scale),
        seasonal_strength=_strength(season, rest, scale=scale),
    )


def seasonal_profile(
    series: Any,  # noqa: ANN401 - any supported frame
    *,
    period: int,
    at: str = "interval_start",
    value: str = "value",
    minimum_seasons: int = 3,
) -> Any:  # noqa: ANN401 - the caller's own kind of frame
    """How far above or below the trend is each place in the season?

    Plain means by weekday or month mix the trend in: in a growing series
    December always looks good.

    Args:
        series: One row a period; incomplete ones are null. Unknown periods at
            both ends are left out; between known ones they leave no answer.
        period: Periods of a season, 2 or more.
        at: Column of the starts of periods: dates or whole numbers.
        value: Column of values.
        minimum_seasons: Fewer whole seasons give no answer; 2 or more.

    Returns:
        One row a place in the season, from that of the first known period:
        `position` (0 to `period` - 1), `first_period` (the first period in that
        place, from which weekday or month can be read), `n`, `effect` (mean
        seasonal part, in the unit of the value); empty where the series is too
        short, has gaps or does not move.

    Raises:
        SchemaError: A column is missing or of the wrong type, or a period twice there.
        ParameterError: `period` or `minimum_seasons` is below 2.
    """
    whole, parts = _decompose(
        read_series(series, at=at, value=value), period=period, minimum_seasons=minimum_seasons
    )
    size = 0 if parts is None else whole.values.size
    season = np.zeros(0) if parts is None else parts[1]
    places = pl.DataFrame(
        {
            "position": np.arange(size, dtype=np.int64) % period,
            "first_period": whole.starts.head(size),
            "effect": season,
        }
    )
    profile = places.group_by("position").agg(
        pl.col("first_period").min(), pl.len().cast(pl.Int64).alias("n"), pl.col("effect").mean()
    )
    return like(profile.sort("position"), series)


def _decompose(
    given: Series, *, period: int, minimum_seasons: int
) -> tuple[Series, tuple[Floats, Floats, Floats] | None]:
    """The known stretch of a series, and its trend, season and remainder."""
    require_at_least(period, 2, name="period")
    require_at_least(minimum_seasons, 2, name="minimum_seasons")

    known = given.known()
    n = known.values.size
    if n < period * minimum_seasons or known.steps[-1] - known.steps[0] != n - 1:
        return known, None
    if np.ptp(known.values) == 0:
        return known, None
    from statsmodels.tsa.seasonal import STL  # noqa: PLC0415 - start-up time

    found = STL(known.values, period=period, robust=True).fit()
    return known, (found.trend, found.seasonal, found.resid)


def _strength(part: Floats, rest: Floats, *, scale: float) -> float:
    together = float((part + rest).var())
    if together <= scale * _ROUNDING:
        return math.nan
    return max(0.0, 1 - float(rest.var()) / together)
