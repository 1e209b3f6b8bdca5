"""Cards of the metrics of money."""

from analytics_lib.metrics.registry.card import Metric

CARDS = (
    Metric(
        name="Revenue",
        function="revenue",
        question="How much was paid, paid back and kept in each calendar period?",
        unit="currency",
        direction="higher is better",
        definition="Purchases and subscriptions of the period (gross), less what was paid back in "
        "it (refunds), whenever the purchase was. A period that is not over has no value.",
        variants="Refunds taken off the period of the purchase; revenue recognised over the term.",
        source="Mixpanel, revenue analytics",
        alert_reason="Depends on the size of the platform and on the season: check `change` "
        "against the page before.",
        sums=("gross", "refunds", "net"),
        contributions="revenue_contributions",
    ),
    Metric(
        name="Refund share",
        function="refund_share",
        question="How much was paid back in each period, as a share of what was paid in it?",
        unit="share",
        direction="lower is better",
        definition="Refunds made in the period divided by purchases and subscriptions of the "
        "period. A share of money; it can exceed 1.",
        variants="Refunds of the purchases of the period, whenever made; the share of payments.",
        source="As commonly used",
        sums=("refunds", "gross"),
        contributions="revenue_contributions",
    ),
    Metric(
        name="Revenue per user (ARPU, ARPPU, ARPDAU)",
        function="revenue_per_user",
        question="How much net revenue is there per active, per paying and per daily active user?",
        unit="currency",
        direction="higher is better",
        definition="Net revenue of the period divided by its active users (ARPU), by the users who "
        "paid in it (ARPPU), by the mean of its daily active users (ARPDAU).",
        variants="Gross revenue; ARPDAU per day, over the sum of daily active users.",
        source="Mixpanel, revenue analytics",
        overlapping=("active_users", "paying_users"),
        sums=("net",),
        contributions="revenue_contributions",
    ),
    Metric(
        name="Movements of monthly recurring revenue",
        function="recurring_revenue_movements",
        question="How does monthly recurring revenue move from one month to the next, and why?",
        unit="currency",
        direction="higher is better",
        definition="Subscription amounts spread evenly over the calendar months they pay for; end "
        "= start + new + reactivated + expansion - contraction - churned.",
        variants="Spread by days; reactivated revenue counted as new.",
        source="As commonly reported by software companies",
        overlapping=("subscribers",),
        sums=("start", "new", "reactivated", "expansion", "contraction", "churned", "end"),
    ),
    Metric(
        name="Revenue retention (NRR, GRR)",
        function="revenue_retention",
        question="Of the recurring revenue of some months ago, how much is there now, from the "
        "same users?",
        unit="share",
        direction="higher is better",
        definition="NRR: (start + expansion - contraction - churned) / start. GRR: the same "
        "without expansion. Users who are new since then are left out.",
        variants="Over 1 or 12 months; reactivated users counted.",
        source="As commonly reported by software companies",
        sums=("start", "expansion", "contraction", "churned"),
    ),
    Metric(
        name="Revenue by cohort",
        function="cohort_revenue",
        question="How much has an average member of each cohort brought by each age?",
        unit="currency",
        direction="higher is better",
        definition="Net revenue of the users first paying in the same period, by complete periods "
        "since then, divided by all of them.",
        variants="Everybody who signed up as the base; gross revenue.",
        source="Mixpanel, retention with the sum of a property",
        sums=("revenue", "cumulative_revenue"),
        contributions="cohort_contributions",
    ),
    Metric(
        name="Value of a customer",
        function="value_of_customers",
        question="What margin has an average customer brought within so many days of the first "
        "payment?",
        unit="currency",
        direction="higher is better",
        definition="Mean of net revenue times gross margin within the days, over the customers "
        "whose days are over.",
        variants="Revenue per user times margin over churn; a forecast (see the models).",
        source="As commonly used",
    ),
    Metric(
        name="Cost of acquisition (CAC)",
        function="acquisition_cost",
        question="How much was spent on each new customer of a period?",
        unit="currency",
        direction="lower is better",
        definition="Spend of the period divided by the users whose first payment of more than 0 "
        "lies in it.",
        variants="Spend of an earlier period; by channel, where customers are attributed to one.",
        source="As commonly used",
    ),
    Metric(
        name="Value to cost (LTV:CAC)",
        function="value_to_cost",
        question="How many times over has each monthly cohort paid for its acquisition by an age?",
        unit="times",
        direction="higher is better",
        definition="Cumulative margin per customer by the end of an age, divided by the spend per "
        "customer of the same cohort.",
        variants="Predicted value; revenue per user times margin over churn.",
        source="As commonly used",
        alert_reason="Every cohort is below 1 while it is young: give `bounds` for the age that "
        "matters.",
        sums=("value",),
    ),
    Metric(
        name="Payback",
        function="payback_months",
        question="After how many months has each monthly cohort paid back what it cost to win?",
        unit="months",
        direction="lower is better",
        definition="The first complete month, that of the first payment counted as 1, by the end "
        "of which the cumulative margin per customer reaches the cost.",
        variants="Cost divided by the mean monthly margin per customer.",
        source="As commonly used",
        alert_reason="Depends on how long money may be tied up: give `bounds` that finance agreed "
        "on.",
    ),
)
