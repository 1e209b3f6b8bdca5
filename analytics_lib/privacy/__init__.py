"""Floor 4: pseudonyms and the suppression of small counts.

Names are loaded when they are first used: doors and pages need little of the room.
"""

from typing import TYPE_CHECKING

from analytics_lib.core.on_demand import loaded_on_demand

if TYPE_CHECKING:
    from analytics_lib.privacy.dominance import DominanceRule, largest_contributions
    from analytics_lib.privacy.protected_counts import protect_counts
    from analytics_lib.privacy.protected_sums import protect_sums
    from analytics_lib.privacy.small_counts import (
        rounded_share,
        safe_count,
        suppress_small_counts,
    )

__all__ = [
    "DominanceRule",
    "largest_contributions",
    "protect_counts",
    "protect_sums",
    "rounded_share",
    "safe_count",
    "suppress_small_counts",
]

__getattr__ = loaded_on_demand(
    __name__,
    {
        "DominanceRule": "dominance",
        "largest_contributions": "dominance",
        "protect_counts": "protected_counts",
        "protect_sums": "protected_sums",
        "rounded_share": "small_counts",
        "safe_count": "small_counts",
        "suppress_small_counts": "small_counts",
    },
)
