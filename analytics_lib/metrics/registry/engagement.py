"""Cards of the metrics of engagement."""

from analytics_lib.metrics.registry.card import Metric

CARDS = (
    Metric(
        name="Engagement score",
        function="engagement_scores",
        question="How engaged is each user, compared with all others?",
        unit="score",
        direction="higher is better",
        definition="Weighted mean of four percentile ranks among users, 0 to 100: recency (days "
        "since the last active day, weight 0.3), frequency (active days in 30 days, 0.3), depth "
        "(events per active day, 0.2), breadth (different event types, 0.2). Ties share their "
        "mean rank.",
        variants="Other weights and windows; quantity instead of events; kinds of content instead "
        "of event types; only users active in the window; active days alone (L28).",
        source="No accepted standard; recency, frequency and value after Hughes, Strategic "
        "Database Marketing (1994)",
    ),
    Metric(
        name="Activity levels",
        function="activity_levels",
        question="How many users are power, core, casual and dormant users?",
        unit="users",
        direction="neither",
        definition="Users by their active days in 28 days: power 16 or more, core 8 to 15, casual "
        "1 to 7, dormant none. The base of the shares is every user seen so far. No value while "
        "the log does not cover the window.",
        variants="Other cut points; a window of 30 or 7 days; only active users as the base.",
        source="Statsig, user metrics (L-ness)",
    ),
    Metric(
        name="Distribution of active days",
        function="activity_distribution",
        question="How many users were active on exactly so many days of the window?",
        unit="users",
        direction="neither",
        definition="Users active in the window by the exact number of their active days. The base "
        "of the shares is every user active in the window.",
        variants="Active weeks or months; so many days or more (given beside).",
        source="PostHog, stickiness; Chen, The power user curve (2018)",
    ),
    Metric(
        name="Activity by hour",
        function="hourly_pattern",
        question="At which hours of the local day are users active?",
        unit="users",
        direction="neither",
        definition="Events and different users by the hour that clocks in the report zone showed. "
        "Rates divide by how long clocks showed the hour, which differs where they change.",
        variants="The user's own zone; UTC.",
        source="Mixpanel and Amplitude: the zone of the project",
    ),
    Metric(
        name="Activity by weekday",
        function="weekday_pattern",
        question="On which days of the week are users active?",
        unit="users",
        direction="neither",
        definition="Events and different users by day of the week, Monday first, in the report "
        "zone. Rates divide by how often the weekday lies in the window.",
        variants="Weeks from Sunday.",
        source="ISO 8601, for the order of weekdays",
    ),
    Metric(
        name="Regularity",
        function="regularity",
        question="After how many days does each user come back, and in how many weeks at all?",
        unit="days",
        direction="neither",
        definition="Median of the days between a user's consecutive active days; and the share of "
        "complete weeks since the first active day, seven days each, with an active day.",
        variants="The mean gap; calendar weeks; weeks up to the last active one.",
        source="No accepted standard",
    ),
    Metric(
        name="Feature adoption",
        function="feature_adoption",
        question="What share of the active users uses each feature, how soon, and again?",
        unit="share",
        direction="higher is better",
        definition="Users of a feature in the window divided by users active in the window. "
        "Beside it the median days from the first event to the first use, and the share of "
        "adopters who used it on another day within 14 days of the first use, of those whose 14 "
        "days are over.",
        variants="Users ever instead of in the window; sessions; only new users as the base.",
        source="No accepted standard; base and repeat are named with the number",
    ),
)
