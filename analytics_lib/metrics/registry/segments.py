"""Cards of the metrics of segments."""

from analytics_lib.metrics.registry.card import Metric

CARDS = (
    Metric(
        name="Recency, frequency, monetary value",
        function="rfm",
        question="How lately, how often and for how much does each customer buy?",
        unit="score",
        direction="higher is better",
        definition="Recency: days from the last purchase day. Frequency: different purchase days. "
        "Monetary: payments less refunds per purchase day. Each is scored 1 to 5 by rank among "
        "customers, ties at their mean rank; a table names the segment of each combination.",
        variants="Fixed cut points; total instead of mean value; repeat purchases only.",
        source="Hughes, Strategic Database Marketing (1994)",
    ),
    Metric(
        name="Segments by rules",
        function="segment_by_rules",
        question="To which segment does each user belong by rules that anybody can read?",
        unit="users",
        direction="neither",
        definition="The first rule whose conditions all hold names the segment; a named rest "
        "takes everybody else. A missing value meets no condition but `missing`.",
        variants="Clusters, which are found instead of said.",
        source="PostHog, cohorts; Mixpanel, cohorts",
    ),
    Metric(
        name="Comparison of segments",
        function="compare_segments",
        question="How large is each segment, and how do its users differ in some numbers?",
        unit="users",
        direction="neither",
        definition="Users of each segment and their share of all; mean with its t interval and "
        "median with its exact interval of each number.",
        variants="Trimmed means; a test of each difference.",
        source="Conover, Practical Nonparametric Statistics (1999), for medians",
    ),
    Metric(
        name="Migration between segments",
        function="segment_migration",
        question="Where did the users of each segment go, and where do those of now come from?",
        unit="users",
        direction="neither",
        definition="Users by their segments of two periods; shares are of the segment before. "
        "Those who entered or left have rows of their own.",
        variants="Shares of the segment after; only users of both periods.",
        source="Transition matrix of a Markov chain, as in Pfeifer and Carraway, J. Interact. "
        "Mark. 14 (2000)",
    ),
)
