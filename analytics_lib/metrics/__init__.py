"""Floor 4: metrics, each written once and the same on every engine."""

from analytics_lib.metrics.acquisition import acquisition_cost, payback_months, value_to_cost
from analytics_lib.metrics.activity import active_in_period, active_users, growth
from analytics_lib.metrics.activity_levels import activity_distribution, activity_levels
from analytics_lib.metrics.adoption import feature_adoption
from analytics_lib.metrics.assessments import late_shares, submission_shares
from analytics_lib.metrics.attribution import attribute_conversions, attributed_share
from analytics_lib.metrics.availability import availability, error_budget
from analytics_lib.metrics.bookings import attendance_shares, cancellation_shares, tutor_utilisation
from analytics_lib.metrics.bottlenecks import bottlenecks
from analytics_lib.metrics.change_points import change_points
from analytics_lib.metrics.cohort_contributions import cohort_contributions
from analytics_lib.metrics.cohort_revenue import cohort_revenue, value_of_customers
from analytics_lib.metrics.cohorts import recurring_cohorts, retention_cohorts
from analytics_lib.metrics.community import group_sizes, membership_changes
from analytics_lib.metrics.comparisons import (
    HistoryComparison,
    compare_with_history,
    compare_with_peers,
)
from analytics_lib.metrics.completion import course_completion
from analytics_lib.metrics.concurrency import concurrent_users
from analytics_lib.metrics.connections import (
    connections_formed,
    cross_group_shares,
    reciprocity_share,
)
from analytics_lib.metrics.content import click_through, content_views
from analytics_lib.metrics.content_contributions import content_contributions
from analytics_lib.metrics.content_periods import content_by_period, events_in_period
from analytics_lib.metrics.content_quality import (
    QUALITY_WEIGHTS,
    content_quality,
    content_suggestions,
)
from analytics_lib.metrics.content_sources import (
    content_sources,
    entries_by_source,
    search_appearances,
)
from analytics_lib.metrics.content_time import content_bounce, time_on_page
from analytics_lib.metrics.content_value import events_with_payments, return_on_content
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
from analytics_lib.metrics.growth_readings import mean_of_last, share_gone_quiet, users_so_far
from analytics_lib.metrics.insights import (
    Comparison,
    InsightRules,
    Insights,
    find_insights,
    insight_tables,
    judge_rules,
)
from analytics_lib.metrics.journey_paths import step_matrix, top_paths
from analytics_lib.metrics.journey_surroundings import around_event
from analytics_lib.metrics.journeys import compare_transitions, transitions
from analytics_lib.metrics.latency import latency_percentiles, saturation_levels
from analytics_lib.metrics.latest import (
    estimate_of_last,
    first_rows,
    known_rows,
    latest_shares,
    rows_of_group,
    share_of_group,
    share_of_last,
    shares_at_age,
    smallest_label,
    value_of_first,
    value_of_last,
)
from analytics_lib.metrics.learners import (
    active_learners_by_week,
    course_events,
    engagement_by_kind,
)
from analytics_lib.metrics.learning_paths import outcome_by_early_use
from analytics_lib.metrics.lifecycle import lifecycle
from analytics_lib.metrics.operations import error_shares, request_rates, request_rates_by_time
from analytics_lib.metrics.pace import days_from_due, days_to_first_activity, study_efficiency
from analytics_lib.metrics.partnerships import partnerships_active
from analytics_lib.metrics.patterns import hourly_pattern, weekday_pattern
from analytics_lib.metrics.peers import peer_benchmark, peer_percentiles, skill_levels
from analytics_lib.metrics.progress import learner_progress, progress_by_presentation
from analytics_lib.metrics.recurring_revenue import recurring_revenue_movements, revenue_retention
from analytics_lib.metrics.registry import METRICS, Metric, metric
from analytics_lib.metrics.regularity import regularity
from analytics_lib.metrics.retention import (
    bracket_retention,
    day_n_retention,
    on_or_after_retention,
    retention_curve,
)
from analytics_lib.metrics.retention_hours import rolling_retention, streak_retention
from analytics_lib.metrics.revenue import refund_share, revenue
from analytics_lib.metrics.revenue_contributions import revenue_contributions
from analytics_lib.metrics.revenue_per_user import revenue_per_user
from analytics_lib.metrics.rfm import rfm
from analytics_lib.metrics.rolling import rolling_active_users, stickiness
from analytics_lib.metrics.scores import learner_scores, scores_by_kind
from analytics_lib.metrics.seasons import Seasonality, seasonal_profile, seasonality
from analytics_lib.metrics.segment_migration import segment_migration
from analytics_lib.metrics.segment_rules import (
    SegmentRules,
    segment_by_rules,
    segment_rules_in_words,
)
from analytics_lib.metrics.segments import compare_segments
from analytics_lib.metrics.session_quality import session_quality
from analytics_lib.metrics.sessions import assign_sessions, sessions
from analytics_lib.metrics.survival import user_survival
from analytics_lib.metrics.trending import trending
from analytics_lib.metrics.trends import Trend, trend
from analytics_lib.metrics.trust import repeat_partner_shares, satisfaction, trust_scores
from analytics_lib.metrics.tutors import learner_retention_by_tutor, tutor_ratings

__all__ = [
    "METRICS",
    "QUALITY_WEIGHTS",
    "Comparison",
    "EngagementWeights",
    "FunnelStep",
    "HistoryComparison",
    "InsightRules",
    "Insights",
    "Metric",
    "Seasonality",
    "SegmentRules",
    "Trend",
    "acquisition_cost",
    "active_in_period",
    "active_learners_by_week",
    "active_users",
    "activity_distribution",
    "activity_levels",
    "around_event",
    "assign_sessions",
    "attendance_shares",
    "attribute_conversions",
    "attributed_share",
    "availability",
    "bottlenecks",
    "bracket_retention",
    "cancellation_shares",
    "change_points",
    "click_through",
    "cohort_contributions",
    "cohort_revenue",
    "compare_segments",
    "compare_transitions",
    "compare_with_history",
    "compare_with_peers",
    "concurrent_users",
    "connections_formed",
    "content_bounce",
    "content_by_period",
    "content_contributions",
    "content_quality",
    "content_sources",
    "content_suggestions",
    "content_views",
    "correlations",
    "course_completion",
    "course_events",
    "cross_group_shares",
    "day_n_retention",
    "days_from_due",
    "days_to_first_activity",
    "engagement_by_kind",
    "engagement_scores",
    "enrolment_counts",
    "entries_by_source",
    "error_budget",
    "error_shares",
    "estimate_of_last",
    "events_in_period",
    "events_with_payments",
    "feature_adoption",
    "find_insights",
    "first_rows",
    "funnel",
    "funnel_share",
    "funnel_steps",
    "funnel_trend",
    "group_sizes",
    "growth",
    "hourly_pattern",
    "insight_tables",
    "judge_rules",
    "known_rows",
    "last_step",
    "late_shares",
    "latency_percentiles",
    "latest_shares",
    "learner_count",
    "learner_progress",
    "learner_retention_by_tutor",
    "learner_scores",
    "lifecycle",
    "mean_of_last",
    "membership_changes",
    "metric",
    "on_or_after_retention",
    "outcome_by_early_use",
    "outcome_share",
    "outcome_shares",
    "partnerships_active",
    "payback_months",
    "peer_benchmark",
    "peer_percentiles",
    "progress_by_presentation",
    "reciprocity_share",
    "recoverable_losses",
    "recurring_cohorts",
    "recurring_revenue_movements",
    "refund_share",
    "regularity",
    "repeat_partner_shares",
    "request_rates",
    "request_rates_by_time",
    "retention_cohorts",
    "retention_curve",
    "return_on_content",
    "revenue",
    "revenue_contributions",
    "revenue_per_user",
    "revenue_retention",
    "rfm",
    "rolling_active_users",
    "rolling_retention",
    "rows_of_group",
    "satisfaction",
    "saturation_levels",
    "scores_by_kind",
    "search_appearances",
    "seasonal_profile",
    "seasonality",
    "segment_by_rules",
    "segment_migration",
    "segment_rules_in_words",
    "session_quality",
    "sessions",
    "share_gone_quiet",
    "share_of_group",
    "share_of_last",
    "shares_at_age",
    "skill_levels",
    "smallest_label",
    "step_matrix",
    "steps_after_first",
    "stickiness",
    "streak_retention",
    "study_efficiency",
    "submission_shares",
    "time_on_page",
    "top_paths",
    "transitions",
    "trend",
    "trending",
    "trust_scores",
    "tutor_ratings",
    "tutor_utilisation",
    "user_survival",
    "users_so_far",
    "value_of_customers",
    "value_of_first",
    "value_of_last",
    "value_to_cost",
    "weekday_pattern",
]
