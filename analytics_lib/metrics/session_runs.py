"""Sessions by one pass over the events of each user in order of time."""

from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import numpy.typing as npt
import polars as pl

from analytics_lib.metrics.user_runs import UserRuns, user_runs


def session_runs(
    marked: nw.LazyFrame[Any],
    *,
    longest_us: int,
    split_at_midnight: bool,
    has_views: bool,
    has_keys: bool,
) -> pl.DataFrame | None:
    """One row a session; None where the engine must be asked.

    Args:
        marked: One row an event with `user_id`, `t_us`, `day`, and 1 or 0 as
            `is_view` and `is_key`.
        longest_us: A longer pause begins another session.
        split_at_midnight: Whether another day begins one too.
        has_views: Whether not every event is a view.
        has_keys: Whether some events may be key events.

    Returns:
        The columns of `session_table` without groups; `user_id` is a number.
    """
    flags = [name for name, has in (("is_view", has_views), ("is_key", has_keys)) if has]
    runs = user_runs(marked, ["day", *flags])
    if runs is None:
        return None
    time, day = runs.time, runs.values["day"]
    begins = np.ones(time.size, dtype=bool)
    begins[1:] = np.diff(time) > longest_us
    if split_at_midnight:
        begins[1:] |= _later_days(runs)
    begins[runs.starts] = True
    first = np.flatnonzero(begins)
    end = np.append(first[1:], time.size)
    events = end - first
    user = runs.user[first]
    number = np.arange(first.size)
    return pl.DataFrame(
        {
            "user_id": user,
            "session": number - np.searchsorted(user, user),
            "day": np.minimum.reduceat(day, first),
            "start_us": time[first],
            "end_us": time[end - 1],
            "duration_us": time[end - 1] - time[first],
            "events": events,
            "views": np.add.reduceat(runs.values["is_view"], first) if has_views else events,
            "key_events": np.add.reduceat(runs.values["is_key"], first) if has_keys else 0,
        }
    )


def _later_days(runs: UserRuns) -> npt.NDArray[np.bool_]:
    """Whether an instant lies on a later day than the instant before; events of one do alike."""
    time, day = runs.time, runs.values["day"]
    is_new = np.ones(time.size, dtype=bool)
    is_new[1:] = np.diff(time) != 0
    is_new[runs.starts] = True
    instants = np.flatnonzero(is_new)
    earliest = np.minimum.reduceat(day, instants)
    later = np.zeros(time.size, dtype=bool)
    later[instants[1:]] = np.diff(earliest) > 0
    return later[1:]
