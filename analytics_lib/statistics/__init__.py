"""Floor 2: estimators. Numbers in, estimates with their uncertainty out; knows no events."""

from analytics_lib.statistics.shares import (
    Difference,
    add_share_interval,
    estimate_share,
    share_difference,
    wilson_interval,
)

__all__ = [
    "Difference",
    "add_share_interval",
    "estimate_share",
    "share_difference",
    "wilson_interval",
]
