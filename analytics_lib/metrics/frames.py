"""The events a metric is asked about; frames in and out are those of `events.frames`."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

import narwhals.stable.v2 as nw

from analytics_lib.core.checks import require_columns
from analytics_lib.core.periods import day_number
from analytics_lib.events.boundary import as_event_log, event_frame
from analytics_lib.events.frames import (
    beside,
    finish,
    flag,
    like,
    restore_groups,
    with_group_keys,
)

__all__ = [
    "beside",
    "finish",
    "flag",
    "known_events",
    "like",
    "restore_groups",
    "timed_events",
    "with_group_keys",
]


def known_events(
    events: Any,  # noqa: ANN401 - an EventLog or any supported frame
    *,
    as_of: dt.date,
    columns: Sequence[str] = (),
) -> nw.LazyFrame[Any]:
    """The events up to the last complete day that belong to a user.

    Args:
        events: An `EventLog`, or a frame with `user_id` and `day`.
        as_of: Last complete day; later rows are ignored.
        columns: Further columns that must be there.

    Raises:
        SchemaError: A column is missing.
    """
    frame = event_frame(events)
    require_columns(frame.collect_schema().names(), columns, name="events")
    return frame.filter(nw.col("day") <= day_number(as_of), ~nw.col("user_id").is_null())


def timed_events(
    events: Any,  # noqa: ANN401 - an EventLog or any supported frame
    *,
    as_of: dt.date,
    question: str,
    columns: Sequence[str] = (),
) -> nw.LazyFrame[Any]:
    """The known events of a log that has the time of day; those without a time are left out.

    Raises:
        SchemaError: A column is missing.
        ParameterError: The log knows only days.
    """
    log = as_event_log(events)
    log.require_time_of_day(question=question)
    known = known_events(log, as_of=as_of, columns=["t_us", *columns])
    return known.filter(~nw.col("t_us").is_null())
