"""Floor 4: metrics, each written once and the same on every engine."""

from analytics_lib.metrics.activity import active_in_period, active_users, growth
from analytics_lib.metrics.assessments import late_shares, submission_shares
from analytics_lib.metrics.cohorts import retention_cohorts
from analytics_lib.metrics.enrolments import (
    enrolment_counts,
    learner_count,
    outcome_share,
    outcome_shares,
)
from analytics_lib.metrics.latest import latest_shares, shares_at_age
from analytics_lib.metrics.learners import (
    active_learners_by_week,
    course_events,
    engagement_by_kind,
)
from analytics_lib.metrics.lifecycle import lifecycle
from analytics_lib.metrics.registry import METRICS, Metric, metric
from analytics_lib.metrics.retention import (
    bracket_retention,
    day_n_retention,
    on_or_after_retention,
    retention_curve,
)
from analytics_lib.metrics.rolling import rolling_active_users, stickiness

__all__ = [
    "METRICS",
    "Metric",
    "active_in_period",
    "active_learners_by_week",
    "active_users",
    "bracket_retention",
    "course_events",
    "day_n_retention",
    "engagement_by_kind",
    "enrolment_counts",
    "growth",
    "late_shares",
    "latest_shares",
    "learner_count",
    "lifecycle",
    "metric",
    "on_or_after_retention",
    "outcome_share",
    "outcome_shares",
    "retention_cohorts",
    "retention_curve",
    "rolling_active_users",
    "shares_at_age",
    "stickiness",
    "submission_shares",
]
