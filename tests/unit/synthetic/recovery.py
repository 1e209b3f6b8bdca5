"""Whether the true values of a simulated platform lie in the intervals found in its tables."""

import math
from types import SimpleNamespace

import numpy as np
import polars as pl
import statsmodels.api as sm
from scipy.stats import chi2

from analytics_lib.statistics import estimate_share


def at_level(level):
    """The readings below at one confidence level."""

    def counted(numerator, denominator, true):
        """Whether the interval of a share holds the truth."""
        found = estimate_share(numerator, denominator, confidence_level=level)
        return found.ci_lower <= true <= found.ci_upper

    def count_holds(count, expected):
        """Whether the exact interval of a Poisson count holds what was expected."""
        low = chi2.ppf((1 - level) / 2, 2 * count) / 2 if count else 0.0
        return low <= expected <= chi2.ppf((1 + level) / 2, 2 * count + 2) / 2

    def ratio_holds(count, others, weight, true):
        """Whether the interval of the ratio of two rates holds the truth, `weight` rows to one."""
        return counted(count, count + others, true / (true + weight))

    def churn(made, drivers):
        """Drivers of leaving by a Poisson regression of another package, days as exposure."""
        channels = ["search", "advert"]
        stays = made.stays.with_columns(
            pl.col(drivers).cast(pl.Float64),
            *((pl.col("channel") == name).cast(pl.Float64).alias(name) for name in channels),
        )
        names = [*drivers, *channels]
        model = sm.GLM(
            stays["has_left"].cast(pl.Float64).to_numpy(),
            sm.add_constant(stays.select(names).to_numpy()),
            family=sm.families.Poisson(),
            offset=np.log(stays["days"].to_numpy()),
        )
        low, high = model.fit().conf_int(alpha=1 - level).T
        told = made.truth["log_hazards"]
        true = told | {name: told[f"channel: {name}"] for name in channels}
        held = {name: low[at] <= true[name] <= high[at] for at, name in enumerate(names, start=1)}
        daily = math.log(made.truth["monthly_hazard"] / (365.25 / 12))
        return held | {"monthly_hazard": low[0] <= daily <= high[0]}

    def days(made, visits):
        """The incident and the weekends, from the day of each visit."""
        first, last = made.truth["incident_days"]
        down = visits.is_between(first, last).sum()
        around = sum(visits.is_between(first + by, last + by).sum() for by in (-7, 7))
        weekend = (visits + 3) % 7 >= 5
        calm = ~visits.is_between(first - 7, last + 7)
        quiet, busy = (weekend & calm).sum(), (~weekend & calm).sum()
        expected = made.expected["day"]
        calendar = expected.filter(~expected.is_between(first - 7, last + 7))
        saturdays = ((calendar + 3) % 7 >= 5).sum()
        weight = (len(calendar) - saturdays) / saturdays
        return {
            "incident_activity": ratio_holds(down, around, 2.0, made.truth["incident_activity"]),
            "weekend_activity": ratio_holds(quiet, busy, weight, made.truth["weekend_activity"]),
        }

    return SimpleNamespace(counted=counted, count_holds=count_holds, churn=churn, days=days)


def held_in(platforms, parts):
    """In how many platforms the interval of each quantity holds its truth."""
    total = {}
    for made in platforms:
        for part in parts:
            for name, holds in part(made).items():
                total[name] = total.get(name, 0) + bool(holds)
    return total
