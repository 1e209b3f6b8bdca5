"""Floor 4: pseudonyms and the suppression of small counts."""

from analytics_lib.privacy.protected_counts import protect_counts
from analytics_lib.privacy.small_counts import rounded_share, safe_count, suppress_small_counts

__all__ = ["protect_counts", "rounded_share", "safe_count", "suppress_small_counts"]
