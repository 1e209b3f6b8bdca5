"""Cards of the metrics of progress, scores, lessons and tutors."""

from analytics_lib.metrics.registry.card import Metric

CARDS = (
    Metric(
        name="Progress of learners",
        function="learner_progress",
        question="How much of the content has each learner used?",
        unit="share",
        direction="higher is better",
        definition="Different items used while enrolled, divided by the items that the learner"
        " could see on some day while enrolled, and by all items.",
        variants="Items completed instead of used.",
        source="Open edX, openedx-progress, on units visible to the learner",
    ),
    Metric(
        name="Progress by presentation",
        function="progress_by_presentation",
        question="How much of the content has the average learner of each presentation used?",
        unit="share",
        direction="higher is better",
        definition="Mean of the progress of learners who could see anything; each learner "
        "weighs the same.",
        variants="Of learners who used anything.",
        source="Open edX, openedx-progress, on units visible to the learner",
    ),
    Metric(
        name="Course completion",
        function="course_completion",
        question="What share completes: of all enrolled, of those who stayed a while, of those"
        " who began?",
        unit="share",
        direction="higher is better",
        definition="Pass or distinction, divided by all enrolled, by those enrolled on at "
        "least 14 days of the presentation, and by those with an event in it.",
        variants="Of those who handed in the first piece of work.",
        source="Definition of this project",
        alert_reason="Courses differ in length and in purpose: compare presentations of one "
        "course.",
    ),
    Metric(
        name="Scores by kind of assessment",
        function="scores_by_kind",
        question="What do learners score in each kind of assessment of a presentation?",
        unit="points",
        direction="higher is better",
        definition="Mean of the scores of work handed in, each once and by its weight in the "
        "course mark; scores carried over from an earlier presentation are left out"
        " and counted.",
        variants="Work not handed in as 0; with carried-over scores.",
        source="Definition of this project; weights after Kuzilek et al. 2017",
    ),
    Metric(
        name="Score of learners",
        function="learner_scores",
        question="What is each learner's weighted mean score in a presentation?",
        unit="points",
        direction="higher is better",
        definition="Sum of weight times score of the coursework handed in, divided by the sum "
        "of its weights.",
        variants="Divided by all weights, so that missing work is 0.",
        source="Definition of this project; weights after Kuzilek et al. 2017",
    ),
    Metric(
        name="Skill levels",
        function="skill_levels",
        question="What share of the learners of each presentation is at each level?",
        unit="share",
        direction="higher is better",
        definition="Learners whose weighted mean score reaches the cut point of the level and "
        "not the next, divided by learners with a score. Cut points 40, 55, 70, 85.",
        variants="Other published cut points; quantiles, which always give the same shares.",
        source="The Open University, module grades",
    ),
    Metric(
        name="Peer percentile",
        function="peer_percentiles",
        question="At which percentile of their presentation does each learner stand?",
        unit="percent",
        direction="higher is better",
        definition="Learners of the presentation with a lower score, and half of those with an"
        " equal one, divided by all with a score.",
        variants="Those below only; those below or equal.",
        source="Conover 1999, on mid-ranks",
    ),
    Metric(
        name="Peer benchmark",
        function="peer_benchmark",
        question="Which scores do learners compare with, without naming any?",
        unit="points",
        direction="higher is better",
        definition="The 10th, 25th, 50th, 75th and 90th percentile of learners' weighted mean "
        "scores, linear between scores; null with fewer than 20 learners.",
        variants="By nearest rank, which is one learner's own score.",
        source="Hyndman and Fan 1996, definition 7",
    ),
    Metric(
        name="Days to the first activity",
        function="days_to_first_activity",
        question="How many days after the start does the median learner first do anything?",
        unit="days",
        direction="lower is better",
        definition="Median over learners with an event of the days from the start of the "
        "presentation to the first one; beside it the share who began.",
        variants="From enrolment; with those who never began as infinitely late.",
        source="Definition of this project",
    ),
    Metric(
        name="Days from the due day",
        function="days_from_due",
        question="How many days before or after its due day is work handed in?",
        unit="days",
        direction="lower is better",
        definition="Median and mean of the day of submission less the due day, of work whose "
        "due day is over and that was not carried over.",
        variants="Late work only (see late work).",
        source="Definition of this project",
    ),
    Metric(
        name="Efficiency of study",
        function="study_efficiency",
        question="How many points do learners score for a day, and for a hundred actions, of "
        "study?",
        unit="points",
        direction="neither",
        definition="Mean score divided by mean active days, and by mean actions, of the "
        "learners with both a score and an event.",
        variants="The mean of each learner's ratio, which belongs to whoever clicked once.",
        source="Definition of this project",
    ),
    Metric(
        name="Outcome by early use",
        function="outcome_by_early_use",
        question="How do learners end who used a kind of content in the first weeks, and those"
        " who did not?",
        unit="share",
        direction="neither",
        definition="Of learners still enrolled when the first weeks are over, the share with "
        "the outcome among those who used the kind in these weeks and those who did"
        " not. It is association, not effect.",
        variants="Matched or weighted by what else differs.",
        source="Anderson, Cain and Gelber 1983, the landmark method",
    ),
    Metric(
        name="Attendance",
        function="attendance_shares",
        question="What share of the lessons that were not cancelled did the learner attend?",
        unit="share",
        direction="higher is better",
        definition="Lessons attended, divided by lessons attended or missed, by the period of "
        "the lesson.",
        variants="Of all bookings.",
        source="Definition of this project",
    ),
    Metric(
        name="Cancellations",
        function="cancellation_shares",
        question="What share of the booked lessons was cancelled?",
        unit="share",
        direction="lower is better",
        definition="Bookings cancelled, divided by all bookings whose lesson day is over, by "
        "the period of the lesson.",
        variants="By the day of booking; late cancellations only.",
        source="Definition of this project",
    ),
    Metric(
        name="Utilisation of tutors",
        function="tutor_utilisation",
        question="What share of the lessons each tutor offered was taken?",
        unit="share",
        direction="higher is better",
        definition="Lessons attended or missed, divided by the slots offered.",
        variants="Attended only; of working time.",
        source="Definition of this project",
    ),
    Metric(
        name="Rating of tutors",
        function="tutor_ratings",
        question="How are tutors rated, few reviews allowed for?",
        unit="points",
        direction="higher is better",
        definition="(w C + sum of the ratings) / (w + their number), C the mean of all ratings"
        " of attended lessons and w = 10.",
        variants="The mean, which a single review can lead.",
        source="Gelman A. et al. 2013, Bayesian Data Analysis, section 2.5",
    ),
    Metric(
        name="Retention by tutor",
        function="learner_retention_by_tutor",
        question="What share of a tutor's new learners attends another lesson soon after the "
        "first?",
        unit="share",
        direction="higher is better",
        definition="Of learners whose first attended lesson with the tutor lies at least 28 "
        "days back, the share who attended another one with the same tutor on one "
        "of the 28 days after it.",
        variants="With any tutor; any later day.",
        source="Definition of this project",
    ),
)
