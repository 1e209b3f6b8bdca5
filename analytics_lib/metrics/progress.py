"""How far learners get through the content of a presentation."""

import datetime as dt
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl

from analytics_lib.core.periods import day_number
from analytics_lib.events.boundary import as_table
from analytics_lib.metrics.enrolments import PRESENTATION, presentation_name, started
from analytics_lib.metrics.frames import beside, finish, flag, known_events, like
from analytics_lib.metrics.ratings import centres_by_group

LATER = 100_000  # a day number later than any contract allows


def learner_progress(
    events: Any,  # noqa: ANN401 - an EventLog or any supported frame
    content: Any,  # noqa: ANN401 - any supported frame
    enrolments: Any,  # noqa: ANN401 - any supported frame
    courses: Any,  # noqa: ANN401 - any supported frame
    *,
    as_of: dt.date,
    visible_from: str | None = None,
    visible_until: str | None = None,
) -> Any:  # noqa: ANN401 - the caller's own kind of frame
    """How much of the content has each learner used?

    Of all items, whoever left in week 2 or enrolled after an item had closed
    looks lazy: nobody can use what is not shown. So the share of the items
    that the learner could see at some time stands beside the share of all.

    A learner's time is from enrolment up to leaving, the end of the
    presentation or `as_of`. An item that was used although its own dates say
    it was hidden counts towards all items only. Presentations of which the
    log has no event are left out.

    Args:
        events: An `EventLog`, or a frame with `user_id`, `day`, `content_id`; one row an event.
        content: One row a piece of content (contract `content`).
        enrolments: One row a learner and presentation (contract `enrolments`).
        courses: One row a presentation (contract `courses`).
        as_of: Last complete day; later rows are ignored.
        visible_from: Column of `content` with the first day an item is shown
            (day number; null is always). None where items have no dates.
        visible_until: Column with the first day it is shown no longer.

    Returns:
        One row a learner and presentation, sorted: `course_id`,
        `presentation`, `user_id`, `items`, `visible_items`, `used_items`,
        `used_visible_items`, `share_of_visible`, `share_of_all`; a share of
        nothing is null. They describe, they are no sample: no intervals.

    Raises:
        SchemaError: A column is missing.

    Examples:
        >>> course = {"course_id": ["A"], "presentation": ["1"]}
        >>> courses = pl.DataFrame({**course, "start_day": [0], "end_day": [90]})
        >>> people = pl.DataFrame({**course, "user_id": ["a"], "enrolled_day": [0]})
        >>> people = people.with_columns(unenrolled_day=pl.lit(10))
        >>> items = pl.DataFrame({"content_id": ["x", "y", "z"], "opens": [None, 9, 10]})
        >>> items = items.with_columns(
        ...     course_id=pl.lit("A"), presentation=pl.lit("1"), kind=pl.lit("page")
        ... )
        >>> log = pl.DataFrame({"user_id": ["a"], "day": [3], "content_id": ["x"]})
        >>> learner_progress(
        ...     log, items, people, courses, as_of=dt.date(1970, 3, 1), visible_from="opens"
        ... ).select("visible_items", "share_of_visible", "items").row(0)
        (2, 0.5, 3)
    """
    found = count_progress(
        events,
        content,
        enrolments,
        courses,
        as_of=as_of,
        visible_from=visible_from,
        visible_until=visible_until,
    )
    return like(found, events)


def progress_by_presentation(
    events: Any,  # noqa: ANN401 - an EventLog or any supported frame
    content: Any,  # noqa: ANN401 - any supported frame
    enrolments: Any,  # noqa: ANN401 - any supported frame
    courses: Any,  # noqa: ANN401 - any supported frame
    *,
    as_of: dt.date,
    visible_from: str | None = None,
    visible_until: str | None = None,
    confidence_level: float = 0.95,
) -> Any:  # noqa: ANN401 - the caller's own kind of frame
    """How much of the content has the average learner of each presentation used?

    Each learner weighs the same. Everybody who could see anything is in it,
    those who used nothing too.

    Args:
        events: As for `learner_progress`.
        content: As for `learner_progress`.
        enrolments: As for `learner_progress`.
        courses: As for `learner_progress`.
        as_of: Last complete day; later rows are ignored.
        visible_from: As for `learner_progress`.
        visible_until: As for `learner_progress`.
        confidence_level: Coverage of the t intervals.

    Returns:
        One row a presentation, sorted: `course_id`, `presentation`, `learners`
        (with something to see), `share_of_visible` (mean), `ci_lower`,
        `ci_upper`, `share_of_all` (mean of the same learners), `name`.

    Raises:
        SchemaError: A column is missing.

    Examples:
        >>> course = {"course_id": "A", "presentation": "1"}
        >>> courses = pl.DataFrame({**course, "start_day": [0], "end_day": [90]})
        >>> people = pl.DataFrame({**course, "user_id": ["a", "b"], "enrolled_day": 0})
        >>> people = people.with_columns(unenrolled_day=pl.lit(None, pl.Int32))
        >>> items = pl.DataFrame({**course, "content_id": ["x", "y"], "kind": "page"})
        >>> log = pl.DataFrame({"user_id": ["a"], "day": [3], "content_id": ["x"]})
        >>> progress_by_presentation(log, items, people, courses, as_of=dt.date(1970, 3, 1))[
        ...     "share_of_visible"
        ... ].item()
        0.25
    """
    progress = count_progress(
        events,
        content,
        enrolments,
        courses,
        as_of=as_of,
        visible_from=visible_from,
        visible_until=visible_until,
    ).filter(pl.col("visible_items") > 0)
    keys = list(PRESENTATION)
    counts = progress.group_by(*keys, "share_of_visible").agg(pl.len().alias("count"))
    means = centres_by_group(
        counts,
        by=keys,
        value="share_of_visible",
        unit="share",
        confidence_level=confidence_level,
    )
    of_all = progress.group_by(keys).agg(pl.col("share_of_all").mean())
    named = means.join(of_all, on=keys).select(
        *keys,
        pl.col("n").alias("learners"),
        pl.col("mean").alias("share_of_visible"),
        pl.col("mean_ci_lower").alias("ci_lower"),
        pl.col("mean_ci_upper").alias("ci_upper"),
        "share_of_all",
        presentation_name(),
    )
    return like(named.sort(keys), events)


def count_progress(
    events: Any,  # noqa: ANN401 - an EventLog or any supported frame
    content: Any,  # noqa: ANN401 - any supported frame
    enrolments: Any,  # noqa: ANN401 - any supported frame
    courses: Any,  # noqa: ANN401 - any supported frame
    *,
    as_of: dt.date,
    visible_from: str | None,
    visible_until: str | None,
) -> pl.DataFrame:
    """`learner_progress` as a polars frame, for metrics that build on it."""
    log = known_events(events, as_of=as_of, columns=["content_id"])
    items = beside(_dated(content, visible_from, visible_until), log)
    people = beside(_times(enrolments, courses, as_of=as_of), log)
    keys = [*PRESENTATION, "user_id"]

    windows = items.group_by(*PRESENTATION, "opens", "closes").agg(nw.len().alias("items"))
    shown = _could_see(windows.join(people, on=list(PRESENTATION), how="inner"))
    sizes = finish(
        shown.with_columns(visible_items=nw.col("items") * nw.col("visible"))
        .group_by(*keys)
        .agg(nw.col("items").sum(), nw.col("visible_items").sum())
    )
    about_items = log.select("user_id", "content_id", nw.col("day").cast(nw.Int64)).join(
        items, on="content_id", how="inner"
    )
    actions = about_items.join(people, on=keys, how="inner")
    used = (
        _could_see(
            actions.filter(nw.col("day") >= nw.col("since"), nw.col("day") < nw.col("until"))
        )
        .group_by(*keys, "content_id")
        .agg(nw.col("visible").max())
    )
    uses = finish(
        used.group_by(*keys).agg(
            nw.len().alias("used_items"), nw.col("visible").sum().alias("used_visible_items")
        )
    )
    known = finish(about_items.group_by(*PRESENTATION).agg(nw.len().alias("events")))
    counts = (
        sizes.join(known, on=PRESENTATION, how="semi")
        .join(uses, on=keys, how="left")
        .with_columns(pl.col("used_items", "used_visible_items").fill_null(0))
    )
    of_visible = pl.col("used_visible_items") / pl.col("visible_items")
    return counts.with_columns(
        share_of_visible=of_visible.fill_nan(None),
        share_of_all=pl.col("used_items") / pl.col("items"),
    ).sort(keys)


def _dated(content: Any, visible_from: str | None, visible_until: str | None) -> nw.LazyFrame[Any]:  # noqa: ANN401
    """Items of presentations with the days from and up to which they are shown."""
    named = {"opens": visible_from, "closes": visible_until}
    columns = [column for column in named.values() if column is not None]
    table = as_table(content, ["content_id", *PRESENTATION, *columns], name="content")
    missing = {"opens": 0, "closes": LATER}
    days = {
        name: (nw.col(column).fill_null(missing[name]) if column else nw.lit(missing[name])).cast(
            nw.Int64
        )
        for name, column in named.items()
    }
    of_course = table.filter(~nw.col("presentation").is_null())
    return of_course.with_columns(**days).select("content_id", *PRESENTATION, "opens", "closes")


def _times(enrolments: Any, courses: Any, *, as_of: dt.date) -> nw.LazyFrame[Any]:  # noqa: ANN401
    """Learners with the days from (`since`) and up to (`until`) which they could see content."""
    people = started(enrolments, courses, as_of=as_of)
    left = nw.col("unenrolled_day").fill_null(LATER).cast(nw.Int64)
    return people.select(
        *PRESENTATION,
        "user_id",
        nw.col("enrolled_day").fill_null(0).cast(nw.Int64).alias("since"),
        nw.min_horizontal(
            left, nw.col("end_day").cast(nw.Int64), nw.lit(day_number(as_of) + 1).cast(nw.Int64)
        ).alias("until"),
    )


def _could_see(frame: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """The rows with `visible`: 1 where the item was shown on a day of the learner's time."""
    day_in_common = (
        (nw.col("opens") < nw.col("until"))
        & (nw.col("closes") > nw.col("since"))
        & (nw.col("opens") < nw.col("closes"))
        & (nw.col("since") < nw.col("until"))
    )
    return frame.with_columns(visible=flag(day_in_common))
