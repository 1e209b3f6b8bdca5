"""Synthetic rows added to a release, so that its protection still holds."""

from analytics_lib.privacy.augmentation.augment import (
    DEFAULT_RATE,
    IS_SYNTHETIC,
    Augmented,
    Mark,
    augment,
)
from analytics_lib.privacy.augmentation.within_demands import SyntheticRows, add_synthetic_rows

__all__ = [
    "DEFAULT_RATE",
    "IS_SYNTHETIC",
    "Augmented",
    "Mark",
    "SyntheticRows",
    "add_synthetic_rows",
    "augment",
]
