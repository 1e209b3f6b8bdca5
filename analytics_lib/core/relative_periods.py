"""Periods relative to the last complete day: `last_month`, `last_28_days`, `year_to_date`."""

import datetime as dt
import re

from analytics_lib.core.checks import suggest
from analytics_lib.core.errors import ParameterError
from analytics_lib.core.period_names import parse_period
from analytics_lib.core.periods import (
    CALENDAR_GRANULARITIES,
    Period,
    calendar_period,
    last_complete_period,
)

ONE_DAY = dt.timedelta(days=1)
_UNITS = "|".join(CALENDAR_GRANULARITIES)
_LAST = re.compile(rf"last_(?:(\d{{1,4}})_)?({_UNITS})(s?)")
_TO_DATE = re.compile(rf"({_UNITS})_to_date")
_EXAMPLES = ["last_month", "last_3_months", "last_28_days", "month_to_date", "last_quarter"]


def resolve_period(text: str, *, as_of: dt.date, name: str = "period") -> Period:
    """The days a period's name means, seen from the last complete day.

    The trap: a `last month` that reaches into the running one is a small
    number, not a bad month. `last_month` is the last month that is over,
    `last_3_months` the last three that are; only `month_to_date` says that it
    is not over. Days need no calendar: `last_28_days` ends on `as_of`.

    Args:
        text: `last_day`, `last_week`, `last_3_months`, `last_28_days`, `year_to_date` and the
            like, or a fixed period as `parse_period` reads it.
        as_of: Last complete day of data.
        name: What it is called in messages.

    Raises:
        ParameterError: It is none of these, or a fixed period ends after `as_of`.

    Examples:
        >>> resolve_period("last_month", as_of=dt.date(2024, 6, 29)).start
        datetime.date(2024, 5, 1)
        >>> resolve_period("last_28_days", as_of=dt.date(2024, 6, 30)).start
        datetime.date(2024, 6, 3)
    """
    last = _LAST.fullmatch(text)
    if last and bool(last.group(3)) == (last.group(1) is not None):
        return _last(int(last.group(1) or 1), last.group(2), as_of=as_of, text=text, name=name)
    to_date = _TO_DATE.fullmatch(text)
    if to_date:
        unit = calendar_period(to_date.group(1), containing=as_of)  # type: ignore[arg-type] # _UNITS
        return Period(start=unit.start, end=as_of + ONE_DAY)
    if not re.match(r"\d{4}", text):
        raise ParameterError(
            f"`{name}` is {text!r}; it must be relative such as {_EXAMPLES}, or fixed such as "
            "'2024-05' or '2024-01-01..2024-02-01'." + suggest(text, _EXAMPLES)
        )
    period = parse_period(text, name=name)
    if period.last_date > as_of:
        raise ParameterError(
            f"`{name}` is {text!r}, which ends after the last complete day of data, {as_of}."
        )
    return period


def require_period_name(text: str, *, name: str = "period") -> str:
    """Return `text` where it names a period, whatever the last complete day is.

    Raises:
        ParameterError: It does not.
    """
    resolve_period(text, as_of=dt.date(9000, 1, 1), name=name)
    return text


def _last(number: int, unit: str, *, as_of: dt.date, text: str, name: str) -> Period:
    if number < 1:
        raise ParameterError(f"`{name}` is {text!r}; the number must be at least 1.")
    last = last_complete_period(unit, as_of=as_of)  # type: ignore[arg-type] # _UNITS
    if number == 1:
        return last
    return Period(start=last.shift(1 - number).start, end=last.end)
