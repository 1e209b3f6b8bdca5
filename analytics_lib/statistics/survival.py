"""How long until it happens, where for some it has not happened yet."""

import numpy as np
import polars as pl
from scipy.special import ndtri

from analytics_lib.core.checks import require_between, require_columns


def kaplan_meier(
    frame: pl.DataFrame, *, duration: str, observed: str, confidence_level: float = 0.95
) -> pl.DataFrame:
    """What share has not had the event by each time?

    The trap is to leave out those to whom it has not happened yet, or to count
    them as safe. Each counts as at risk for as long as it was watched.

    Args:
        frame: One row a subject.
        duration: Column of times watched, 0 or more.
        observed: Column of whether the event ended the watching (1, true) or not.
        confidence_level: Coverage of the intervals.

    Returns:
        One row a time at which the event happened: `time`, `at_risk`,
        `events`, `survival`, `ci_lower`, `ci_upper` (log-log transformed
        Greenwood intervals, within 0 to 1; null where survival is 0 or 1).

    Raises:
        SchemaError: A column is missing.

    Examples:
        >>> watched = pl.DataFrame({"days": [1, 2, 2, 3], "churned": [1, 1, 0, 0]})
        >>> kaplan_meier(watched, duration="days", observed="churned")["survival"].to_list()
        [0.75, 0.5]

    References:
        Kaplan and Meier 1958, J. Am. Stat. Assoc. 53, 457-481; Kalbfleisch and
        Prentice 1980, on the log-log interval.
    """
    require_columns(frame.columns, [duration, observed], name="frame")
    require_between(confidence_level, 0, 1, name="confidence_level")

    at_times = (
        frame.select(time=pl.col(duration), happened=pl.col(observed).cast(pl.Int64))
        .group_by("time")
        .agg(left=pl.len().cast(pl.Int64), events=pl.col("happened").sum())
        .sort("time")
        .with_columns(at_risk=pl.col("left").cum_sum(reverse=True))
        .filter(pl.col("events") > 0)
    )
    risk = at_times["at_risk"].to_numpy().astype(np.float64)
    events = at_times["events"].to_numpy().astype(np.float64)
    survival = np.cumprod(1 - events / risk)
    z = float(ndtri(0.5 + confidence_level / 2))
    with np.errstate(divide="ignore", invalid="ignore"):
        greenwood = np.cumsum(events / (risk * (risk - events)))
        log = np.log(survival)
        spread = z * np.sqrt(greenwood) / np.abs(log)
        lower, upper = survival ** np.exp(spread), survival ** np.exp(-spread)
    return at_times.select("time", "at_risk", "events").with_columns(
        survival=pl.Series(survival, dtype=pl.Float64),
        ci_lower=pl.Series(lower, dtype=pl.Float64).fill_nan(None),
        ci_upper=pl.Series(upper, dtype=pl.Float64).fill_nan(None),
    )
