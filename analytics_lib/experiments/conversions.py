"""What an experiment did to the share of users who reach a goal."""

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl

from analytics_lib.core.checks import require_at_least, require_choice, require_columns
from analytics_lib.core.periods import day_number
from analytics_lib.core.results import Estimate
from analytics_lib.events.boundary import event_frame
from analytics_lib.events.frames import finish
from analytics_lib.experiments.assignments import read_assignments
from analytics_lib.experiments.sample_ratio import SampleRatio, sample_ratio
from analytics_lib.statistics import Difference, estimate_share, share_difference


@dataclass(frozen=True, slots=True, kw_only=True)
class ExperimentReading:
    """What an experiment did, and whether it may be believed.

    Attributes:
        experiment: Its name.
        goal: Event that counts.
        days: Days from the assignment on within which it counts.
        control: Share of the control group that reached the goal.
        treatment: Share of the treatment group.
        difference: Treatment less control, with its interval and p-value; everything is `nan`
            where the groups are not as large as declared.
        sample_ratio: The check of their sizes, of all who were assigned.
        in_several: Users left out because they were in several groups.
        not_over: Users left out because their days are not over.
    """

    experiment: str
    goal: str
    days: int
    control: Estimate
    treatment: Estimate
    difference: Difference
    sample_ratio: SampleRatio
    in_several: int
    not_over: int


def read_conversions(
    events: Any,  # noqa: ANN401 - an EventLog or any supported frame
    *,
    experiment: str,
    control: str,
    treatment: str,
    goal: str,
    days: int,
    as_of: dt.date,
    shares: Mapping[str, float] | None = None,
    confidence_level: float = 0.95,
) -> ExperimentReading:
    """By how much did the treatment change the share of users who reach the goal?

    Three traps. Users are counted in the group they were assigned to, whatever they did then.
    Who was assigned yesterday has had no time for the goal: only users whose days are over count.
    And where the groups are not as large as they should be, something took users out of one of
    them, and no difference is given.

    Args:
        events: An `EventLog`, or a frame with `user_id`, `day`, `event_type` and `category`, with
            the assignments among them (`read_assignments`).
        experiment: Name of the experiment.
        control: Name of the group without the treatment.
        treatment: Name of the group with it.
        goal: Event type that counts, once a user.
        days: Days within which it counts, that of the assignment first; 1 or more.
        as_of: Last complete day; later rows are ignored.
        shares: Share of the users each group should have; halves where left out.
        confidence_level: Coverage of the intervals.

    Returns:
        The shares with Wilson intervals, their difference with Newcombe's, and the check.

    Raises:
        SchemaError: A column is missing.
        ParameterError: The log knows no such experiment or group, or a number is out of range.

    References:
        Kohavi R., Tang D., Xu Y. (2020), Trustworthy Online Controlled Experiments, chapters 3
        and 21.
    """
    require_at_least(days, 1, name="days")
    assigned = read_assignments(events, experiment=experiment, as_of=as_of)
    counts = assigned.counts()
    for name, group in (("control", control), ("treatment", treatment)):
        require_choice(group, list(counts), name=name)

    declared = shares if shares is not None else {control: 0.5, treatment: 0.5}
    check = sample_ratio(counts, shares=declared)
    over = assigned.users.filter(pl.col("assigned_day") + (days - 1) <= day_number(as_of))
    reached = _reached(events, over, goal=goal, days=days)
    both = {
        group: estimate_share(*reached.get(group, (0, 0)), confidence_level=confidence_level)
        for group in (control, treatment)
    }
    difference = share_difference(both[control], both[treatment])
    return ExperimentReading(
        experiment=experiment,
        goal=goal,
        days=days,
        control=both[control],
        treatment=both[treatment],
        difference=difference if check.is_as_declared else _unknown(difference),
        sample_ratio=check,
        in_several=assigned.in_several,
        not_over=assigned.users.height - over.height,
    )


def _reached(
    events: Any,  # noqa: ANN401 - an EventLog or any supported frame
    users: pl.DataFrame,
    *,
    goal: str,
    days: int,
) -> dict[str, tuple[int, int]]:
    """How many of each variant's users reached the goal in their days, and how many there are."""
    frame = event_frame(events)
    require_columns(frame.collect_schema().names(), ["event_type"], name="events")
    done = finish(
        frame.filter(nw.col("event_type") == goal, ~nw.col("user_id").is_null())
        .group_by("user_id", "day")
        .agg(nw.len().alias("times"))
    )
    after = pl.col("day") - pl.col("assigned_day")
    hits = users.join(done, on="user_id").filter(after >= 0, after < days)["user_id"].unique()
    found = users.with_columns(hit=pl.col("user_id").is_in(hits.implode()))
    rows = found.group_by("variant").agg(pl.col("hit").sum(), pl.len()).rows()
    return {variant: (int(hit), int(size)) for variant, hit, size in rows}


def _unknown(difference: Difference) -> Difference:
    return Difference(
        effect_size=math.nan,
        ci_lower=math.nan,
        ci_upper=math.nan,
        rel_effect_size=math.nan,
        pvalue=math.nan,
        confidence_level=difference.confidence_level,
        unit=difference.unit,
    )
