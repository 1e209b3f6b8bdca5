"""A platform on which people share food, with everything that is true of it."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import polars as pl

from analytics_lib.core.checks import require_at_least
from analytics_lib.synthetic.calendars import Calendar, Floats, calendar
from analytics_lib.synthetic.sharing_assignment import true_claims
from analytics_lib.synthetic.sharing_events import events_table
from analytics_lib.synthetic.sharing_exchanges import (
    exchanges_table,
    expected_by_day,
    handed_over,
    interactions_table,
)
from analytics_lib.synthetic.sharing_money import costs_table, payments_table
from analytics_lib.synthetic.sharing_parameters import SharingParameters
from analytics_lib.synthetic.sharing_people import (
    People,
    groups_table,
    memberships_table,
    partners,
    people,
    users_table,
)
from analytics_lib.synthetic.sharing_reputation import standing


@dataclass(frozen=True, slots=True, kw_only=True)
class SharingPlatform:
    """A simulated food-sharing platform and what is true of it.

    Attributes:
        users: One row a person (contract `users`); organisations give, but are no users.
        groups: One row a group of a neighbourhood (contract `groups`).
        memberships: One row a stay (contract `memberships`).
        partnerships: One row an organisation (contract `partnerships`).
        exchanges: One row a handing over (contract `exchanges`), in order of day.
        interactions: One row an exchange as a meeting, with a rating (contract `interactions`).
        events: One row an event (contract `events`), in order of time.
        payments: One row a payment (contract `payments`).
        acquisition_costs: One row a day and channel (contract `acquisition_costs`).
        true_kilograms: One row an exchange: `exchange_id`, `true_kg`.
        expected: One row a day: `day`, `exchanges`, `food_shared_kg`,
            `waste_prevented_kg`, `greenhouse_gas_kg`, `water_l`, `land_m2`:
            what these users would share on average if the days came once more,
            and what it truly does; gross.
        stays: One row a person: `user_id`, `days` from sign-up until they left
            or the log ends, `has_left`, and the drivers of churn: `channel`,
            `member`, `bad_start`, `reminder`; and `treated`, by the experiment on claims.
        credits: One row a change of a balance (contract `credits`); a balance may be overdrawn.
        giver_ratings: One row a rating of a giver (contract `interactions`).
        reputations: One row a rated giver (contract `reputations`).
        reliability: One row a user: `user_id`, `reliability`, the true
            probability of a good rating. These four have a random stream of
            their own, on which no other table depends.
        truth: `hazard_ratios` (by driver of churn), `monthly_hazard` (of who
            has no driver), `left` (users gone at the end), `kilograms_each`
            (expected, of an exchange), `true_factors`, `satisfied_share` (of
            ratings after the first), `partner_share` (at least:
            organisations also give where nobody else does), `claimed_share`,
            `incident_days` (first and last day number), `incident_activity`,
            `weekend_activity`, `experiment` (`true_claims`).
    """

    users: pl.DataFrame
    groups: pl.DataFrame
    memberships: pl.DataFrame
    partnerships: pl.DataFrame
    exchanges: pl.DataFrame
    interactions: pl.DataFrame
    events: pl.DataFrame
    payments: pl.DataFrame
    acquisition_costs: pl.DataFrame
    true_kilograms: pl.DataFrame
    expected: pl.DataFrame
    stays: pl.DataFrame
    credits: pl.DataFrame
    giver_ratings: pl.DataFrame
    reputations: pl.DataFrame
    reliability: pl.DataFrame
    truth: MappingProxyType[str, object]


def sharing_platform(
    parameters: SharingParameters | None = None, *, seed: int, part: int = 0
) -> SharingPlatform:
    """Simulate people who share food in their neighbourhood.

    Sign-ups grow and swing with the season. Who stays receives food at a rate
    of their own, livelier in season and on weekdays, from a neighbour, from
    somebody further away, or from an organisation. People leave with a hazard
    that depends on stated drivers and on nothing else. An incident stops most
    activity for some days.

    Args:
        parameters: All that can be chosen; left out, those of the sample.
        seed: Of all randomness; the same seed and part give the same platform.
        part: Number of the part, where a platform is made in parts.

    Returns:
        The tables and the truth.

    Raises:
        ParameterError: `part` is negative, or there are too few users for the places.

    Examples:
        >>> made = sharing_platform(SharingParameters(users=100, days=60), seed=1)
        >>> made.users.height, made.exchanges.height == made.true_kilograms.height
        (100, True)
    """
    require_at_least(part, 0, name="part")

    asked = parameters if parameters is not None else SharingParameters()
    rng = np.random.default_rng([seed, part])
    when = calendar(asked)
    found = people(asked, when=when, rng=rng, part=part)
    givers, partnerships = partners(asked, when=when, part=part)
    handed = handed_over(asked, found, when=when, rng=rng)
    exchanges, true_kg = exchanges_table(
        asked, found, handed, when=when, partners=givers, rng=rng, part=part
    )
    meetings = interactions_table(asked, exchanges, found, handed, rng=rng)
    stays = pl.DataFrame(
        {
            "user_id": found.names,
            "days": found.ends - found.begins,
            "has_left": found.has_left,
            "channel": pl.Series([one.name for one in asked.channels]).gather(found.channel),
            "member": found.is_member,
            "bad_start": found.bad_start,
            "reminder": found.reminded,
            "treated": found.treated,
        }
    )
    earned = standing(asked, exchanges, found, handed, when=when, seed=seed, part=part)
    return SharingPlatform(
        users=users_table(asked, found, when=when),
        groups=groups_table(found, when=when, part=part),
        memberships=memberships_table(found, when=when, part=part),
        partnerships=partnerships,
        exchanges=exchanges,
        interactions=meetings,
        events=events_table(asked, found, handed, meetings["kind"] == "rating", when=when, rng=rng),
        payments=payments_table(asked, found, handed, when=when, rng=rng, part=part),
        acquisition_costs=costs_table(asked, found, when=when, rng=rng),
        true_kilograms=exchanges.select("exchange_id", true_kg),
        expected=_expected(asked, expected_by_day(asked, found, when=when), when=when),
        stays=stays,
        credits=earned.credits,
        giver_ratings=earned.giver_ratings,
        reputations=earned.reputations,
        reliability=earned.reliability,
        truth=_truth(asked, found, when=when),
    )


def sharing_parts(
    parameters: SharingParameters, *, parts: int, seed: int
) -> Iterator[SharingPlatform]:
    """A platform of any size, part by part, so that memory holds one part only.

    People of different parts never meet: they are like cities of their own.
    All identifiers differ between parts. Costs of a day and channel are there
    once for each part; add them up before they become one table.

    Args:
        parameters: Of each part.
        parts: How many, each of `parameters.users` users.
        seed: Of all randomness.

    Yields:
        One part after the other, the first as `sharing_platform` makes it.

    Raises:
        ParameterError: `parts` is below 1.

    Examples:
        >>> asked = SharingParameters(users=60, days=30)
        >>> sum(part.users.height for part in sharing_parts(asked, parts=3, seed=1))
        180
    """
    require_at_least(parts, 1, name="parts")
    for part in range(parts):
        yield sharing_platform(parameters, seed=seed, part=part)


def _kilograms_each(asked: SharingParameters) -> float:
    return sum(asked.servings[size] * share for size, share in asked.serving_shares.items())


def _expected(asked: SharingParameters, exchanges: Floats, *, when: Calendar) -> pl.DataFrame:
    true = asked.true_factors
    shared = pl.col("exchanges") * _kilograms_each(asked)
    waste = pl.col("waste_prevented_kg")
    return (
        pl.DataFrame(
            {
                "day": pl.Series(when.first + np.arange(asked.days), dtype=pl.Int32),
                "exchanges": exchanges,
            }
        )
        .with_columns(food_shared_kg=shared)
        .with_columns(waste_prevented_kg=pl.col("food_shared_kg") * true.waste_prevention)
        .with_columns(
            greenhouse_gas_kg=waste * true.ghg,
            water_l=waste * true.water,
            land_m2=waste * true.land,
        )
    )


def _truth(
    asked: SharingParameters, found: People, *, when: Calendar
) -> MappingProxyType[str, object]:
    churn, bad = asked.churn, asked.incident
    drivers = {"member": churn.member, "bad_start": churn.bad_start, "reminder": churn.reminder}
    drivers |= {f"channel: {one.name}": one.churn_log_hazard for one in asked.channels}
    return MappingProxyType(
        {
            "hazard_ratios": {name: math.exp(log) for name, log in drivers.items()},
            "monthly_hazard": churn.monthly_hazard,
            "left": int(found.has_left.sum()),
            "kilograms_each": _kilograms_each(asked),
            "true_factors": asked.true_factors.model_dump(),
            "satisfied_share": sum(asked.rating_shares[3:]),
            "partner_share": asked.partner_share,
            "claimed_share": asked.claimed_share,
            "incident_days": (
                when.first + bad.first_day, when.first + bad.first_day + bad.days - 1,
            ),
            "incident_activity": bad.activity,
            "weekend_activity": asked.weekend_activity,
            "experiment": true_claims(asked, found, when=when),
        }
    )  # fmt: skip
