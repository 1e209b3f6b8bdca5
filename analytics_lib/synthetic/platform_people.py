"""Who is on a simulated platform: when they come, how active they are, why they leave."""

import math
from dataclasses import dataclass

import numpy as np
import polars as pl

from analytics_lib.synthetic.calendars import (
    MONTH_DAYS,
    Calendar,
    Flags,
    Floats,
    Integers,
    calendar,
)
from analytics_lib.synthetic.people import pseudonyms
from analytics_lib.synthetic.platform_parameters import PlatformParameters

SURFACES = ("web", "ios", "android")
_COST_SPREAD = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class Members:
    """People of a block as arrays, one entry a person.

    Attributes:
        names: Pseudonyms.
        channel: Number of the channel.
        surface: Number of the product surface.
        region: Number of the region.
        drivers: Whether each driver of leaving applies, by its name.
        treated: Whether they get what the experiment tries.
        begins: Day of sign-up, after the start.
        ends: First day they are gone, or the number of days.
        ends_later: The same where days after the last one count too.
        has_left: Whether they left before the end.
        rate: Relative activity, 1 on average.
    """

    names: pl.Series
    channel: Integers
    surface: Integers
    region: Integers
    drivers: dict[str, Flags]
    treated: Flags
    begins: Integers
    ends: Integers
    ends_later: Integers
    has_left: Flags
    rate: Floats


def later_calendar(asked: PlatformParameters, *, days: int = 0) -> Calendar:
    """How lively each day is, with so many days after the last one."""
    return calendar(asked.model_copy(update={"days": asked.days + days}))


def arrival_shares(asked: PlatformParameters, *, when: Calendar) -> Floats:
    """Share of all people who sign up on each day: growing, and livelier on lively days."""
    growth = (1 + asked.monthly_growth) ** (np.arange(asked.days) / MONTH_DAYS)
    arrival = growth * when.weights[: asked.days]
    shares: Floats = arrival / arrival.sum()
    return shares


def members(
    asked: PlatformParameters, *, role: str, size: int, when: Calendar, rng: np.random.Generator
) -> Members:
    """Draw the people of a block."""
    begins = rng.choice(asked.days, size=size, p=arrival_shares(asked, when=when))
    channel = _choose([one.share for one in asked.channels], size, rng=rng)
    drivers = {name: rng.random(size) < one.share for name, one in asked.drivers.items()}
    log_hazard = np.asarray([one.churn_log_hazard for one in asked.channels])[channel]
    for name, applies in drivers.items():
        log_hazard = log_hazard + asked.drivers[name].log_hazard * applies
    daily = asked.monthly_hazard / MONTH_DAYS * np.exp(log_hazard)
    leaves = begins + np.ceil(rng.exponential(1 / daily)).astype(np.int64)
    return Members(
        names=pl.Series(pseudonyms(role, size), dtype=pl.String),
        channel=channel,
        surface=rng.integers(0, len(SURFACES), size=size),
        region=_choose(list(asked.regions.values()), size, rng=rng),
        drivers=drivers,
        treated=rng.random(size) < asked.experiment_share,
        begins=begins,
        ends=np.minimum(leaves, asked.days),
        ends_later=np.minimum(leaves, when.weights.size),
        has_left=leaves < asked.days,
        rate=rng.gamma(asked.activity_shape, 1 / asked.activity_shape, size=size),
    )


def expected_each_day(rate: Floats, found: Members, *, days: int, when: Calendar) -> Floats:
    """Sum of the rates of those who are there, on each day, as lively as it is."""
    steps = np.zeros(days + 1)
    np.add.at(steps, found.begins, rate)
    np.add.at(steps, found.ends, -rate)
    expected: Floats = np.cumsum(steps)[:-1] * when.weights[:days]
    return expected


def users_table(
    asked: PlatformParameters, found: Members, *, user_type: str, when: Calendar
) -> pl.DataFrame:
    """One row a person (contract `users`)."""
    return pl.DataFrame(
        {
            "user_id": found.names,
            "created_day": pl.Series(when.first + found.begins, dtype=pl.Int32),
            "user_type": pl.repeat(user_type, len(found.names), eager=True),
            "region": pl.Series(list(asked.regions)).gather(found.region),
            "platform": pl.Series(SURFACES).gather(found.surface),
        }
    )


def stays_table(asked: PlatformParameters, found: Members) -> pl.DataFrame:
    """One row a person: how long they were seen, whether they left, and what drives it."""
    return pl.DataFrame(
        {
            "user_id": found.names,
            "days": found.ends - found.begins,
            "has_left": found.has_left,
            "channel": pl.Series([one.name for one in asked.channels]).gather(found.channel),
            **found.drivers,
            "treated": found.treated,
        }
    )


def costs_table(
    asked: PlatformParameters, *, when: Calendar, rng: np.random.Generator
) -> pl.DataFrame:
    """What was spent on each channel and day (contract `acquisition_costs`).

    It is planned for the people expected on the day, so it needs nobody's sign-up.
    """
    expected = asked.users * arrival_shares(asked, when=when)
    parts = []
    for channel in asked.channels:
        spread = np.exp(rng.normal(-(_COST_SPREAD**2) / 2, _COST_SPREAD, size=asked.days))
        parts.append(
            pl.DataFrame(
                {
                    "day": pl.Series(when.first + np.arange(asked.days), dtype=pl.Int32),
                    "channel": pl.repeat(channel.name, asked.days, eager=True),
                    "amount": np.round(expected * channel.share * channel.cost * spread, 2),
                    "currency": pl.repeat(asked.currency, asked.days, eager=True),
                }
            )
        )
    return pl.concat(parts).sort("day", "channel")


def truth_of_people(asked: PlatformParameters, *, when: Calendar) -> dict[str, object]:
    """What is true of leaving, of the days, and of what a person costs."""
    drivers = {name: one.log_hazard for name, one in asked.drivers.items()}
    drivers |= {f"channel: {one.name}": one.churn_log_hazard for one in asked.channels}
    bad = asked.incident
    return {
        "log_hazards": drivers,
        "hazard_ratios": {name: math.exp(log) for name, log in drivers.items()},
        "monthly_hazard": asked.monthly_hazard,
        "incident_days": (when.first + bad.first_day, when.first + bad.first_day + bad.days - 1),
        "incident_activity": bad.activity,
        "weekend_activity": asked.weekend_activity,
        "cost_of_user": {one.name: one.cost for one in asked.channels},
    }


def _choose(shares: list[float], size: int, *, rng: np.random.Generator) -> Integers:
    weights = np.asarray(shares)
    return rng.choice(weights.size, size=size, p=weights / weights.sum())
