"""Every metric once: its question, unit, definition, variants and source, for pages and people."""

from dataclasses import dataclass
from typing import Literal

from analytics_lib.core.checks import require_choice

Direction = Literal["higher is better", "lower is better", "neither"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """What a metric means.

    Attributes:
        name: Name people use.
        function: Public function of this room that computes it.
        question: What it answers.
        unit: Unit of its values.
        direction: Whether a rise is good.
        definition: What is counted and what it is divided by.
        variants: Other accepted definitions, and where they differ.
        source: Who says so.
        owner: Who answers for the definition.
    """

    name: str
    function: str
    question: str
    unit: str
    direction: Direction
    definition: str
    variants: str
    source: str
    owner: str = "analytics"


_ALL = (
    Metric(
        name="Active users",
        function="active_users",
        question="How many different users were active in each calendar period?",
        unit="users",
        direction="higher is better",
        definition="Different users with at least one event in the calendar period, counted in "
        "the report zone. A period that is not over has no value.",
        variants="Rolling windows of 7, 28 or 30 days (see rolling active users); only some "
        "event types.",
        source="Mozilla, DAU and active DAU; Mixpanel, insights",
    ),
    Metric(
        name="Rolling active users",
        function="rolling_active_users",
        question="How many different users were active on a day or in the days before it?",
        unit="users",
        direction="higher is better",
        definition="Different users with at least one event in the n days that end on the day "
        "named. The first n - 1 days of a log have no value.",
        variants="n = 7 (WAU), 30 or 28 (MAU); the calendar month.",
        source="Statsig, user metrics; Mozilla, active DAU",
    ),
    Metric(
        name="Active users in the last complete period",
        function="active_in_period",
        question="How many users were active in the last complete period?",
        unit="users",
        direction="higher is better",
        definition="Active users of the last calendar period that is over, or of one so many "
        "periods before it.",
        variants="As for active users.",
        source="Mixpanel, insights",
    ),
    Metric(
        name="Stickiness",
        function="stickiness",
        question="On how much of the window is the average active user active?",
        unit="share",
        direction="higher is better",
        definition="Mean of the daily active users in the window, divided by the active users of "
        "the window.",
        variants="The last day only; the mean of daily ratios; the distribution of active days.",
        source="PostHog, stickiness; DAU / MAU as commonly used",
    ),
    Metric(
        name="Growth of active users",
        function="growth",
        question="By how much did active users grow from one complete period to the next?",
        unit="share",
        direction="higher is better",
        definition="Active users of a complete period divided by those of the period before, "
        "less one. No value where either period is not complete.",
        variants="Per day, so that long and short months weigh the same.",
        source="Matomo issue 10282; PostHog issue 48255, on incomplete periods",
    ),
    Metric(
        name="Lifecycle",
        function="lifecycle",
        question="How many active users are new, returning or resurrected, and how many went "
        "dormant?",
        unit="users",
        direction="neither",
        definition="New: first event in the whole history. Returning: active in the period before "
        "too. Resurrected: seen earlier, but not in the period before. Dormant: active in the "
        "period before, not now. Active = new + returning + resurrected.",
        variants="New by sign-up instead of first event.",
        source="PostHog, lifecycle",
    ),
    Metric(
        name="Retention curve",
        function="retention_curve",
        question="What share of users is active again n days after their first day?",
        unit="share",
        direction="higher is better",
        definition="Of the users whose day (or bracket) n is over, the share active in it. Day 0 "
        "is the day of the first event.",
        variants="On day n; on day n or later; within a bracket of days; rolling 24 hours.",
        source="Mixpanel, retention; Amplitude, retention analysis",
    ),
    Metric(
        name="Day n retention",
        function="day_n_retention",
        question="What share of users is active exactly n days after their first day?",
        unit="share",
        direction="higher is better",
        definition="Of the users whose day n is over, the share with an event on calendar day n.",
        variants="Rolling 24 hours from the first event; hours rounded down.",
        source="PostHog, retention; Amplitude, retention analysis",
    ),
    Metric(
        name="Retention on day n or later",
        function="on_or_after_retention",
        question="What share of users is active n days after their first day or later?",
        unit="share",
        direction="higher is better",
        definition="Of the users whose day n is over, the share with an event on day n or any "
        "later day up to the last complete day.",
        variants="Called unbounded or rolling retention elsewhere.",
        source="Mixpanel, retention (on or after)",
    ),
    Metric(
        name="Bracket retention",
        function="bracket_retention",
        question="What share of users is active on any day of a bracket?",
        unit="share",
        direction="higher is better",
        definition="Of the users whose bracket of days is over, the share with an event in it.",
        variants="Weekly retention is the bracket of days 7 to 13, and so on.",
        source="Mixpanel, custom brackets; PostHog, custom brackets",
    ),
    Metric(
        name="Retention by cohort",
        function="retention_cohorts",
        question="Of the users first active in a period, how many are active in each later period?",
        unit="share",
        direction="higher is better",
        definition="A cohort is everybody whose first event lies in the period. The share is of "
        "the whole cohort. A period that is not over has no value.",
        variants="Cohorts by sign-up; recurring cohorts; the period before as the base.",
        source="PostHog, retention; Mixpanel, retention",
    ),
    Metric(
        name="Enrolments",
        function="enrolment_counts",
        question="How many enrolments, of how many learners, does each presentation have?",
        unit="enrolments",
        direction="higher is better",
        definition="One enrolment is one learner in one presentation of a course.",
        variants="Without those who withdrew before the start.",
        source="Kuzilek et al. 2017, Sci. Data 4:170171",
    ),
    Metric(
        name="Learners",
        function="learner_count",
        question="How many different learners are enrolled?",
        unit="learners",
        direction="higher is better",
        definition="Different learners in any presentation that has started; a learner in two "
        "presentations counts once.",
        variants="Enrolments, where each counts.",
        source="Kuzilek et al. 2017, Sci. Data 4:170171",
    ),
    Metric(
        name="Outcome by presentation",
        function="outcome_shares",
        question="What share of the enrolments of each presentation ended that way?",
        unit="share",
        direction="neither",
        definition="Enrolments with the outcome, divided by all enrolments of the presentation, "
        "with learners who never clicked. Completed is pass or distinction.",
        variants="Of those who started; of those who did not withdraw.",
        source="Kuzilek et al. 2017, Sci. Data 4:170171, table of final results",
    ),
    Metric(
        name="Outcome",
        function="outcome_share",
        question="What share of all enrolments ended that way?",
        unit="share",
        direction="neither",
        definition="Enrolments with the outcome, divided by all enrolments in presentations that "
        "are over, with learners who never clicked. Completed is pass or distinction.",
        variants="Of those who started; of those who did not withdraw.",
        source="Kuzilek et al. 2017, Sci. Data 4:170171, table of final results",
    ),
    Metric(
        name="Active learners by week",
        function="active_learners_by_week",
        question="What share of the enrolled learners was active in each week?",
        unit="share",
        direction="higher is better",
        definition="Enrolled learners with at least one click on content of the presentation in "
        "the week, divided by all enrolled, withdrawn learners and those who never clicked "
        "included. Week 0 starts on the first day.",
        variants="Of those still enrolled in that week.",
        source="Definition of this project",
    ),
    Metric(
        name="Engagement by kind of content",
        function="engagement_by_kind",
        question="What share of the enrolled learners used each kind of content?",
        unit="share",
        direction="higher is better",
        definition="Enrolled learners with at least one click on the kind, divided by all enrolled "
        "in the presentations whose clicks are known. Actions add up the counts of the log.",
        variants="Of active learners only.",
        source="Definition of this project; kinds after Kuzilek et al. 2017",
    ),
    Metric(
        name="Late work",
        function="late_shares",
        question="What share of the work that was handed in came after its due day?",
        unit="share",
        direction="lower is better",
        definition="Submissions after the due day, divided by submissions that were not carried "
        "over from an earlier presentation.",
        variants="Of the work expected.",
        source="Definition of this project",
    ),
    Metric(
        name="Work handed in",
        function="submission_shares",
        question="What share of the work that was expected was handed in?",
        unit="share",
        direction="higher is better",
        definition="Pieces of work handed in (late and carried-over ones too), divided by one "
        "piece from every learner enrolled on its due day.",
        variants="Of learners who handed in anything.",
        source="Definition of this project",
    ),
)

METRICS: dict[str, Metric] = {metric.function: metric for metric in _ALL}


def metric(name: str) -> Metric:
    """The registry entry of a metric function.

    Raises:
        ParameterError: There is no such metric.
    """
    require_choice(name, METRICS, name="metric")
    return METRICS[name]
