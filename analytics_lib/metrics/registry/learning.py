"""Cards of the metrics of learning."""

from analytics_lib.metrics.registry.card import Metric

CARDS = (
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
