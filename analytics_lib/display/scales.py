"""Axes decided before anything is drawn: domains, ticks, positions, label places.

Vega would measure and choose by itself, but then the bytes would depend on the
fonts and the time zone of the machine.
"""

import datetime as dt
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass

from analytics_lib.core.errors import ParameterError, SchemaError
from analytics_lib.core.period_names import parse_period
from analytics_lib.core.periods import day_date, day_number
from analytics_lib.display.frames import Cell
from analytics_lib.display.numerals import bare, month_name

_NICE = (1.0, 2.0, 2.5, 5.0, 10.0)
_MONTH_STEPS = (1, 2, 3, 6, 12, 24, 60, 120, 240, 600, 1200, 12_000)
_DAY_STEPS = (1, 2, 7, 14)
_DAYS_SHOWN_AS_DAYS = 75
_NOTHING = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """One axis.

    Attributes:
        low: Value at its start.
        high: Value at its end.
        ticks: Tick values with the lines of their labels.
    """

    low: float
    high: float
    ticks: tuple[tuple[float, tuple[str, ...]], ...]

    @property
    def label_expression(self) -> str:
        """A Vega expression that looks the label of a tick up."""
        labels = {_key(value): list(lines) for value, lines in self.ticks}
        return f"({json.dumps(labels, ensure_ascii=False)})[toString(round(datum.value * 10000))]"

    @property
    def tick_values(self) -> list[float]:
        """Where the ticks are."""
        return [value for value, _ in self.ticks]

    @property
    def label_lines(self) -> int:
        """Lines of its tallest label; dates have a second one for the year."""
        return max((len(lines) for _, lines in self.ticks), default=1)

    def at(self, value: float, *, length: float) -> float:
        """Distance of `value` from the start, on an axis of `length` pixels."""
        return (value - self.low) / (self.high - self.low) * length


def _key(value: float) -> str:
    return str(math.floor(value * 10_000 + 0.5))


def nice_step(span: float, *, most: int) -> float:
    """The smallest of 1, 2, 2.5, 5 times a power of ten that cuts `span` into at most `most`.

    Examples:
        >>> nice_step(1203, most=5), nice_step(0.43, most=5)
        (250.0, 0.1)
    """
    power = 10.0 ** math.floor(math.log10(span / most))
    steps = (factor * power for factor in _NICE)
    return next(step for step in steps if math.ceil(span / step - 1e-9) <= most)


def value_scale(values: Sequence[float], *, unit: str, most_ticks: int = 5) -> Scale:
    """The value axis: holds zero and every value; nothing at all gives 0 to 1.

    Examples:
        >>> scale = value_scale([3, 41], unit="users")
        >>> scale.low, scale.high, scale.tick_values
        (0.0, 50.0, [0.0, 10.0, 20.0, 30.0, 40.0, 50.0])
    """
    lowest, highest = min(0.0, *values, 0.0), max(0.0, *values, 0.0)
    if highest - lowest < _NOTHING:
        highest = lowest + 1.0
    step = nice_step(highest - lowest, most=most_ticks)
    if unit not in ("share", "EUR", "GBP", "USD") and highest - lowest >= most_ticks:
        step = max(1.0, step)
    first, last = math.floor(lowest / step + 1e-9), math.ceil(highest / step - 1e-9)
    decimals = _decimals(step * 100 if unit == "share" else step)
    points = [round(index * step, 10) for index in range(first, last + 1)]
    return Scale(
        low=points[0],
        high=points[-1],
        ticks=tuple((point, (bare(point, unit, decimals=decimals),)) for point in points),
    )


def _decimals(step: float) -> int:
    return max(0, -math.floor(math.log10(step) + 1e-9)) if not float(step).is_integer() else 0


def position(value: Cell, *, column: str) -> float:
    """Where a value of the horizontal axis lies: days for dates and periods, else the number.

    Raises:
        SchemaError: It is empty, or a text that names no period.
    """
    if isinstance(value, dt.date):
        return float(day_number(value))
    if isinstance(value, int | float):
        return float(value)
    if isinstance(value, str):
        try:
            return float(parse_period(value, name=column).start_day)
        except ParameterError as error:
            raise SchemaError(
                f"Column {column!r} of the horizontal axis holds text that names no period; "
                "it must hold dates, numbers or periods such as '2014-W05'."
            ) from error
    raise SchemaError(f"Column {column!r} of the horizontal axis must not be empty.")


def is_calendar(value: Cell) -> bool:
    """Whether a value of the horizontal axis stands for a day on the calendar."""
    return isinstance(value, dt.date | str)


def step_scale(positions: Sequence[float], *, calendar: bool, most_ticks: int) -> Scale:
    """The horizontal axis from its first to its last position."""
    low, high = min(positions), max(positions)
    if low == high:
        label = _day_label(day_date(round(low)), first=True) if calendar else (bare(low, ""),)
        return Scale(low=low - 1, high=high + 1, ticks=((low, label),))
    ticks = (
        _calendar_ticks(low, high, most_ticks) if calendar else _plain_ticks(low, high, most_ticks)
    )
    return Scale(low=low, high=high, ticks=ticks)


def _plain_ticks(low: float, high: float, most: int) -> tuple[tuple[float, tuple[str, ...]], ...]:
    step = max(1.0, nice_step(high - low, most=most)) if high - low >= 1 else high - low
    if step == 2.5:  # noqa: PLR2004 - ages and days are whole numbers
        step = 5.0
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return tuple(
        (point, (bare(point, ""),)) for point in (index * step for index in range(first, last + 1))
    )


def _calendar_ticks(
    low: float, high: float, most: int
) -> tuple[tuple[float, tuple[str, ...]], ...]:
    first, last = day_date(math.ceil(low)), day_date(math.floor(high))
    is_short = (last - first).days <= _DAYS_SHOWN_AS_DAYS
    dates = _days(first, last, most) if is_short else []
    label = _day_label if dates else _month_label
    dates = dates or _months(first, last, most)
    if len(dates) > 1 and all(date.month == 1 for date in dates):
        return tuple((float(day_number(date)), (str(date.year),)) for date in dates)
    years = [None, *(date.year for date in dates)]
    return tuple(
        (float(day_number(date)), label(date, first=date.year != before))
        for date, before in zip(dates, years, strict=False)
    )


def _days(first: dt.date, last: dt.date, most: int) -> list[dt.date]:
    for step in _DAY_STEPS:
        dates = [first + dt.timedelta(days=n) for n in range(0, (last - first).days + 1, step)]
        if len(dates) <= most:
            return dates
    return []


def _months(first: dt.date, last: dt.date, most: int) -> list[dt.date]:
    start = first.year * 12 + first.month - 1 + (first.day > 1)
    end = last.year * 12 + last.month - 1
    choices = (
        [month for month in range(start, end + 1) if month % step == 0] for step in _MONTH_STEPS
    )
    months = next(choice for choice in choices if len(choice) <= most)
    return [dt.date(month // 12, month % 12 + 1, 1) for month in months]


def _day_label(date: dt.date, *, first: bool) -> tuple[str, ...]:
    text = f"{date.day} {month_name(date.month, short=True)}"
    return (text, str(date.year)) if first else (text,)


def _month_label(date: dt.date, *, first: bool) -> tuple[str, ...]:
    text = month_name(date.month, short=True)
    return (text, str(date.year)) if first else (text,)


def spread(
    places: Sequence[float], *, gap: Sequence[float], low: float, high: float
) -> list[float]:
    """Move labels apart until none overlaps, each as little as the others allow.

    Args:
        places: Wanted centre of each label, in pixels from the top.
        gap: Height of each label.
        low: Topmost place.
        high: Lowest place.

    Examples:
        >>> spread([10, 12, 80], gap=[16, 16, 16], low=0, high=100)
        [8.0, 24.0, 80.0]
    """
    order = sorted(range(len(places)), key=lambda index: places[index])
    groups: list[list[int]] = []
    centres: list[float] = []
    for index in order:
        groups.append([index])
        centres.append(_held(places[index], gap[index], low, high))
        while len(groups) > 1 and _overlap(groups, centres, gap):
            merged = groups[-2] + groups[-1]
            groups[-2:] = [merged]
            wanted = sum(places[item] for item in merged) / len(merged)
            centres[-2:] = [_held(wanted, sum(gap[item] for item in merged), low, high)]
    result = [0.0] * len(places)
    for group, centre in zip(groups, centres, strict=True):
        top = centre - sum(gap[item] for item in group) / 2
        for item in group:
            result[item] = top + gap[item] / 2
            top += gap[item]
    return result


def _held(centre: float, height: float, low: float, high: float) -> float:
    return float(max(low + height / 2, min(high - height / 2, centre)))


def _overlap(groups: list[list[int]], centres: list[float], gap: Sequence[float]) -> bool:
    upper, lower = (sum(gap[item] for item in group) for group in groups[-2:])
    return centres[-1] - centres[-2] < (upper + lower) / 2 - 1e-9
