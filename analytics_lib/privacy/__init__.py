"""Floor 4: pseudonyms and the suppression of small counts."""

from analytics_lib.privacy.small_counts import safe_count, suppress_small_counts

__all__ = ["safe_count", "suppress_small_counts"]
