"""Half-open periods of calendar days in one declared report zone.

A day is an integer, the number of days since 1970-01-01 on the local calendar
of the report zone; `day_number` and `day_date` convert. A period knows whether
it is complete, because a number from half a month next to a whole month is a
wrong number, not a small one.
"""

import datetime as dt
import re
from dataclasses import dataclass
from typing import Literal, Self, get_args
from zoneinfo import ZoneInfo

from analytics_lib.core.checks import require_at_least, require_choice, suggest
from analytics_lib.core.errors import ParameterError

Granularity = Literal["day", "week", "month", "quarter", "year", "rolling"]
CalendarGranularity = Literal["day", "week", "month", "quarter", "year"]
CALENDAR_GRANULARITIES: tuple[str, ...] = get_args(CalendarGranularity)

EPOCH = dt.date(1970, 1, 1)
_MONTHS = {"month": 1, "quarter": 3, "year": 12}
_DAYS = {"day": 1, "week": 7}


def day_number(date: dt.date) -> int:
    """Days from 1970-01-01 to `date`.

    Examples:
        >>> day_number(dt.date(1970, 1, 2))
        1
    """
    return (date - EPOCH).days


def day_date(number: int) -> dt.date:
    """The date that is `number` days after 1970-01-01.

    Examples:
        >>> day_date(16071)
        datetime.date(2014, 1, 1)
    """
    return EPOCH + dt.timedelta(days=int(number))


def is_day(value: object) -> bool:
    """Whether a value is the text of a day that exists.

    Examples:
        >>> is_day("2024-02-29"), is_day("2023-02-29"), is_day("20240229"), is_day(5)
        (True, False, False, False)
    """
    if not isinstance(value, str):
        return False
    try:
        parse_date(value)
    except ParameterError:
        return False
    return True


def parse_date(text: str | dt.date, *, name: str = "date") -> dt.date:
    """Read an ISO date (`2014-01-31`).

    Raises:
        ParameterError: The text is not a date, or the date does not exist.
    """
    if isinstance(text, dt.date) and not isinstance(text, dt.datetime):
        return text
    if not isinstance(text, str) or not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        raise ParameterError(f"`{name}` is {text!r}; it must be an ISO date such as '2014-01-31'.")
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise ParameterError(
            f"`{name}` is {text!r}; there is no such day in the calendar."
        ) from None


def require_zone(zone: str, *, name: str = "zone") -> ZoneInfo:
    """Return the time zone of that IANA name, such as `Europe/London`.

    Raises:
        ParameterError: There is no such zone.
    """
    try:
        return ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        from zoneinfo import available_timezones  # noqa: PLC0415 - reads the zone files: errors only

        raise ParameterError(
            f"`{name}` is {zone!r}; it must be an IANA zone such as 'Europe/London'."
            + suggest(zone, available_timezones())
        ) from None


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Period:
    """Days from `start` up to, but not including, `end`.

    Attributes:
        start: First day.
        end: First day after the period.
        granularity: `"rolling"` for a span that is no calendar unit.
    """

    start: dt.date
    end: dt.date
    granularity: Granularity = "rolling"

    def __post_init__(self) -> None:
        """Refuse a period that ends before it starts, or holds no day."""
        if self.end <= self.start:
            raise ParameterError(
                f"The period ends on {self.end} (exclusive), which is not after its start "
                f"{self.start}; `end` must be at least one day after `start`."
            )

    @property
    def days(self) -> int:
        """Number of days."""
        return (self.end - self.start).days

    @property
    def start_day(self) -> int:
        """First day as a day number."""
        return day_number(self.start)

    @property
    def end_day(self) -> int:
        """First day after the period as a day number."""
        return day_number(self.end)

    @property
    def last_date(self) -> dt.date:
        """Last day inside the period."""
        return self.end - dt.timedelta(days=1)

    @property
    def label(self) -> str:
        """The period in ISO words: `2014-01-31`, `2014-W05`, `2014-01`, `2014-Q1`, `2014`."""
        if self.granularity == "day":
            return self.start.isoformat()
        if self.granularity == "week":
            year, week, _ = self.start.isocalendar()
            return f"{year}-W{week:02d}"
        if self.granularity == "month":
            return f"{self.start:%Y-%m}"
        if self.granularity == "quarter":
            return f"{self.start.year}-Q{(self.start.month + 2) // 3}"
        if self.granularity == "year":
            return f"{self.start.year}"
        return f"{self.start}..{self.end}"

    def is_complete(self, *, as_of: dt.date) -> bool:
        """Whether every day of it lies on or before `as_of`, the last complete day of data."""
        return self.last_date <= as_of

    def contains(self, date: dt.date) -> bool:
        """Whether `date` lies in it."""
        return self.start <= date < self.end

    def shift(self, steps: int) -> Self:
        """The period `steps` of its own units later (earlier when negative)."""
        if self.granularity in _MONTHS:
            months = _MONTHS[self.granularity] * steps
            return type(self)(
                start=_add_months(self.start, months),
                end=_add_months(self.end, months),
                granularity=self.granularity,
            )
        days = dt.timedelta(days=self.days * steps)
        return type(self)(
            start=self.start + days, end=self.end + days, granularity=self.granularity
        )

    def previous(self) -> Self:
        """The period of the same kind just before."""
        return self.shift(-1)

    def year_before(self) -> Self:
        """The same period a year before.

        Months, quarters and years by the calendar; days, weeks and rolling
        spans 364 days earlier, so that weekdays are compared with their like.
        """
        if self.granularity in _MONTHS:
            return self.shift(-12 // _MONTHS[self.granularity])
        days = dt.timedelta(days=364)
        return type(self)(
            start=self.start - days, end=self.end - days, granularity=self.granularity
        )


def calendar_period(granularity: CalendarGranularity, *, containing: dt.date) -> Period:
    """The calendar unit that holds a day; weeks start on Monday (ISO 8601).

    Examples:
        >>> calendar_period("quarter", containing=dt.date(2014, 5, 9)).label
        '2014-Q2'
    """
    require_choice(granularity, CALENDAR_GRANULARITIES, name="granularity")

    if granularity in _DAYS:
        back = containing.weekday() if granularity == "week" else 0
        start = containing - dt.timedelta(days=back)
        return Period(
            start=start, end=start + dt.timedelta(days=_DAYS[granularity]), granularity=granularity
        )
    months = _MONTHS[granularity]
    first_month = (containing.month - 1) // months * months + 1
    start = dt.date(containing.year, first_month, 1)
    return Period(start=start, end=_add_months(start, months), granularity=granularity)


def last_complete_period(granularity: CalendarGranularity, *, as_of: dt.date) -> Period:
    """The latest calendar unit of which `as_of` is the last day or which lies before it.

    Examples:
        >>> last_complete_period("month", as_of=dt.date(2014, 5, 30)).label
        '2014-04'
        >>> last_complete_period("month", as_of=dt.date(2014, 5, 31)).label
        '2014-05'
    """
    period = calendar_period(granularity, containing=as_of)
    return period if period.is_complete(as_of=as_of) else period.previous()


def rolling_period(days: int, *, as_of: dt.date) -> Period:
    """The `days` days up to and including `as_of`.

    Examples:
        >>> rolling_period(7, as_of=dt.date(2014, 1, 7)).label
        '2014-01-01..2014-01-08'
    """
    require_at_least(days, 1, name="days")

    end = as_of + dt.timedelta(days=1)
    return Period(start=end - dt.timedelta(days=days), end=end)


def periods_between(
    start: dt.date, end: dt.date, *, granularity: CalendarGranularity
) -> list[Period]:
    """Every calendar unit that touches the days from `start` up to, not including, `end`."""
    span = Period(start=start, end=end)
    period = calendar_period(granularity, containing=span.start)
    found = []
    while period.start < span.end:
        found.append(period)
        period = period.shift(1)
    return found


def _add_months(date: dt.date, months: int) -> dt.date:
    total = date.year * 12 + date.month - 1 + months
    return dt.date(total // 12, total % 12 + 1, date.day)
