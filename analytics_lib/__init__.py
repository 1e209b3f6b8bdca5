"""Answers to product, impact and privacy questions of community platforms.

`import analytics_lib as al`, then `al.open_lake()`, `al.active_users(...)` and
the like; charts, tables and sentences are in `al.display`. Names are loaded
when they are first used, so the import itself is quick.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from analytics_lib.core.on_demand import loaded_on_demand

if TYPE_CHECKING:
    from analytics_lib import display, experiments, impact, metrics, models
    from analytics_lib.core.period_names import parse_period
    from analytics_lib.core.periods import Period, parse_date
    from analytics_lib.core.relative_periods import resolve_period
    from analytics_lib.core.results import Estimate
    from analytics_lib.events.boundary import event_log
    from analytics_lib.events.log import EventLog
    from analytics_lib.events.own_tables import own_table
    from analytics_lib.privacy import (
        DominanceRule,
        largest_contributions,
        protect_counts,
        protect_sums,
        rounded_share,
        safe_count,
        suppress_small_counts,
    )
    from analytics_lib.reporting.custom.page import custom_page
    from analytics_lib.reporting.gate.policy import dominance_rule
    from analytics_lib.reporting.research_packages import read_research_package
    from analytics_lib.reporting.rules_files import read_insight_rules, read_segment_rules
    from analytics_lib.statistics import (
        estimate_mean,
        estimate_median,
        estimate_share,
        mean_difference,
        share_difference,
    )
    from analytics_lib.warehouse import Lake, ingest, open_lake

_ROOMS = ("display", "experiments", "impact", "metrics", "models")
_HOMES = {
    "DominanceRule": "privacy",
    "Estimate": "core.results",
    "EventLog": "events.log",
    "Lake": "warehouse",
    "Period": "core.periods",
    "custom_page": "reporting.custom.page",
    "dominance_rule": "reporting.gate.policy",
    "event_log": "events.boundary",
    "ingest": "warehouse",
    "open_lake": "warehouse",
    "own_table": "events.own_tables",
    "parse_date": "core.periods",
    "parse_period": "core.period_names",
    "resolve_period": "core.relative_periods",
    "estimate_mean": "statistics",
    "estimate_median": "statistics",
    "estimate_share": "statistics",
    "mean_difference": "statistics",
    "share_difference": "statistics",
    "largest_contributions": "privacy",
    "protect_counts": "privacy",
    "protect_sums": "privacy",
    "read_research_package": "reporting.research_packages",
    "read_insight_rules": "reporting.rules_files",
    "read_segment_rules": "reporting.rules_files",
    "rounded_share": "privacy",
    "safe_count": "privacy",
    "suppress_small_counts": "privacy",
}

__all__ = [
    "DominanceRule",
    "Estimate",
    "EventLog",
    "Lake",
    "Period",
    "custom_page",
    "display",
    "dominance_rule",
    "estimate_mean",
    "estimate_median",
    "estimate_share",
    "event_log",
    "experiments",
    "impact",
    "ingest",
    "largest_contributions",
    "mean_difference",
    "metrics",
    "models",
    "open_lake",
    "own_table",
    "parse_date",
    "parse_period",
    "protect_counts",
    "protect_sums",
    "read_insight_rules",
    "read_research_package",
    "read_segment_rules",
    "resolve_period",
    "rounded_share",
    "safe_count",
    "share_difference",
    "suppress_small_counts",
]


_public = loaded_on_demand(__name__, _HOMES)


def __getattr__(name: str) -> Any:  # noqa: ANN401 - any public name
    """Load a public name; every metric function is one."""
    if name in _ROOMS:
        return import_module(f"analytics_lib.{name}")
    if name in _HOMES:
        return _public(name)
    if not name.startswith("_"):
        metrics_room = import_module("analytics_lib.metrics")
        if name in metrics_room.__all__:
            return getattr(metrics_room, name)
    raise AttributeError(f"module 'analytics_lib' has no attribute {name!r}")
