"""Synthetic rows added to a release, so that its protection still holds."""

from analytics_lib.privacy.augmentation.augment import Augmented, Mark, augment

__all__ = ["Augmented", "Mark", "augment"]
