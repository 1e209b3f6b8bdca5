"""Cards of the metrics of operations."""

from analytics_lib.metrics.registry.card import Metric

CARDS = (
    Metric(
        name="Request rate",
        function="request_rates",
        question="How many requests did each service get in each calendar period?",
        unit="requests",
        direction="neither",
        definition="Requests that began in the calendar period, and the same divided by its "
        "days. A period that is not over has no value.",
        variants="Per second, in each minute or hour (see request rate by time).",
        source="Wilkie T. 2018, the RED method: rate",
    ),
    Metric(
        name="Request rate by time",
        function="request_rates_by_time",
        question="How many requests a second did each service get in each minute or hour?",
        unit="requests per second",
        direction="neither",
        definition="Requests that began in the minute or hour of UTC, divided by its seconds. "
        "Only minutes and hours with requests have a row.",
        variants="Hours of the local clock.",
        source="Wilkie T. 2018, the RED method: rate",
    ),
    Metric(
        name="Error share",
        function="error_shares",
        question="What share of the requests of each service failed?",
        unit="share",
        direction="lower is better",
        definition="Requests that ended with an error or a timeout, divided by requests whose "
        "end is known.",
        variants="Without timeouts; without errors the caller caused.",
        source="Wilkie T. 2018, the RED method: errors",
        alert_above=0.01,
        alert_reason="With an objective of 99.9 %, failures at this rate use up what 30 days allow "
        "in three days; see error budget.",
    ),
    Metric(
        name="Latency percentiles",
        function="latency_percentiles",
        question="Within what time did half, 90 %, 95 % and 99 % of the requests end?",
        unit="microseconds",
        direction="lower is better",
        definition="The smallest duration that so many percent of the requests of the period "
        "did not exceed (nearest rank), computed from all requests, failed ones "
        "included.",
        variants="Linear between two durations; successful requests only.",
        source="Hyndman and Fan 1996, definition 1",
        alert_reason="What is slow depends on what is asked for: give `bounds` for each service.",
    ),
    Metric(
        name="Saturation",
        function="saturation_levels",
        question="How full was each service when it was nearly at its fullest?",
        unit="share",
        direction="lower is better",
        definition="The 95th percentile over requests of the share of the scarcest resource in"
        " use, by nearest rank.",
        variants="The maximum; the mean; over time instead of requests.",
        source="Beyer B. et al. 2016, Site Reliability Engineering, chapter 6",
        alert_above=0.8,
        alert_reason="From 80 % on, as in bottlenecks, waiting grows quickly (design assumption).",
    ),
    Metric(
        name="Availability",
        function="availability",
        question="For what share of the time, and of the requests, was each service available?",
        unit="share",
        direction="higher is better",
        definition="Minutes of which less than a threshold (5 %) of the requests failed, "
        "divided by minutes with requests; beside it requests that succeeded, "
        "divided by all.",
        variants="Measured from outside, where minutes without requests count too.",
        source="Beyer B. et al. 2016, Site Reliability Engineering, chapter 3",
        alert_below=0.999,
        alert_reason="99.9 % leave 43 minutes in 30 days (design assumption); an objective agreed "
        "on with users goes before it.",
    ),
    Metric(
        name="Error budget left",
        function="error_budget",
        question="How much of the failures that the objective allows is left?",
        unit="share",
        direction="higher is better",
        definition="1 less the failed requests of the window divided by the requests times (1 "
        "- objective). Below 0 it is overspent; a window not measured from its "
        "start has none.",
        variants="Of minutes instead of requests; of the calendar month.",
        source="Beyer B. et al. 2018, The Site Reliability Workbook, chapter 2",
        alert_below=0.0,
        alert_reason="Below 0 more has failed than the objective allows.",
    ),
    Metric(
        name="Bottlenecks",
        function="bottlenecks",
        question="Which services contribute most to the time people wait and to failures, and why?",
        unit="share",
        direction="lower is better",
        definition="A service's share of all durations and of all failures in the window, "
        "ranked. Slow or failing: at least 1.5 times its share of requests; busy: "
        "at least 1.5 times an equal part of them; saturated: 95th percentile of "
        "saturation of 80 % or more.",
        variants="By mean duration, which leads to services that are hardly asked.",
        source="Definition of this project",
    ),
)
