"""Floor 4: pseudonyms and the suppression of small counts."""

from analytics_lib.privacy.dominance import DominanceRule, largest_contributions
from analytics_lib.privacy.protected_counts import protect_counts
from analytics_lib.privacy.protected_sums import protect_sums
from analytics_lib.privacy.small_counts import rounded_share, safe_count, suppress_small_counts

__all__ = [
    "DominanceRule",
    "largest_contributions",
    "protect_counts",
    "protect_sums",
    "rounded_share",
    "safe_count",
    "suppress_small_counts",
]
