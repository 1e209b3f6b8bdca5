"""A click log of any size whose day-n retention is known."""

import datetime as dt
import hashlib

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from analytics_lib.core.checks import require_at_least
from analytics_lib.core.errors import ParameterError
from analytics_lib.core.periods import day_number

EVENT_TYPES = (
    "page_view", "click", "search", "content_view", "like", "comment",
    "share", "booking", "purchase", "message", "download", "report",
)  # fmt: skip
DEFAULT_START = dt.date(2024, 1, 1)
_DAY_US = 86_400_000_000


def clickstream(
    *,
    users: int,
    days: int,
    rng: np.random.Generator,
    events_per_user: float = 50.0,
    return_share: float = 0.25,
    start: dt.date = DEFAULT_START,
    event_ids: bool = True,
) -> pl.DataFrame:
    """Simulate canonical events of users who return with a known probability.

    Each user's first day is any day with equal probability. On each later day
    the user is active with probability `return_share`, independently, so the
    expected day-n retention is `return_share` for every n from 1 on, and a
    metric that does not find it is wrong.

    Args:
        users: Number of users, 1 or more; each has at least one event.
        days: Number of days, 1 or more.
        rng: Source of all randomness; the same seed gives the same log.
        events_per_user: Expected events of a user; never below one event an active day.
        return_share: Probability of being active on a later day, 0 to 1.
        start: First day (UTC).
        event_ids: Whether to make `event_id`s; 64 bytes a row, so a benchmark may do without.

    Returns:
        One row an event, in order of time: `event_id` (64 hex digits),
        `user_id` (64 hex digits), `event_type` (Zipf distributed), `t_us`
        (microseconds UTC), `day` (day number in UTC), `quantity` (1).

    Raises:
        ParameterError: `users` or `days` is below 1, or `return_share` no probability.

    Examples:
        >>> log = clickstream(users=3, days=2, rng=np.random.default_rng(1))
        >>> log["user_id"].n_unique()
        3
    """
    require_at_least(users, 1, name="users")
    require_at_least(days, 1, name="days")
    if not 0 <= return_share <= 1:
        raise ParameterError(f"`return_share` is {return_share}; it must lie between 0 and 1.")

    first = rng.integers(0, days, size=users)
    active_user, active_day = _active_days(first, days=days, share=return_share, rng=rng)
    repeats = _events_per_day(active_user.size, users=users, mean=events_per_user, rng=rng)
    user, day = np.repeat(active_user, repeats), np.repeat(active_day, repeats)
    t_us = (day + day_number(start)) * _DAY_US + rng.integers(0, _DAY_US, size=day.size)
    order = np.argsort(t_us, kind="stable")
    log = pl.DataFrame(
        {
            "user_id": pl.Series(_pseudonyms(users)).gather(user[order]),
            "event_type": _event_types(day.size, rng=rng),
            "t_us": t_us[order],
            "day": pl.Series(day[order] + day_number(start), dtype=pl.Int32),
            "quantity": pl.repeat(1, day.size, dtype=pl.Int64, eager=True),
        }
    )
    return log.select(_event_ids(log.height, rng=rng), pl.all()) if event_ids else log


def _active_days(
    first: npt.NDArray[np.int64], *, days: int, share: float, rng: np.random.Generator
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """User and day of each active day; in slices of users, so that memory stays bounded."""
    found = []
    calendar = np.arange(days)
    slice_size = max(1, 20_000_000 // days)
    for begin in range(0, first.size, slice_size):
        mine = first[begin : begin + slice_size, None]
        active = (rng.random((mine.size, days), dtype=np.float32) < share) & (calendar > mine)
        active |= calendar == mine
        user, day = np.nonzero(active)
        found.append((user + begin, day))
    return np.concatenate([u for u, _ in found]), np.concatenate([d for _, d in found])


def _events_per_day(
    active_days: int, *, users: int, mean: float, rng: np.random.Generator
) -> npt.NDArray[np.int64]:
    extra = max(0.0, mean * users / active_days - 1)
    return 1 + rng.poisson(extra, size=active_days)


def _event_types(size: int, *, rng: np.random.Generator) -> pl.Series:
    weights = 1 / np.arange(1, len(EVENT_TYPES) + 1)
    edges = np.cumsum(weights / weights.sum())[:-1]
    drawn = np.searchsorted(edges, rng.random(size, dtype=np.float32))
    return pl.Series(EVENT_TYPES, dtype=pl.String).gather(drawn)


def _pseudonyms(users: int) -> list[str]:
    return [
        hashlib.sha256(f"synthetic user {number}".encode()).hexdigest() for number in range(users)
    ]


def _event_ids(size: int, *, rng: np.random.Generator) -> pl.Series:
    digests = pa.Array.from_buffers(pa.binary(32), size, [None, pa.py_buffer(rng.bytes(32 * size))])
    frame = pl.DataFrame(pa.table({"event_id": digests}))
    return frame.select(pl.col("event_id").bin.encode("hex")).to_series()
