"""The hours a clock showed twice: where counting by clock time would go wrong."""

import datetime as dt
from zoneinfo import ZoneInfo

from analytics_lib.core.periods import require_zone

_SECOND_US = 1_000_000
_DAY = dt.timedelta(days=1)
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def repeated_hours(zone: str, *, first_us: int, last_us: int) -> list[tuple[int, int]]:
    """When did the clock of a zone show a time that it showed twice?

    When clocks go back, the hour before and the hour after show the same time.
    Instants tell them apart, which is why days are made of instants here.

    Args:
        zone: IANA name.
        first_us: Start of the span, microseconds since 1970-01-01 UTC.
        last_us: Its end, inclusive.

    Returns:
        Half-open spans in UTC microseconds that touch the given one, sorted:
        each from the first showing of the earliest time to the end of the second.

    Raises:
        ParameterError: There is no such zone.

    Examples:
        >>> midnight = 16_005 * 86_400_000_000  # 27 October 2013, when London had 25 hours
        >>> found = repeated_hours("Europe/London", first_us=midnight, last_us=midnight)
        >>> [
        ...     ((start - midnight) // 3_600_000_000, (end - midnight) // 3_600_000_000)
        ...     for start, end in found
        ... ]  # 01:00 to 02:00, twice
        [(0, 2)]
    """
    clock = require_zone(zone)
    found = []
    at = _instant(first_us) - _DAY
    end = _instant(last_us) + _DAY
    while at <= end:
        gone_back = _offset(clock, at) - _offset(clock, at + _DAY)
        if gone_back > dt.timedelta(0):
            change = _change(clock, at, at + _DAY)
            found.append((_microseconds(change - gone_back), _microseconds(change + gone_back)))
        at += _DAY
    return [(start, stop) for start, stop in found if stop > first_us and start <= last_us]


def _change(clock: ZoneInfo, before: dt.datetime, after: dt.datetime) -> dt.datetime:
    """The second at which the offset becomes another, between two instants."""
    low, high = 0, int((after - before).total_seconds())
    old = _offset(clock, before)
    while high - low > 1:
        middle = (low + high) // 2
        if _offset(clock, before + dt.timedelta(seconds=middle)) == old:
            low = middle
        else:
            high = middle
    return before + dt.timedelta(seconds=high)


def _offset(clock: ZoneInfo, at: dt.datetime) -> dt.timedelta:
    return at.astimezone(clock).utcoffset() or dt.timedelta(0)


def _instant(microseconds: int) -> dt.datetime:
    # Whole seconds, so that the change itself is found to the second.
    return _EPOCH + dt.timedelta(seconds=microseconds // _SECOND_US)


def _microseconds(at: dt.datetime) -> int:
    return (at - _EPOCH) // dt.timedelta(microseconds=1)
