"""Floor 2: estimators. Numbers in, estimates with their uncertainty out; knows no events."""

from analytics_lib.statistics.many_tests import CORRECTIONS, Correction, adjust_pvalues
from analytics_lib.statistics.means import estimate_mean, estimate_median, mean_difference
from analytics_lib.statistics.ratios import Ratio, mean_ratio, paired_ratio
from analytics_lib.statistics.shares import (
    Difference,
    add_share_interval,
    estimate_share,
    share_difference,
    wilson_interval,
)
from analytics_lib.statistics.survival import kaplan_meier

__all__ = [
    "CORRECTIONS",
    "Correction",
    "Difference",
    "Ratio",
    "add_share_interval",
    "adjust_pvalues",
    "estimate_mean",
    "estimate_median",
    "estimate_share",
    "kaplan_meier",
    "mean_difference",
    "mean_ratio",
    "paired_ratio",
    "share_difference",
    "wilson_interval",
]
