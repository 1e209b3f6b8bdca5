"""Statements about groups that the data carry, and rules that recommend or raise something."""

from analytics_lib.metrics.insights.comparisons import Comparison
from analytics_lib.metrics.insights.findings import Insights, find_insights
from analytics_lib.metrics.insights.rules import InsightRule, InsightRules, judge_rules
from analytics_lib.metrics.insights.tables import insight_tables

__all__ = [
    "Comparison",
    "InsightRule",
    "InsightRules",
    "Insights",
    "find_insights",
    "insight_tables",
    "judge_rules",
]
