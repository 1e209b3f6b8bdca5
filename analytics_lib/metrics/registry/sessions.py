"""Cards of the metrics of sessions."""

from analytics_lib.metrics.registry.card import Metric

CARDS = (
    Metric(
        name="Sessions",
        function="sessions",
        question="When did each session begin and end, and what happened in it?",
        unit="sessions",
        direction="neither",
        definition="A run of a user's events without a pause longer than 30 minutes. It is not cut "
        "at midnight and belongs to the day it began.",
        variants="Another timeout; cut at midnight; a pause of exactly the timeout ends it "
        "(Universal Analytics).",
        source="Google Analytics 4, help 12798876",
        alert_reason="Depends on the size of the platform and on the season: check `change` "
        "against the page before.",
    ),
    Metric(
        name="Session of each event",
        function="assign_sessions",
        question="Which session does each event belong to?",
        unit="sessions",
        direction="neither",
        definition="The user's sessions counted from 0; events at the same instant are in the same "
        "session.",
        variants="As for sessions.",
        source="Google Analytics 4, help 12798876",
    ),
    Metric(
        name="Session quality",
        function="session_quality",
        question="How many sessions began in each period, how long were they, how many bounced?",
        unit="sessions",
        direction="higher is better",
        definition="Sessions by the period they began in. Bounced: at most 10 seconds, no key "
        "event and fewer than two views. Lengths are of sessions with more than one instant.",
        variants="Bounced: a single event; lengths capped; single events counted as length 0.",
        source="Google Analytics 4, help 12798876; umami issues 2228 and 2284",
        overlapping=("users",),
    ),
    Metric(
        name="Concurrent users",
        function="concurrent_users",
        question="How many users were in a session at the same moment, at most, in each period?",
        unit="users",
        direction="neither",
        definition="Largest number of sessions under way at one moment, from first to last event.",
        variants="With the timeout added to each session; the mean instead of the peak.",
        source="Definition of this project",
        overlapping=("peak_users",),
    ),
)
