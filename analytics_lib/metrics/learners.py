"""What enrolled learners do: active weeks of a presentation, and the kinds of content they use."""

import datetime as dt
from dataclasses import replace
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl

from analytics_lib.core.periods import day_number
from analytics_lib.events.boundary import as_event_log, as_table
from analytics_lib.events.log import EventLog
from analytics_lib.metrics.calendar import day_column
from analytics_lib.metrics.enrolments import PRESENTATION, presentation_name, started
from analytics_lib.metrics.frames import beside, finish, known_events, like
from analytics_lib.statistics import add_share_interval


def course_events(events: Any, content: Any) -> EventLog:  # noqa: ANN401 - any supported frames
    """The events that concern content of a presentation, with its columns beside them.

    Args:
        events: An `EventLog`, or a frame with `user_id`, `day`, `content_id`; one row an event.
        content: One row a piece of content (contract `content`).

    Returns:
        A log that also has `course_id`, `presentation`, `kind` and `name`
        (such as `AAA 2013J`); events about other content are left out.

    Raises:
        SchemaError: A column is missing.
    """
    log = as_event_log(events)
    pieces = as_table(content, ["content_id", *PRESENTATION, "kind"], name="content")
    joined = log.frame.join(
        beside(pieces.select("content_id", *PRESENTATION, "kind"), log.frame),
        on="content_id",
        how="inner",
    )
    name = nw.concat_str(*PRESENTATION, separator=" ").alias("name")
    return replace(log, frame=joined.with_columns(name))


def active_learners_by_week(
    events: Any,  # noqa: ANN401 - an EventLog or any supported frame
    content: Any,  # noqa: ANN401 - any supported frame
    enrolments: Any,  # noqa: ANN401 - any supported frame
    courses: Any,  # noqa: ANN401 - any supported frame
    *,
    as_of: dt.date,
    confidence_level: float = 0.95,
) -> Any:  # noqa: ANN401 - the caller's own kind of frame
    """What share of the enrolled learners was active in each week of a presentation?

    The base is everybody enrolled, the same in every week: those who withdrew
    and those who never clicked stay in it, so the curve shows the course and
    not the survivors. Presentations of which the log has no event at all are
    left out: their clicks are not known, which is not the same as none.

    Args:
        events: An `EventLog`, or a frame with `user_id`, `day`, `content_id`; one row an event.
        content: One row a piece of content (contract `content`).
        enrolments: One row a learner and presentation (contract `enrolments`).
        courses: One row a presentation (contract `courses`).
        as_of: Last complete day; later rows are ignored.
        confidence_level: Coverage of the Wilson intervals.

    Returns:
        One row a presentation and whole week, from week 0 (which starts on the
        first day) to the last one inside the presentation or the one that
        holds `as_of`; days left over at the end make no week: `course_id`,
        `presentation`, `week`, `interval_start`, `interval_end`, `enrolled`,
        `active`, `share`, `ci_lower`, `ci_upper`, `name` (such as `AAA
        2013J`); null while the week is not complete.

    Raises:
        SchemaError: A column is missing.
    """
    log = known_events(course_events(events, content), as_of=as_of)
    people = beside(started(enrolments, courses, as_of=as_of), log)
    clicks = (
        log.select(*PRESENTATION, "user_id", day_column().alias("day"))
        .join(people, on=[*PRESENTATION, "user_id"], how="inner")
        .filter(nw.col("day") >= nw.col("start_day"), nw.col("day") < nw.col("end_day"))
        .with_columns(week=(nw.col("day") - nw.col("start_day")) // 7)
        .group_by(*PRESENTATION, "week", "user_id")
        .agg(nw.len().alias("events"))
    )
    active = finish(clicks.group_by(*PRESENTATION, "week").agg(nw.len().alias("active")))
    keys = [*PRESENTATION, "start_day", "end_day"]
    sizes = finish(people.group_by(*keys).agg(nw.len().alias("enrolled")))
    last_day = day_number(as_of)
    known = sizes.join(active.select(PRESENTATION).unique(), on=PRESENTATION, how="semi")
    full_weeks = (pl.col("end_day") - pl.col("start_day")) // 7
    weeks_so_far = (last_day - pl.col("start_day")) // 7 + 1
    first = pl.col("start_day") + 7 * pl.col("week")
    end = first + 7
    weeks = (
        known.with_columns(week=pl.int_ranges(0, pl.min_horizontal(full_weeks, weeks_so_far)))
        .explode("week")
        .join(active, on=[*PRESENTATION, "week"], how="left")
        .with_columns(
            active=pl.when(end - 1 <= last_day).then(pl.col("active").fill_null(0)),
            interval_start=first.cast(pl.Int32).cast(pl.Date),
            interval_end=end.cast(pl.Int32).cast(pl.Date),
        )
        .select(*PRESENTATION, "week", "interval_start", "interval_end", "enrolled", "active")
    )
    shares = add_share_interval(
        weeks, numerator="active", denominator="enrolled", confidence_level=confidence_level
    )
    named = shares.with_columns(presentation_name()).sort(*PRESENTATION, "week")
    return like(named, events)


def engagement_by_kind(
    events: Any,  # noqa: ANN401 - an EventLog or any supported frame
    content: Any,  # noqa: ANN401 - any supported frame
    enrolments: Any,  # noqa: ANN401 - any supported frame
    courses: Any,  # noqa: ANN401 - any supported frame
    *,
    as_of: dt.date,
    confidence_level: float = 0.95,
) -> Any:  # noqa: ANN401 - the caller's own kind of frame
    """What share of the enrolled learners used each kind of content, and how much?

    Rows of a log that stand for several actions are added up by `quantity`;
    counting rows would count days.

    Args:
        events: An `EventLog`, or a frame with `user_id`, `day`, `content_id`
            and `quantity`; one row an event.
        content: One row a piece of content (contract `content`).
        enrolments: One row a learner and presentation (contract `enrolments`).
        courses: One row a presentation (contract `courses`).
        as_of: Last complete day; later rows are ignored.
        confidence_level: Coverage of the Wilson intervals.

    Returns:
        One row a kind, most used first: `kind`, `actions`, `users` (enrolled
        learners who used it, once a presentation), `enrolled` (all enrolled in
        the presentations that the log knows), `actions_per_user`, `share`,
        `ci_lower`, `ci_upper`.

    Raises:
        SchemaError: A column is missing.
    """
    log = known_events(course_events(events, content), as_of=as_of)
    people = beside(started(enrolments, courses, as_of=as_of), log).select(*PRESENTATION, "user_id")
    used = (
        log.select(*PRESENTATION, "user_id", "kind", "quantity")
        .join(people, on=[*PRESENTATION, "user_id"], how="inner")
        .group_by(*PRESENTATION, "user_id", "kind")
        .agg(nw.col("quantity").sum().alias("actions"))
    )
    kinds = finish(used.group_by("kind").agg(nw.col("actions").sum(), nw.len().alias("users")))
    seen = log.group_by(*PRESENTATION).agg(nw.len().alias("events")).select(*PRESENTATION)
    enrolled = finish(people.join(seen, on=list(PRESENTATION), how="inner").select(nw.len()))
    counted = kinds.with_columns(
        enrolled=pl.lit(enrolled.item(), pl.Int64),
        actions_per_user=pl.col("actions") / pl.col("users"),
    )
    shares = add_share_interval(
        counted, numerator="users", denominator="enrolled", confidence_level=confidence_level
    )
    return like(shares.sort("users", "kind", descending=[True, False]), events)
