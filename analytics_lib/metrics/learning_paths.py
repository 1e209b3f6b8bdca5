"""How learners end who began in different ways."""

import datetime as dt
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl

from analytics_lib.core.checks import require_at_least, require_choice
from analytics_lib.core.periods import day_number
from analytics_lib.metrics.enrolments import (
    OUTCOME_GROUPS,
    PRESENTATION,
    presentation_name,
    started,
)
from analytics_lib.metrics.frames import beside, finish, known_events, like
from analytics_lib.metrics.learners import course_events
from analytics_lib.metrics.progress import LATER
from analytics_lib.statistics import add_share_interval


def outcome_by_early_use(
    events: Any,  # noqa: ANN401 - an EventLog or any supported frame
    content: Any,  # noqa: ANN401 - any supported frame
    enrolments: Any,  # noqa: ANN401 - any supported frame
    courses: Any,  # noqa: ANN401 - any supported frame
    *,
    outcome: str,
    weeks: int,
    as_of: dt.date,
    confidence_level: float = 0.95,
) -> Any:  # noqa: ANN401 - the caller's own kind of frame
    """How do learners end who used a kind of content in the first weeks, and those who did not?

    It is association, not effect: whoever opens the forum is keener in many
    ways, and would be without it. One trap is avoided: who leaves in week 1
    has little time to use anything, so everything would seem to keep people.
    Only learners still enrolled when the first weeks are over are compared.

    Args:
        events: An `EventLog`, or a frame with `user_id`, `day`, `content_id`; one row an event.
        content: One row a piece of content (contract `content`).
        enrolments: One row a learner and presentation (contract `enrolments`).
        courses: One row a presentation (contract `courses`).
        outcome: `withdrawn`, `completed` (pass or distinction), `pass`,
            `distinction` or `fail`.
        weeks: How many first weeks; use before the start counts as none.
        as_of: Last complete day; only presentations that are over by then count.
        confidence_level: Coverage of the Wilson intervals.

    Returns:
        One row a presentation, kind of content it has, and whether it was
        used, sorted: `course_id`, `presentation`, `kind`, `used`, `learners`,
        the count under the outcome's own name, `share`, `ci_lower`,
        `ci_upper`, `name`; the share of nobody is null. Presentations of which
        the log has no event are left out.

    Raises:
        SchemaError: A column is missing.
        ParameterError: `outcome` is unknown, or `weeks` below 1.

    Examples:
        >>> course = {"course_id": "A", "presentation": "1"}
        >>> courses = pl.DataFrame({**course, "start_day": [0], "end_day": [30]})
        >>> people = pl.DataFrame({**course, "user_id": ["a", "b"], "enrolled_day": 0})
        >>> people = people.with_columns(
        ...     unenrolled_day=pl.lit(None, pl.Int32), outcome=pl.Series(["pass", "fail"])
        ... )
        >>> items = pl.DataFrame({**course, "content_id": ["x"], "kind": ["quiz"]})
        >>> log = pl.DataFrame({"user_id": ["a", "b"], "day": [3, 7], "content_id": "x"})
        >>> outcome_by_early_use(
        ...     log, items, people, courses, outcome="pass", weeks=1, as_of=dt.date(1970, 2, 1)
        ... ).select("used", "learners", "share").rows()
        [(False, 1, 0.0), (True, 1, 1.0)]

    References:
        Anderson J. R., Cain K. C. and Gelber R. D. (1983), J. Clin. Oncol. 1,
        710-719: the landmark method.
    """
    require_choice(outcome, OUTCOME_GROUPS, name="outcome")
    require_at_least(weeks, 1, name="weeks")

    keys = list(PRESENTATION)
    log = known_events(course_events(events, content), as_of=as_of)
    is_hit = nw.when(nw.col("outcome").is_in(OUTCOME_GROUPS[outcome])).then(nw.lit(1))
    landmark = nw.col("start_day") + 7 * weeks
    people = beside(
        started(enrolments, courses, as_of=as_of)
        .filter(
            nw.col("end_day") <= day_number(as_of) + 1,
            nw.col("enrolled_day").fill_null(0) < landmark,
            nw.col("unenrolled_day").fill_null(LATER) > landmark - 1,
        )
        .with_columns(is_hit.otherwise(nw.lit(0)).alias("hit"))
        .select(*keys, "user_id", "start_day", "hit"),
        log,
    )
    used = (
        log.select(*keys, "user_id", "day", "kind")
        .join(people, on=[*keys, "user_id"], how="inner")
        .filter(nw.col("day") >= nw.col("start_day"), nw.col("day") < landmark)
        .group_by(*keys, "kind", "user_id")
        .agg(nw.col("hit").max())
    )
    users = finish(
        used.group_by(*keys, "kind").agg(nw.len().alias("learners"), nw.col("hit").sum())
    )
    everybody = finish(
        people.group_by(*keys).agg(nw.len().alias("everybody"), nw.col("hit").sum().alias("hits"))
    )
    kinds = finish(log.group_by(*keys, "kind").agg(nw.len().alias("events"))).drop("events")
    with_use = (
        kinds.join(everybody, on=keys)
        .join(users, on=[*keys, "kind"], how="left")
        .with_columns(pl.col("learners", "hit").fill_null(0), used=pl.lit(value=True))
    )
    without = with_use.with_columns(
        used=pl.lit(value=False),
        learners=pl.col("everybody") - pl.col("learners"),
        hit=pl.col("hits") - pl.col("hit"),
    )
    both = pl.concat([without, with_use]).select(
        *keys, "kind", "used", "learners", pl.col("hit").alias(outcome)
    )
    shares = add_share_interval(
        both, numerator=outcome, denominator="learners", confidence_level=confidence_level
    )
    named = shares.with_columns(presentation_name())
    return like(named.sort(*keys, "kind", "used"), events)
