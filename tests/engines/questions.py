"""At least one question of every registered metric, to be asked on every engine.

The key is the name of the metric; what follows a colon tells two questions of one metric apart.
"""

import runpy
from pathlib import Path

from analytics_lib import metrics

_MADE = runpy.run_path(str(Path(__file__).with_name("tables.py")))
AS_OF = _MADE["AS_OF"]
TABLES = dict(_MADE["TABLES"])
UNTIL = {"as_of": AS_OF}
WEEK = {"granularity": "week", "as_of": AS_OF}
MONTH = {"granularity": "month", "as_of": AS_OF}
QUALITY = {"as_of": AS_OF, "interactions": ["like"], "minimum_viewers": 1}

# What a metric makes and the next one takes.
TABLES["steps"] = metrics.funnel(TABLES["log"], steps=["a", "b", "c"], by=["platform"], **UNTIL)
TABLES["unnumbered"] = TABLES["log"].drop("session")
TABLES["quality"] = metrics.content_quality(TABLES["visits"], **QUALITY)

# The rows of a log, in whatever order the engine gives them.
UNORDERED = {"assign_sessions"}

RULES = {
    "segments": [
        {"name": "far", "where": [{"column": "x", "at_least": 4}, {"column": "y", "above": 0.3}]},
        {"name": "phone", "where": [{"column": "platform", "one_of": ["ios"]}]},
        {"name": "unknown", "where": [{"column": "y", "missing": True}]},
    ],
    "otherwise": "rest",
}

ACTIVITY = {
    "active_users": lambda t: metrics.active_users(t("log"), by=["platform"], **WEEK),
    "rolling_active_users": lambda t: metrics.rolling_active_users(t("log"), days=7, **UNTIL),
    "growth": lambda t: metrics.growth(t("log"), **WEEK),
    "active_in_period": lambda t: metrics.active_in_period(t("log"), **WEEK),
    "stickiness": lambda t: metrics.stickiness(t("log"), **UNTIL),
    "stickiness: daily": lambda t: metrics.stickiness(t("log"), variant="daily_mean", **UNTIL),
    "lifecycle": lambda t: metrics.lifecycle(t("log"), history_complete=True, **WEEK),
    "engagement_scores": lambda t: metrics.engagement_scores(t("log"), **UNTIL),
    "activity_levels": lambda t: metrics.activity_levels(t("log"), **UNTIL),
    "activity_distribution": lambda t: metrics.activity_distribution(t("log"), **UNTIL),
    "weekday_pattern": lambda t: metrics.weekday_pattern(t("log"), **UNTIL),
    "hourly_pattern": lambda t: metrics.hourly_pattern(t("log"), **UNTIL),
    "regularity": lambda t: metrics.regularity(t("log"), **UNTIL),
    "feature_adoption": lambda t: metrics.feature_adoption(t("log"), features=["a", "x"], **UNTIL),
    "sessions": lambda t: metrics.sessions(t("log"), by=["platform"], **UNTIL),
    "assign_sessions": lambda t: metrics.assign_sessions(t("unnumbered"), **UNTIL),
    "session_quality": lambda t: metrics.session_quality(
        t("log"), view_types=["a"], key_types=["b"], cap_minutes=30, **WEEK
    ),
    "concurrent_users": lambda t: metrics.concurrent_users(t("log"), **WEEK),
}
RETENTION = {
    "retention_curve": lambda t: metrics.retention_curve(
        t("log"), kind="bracket", width=7, ages=[0, 1, 3], by=["platform"], **UNTIL
    ),
    "retention_curve: population": lambda t: metrics.retention_curve(
        t("log"), kind="on_or_after", ages=[0, 1], population=t("population"), **UNTIL
    ),
    "day_n_retention": lambda t: metrics.day_n_retention(t("log"), n=1, **UNTIL),
    "on_or_after_retention": lambda t: metrics.on_or_after_retention(t("log"), n=7, **UNTIL),
    "bracket_retention": lambda t: metrics.bracket_retention(t("log"), start=1, end=7, **UNTIL),
    "retention_cohorts": lambda t: metrics.retention_cohorts(t("log"), **WEEK),
    "recurring_cohorts": lambda t: metrics.recurring_cohorts(t("log"), **WEEK),
    "rolling_retention": lambda t: metrics.rolling_retention(t("log"), ages=[1, 3], **UNTIL),
    "streak_retention": lambda t: metrics.streak_retention(t("log"), ages=[1, 3], **UNTIL),
    "user_survival": lambda t: metrics.user_survival(t("log"), silence_days=10, **UNTIL),
}
JOURNEYS = {
    "funnel": lambda t: metrics.funnel(
        t("log"), steps=["a", "b", "c"], by=["platform"], exclude=["x"], **UNTIL
    ),
    "funnel: first": lambda t: metrics.funnel(
        t("log"), steps=["a", "b", "a"], entry="first", **UNTIL
    ),
    "funnel: strict": lambda t: metrics.funnel(
        t("log"), steps=["a", "b"], order="strict", count="sessions", **UNTIL
    ),
    "funnel: any": lambda t: metrics.funnel(t("log"), steps=["a", "b", "c"], order="any", **UNTIL),
    "funnel_trend": lambda t: metrics.funnel_trend(t("log"), steps=["a", "b"], **WEEK),
    "recoverable_losses": lambda t: metrics.recoverable_losses(t("steps"), by=["platform"]),
    "transitions": lambda t: metrics.transitions(t("log"), by=["platform"], **UNTIL),
    "compare_transitions": lambda t: metrics.compare_transitions(
        t("log"), segment="platform", values=("web", "ios"), **UNTIL
    ),
    "top_paths": lambda t: metrics.top_paths(t("log"), steps=3, limit=5, **UNTIL),
    "step_matrix": lambda t: metrics.step_matrix(t("log"), steps=4, **UNTIL),
    "around_event": lambda t: metrics.around_event(
        t("log"), event_type="b", before=2, after=1, occurrence="every", **UNTIL
    ),
    "attribute_conversions": lambda t: metrics.attribute_conversions(
        t("log"), conversion="c", **UNTIL
    ),
    "attributed_share": lambda t: metrics.attributed_share(t("log"), conversion="c", **UNTIL),
}
SEGMENTS = {
    "rfm": lambda t: metrics.rfm(t("payments"), **UNTIL),
    "segment_by_rules": lambda t: metrics.segment_by_rules(t("observed"), rules=RULES, name="kind"),
    "compare_segments": lambda t: metrics.compare_segments(
        t("observed"), segment="segment", values=["x", "y"]
    ),
    "segment_migration": lambda t: metrics.segment_migration(t("observed"), t("later")),
}
CONTENT = {
    "content_views": lambda t: metrics.content_views(t("visits"), interactions=["like"], **UNTIL),
    "click_through": lambda t: metrics.click_through(
        t("visits"), shown="search_result", clicked="search_click", **UNTIL
    ),
    "click_through: impressions": lambda t: metrics.click_through(
        t("visits"), shown="content_view", clicked="like", unit="impression", **UNTIL
    ),
    "time_on_page": lambda t: metrics.time_on_page(t("visits"), **UNTIL),
    "content_bounce": lambda t: metrics.content_bounce(t("visits"), **UNTIL),
    "content_sources": lambda t: metrics.content_sources(t("visits"), **UNTIL),
    "search_appearances": lambda t: metrics.search_appearances(
        t("visits"), position="position", **UNTIL
    ),
    "content_quality": lambda t: metrics.content_quality(t("visits"), **QUALITY),
    "content_suggestions": lambda t: metrics.content_suggestions(
        t("quality"), high_demand=0.1, low_quality=0.5
    ),
    "trending": lambda t: metrics.trending(t("visits"), minimum_views=1, **UNTIL),
    "content_by_period": lambda t: metrics.content_by_period(
        t("visits"), shown="search_result", clicked="search_click", interactions=["like"], **WEEK
    ),
    "entries_by_source": lambda t: metrics.entries_by_source(t("visits"), **UNTIL),
    "return_on_content": lambda t: metrics.return_on_content(
        t("visits"), t("content_costs"), **UNTIL
    ),
    "return_on_content: equal": lambda t: metrics.return_on_content(
        t("visits"), t("content_costs"), attribution="equal", **UNTIL
    ),
    "return_on_content: payments": lambda t: metrics.return_on_content(
        metrics.events_with_payments(t("visits"), t("payments"), **UNTIL),
        t("content_costs"),
        **UNTIL,
    ),
}


def _studied(t):
    return [t(name) for name in ("studied", "content", "enrolments", "courses")]


def _enrolled(t):
    return [t("enrolments"), t("courses")]


def _marked(t):
    return [t("submissions"), t("assessments")]


LEARNING = {
    "enrolment_counts": lambda t: metrics.enrolment_counts(*_enrolled(t), **UNTIL),
    "learner_count": lambda t: metrics.learner_count(*_enrolled(t), **UNTIL),
    "outcome_shares": lambda t: metrics.outcome_shares(*_enrolled(t), outcome="pass", **UNTIL),
    "outcome_share": lambda t: metrics.outcome_share(*_enrolled(t), outcome="pass", **UNTIL),
    "active_learners_by_week": lambda t: metrics.active_learners_by_week(*_studied(t), **UNTIL),
    "engagement_by_kind": lambda t: metrics.engagement_by_kind(*_studied(t), **UNTIL),
    "late_shares": lambda t: metrics.late_shares(*_marked(t), **UNTIL),
    "submission_shares": lambda t: metrics.submission_shares(*_marked(t), *_enrolled(t), **UNTIL),
    "learner_progress": lambda t: metrics.learner_progress(
        *_studied(t), visible_from="opens_day", visible_until="closes_day", **UNTIL
    ),
    "progress_by_presentation": lambda t: metrics.progress_by_presentation(*_studied(t), **UNTIL),
    "course_completion": lambda t: metrics.course_completion(*_studied(t), **UNTIL),
    "scores_by_kind": lambda t: metrics.scores_by_kind(*_marked(t), **UNTIL),
    "learner_scores": lambda t: metrics.learner_scores(*_marked(t), **UNTIL),
    "skill_levels": lambda t: metrics.skill_levels(*_marked(t), **UNTIL),
    "peer_percentiles": lambda t: metrics.peer_percentiles(*_marked(t), **UNTIL),
    "peer_benchmark": lambda t: metrics.peer_benchmark(*_marked(t), minimum_learners=2, **UNTIL),
    "days_to_first_activity": lambda t: metrics.days_to_first_activity(*_studied(t), **UNTIL),
    "days_from_due": lambda t: metrics.days_from_due(*_marked(t), **UNTIL),
    "study_efficiency": lambda t: metrics.study_efficiency(
        t("studied"), t("content"), *_marked(t), **UNTIL
    ),
    "outcome_by_early_use": lambda t: metrics.outcome_by_early_use(
        *_studied(t), outcome="pass", weeks=3, **UNTIL
    ),
    "attendance_shares": lambda t: metrics.attendance_shares(
        t("bookings"), by=["tutor_id"], **WEEK
    ),
    "cancellation_shares": lambda t: metrics.cancellation_shares(t("bookings"), **WEEK),
    "tutor_utilisation": lambda t: metrics.tutor_utilisation(t("bookings"), t("slots"), **WEEK),
    "tutor_ratings": lambda t: metrics.tutor_ratings(t("bookings"), t("reviews"), **UNTIL),
    "learner_retention_by_tutor": lambda t: metrics.learner_retention_by_tutor(
        t("bookings"), **UNTIL
    ),
}
REVENUE = {
    "revenue": lambda t: metrics.revenue(t("payments"), by=["plan"], **MONTH),
    "refund_share": lambda t: metrics.refund_share(t("payments"), **MONTH),
    "revenue_per_user": lambda t: metrics.revenue_per_user(t("log"), t("payments"), **MONTH),
    "recurring_revenue_movements": lambda t: metrics.recurring_revenue_movements(
        t("payments"), history_complete=True, **UNTIL
    ),
    "revenue_retention": lambda t: metrics.revenue_retention(t("payments"), **UNTIL),
    "cohort_revenue": lambda t: metrics.cohort_revenue(t("payments"), **MONTH),
    "cohort_revenue: population": lambda t: metrics.cohort_revenue(
        t("payments"), population=t("population"), **MONTH
    ),
    "value_of_customers": lambda t: metrics.value_of_customers(
        t("payments"), days=30, gross_margin=0.7, **UNTIL
    ),
    "acquisition_cost": lambda t: metrics.acquisition_cost(t("payments"), t("costs"), **MONTH),
    "value_to_cost": lambda t: metrics.value_to_cost(
        t("payments"), t("costs"), age=2, gross_margin=0.7, **UNTIL
    ),
    "payback_months": lambda t: metrics.payback_months(
        t("payments"), t("costs"), gross_margin=0.7, **UNTIL
    ),
}
COMMUNITY = {
    "group_sizes": lambda t: metrics.group_sizes(
        t("groups"), t("memberships"), t("chatted"), **WEEK
    ),
    "membership_changes": lambda t: metrics.membership_changes(t("memberships"), **WEEK),
    "partnerships_active": lambda t: metrics.partnerships_active(
        t("partnerships"), by=["kind"], **WEEK
    ),
    "cross_group_shares": lambda t: metrics.cross_group_shares(
        t("interactions"), t("memberships"), **WEEK
    ),
    "connections_formed": lambda t: metrics.connections_formed(t("interactions"), **WEEK),
    "reciprocity_share": lambda t: metrics.reciprocity_share(t("interactions"), **UNTIL),
    "satisfaction": lambda t: metrics.satisfaction(t("interactions"), **WEEK),
    "repeat_partner_shares": lambda t: metrics.repeat_partner_shares(t("interactions"), **WEEK),
    "trust_scores": lambda t: metrics.trust_scores(t("interactions"), **UNTIL),
}
OPERATIONS = {
    "request_rates": lambda t: metrics.request_rates(t("measurements"), **WEEK),
    "request_rates_by_time": lambda t: metrics.request_rates_by_time(
        t("measurements"), unit="hour", days=3, **UNTIL
    ),
    "error_shares": lambda t: metrics.error_shares(t("measurements"), **WEEK),
    "latency_percentiles": lambda t: metrics.latency_percentiles(t("measurements"), **WEEK),
    "saturation_levels": lambda t: metrics.saturation_levels(t("measurements"), **WEEK),
    "availability": lambda t: metrics.availability(t("measurements"), **WEEK),
    "error_budget": lambda t: metrics.error_budget(t("measurements"), objective=0.9, **UNTIL),
    "bottlenecks": lambda t: metrics.bottlenecks(t("measurements"), **UNTIL),
}
TRENDS = {
    "trend": lambda t: metrics.trend(t("series")),
    "trend: Theil-Sen": lambda t: metrics.trend(t("series"), method="theil_sen"),
    "seasonality": lambda t: metrics.seasonality(t("quiet"), period=7),
    "seasonal_profile": lambda t: metrics.seasonal_profile(t("quiet"), period=7),
    "change_points": lambda t: metrics.change_points(t("series")),
    "correlations": lambda t: metrics.correlations(t("observed"), columns=["x", "y", "z"]),
    "correlations: Pearson": lambda t: metrics.correlations(
        t("observed"), columns=["x", "y", "z"], method="pearson"
    ),
    "compare_with_history": lambda t: metrics.compare_with_history(t("series"), season=7),
    "compare_with_peers": lambda t: metrics.compare_with_peers(
        t("observed"), value="y", by=["platform"], minimum_peers=2
    ),
}
QUESTIONS = {
    **ACTIVITY, **RETENTION, **JOURNEYS, **SEGMENTS, **CONTENT, **LEARNING, **REVENUE,
    **COMMUNITY, **OPERATIONS, **TRENDS,
}  # fmt: skip
