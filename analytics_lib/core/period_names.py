"""Reading a period from its ISO name."""

import datetime as dt
import re

from analytics_lib.core.errors import ParameterError
from analytics_lib.core.periods import Granularity, Period, calendar_period, parse_date


def parse_period(text: str, *, name: str = "period") -> Period:
    """Read `2014`, `2014-Q1`, `2014-01`, `2014-W05`, `2014-01-31` or `2014-01-01..2014-02-01`.

    Raises:
        ParameterError: The text is none of these, the day or week does not
            exist, or the period ends before it starts.

    Examples:
        >>> parse_period("2014-W05").start
        datetime.date(2014, 1, 27)
    """
    for granularity, pattern in _PATTERNS.items():
        match = re.fullmatch(pattern, text)
        if match:
            return _period_from(granularity, match, text=text, name=name)
    raise ParameterError(
        f"`{name}` is {text!r}; it must look like '2014', '2014-Q1', '2014-01', '2014-W05', "
        "'2014-01-31' or '2014-01-01..2014-02-01' (end exclusive)."
    )


_PATTERNS: dict[Granularity, str] = {
    "year": r"(\d{4})",
    "quarter": r"(\d{4})-Q(\d)",
    "month": r"(\d{4})-(\d{2})",
    "week": r"(\d{4})-W(\d{2})",
    "day": r"(\d{4}-\d{2}-\d{2})",
    "rolling": r"(\d{4}-\d{2}-\d{2})\.\.(\d{4}-\d{2}-\d{2})",
}


def _period_from(granularity: Granularity, match: re.Match[str], *, text: str, name: str) -> Period:
    parts = match.groups()
    if granularity == "rolling":
        return Period(start=parse_date(parts[0], name=name), end=parse_date(parts[1], name=name))
    if granularity == "day":
        return calendar_period("day", containing=parse_date(text, name=name))
    try:
        year = int(parts[0])
        if granularity == "week":
            first = dt.date.fromisocalendar(year, int(parts[1]), 1)
        elif granularity == "quarter":
            first = dt.date(year, int(parts[1]) * 3 - 2, 1)
        else:
            first = dt.date(year, int(parts[1]) if len(parts) > 1 else 1, 1)
    except ValueError:
        raise ParameterError(f"`{name}` is {text!r}; there is no such {granularity}.") from None
    return calendar_period(granularity, containing=first)
