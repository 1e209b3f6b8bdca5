"""Cards of the metrics of funnels."""

from analytics_lib.metrics.registry.card import Metric

CARDS = (
    Metric(
        name="Funnel",
        function="funnel",
        question="How many who begin get as far as each step, and how long do they take?",
        unit="users",
        direction="higher is better",
        definition="Users who did the steps in order within seven days of the first, other events "
        "between, from any of their beginnings. Attempts whose window is not over are left out.",
        variants="First beginning only; strict or any order; a window for each step; exclusions; "
        "optional steps; held-constant properties; sessions or every beginning instead of users.",
        source="ClickHouse, windowFunnel; Mixpanel, advanced funnels; GrowthBook, funnels",
        alert_reason="Depends on what the steps ask of people: check `change` after each release.",
    ),
    Metric(
        name="Funnel over time",
        function="funnel_trend",
        question="Of those who began a funnel in each period, how many got to its end?",
        unit="share",
        direction="higher is better",
        definition="Users with a beginning in the period who reached the last step within the "
        "window of one of them, divided by all users with a beginning in it. A period has a value "
        "once the window of its last day is over.",
        variants="Every beginning instead of users; by the period of the end.",
        source="Mixpanel, funnels over time; GrowthBook issue 68, on open windows",
    ),
    Metric(
        name="Recoverable losses",
        function="recoverable_losses",
        question="Which step would bring most people to the end if a few of its lost ones went on?",
        unit="users",
        direction="lower is better",
        definition="One in ten of those lost at a step, times the shares of the later steps.",
        variants="Another share of the lost; the best group's share as the aim.",
        source="Definition of this project",
    ),
)
