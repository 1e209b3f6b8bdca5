"""The hour that clocks showed, as integer arithmetic: an instant, its day and an offset table.

Engines disagree on time zones. So the offsets of the report zone are looked up
once, in Python, for the days asked about, and joined to the log by day. A day
on which clocks change has two rows, told apart by the instant of the change.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import narwhals.stable.v2 as nw
import polars as pl

from analytics_lib.core.periods import require_zone
from analytics_lib.metrics.frames import beside

HOUR_US = 3_600_000_000
DAY_US = 24 * HOUR_US
_SECOND_US = 1_000_000
_DAY_SECONDS = 86_400
_FAR_US = 2**62  # beyond every instant, below the largest 64-bit number
_START = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stretch:
    """Instants from `from_us` up to `until_us` at which clocks were ahead of UTC by `offset_us`."""

    from_us: int
    until_us: int
    offset_us: int

    def on(self, day: int) -> tuple[int, int]:
        """Local microseconds of the day that lie in it, from and up to; empty unless from < up."""
        begin, end = day * DAY_US, (day + 1) * DAY_US
        start = max(self.from_us + self.offset_us, begin)
        return start - begin, min(self.until_us + self.offset_us, end) - begin


_NOWHERE = _Stretch(from_us=-_FAR_US, until_us=_FAR_US, offset_us=-_FAR_US // 2)


def with_local_hour(
    events: nw.LazyFrame[Any], *, zone: str, first_day: int, last_day: int
) -> nw.LazyFrame[Any]:
    """The events with `hour`, what the clock showed; -1 or above 23 where `day` does not fit.

    Args:
        events: One row an event with `t_us` (not null) and `day`, both 64 bits, between
            `first_day` and `last_day`.
        zone: The zone in which `day` was counted.
        first_day: First day of the table of offsets.
        last_day: Last day of it.
    """
    table = offset_table(zone, first_day=first_day, last_day=last_day)
    offsets = beside(nw.from_native(table.lazy()), events)
    local = nw.col("t_us") + nw.col("offset_us") - nw.col("day") * DAY_US
    hour = nw.when(nw.col("local_us") < 0).then(nw.lit(-1)).otherwise(nw.col("local_us") // HOUR_US)
    return (
        events.join(offsets, on="day", how="inner")
        .filter(nw.col("t_us") >= nw.col("from_us"), nw.col("t_us") < nw.col("until_us"))
        .with_columns(local_us=local)
        .with_columns(hour=hour.cast(nw.Int64))
    )


def offset_table(zone: str, *, first_day: int, last_day: int) -> pl.DataFrame:
    """How far the clocks of a zone were ahead of UTC on each day.

    Args:
        zone: IANA name.
        first_day: First day number.
        last_day: Last day number.

    Returns:
        One row a day, and one more for each change of clocks on it: `day`,
        `from_us`, `until_us` (instants, exclusive), `offset_us`. The rows of a
        day reach without end into the past and the future, so each instant has
        exactly one. No instant fits a day that the zone skipped.

    Raises:
        ParameterError: There is no such zone.

    Examples:
        >>> spring = offset_table("Europe/London", first_day=16158, last_day=16159)
        >>> (spring["offset_us"] // HOUR_US).to_list()  # clocks went forward on the second day
        [0, 0, 1]
    """
    stretches = _stretches(require_zone(zone), first_day=first_day, last_day=last_day)
    rows = []
    for day in range(first_day, last_day + 1):
        found = [s for s in stretches if s.on(day)[0] < s.on(day)[1]] or [_NOWHERE]
        starts = [-_FAR_US, *(s.from_us for s in found[1:])]
        ends = [*(s.until_us for s in found[:-1]), _FAR_US]
        rows += [
            (day, start, end, stretch.offset_us)
            for start, end, stretch in zip(starts, ends, found, strict=True)
        ]
    names = ("day", "from_us", "until_us", "offset_us")
    return pl.DataFrame(rows, schema=dict.fromkeys(names, pl.Int64), orient="row")


def clock_hours(zone: str, *, first_day: int, last_day: int) -> list[float]:
    """How many hours passed while clocks showed 0:00 to 0:59, 1:00 to 1:59 and so on.

    As many as there are days, but for the hours that are skipped in spring
    and shown twice in autumn.

    Raises:
        ParameterError: There is no such zone.

    Examples:
        >>> clock_hours("Europe/London", first_day=16158, last_day=16159)[:4]
        [2.0, 1.0, 2.0, 2.0]
    """
    stretches = _stretches(require_zone(zone), first_day=first_day, last_day=last_day)
    shown = [0] * 24
    for day in range(first_day, last_day + 1):
        for start, end in (stretch.on(day) for stretch in stretches):
            for hour in range(24):
                overlap = min(end, (hour + 1) * HOUR_US) - max(start, hour * HOUR_US)
                shown[hour] += max(overlap, 0)
    return [total / HOUR_US for total in shown]


def _stretches(zone: ZoneInfo, *, first_day: int, last_day: int) -> list[_Stretch]:
    """The stretches of constant offset that touch the days, in order of time."""
    # Local days begin up to 14 hours before and 12 hours after those of UTC.
    first_s, last_s = (first_day - 2) * _DAY_SECONDS, (last_day + 3) * _DAY_SECONDS
    changes = [second * _SECOND_US for second in _changes(zone, first_s=first_s, last_s=last_s)]
    starts = [-_FAR_US // 2, *changes]
    ends = [*changes, _FAR_US // 2]
    inside = [first_s, *(change // _SECOND_US for change in changes)]
    return [
        _Stretch(from_us=start, until_us=end, offset_us=_offset(zone, second) * _SECOND_US)
        for start, end, second in zip(starts, ends, inside, strict=True)
    ]


def _changes(zone: ZoneInfo, *, first_s: int, last_s: int) -> Iterator[int]:
    """Seconds since 1970 UTC at which the offset changed; one a day is looked for."""
    for start in range(first_s, last_s, _DAY_SECONDS):
        low, high = start, start + _DAY_SECONDS
        before = _offset(zone, low)
        if before == _offset(zone, high):
            continue
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if _offset(zone, middle) == before else (low, middle)
        yield high


def _offset(zone: ZoneInfo, second: int) -> int:
    """Seconds that clocks were ahead of UTC at an instant."""
    local = (_START + dt.timedelta(seconds=second)).astimezone(zone)
    return round((local.utcoffset() or dt.timedelta()).total_seconds())
