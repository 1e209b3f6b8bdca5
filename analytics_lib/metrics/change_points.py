"""When the level of a series changed."""

from itertools import pairwise
from typing import Any

import numpy as np
import polars as pl

from analytics_lib.core.checks import require_at_least
from analytics_lib.core.errors import ParameterError
from analytics_lib.metrics.frames import like
from analytics_lib.metrics.series import Floats, read_series

_Bounds = tuple[int, ...]
_LEAST_RESIDUAL = 1e-12  # share of the total sum of squares that still counts as a residual


def change_points(
    series: Any,  # noqa: ANN401 - any supported frame
    *,
    at: str = "interval_start",
    value: str = "value",
    maximum: int = 5,
    minimum_length: int = 3,
    penalty: float | None = None,
) -> Any:  # noqa: ANN401 - the caller's own kind of frame
    """When did the level of the series change, and from what to what?

    For each number of changes up to `maximum` the best places are found
    exactly (least squares around the mean of each stretch, by dynamic
    programming); then a criterion chooses how many. What changed the level the
    data do not say, and some changes are none: simulated noise was cut in 16 %
    of series of 8 points, 9 % of 20 and 3 % of 60. A slope or a season is cut
    into stairs, and so is noise whose neighbours are alike: a quarter of series
    of 60 points with an autocorrelation of 0.3, most of those with 0.6. Take
    slope and season out first, and look at the size of a change.

    Args:
        series: One row a period; incomplete ones are null and left out.
        at: Column of the starts of periods: dates or whole numbers.
        value: Column of values.
        maximum: Most changes that are looked for, 0 or more.
        minimum_length: Least known values of a level, 1 or more.
        penalty: How much the sum of squares must fall for a change to count
            (unit of the value, squared), above 0. Without it, the modified
            Bayesian information criterion chooses: the least of
            n log(RSS / n) + 3 k log n + the sum of log(share of each stretch).

    Returns:
        One row a change, in order: the `at` column (first period of the new
        level), `level_before`, `level_after` (means of the stretches), `change`
        (after less before), `n_before`, `n_after` (known values of the
        stretches). Empty where there is none, or the series is too short to
        have one: twice `minimum_length`.

    Raises:
        SchemaError: A column is missing or of the wrong type, or a period twice there.
        ParameterError: A number is out of range.

    Examples:
        >>> days = pl.DataFrame({"day": range(8), "value": [1, 2, 1, 2, 9, 8, 9, 8]})
        >>> change_points(days, at="day").select("day", "level_before", "level_after").rows()
        [(4, 1.5, 8.5)]

    References:
        Auger I. E., Lawrence C. E. (1989), Bull. Math. Biol. 51, 39-54
        (segment neighbourhood); Zhang N. R., Siegmund D. O. (2007), Biometrics
        63, 22-32 (the criterion, here with the variance at its likeliest).
    """
    require_at_least(maximum, 0, name="maximum")
    require_at_least(minimum_length, 1, name="minimum_length")
    if penalty is not None and not 0 < penalty < np.inf:
        raise ParameterError(f"`penalty` is {penalty}; it must be above 0.")

    known = read_series(series, at=at, value=value).known()
    n = known.values.size
    bounds: _Bounds = (0, n)
    if n >= 2 * minimum_length and np.ptp(known.values) > 0:
        most = min(maximum, n // minimum_length - 1)
        found = _best_segmentations(known.values, most=most, minimum_length=minimum_length)
        bounds = _chosen(found, n=n, penalty=penalty)
    stretches = [known.values[i:j] for i, j in pairwise(bounds)]
    levels = [float(stretch.mean()) if n else 0.0 for stretch in stretches]
    sizes = [stretch.size for stretch in stretches]
    result = pl.DataFrame(
        {
            at: known.starts.gather(list(bounds[1:-1])),
            "level_before": pl.Series(levels[:-1], dtype=pl.Float64),
            "level_after": pl.Series(levels[1:], dtype=pl.Float64),
            "n_before": pl.Series(sizes[:-1], dtype=pl.Int64),
            "n_after": pl.Series(sizes[1:], dtype=pl.Int64),
        }
    ).with_columns(change=pl.col("level_after") - pl.col("level_before"))
    columns = (at, "level_before", "level_after", "change", "n_before", "n_after")
    return like(result.select(columns), series)


def _best_segmentations(
    values: Floats, *, most: int, minimum_length: int
) -> list[tuple[float, _Bounds]]:
    """For 0, 1, ... changes the least residual sum of squares and the bounds that reach it."""
    n = values.size
    centred = values - values.mean()
    sums = np.concatenate([[0.0], np.cumsum(centred)])
    squares = np.concatenate([[0.0], np.cumsum(centred**2)])
    ends = np.arange(n + 1)

    # least[j]: residual of the first j values in so many stretches; cut[j]: where the last begins.
    least = np.full(n + 1, np.inf)
    whole = ends[minimum_length:]
    least[whole] = squares[whole] - sums[whole] ** 2 / whole
    cuts: list[Floats] = []
    found: list[tuple[float, _Bounds]] = [(max(float(least[n]), 0.0), (0, n))]
    for changes in range(1, most + 1):
        longer, cut = np.full(n + 1, np.inf), np.zeros(n + 1)
        for j in range((changes + 1) * minimum_length, n + 1):
            i = np.arange(changes * minimum_length, j - minimum_length + 1)
            last = squares[j] - squares[i] - (sums[j] - sums[i]) ** 2 / (j - i)
            total = least[i] + np.maximum(last, 0.0)
            place = int(np.argmin(total))
            longer[j], cut[j] = total[place], i[place]
        least = longer
        cuts.append(cut)
        found.append((max(float(least[n]), 0.0), _trace(cuts, n=n)))
    return found


def _trace(cuts: list[Floats], *, n: int) -> _Bounds:
    bounds = [n]
    for cut in reversed(cuts):
        bounds.append(int(cut[bounds[-1]]))
    return (0, *reversed(bounds))


def _chosen(found: list[tuple[float, _Bounds]], *, n: int, penalty: float | None) -> _Bounds:
    """The segmentation with the least criterion, of equals the one with fewer changes."""
    floor = found[0][0] * _LEAST_RESIDUAL

    def criterion(changes: int) -> float:
        residual, bounds = found[changes]
        if penalty is not None:
            return residual + penalty * changes
        shares = np.diff(bounds) / n
        fit = n * np.log(max(residual, floor) / n)
        return float(fit + 3 * changes * np.log(n) + np.log(shares).sum())

    return found[min(range(len(found)), key=criterion)][1]
