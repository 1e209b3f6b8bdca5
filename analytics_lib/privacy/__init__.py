"""Floor 4: pseudonyms and the suppression of small counts."""

from analytics_lib.privacy.small_counts import suppress_small_counts

__all__ = ["suppress_small_counts"]
