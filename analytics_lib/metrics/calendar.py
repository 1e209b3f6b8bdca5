"""The calendar of `events.calendar`, under the name metrics know it by."""

from analytics_lib.events.calendar import (
    MONTHS_BY_GRANULARITY,
    day_column,
    period_key,
    period_of,
    period_spine,
    with_period_key,
)

__all__ = [
    "MONTHS_BY_GRANULARITY",
    "day_column",
    "period_key",
    "period_of",
    "period_spine",
    "with_period_key",
]
