"""How lively each day of a simulated platform is: season, weekends and the incident."""

import datetime as dt
from dataclasses import dataclass
from typing import Annotated

import numpy as np
import numpy.typing as npt
from pydantic import Field

from analytics_lib.core.periods import day_number
from analytics_lib.core.strict import StrictModel

Integers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Share = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[float, Field(gt=0)]
MONTH_DAYS = 365.25 / 12
_SATURDAY = 5
_THURSDAY = 3  # 1970-01-01, day 0


class Incident(StrictModel):
    """A planted incident.

    Attributes:
        first_day: Days after the start.
        days: How long it lasts.
        activity: What is left of all activity meanwhile.
        tickets: How many times as many support tickets a session brings.
    """

    first_day: Annotated[int, Field(ge=0)]
    days: Annotated[int, Field(ge=0)]
    activity: Share
    tickets: Positive


class Season(StrictModel):
    """When a platform runs and how lively its days are: what every platform has.

    Attributes:
        start: First day.
        days: How many.
        monthly_growth: Growth of sign-ups from month to month.
        season_amplitude: Height of the yearly wave.
        season_peak_day: Day of the year of its top.
        weekend_activity: Activity of a Saturday or Sunday as a share of another day's.
        incident: What went wrong and when.
    """

    start: dt.date = dt.date(2023, 1, 1)
    days: Annotated[int, Field(ge=1)] = 547
    monthly_growth: Annotated[float, Field(gt=-1)] = 0.06
    season_amplitude: Share = 0.15
    season_peak_day: Annotated[int, Field(ge=1, le=366)] = 350
    weekend_activity: Positive = 0.7
    incident: Incident = Incident(first_day=470, days=3, activity=0.2, tickets=12.0)

    def is_down(self, day: Integers) -> Flags:
        """Whether each day after the start is one of the incident."""
        return (day >= self.incident.first_day) & (
            day < self.incident.first_day + self.incident.days
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """How lively each day is: season, weekends and the incident.

    Attributes:
        first: Day number of the first day.
        weights: One number a day; an ordinary weekday without a season is 1.
        reached: Sum of the weights before each day, one longer.
    """

    first: int
    weights: Floats
    reached: Floats

    def days_of(self, user: Integers, begins: Integers, ends: Integers, drawn: Floats) -> Integers:
        """A day of each row's user while they stay, as likely as it is lively."""
        low, high = self.reached[begins[user]], self.reached[ends[user]]
        found = np.searchsorted(self.reached, low + drawn * (high - low), side="right") - 1
        days: Integers = np.clip(found, begins[user], ends[user] - 1)
        return days

    def activity(self, begins: Integers, ends: Integers) -> Floats:
        """Sum of the weights of each stay."""
        summed: Floats = self.reached[ends] - self.reached[begins]
        return summed


def calendar(asked: Season) -> Calendar:
    """How lively each day is, with the sum over the days before it."""
    first = day_number(asked.start)
    day = np.arange(asked.days)
    day_of_year = (day + asked.start.timetuple().tm_yday - 1) % 365.25
    wave = np.cos(2 * np.pi * (day_of_year - asked.season_peak_day) / 365.25)
    weekday = (first + day + _THURSDAY) % 7
    weights = 1 + asked.season_amplitude * wave
    weights = np.where(weekday >= _SATURDAY, asked.weekend_activity, 1.0) * weights
    bad = asked.incident
    is_bad = (day >= bad.first_day) & (day < bad.first_day + bad.days)
    weights = np.where(is_bad, bad.activity * weights, weights)
    return Calendar(
        first=first, weights=weights, reached=np.concatenate([[0.0], np.cumsum(weights)])
    )
