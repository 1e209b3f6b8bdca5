"""Floor 4: metrics, each written once and the same on every engine."""

from analytics_lib.metrics.activity import active_in_period, active_users, growth
from analytics_lib.metrics.activity_levels import activity_distribution, activity_levels
from analytics_lib.metrics.adoption import feature_adoption
from analytics_lib.metrics.assessments import late_shares, submission_shares
from analytics_lib.metrics.attribution import attribute_conversions, attributed_share
from analytics_lib.metrics.change_points import change_points
from analytics_lib.metrics.cohorts import recurring_cohorts, retention_cohorts
from analytics_lib.metrics.comparisons import (
    HistoryComparison,
    compare_with_history,
    compare_with_peers,
)
from analytics_lib.metrics.concurrency import concurrent_users
from analytics_lib.metrics.content import click_through, content_views
from analytics_lib.metrics.content_quality import (
    QUALITY_WEIGHTS,
    content_quality,
    content_suggestions,
)
from analytics_lib.metrics.content_sources import content_sources, search_appearances
from analytics_lib.metrics.content_time import content_bounce, time_on_page
from analytics_lib.metrics.content_value import return_on_content
from analytics_lib.metrics.correlations import correlations
from analytics_lib.metrics.engagement import EngagementWeights, engagement_scores
from analytics_lib.metrics.enrolments import (
    enrolment_counts,
    learner_count,
    outcome_share,
    outcome_shares,
)
from analytics_lib.metrics.funnel_definition import FunnelStep
from analytics_lib.metrics.funnel_losses import recoverable_losses
from analytics_lib.metrics.funnel_readings import (
    funnel_share,
    funnel_steps,
    last_step,
    steps_after_first,
)
from analytics_lib.metrics.funnel_trends import funnel_trend
from analytics_lib.metrics.funnels import funnel
from analytics_lib.metrics.journey_paths import step_matrix, top_paths
from analytics_lib.metrics.journey_surroundings import around_event
from analytics_lib.metrics.journeys import compare_transitions, transitions
from analytics_lib.metrics.latest import (
    latest_shares,
    share_of_last,
    shares_at_age,
    value_of_first,
    value_of_last,
)
from analytics_lib.metrics.learners import (
    active_learners_by_week,
    course_events,
    engagement_by_kind,
)
from analytics_lib.metrics.lifecycle import lifecycle
from analytics_lib.metrics.patterns import hourly_pattern, weekday_pattern
from analytics_lib.metrics.registry import METRICS, Metric, metric
from analytics_lib.metrics.regularity import regularity
from analytics_lib.metrics.retention import (
    bracket_retention,
    day_n_retention,
    on_or_after_retention,
    retention_curve,
)
from analytics_lib.metrics.retention_hours import rolling_retention, streak_retention
from analytics_lib.metrics.rfm import rfm
from analytics_lib.metrics.rolling import rolling_active_users, stickiness
from analytics_lib.metrics.seasons import Seasonality, seasonal_profile, seasonality
from analytics_lib.metrics.segment_migration import segment_migration
from analytics_lib.metrics.segment_rules import SegmentRules, segment_by_rules
from analytics_lib.metrics.segments import compare_segments
from analytics_lib.metrics.session_quality import session_quality
from analytics_lib.metrics.sessions import assign_sessions, sessions
from analytics_lib.metrics.survival import user_survival
from analytics_lib.metrics.trending import trending
from analytics_lib.metrics.trends import Trend, trend

__all__ = [
    "METRICS",
    "QUALITY_WEIGHTS",
    "EngagementWeights",
    "FunnelStep",
    "HistoryComparison",
    "Metric",
    "Seasonality",
    "SegmentRules",
    "Trend",
    "active_in_period",
    "active_learners_by_week",
    "active_users",
    "activity_distribution",
    "activity_levels",
    "around_event",
    "assign_sessions",
    "attribute_conversions",
    "attributed_share",
    "bracket_retention",
    "change_points",
    "click_through",
    "compare_segments",
    "compare_transitions",
    "compare_with_history",
    "compare_with_peers",
    "concurrent_users",
    "content_bounce",
    "content_quality",
    "content_sources",
    "content_suggestions",
    "content_views",
    "correlations",
    "course_events",
    "day_n_retention",
    "engagement_by_kind",
    "engagement_scores",
    "enrolment_counts",
    "feature_adoption",
    "funnel",
    "funnel_share",
    "funnel_steps",
    "funnel_trend",
    "growth",
    "hourly_pattern",
    "last_step",
    "late_shares",
    "latest_shares",
    "learner_count",
    "lifecycle",
    "metric",
    "on_or_after_retention",
    "outcome_share",
    "outcome_shares",
    "recoverable_losses",
    "recurring_cohorts",
    "regularity",
    "retention_cohorts",
    "retention_curve",
    "return_on_content",
    "rfm",
    "rolling_active_users",
    "rolling_retention",
    "search_appearances",
    "seasonal_profile",
    "seasonality",
    "segment_by_rules",
    "segment_migration",
    "session_quality",
    "sessions",
    "share_of_last",
    "shares_at_age",
    "step_matrix",
    "steps_after_first",
    "stickiness",
    "streak_retention",
    "submission_shares",
    "time_on_page",
    "top_paths",
    "transitions",
    "trend",
    "trending",
    "user_survival",
    "value_of_first",
    "value_of_last",
    "weekday_pattern",
]
