"""Cards of the metrics of communities."""

from analytics_lib.metrics.registry.card import Metric

CARDS = (
    Metric(
        name="Group size and activity",
        function="group_sizes",
        question="How many members does each group have, and what share of them is active?",
        unit="members",
        direction="higher is better",
        definition="Everybody who was a member on any day of the period, and of them the share"
        " with an event on a day of membership.",
        variants="Of members on the last day, which leaves out those who left.",
        source="Definition of this project",
        overlapping=("members", "members_at_end", "active"),
    ),
    Metric(
        name="Joining and leaving",
        function="membership_changes",
        question="How many memberships began and ended in each calendar period?",
        unit="memberships",
        direction="higher is better",
        definition="Memberships by their first day, and by their first day no longer in force;"
        " a person in two groups is two.",
        variants="People instead of memberships.",
        source="Definition of this project",
    ),
    Metric(
        name="Partnerships in force",
        function="partnerships_active",
        question="How many partnerships were in force in each calendar period?",
        unit="partnerships",
        direction="higher is better",
        definition="Partnerships in force on any day of the period, with those that began and "
        "ended in it.",
        variants="In force on the last day.",
        source="Definition of this project",
    ),
    Metric(
        name="Cross-group interactions",
        function="cross_group_shares",
        question="What share of the interactions is between people who share no group?",
        unit="share",
        direction="higher is better",
        definition="Interactions of two different people without a common group on that day, "
        "divided by all interactions of two different people.",
        variants="With the groups of today; the E-I index, which takes the difference of the "
        "two shares.",
        source="Krackhardt and Stern 1988, Soc. Psychol. Q. 51, 123-140, on the E-I index",
    ),
    Metric(
        name="Connections formed",
        function="connections_formed",
        question="How many pairs of people met for the first time in each calendar period?",
        unit="connections",
        direction="higher is better",
        definition="Pairs of different people by the period of their first interaction in the "
        "whole history; a pair counts once.",
        variants="Directed, where each direction counts; only answered ones.",
        source="Definition of this project",
    ),
    Metric(
        name="Reciprocity",
        function="reciprocity_share",
        question="What share of the connected pairs interacted in both directions?",
        unit="share",
        direction="higher is better",
        definition="Pairs with an interaction in each direction, divided by pairs with any.",
        variants="Of directed connections, those that are returned, which is larger.",
        source="Wasserman and Faust 1994, section 13.3",
    ),
    Metric(
        name="Satisfaction",
        function="satisfaction",
        question="How satisfied are people, by the ratings of each calendar period?",
        unit="points",
        direction="higher is better",
        definition="Mean of the ratings from 1 to 5 given in the period, with the share of 4 "
        "and 5.",
        variants="The share of 5 only; net promoter score.",
        source="Definition of this project",
    ),
    Metric(
        name="Interactions with repeat partners",
        function="repeat_partner_shares",
        question="What share of the interactions is with somebody one had met before?",
        unit="share",
        direction="higher is better",
        definition="Interactions of a pair but its first one in the whole history, divided by "
        "all interactions of two different people.",
        variants="The share of people with any repeat partner.",
        source="Definition of this project",
    ),
    Metric(
        name="Trust score",
        function="trust_scores",
        question="How far can each person be trusted, by the ratings of others?",
        unit="points",
        direction="higher is better",
        definition="(w C + sum of the ratings received) / (w + their number), C the mean of "
        "all ratings and w = 5.",
        variants="The mean, which a single rating can lead; the lower end of an interval.",
        source="Gelman A. et al. 2013, Bayesian Data Analysis, section 2.5",
    ),
)
