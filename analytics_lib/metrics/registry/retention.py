"""Cards of the metrics of retention."""

from analytics_lib.metrics.registry.card import Metric

CARDS = (
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
        alert_reason="Depends on how often people need the product: check `change` against its own "
        "past.",
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
        alert_reason="Depends on how often people need the product: check `change` against its own "
        "past.",
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
        alert_reason="Depends on how often people need the product: check `change` against its own "
        "past.",
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
        alert_reason="Depends on how often people need the product: check `change` against its own "
        "past.",
    ),
    Metric(
        name="Rolling retention",
        function="rolling_retention",
        question="What share is active again in the n-th 24 hours after the first event?",
        unit="share",
        direction="higher is better",
        definition="Of the users whose n-th 24 hours are over, the share with an event in them.",
        variants="Calendar days; the first event moved back to the full hour (Amplitude).",
        source="PostHog issue 29958; Amplitude, retention analysis",
    ),
    Metric(
        name="Streak retention",
        function="streak_retention",
        question="What share has been active in every bracket since the first day, up to the n-th?",
        unit="share",
        direction="higher is better",
        definition="Of the users whose bracket n is over, the share with an event in each bracket "
        "from 0 to n.",
        variants="Brackets of one day or several.",
        source="Mixpanel, retention (consecutive)",
    ),
    Metric(
        name="Retention by recurring cohort",
        function="recurring_cohorts",
        question="Of everybody active in a period, how many are active in each later period?",
        unit="share",
        direction="higher is better",
        definition="A user is in the cohort of every period of activity. The share is of the whole "
        "cohort. A period that is not over has no value.",
        variants="First-time cohorts.",
        source="PostHog, retention (recurring)",
    ),
    Metric(
        name="User survival",
        function="user_survival",
        question="What share of users is still there so many days after their first?",
        unit="share",
        direction="higher is better",
        definition="Kaplan-Meier estimate of the days from the first to the last active day; gone "
        "is a user who was silent for 30 complete days.",
        variants="Another length of silence; the end of a contract.",
        source="Kaplan and Meier 1958, J. Am. Stat. Assoc. 53, 457-481",
    ),
)
