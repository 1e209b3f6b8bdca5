"""Cards of the metrics of activity."""

from analytics_lib.metrics.registry.card import Metric

CARDS = (
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
        alert_reason="Depends on the size of the platform and on the season: check `change` "
        "against the page before.",
        overlapping=("active_users",),
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
        alert_reason="Depends on the size of the platform and on the season: check `change` "
        "against the page before.",
        overlapping=("active_users",),
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
        alert_reason="Depends on the size of the platform and on the season: check `change` "
        "against the page before.",
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
        alert_reason="Depends on how often people need the product: check `change` against its own "
        "past.",
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
        alert_reason="New platforms grow fast and large ones do not: check `change` against the "
        "season before.",
        overlapping=("active_users", "previous"),
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
        overlapping=("active", "returning", "resurrected", "dormant"),
    ),
)
