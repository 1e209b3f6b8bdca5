"""The days of each user, one after the other: found by sorting plain numbers."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import numpy.typing as npt
import polars as pl

from analytics_lib.metrics.frames import known_events, with_group_keys
from analytics_lib.metrics.user_runs import CHECK, CODE, Whole, columns_here


def ages_since_first_event(
    events: Any,  # noqa: ANN401 - an EventLog or any supported frame
    *,
    by: Sequence[str],
    as_of: dt.date,
) -> tuple[nw.LazyFrame[Any], list[str]]:
    """`first_day` and `age` of each day of each user, and the columns of the groups."""
    known = known_events(events, as_of=as_of, columns=by)
    if not by and (days := user_days(known)) is not None:
        return nw.from_native(days).lazy(), []
    log, groups = with_group_keys(known.select(*by, "user_id", "day"), by)
    keys = [*groups, "user_id"]
    each = log.group_by(*keys, "day").agg(nw.len().alias("events"))
    first = each.with_columns(first_day=nw.col("day").min().over(*keys))
    return first.with_columns(age=nw.col("day") - nw.col("first_day")), groups


def user_days(frame: nw.LazyFrame[Any]) -> pl.DataFrame | None:
    """Each day of each user once, with the user's first; None where the engine must be asked.

    A user and a day share one number of 64 bits, from which the top bits of the
    user fall out. So the users are counted by all bits too, and by the second
    hash: unless all agree, the engine is asked.

    Args:
        frame: One row an event with `user_id` and `day`, none missing.

    Returns:
        One row a user and day: `user_id` (a number), `first_day`, `age` (days since).
    """
    columns = columns_here(frame, [nw.col("day").cast(nw.Int64)])
    if columns is None:
        return None
    code, day = columns.pop(CODE).astype(np.uint64), columns.pop("day")
    earliest = int(day.min())
    bits = np.uint64(int(day.max() - earliest).bit_length())
    packed = code << bits
    packed |= (day - earliest).astype(np.uint64)
    del day
    packed.sort()
    packed = packed[_is_new(packed)]
    user = packed >> bits
    begins = _is_new(user)
    users = np.count_nonzero(begins)
    if any(_distinct(column) != users for column in (code, columns.get(CHECK, code))):
        return None
    since = (packed - (user << bits)).astype(np.int64)
    number = np.cumsum(begins) - 1
    first = since[begins][number]
    return pl.DataFrame({"user_id": number, "first_day": first + earliest, "age": since - first})


def _distinct(column: Whole) -> int:
    return int(np.count_nonzero(_is_new(np.sort(column))))


def _is_new(ordered: Whole) -> npt.NDArray[np.bool_]:
    """Whether a number differs from the one before it."""
    return np.append(True, ordered[1:] != ordered[:-1])
