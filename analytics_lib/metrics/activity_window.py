"""What each user did in the days up to the last complete one."""

import datetime as dt
from typing import Any, Literal, get_args

import narwhals.stable.v2 as nw

from analytics_lib.core.checks import require_at_least, require_choice
from analytics_lib.core.periods import day_number
from analytics_lib.metrics.calendar import day_column
from analytics_lib.metrics.frames import flag, known_events

Measure = Literal["events", "quantity"]


def window_start(*, as_of: dt.date, window: int) -> int:
    """Day number of the first of the `window` days that end on `as_of`.

    Raises:
        ParameterError: `window` is below 1.

    Examples:
        >>> window_start(as_of=dt.date(1970, 1, 28), window=28)
        0
    """
    require_at_least(window, 1, name="window")
    return day_number(as_of) - window + 1


def active_days_of(
    events: Any,  # noqa: ANN401 - an EventLog or any supported frame
    *,
    as_of: dt.date,
    measure: Measure = "events",
) -> nw.LazyFrame[Any]:
    """One row a user and active day: `user_id`, `day`, `events`.

    Args:
        events: An `EventLog`, or a frame with `user_id` and `day`; one row an event.
        as_of: Last complete day; later rows are ignored.
        measure: `events` counts rows, `quantity` adds up that column.

    Raises:
        SchemaError: A column is missing.
        ParameterError: `measure` is unknown.
    """
    known = measured_events(events, as_of=as_of, measure=measure)
    return known.group_by("user_id", "day").agg(nw.col("events").sum())


def measured_events(
    events: Any,  # noqa: ANN401 - an EventLog or any supported frame
    *,
    as_of: dt.date,
    measure: Measure,
    columns: tuple[str, ...] = (),
) -> nw.LazyFrame[Any]:
    """One row an event: `user_id`, `day` (64 bits), the columns, and how many `events` it is.

    Raises:
        SchemaError: A column is missing.
        ParameterError: `measure` is unknown.
    """
    require_choice(measure, get_args(Measure), name="measure")

    needed = (*columns, "quantity") if measure == "quantity" else columns
    weight = nw.col("quantity").fill_null(0) if measure == "quantity" else nw.lit(1)
    known = known_events(events, as_of=as_of, columns=needed)
    counted = known.with_columns(weight.cast(nw.Int64).alias("__events"), day_column().alias("day"))
    return counted.select("user_id", "day", *columns, nw.col("__events").alias("events"))


def activity_in_window(days: nw.LazyFrame[Any], *, start: int) -> nw.LazyFrame[Any]:
    """One row a user: `first_day`, `last_day` of the history, `active_days`, `events` from `start`.

    Args:
        days: One row a user and active day (`active_days_of`).
        start: First day of the window.
    """
    inside = flag(nw.col("day") >= start)
    return (
        days.with_columns(inside=inside.cast(nw.Int64))
        .with_columns(inside_events=nw.col("events") * nw.col("inside"))
        .group_by("user_id")
        .agg(
            nw.col("day").min().alias("first_day"),
            nw.col("day").max().alias("last_day"),
            nw.col("inside").sum().alias("active_days"),
            nw.col("inside_events").sum().alias("events"),
        )
    )
