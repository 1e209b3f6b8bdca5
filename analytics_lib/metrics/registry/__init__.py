"""Every metric once: its question, unit, definition, variants and source."""

from analytics_lib.core.checks import require_choice
from analytics_lib.metrics.registry import (
    activity,
    attribution,
    community,
    content,
    engagement,
    funnels,
    journeys,
    learning,
    operations,
    progress,
    retention,
    revenue,
    segments,
    sessions,
    trends,
)
from analytics_lib.metrics.registry.card import Metric

_NOUNS = (
    activity,
    engagement,
    sessions,
    retention,
    funnels,
    journeys,
    attribution,
    segments,
    content,
    learning,
    progress,
    revenue,
    community,
    operations,
    trends,
)
METRICS: dict[str, Metric] = {card.function: card for noun in _NOUNS for card in noun.CARDS}

__all__ = ["METRICS", "Metric", "metric"]


def metric(name: str) -> Metric:
    """The registry entry of a metric function.

    Raises:
        ParameterError: There is no such metric.
    """
    require_choice(name, METRICS, name="metric")
    return METRICS[name]
