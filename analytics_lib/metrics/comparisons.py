"""Whether a value is unusual: against its own history, and against its peers."""

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from analytics_lib.core.checks import require_at_least
from analytics_lib.core.errors import SchemaError
from analytics_lib.core.numeric import divide
from analytics_lib.events.boundary import as_table
from analytics_lib.metrics.frames import like
from analytics_lib.metrics.series import read_series, require_number


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryComparison:
    """The newest value of a series beside the values before it.

    Attributes:
        at: Start of its period; `None` where no value is known.
        value: The newest known value.
        n: Earlier values it is compared with.
        mean: Their mean.
        standard_deviation: Their standard deviation (n - 1).
        z_score: Standard deviations above the mean.
        percentile: Share of them below the value, plus half of those equal; 0 to 1.
    """

    at: dt.date | int | None = None
    value: float = math.nan
    n: int = 0
    mean: float = math.nan
    standard_deviation: float = math.nan
    z_score: float = math.nan
    percentile: float = math.nan


def compare_with_history(
    series: Any,  # noqa: ANN401 - any supported frame
    *,
    at: str = "interval_start",
    value: str = "value",
    season: int | None = None,
    minimum_history: int = 8,
) -> HistoryComparison:
    """Is the newest complete value unusual for this series?

    The newest row is often a period that is not over: it is null and not the
    newest value. The newest value is not part of its own history. A Sunday is
    compared with Sundays where `season` says so. In a series with a trend the
    newest value is nearly always unusual: look at the trend first.

    Args:
        series: One row a period; incomplete ones are null.
        at: Column of the starts of periods: dates or whole numbers.
        value: Column of values.
        season: Periods of a season, 1 or more; then only values of the same
            place in it count: 7 compares a day with the same weekday. Steps
            are counted by the calendar, so missing rows do no harm.
        minimum_history: With fewer values before it there is no comparison; 2 or more.

    Returns:
        The comparison. Mean, deviation, z-score and percentile are `nan` where
        the history is too short; the z-score also where it never varied.

    Raises:
        SchemaError: A column is missing or of the wrong type, or a period twice there.
        ParameterError: A number is out of range.

    Examples:
        >>> days = pl.DataFrame({"day": range(6), "value": [4, 6, 4, 6, 7, None]})
        >>> found = compare_with_history(days, at="day", minimum_history=4)
        >>> found.at, found.value, found.mean, found.percentile
        (4, 7.0, 5.0, 1.0)
    """
    require_at_least(minimum_history, 2, name="minimum_history")
    require_at_least(1 if season is None else season, 1, name="season")

    known = read_series(series, at=at, value=value).known()
    if not known.values.size:
        return HistoryComparison()
    newest = float(known.values[-1])
    distance = known.steps[-1] - known.steps[:-1]
    history = known.values[:-1][distance % (season or 1) == 0]
    found = {"at": known.starts[-1], "value": newest, "n": history.size}
    if history.size < minimum_history:
        return HistoryComparison(**found)
    mean, deviation = float(history.mean()), float(history.std(ddof=1))
    varies = np.ptp(history) > 0
    return HistoryComparison(
        **found,
        mean=mean,
        standard_deviation=deviation if varies else 0.0,
        z_score=divide(newest - mean, deviation if varies else 0.0),
        percentile=float((history < newest).mean() + (history == newest).mean() / 2),
    )


def compare_with_peers(
    frame: Any,  # noqa: ANN401 - any supported frame
    *,
    value: str,
    by: Sequence[str] = (),
    minimum_peers: int = 5,
) -> Any:  # noqa: ANN401 - the caller's own kind of frame
    """Where does each stand among its peers?

    Among few peers a rank says little and may point at somebody, so there is
    none below `minimum_peers`. The one itself is not among its own peers.

    Args:
        frame: One row a unit, such as a course or an item.
        value: Column of values, null where unknown.
        by: Columns of groups; peers are the others of the same group, and a
            missing value is a group of its own.
        minimum_peers: With fewer peers there is no rank; 1 or more.

    Returns:
        The rows as they came, with `peers` (others of the group whose value is
        known), `peers_median` (of all known values of the group, itself
        included) and `percentile` (share of the peers below, plus half of those
        equal; 0 to 1); the last two are null where the value is not known or
        there are too few peers.

    Raises:
        SchemaError: A column is missing or holds no numbers, or the frame
            already has one of the new columns.
        ParameterError: `minimum_peers` is below 1.

    Examples:
        >>> rows = pl.DataFrame({"course": ["a", "b", "c"], "share": [0.2, 0.5, 0.9]})
        >>> compare_with_peers(rows, value="share", minimum_peers=2)["percentile"].to_list()
        [0.0, 0.5, 1.0]
    """
    require_at_least(minimum_peers, 1, name="minimum_peers")
    table = as_table(frame, [value, *by], name="frame")
    numbers = require_number(table, value, name="frame").alias("__value")
    taken = {"peers", "peers_median", "percentile"} & set(table.collect_schema().names())
    if taken:
        raise SchemaError(f"`frame` already has {sorted(taken)}; rename or drop them.")

    rows: pl.DataFrame = table.with_columns(numbers).collect(backend="polars").to_native()
    groups = [pl.lit(0), *by]
    known = pl.col("__value").fill_nan(None)
    others = (known.count().over(groups) - known.is_not_null().cast(pl.Int64)).cast(pl.Int64)
    below = known.rank("average").over(groups) - 1
    enough = pl.col("peers") >= minimum_peers
    result = rows.with_columns(
        peers=others, peers_median=known.median().over(groups), percentile=below
    ).with_columns(
        peers_median=pl.when(enough & known.is_not_null()).then("peers_median"),
        percentile=pl.when(enough).then(pl.col("percentile") / pl.col("peers")),
    )
    return like(result.drop("__value"), frame)
