"""Cards of the metrics of journeys."""

from analytics_lib.metrics.registry.card import Metric

_SOURCE = "retentioneering 5.2"

CARDS = (
    Metric(
        name="Transitions",
        function="transitions",
        question="From each event, what comes next, and how often?",
        unit="share",
        direction="neither",
        definition="Pairs of events that follow each other within a path, in the order of instant "
        "and event id, with markers of its start and end. Out share: of all that leave the first "
        "event. In share: of all that arrive at the second.",
        variants="Paths by user or by session; repeats of an event in a row as one; the first "
        "visit only.",
        source=f"{_SOURCE}, transition graph and matrix",
    ),
    Metric(
        name="Difference of transitions",
        function="compare_transitions",
        question="From each event, do two segments go on differently?",
        unit="share",
        direction="neither",
        definition="Out share of a transition in the second segment less that in the first, with "
        "Newcombe's interval. Paths are taken within a segment.",
        variants="As for transitions.",
        source=f"{_SOURCE}, difference of two segments; Newcombe 1998, method 10",
    ),
    Metric(
        name="Most frequent paths",
        function="top_paths",
        question="Which first steps are the most frequent?",
        unit="share",
        direction="neither",
        definition="Paths that begin with the same events in the same order, as a share of all "
        "paths. A shorter path ends in the end marker.",
        variants="Paths by user or by session; from a chosen event on (see around an event).",
        source="PostHog, paths; Mixpanel, flows",
    ),
    Metric(
        name="Step matrix",
        function="step_matrix",
        question="What share of all paths is at each event at each step?",
        unit="share",
        direction="neither",
        definition="Paths whose step of that number is the event, as a share of all paths. A path "
        "that is over stays at the end, so the shares of a step add up to 1.",
        variants="Of the paths that are still going; centred on an event (see around an event).",
        source=f"{_SOURCE}, step matrix",
    ),
    Metric(
        name="Around an event",
        function="around_event",
        question="What happens in the steps before and after a chosen event?",
        unit="share",
        direction="neither",
        definition="Events so many steps before or after the first occurrence of the chosen event "
        "in each path, as a share of these occurrences; start and end stand beyond the path.",
        variants="Every occurrence instead of the first.",
        source=f"{_SOURCE}, centred step matrix; Mixpanel, flows",
    ),
)
