"""The periods of `events.by_period`, under the name metrics know them by."""

from analytics_lib.events.by_period import (
    INTERVAL,
    fill_periods,
)

__all__ = [
    "INTERVAL",
    "fill_periods",
]
