"""Who shares food: when they come, where they live, how long they stay and why they leave."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import polars as pl

from analytics_lib.synthetic.calendars import MONTH_DAYS, Calendar, Flags, Floats, Integers
from analytics_lib.synthetic.people import pseudonyms
from analytics_lib.synthetic.sharing_parameters import SharingParameters

_PLATFORMS = ("web", "ios", "android")
_PARTNER_KINDS = ("shop", "bakery", "charity", "school")


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """Users as arrays: one entry a user, ordered by place and neighbourhood.

    Attributes:
        names: Pseudonyms.
        place: Number of the place.
        group: Number of the neighbourhood.
        group_starts: First user of each neighbourhood, and the end of the last.
        channel: Number of the channel.
        platform: Number of the product surface.
        is_member: Whether they are in the group of the neighbourhood.
        bad_start: Whether the first food they receive is bad.
        reminded: Whether they are sent the reminder.
        treated: Whether they get the treatment of the experiment on claims.
        begins: Day of sign-up, after the start.
        ends: First day they are gone, or the number of days.
        has_left: Whether they left before the end.
        rate: Relative activity, 1 on average.
        claim_rate: Relative rate of claims, of which the experiment is a part.
    """

    names: pl.Series
    place: Integers
    group: Integers
    group_starts: Integers
    channel: Integers
    platform: Integers
    is_member: Flags
    bad_start: Flags
    reminded: Flags
    treated: Flags
    begins: Integers
    ends: Integers
    has_left: Flags
    rate: Floats
    claim_rate: Floats


def people(
    asked: SharingParameters, *, when: Calendar, rng: np.random.Generator, part: int
) -> People:
    """Draw every user of a part of the platform."""
    size = asked.users
    ends_of_places = asked.edges()
    place = np.repeat(np.arange(len(asked.places)), np.diff(ends_of_places))
    group, group_starts = _neighbourhoods(ends_of_places, asked.group_size)
    growth = (1 + asked.monthly_growth) ** (np.arange(asked.days) / MONTH_DAYS)
    arrival = growth * when.weights
    begins = rng.choice(asked.days, size=size, p=arrival / arrival.sum())
    shares = [one.share for one in asked.channels]
    channel = rng.choice(len(shares), size=size, p=np.asarray(shares) / sum(shares))
    is_member = rng.random(size) < asked.member_share
    bad_start = rng.random(size) < asked.churn.bad_start_share
    reminded = rng.random(size) < 1 / 2
    log_hazard = (
        np.asarray([one.churn_log_hazard for one in asked.channels])[channel]
        + asked.churn.member * is_member
        + asked.churn.bad_start * bad_start
        + asked.churn.reminder * reminded
    )
    daily = asked.churn.monthly_hazard / MONTH_DAYS * np.exp(log_hazard)
    stays = np.ceil(rng.exponential(1 / daily)).astype(np.int64)
    platform = rng.integers(0, len(_PLATFORMS), size=size)
    # A stream of its own: what else is drawn does not depend on the experiment.
    treated = rng.spawn(1)[0].random(size) < asked.experiment.share
    rate = rng.gamma(asked.activity_shape, 1 / asked.activity_shape, size=size)
    return People(
        names=pl.Series(pseudonyms(f"sharer {part}", size), dtype=pl.String),
        place=place,
        group=group,
        group_starts=group_starts,
        channel=channel,
        platform=platform,
        is_member=is_member,
        bad_start=bad_start,
        reminded=reminded,
        treated=treated,
        begins=begins,
        ends=np.minimum(begins + stays, asked.days),
        has_left=begins + stays < asked.days,
        rate=rate,
        claim_rate=rate * np.where(treated, asked.experiment.claims, 1.0),
    )


def group_names(found: People, *, part: int) -> pl.Series:
    """What each neighbourhood is called."""
    return pl.Series([f"g{part}-{at}" for at in range(found.group_starts.size - 1)])


def users_table(asked: SharingParameters, found: People, *, when: Calendar) -> pl.DataFrame:
    """One row a user (contract `users`), organisations not among them."""
    regions = pl.Series([place.region for place in asked.places])
    return pl.DataFrame(
        {
            "user_id": found.names,
            "created_day": pl.Series(when.first + found.begins, dtype=pl.Int32),
            "user_type": pl.repeat("sharer", asked.users, eager=True),
            "region": regions.gather(found.place),
            "platform": pl.Series(_PLATFORMS).gather(found.platform),
        }
    )


def groups_table(found: People, *, when: Calendar, part: int) -> pl.DataFrame:
    """One row a neighbourhood that has a member (contract `groups`), made with its first."""
    begun = pl.DataFrame(
        {"group": found.group, "day": when.first + found.begins, "member": found.is_member}
    )
    first = begun.filter("member").group_by("group").agg(pl.col("day").min()).sort("group")
    return pl.DataFrame(
        {
            "group_id": group_names(found, part=part).gather(first["group"]),
            "created_day": first["day"].cast(pl.Int32),
            "kind": pl.repeat("neighbourhood", first.height, eager=True),
        }
    )


def memberships_table(found: People, *, when: Calendar, part: int) -> pl.DataFrame:
    """One row a stay in a group (contract `memberships`), from sign-up until the user leaves."""
    left = np.where(found.has_left, when.first + found.ends, -1)
    return (
        pl.DataFrame(
            {
                "group_id": group_names(found, part=part).gather(found.group),
                "user_id": found.names,
                "joined_day": pl.Series(when.first + found.begins, dtype=pl.Int32),
                "left_day": pl.Series(left, dtype=pl.Int32),
                "member": found.is_member,
            }
        )
        .filter("member")
        .drop("member")
        .with_columns(left_day=pl.when(pl.col("left_day") >= 0).then("left_day"))
    )


def partners(
    asked: SharingParameters, *, when: Calendar, part: int
) -> tuple[pl.Series, pl.DataFrame]:
    """The organisation that gives in each place, and all partnerships (contract `partnerships`)."""
    givers = pl.Series(pseudonyms(f"partner {part}", len(asked.places)), dtype=pl.String)
    number = np.arange(asked.partnerships)
    starts = number * asked.days * 2 // (3 * max(asked.partnerships, 1))
    kinds = [_PARTNER_KINDS[at % len(_PARTNER_KINDS)] for at in number]
    table = pl.DataFrame(
        {
            "partnership_id": [f"p{part}-{at}" for at in number],
            "kind": pl.Series(kinds, dtype=pl.String),
            "start_day": pl.Series(when.first + starts, dtype=pl.Int32),
            "end_day": pl.Series([None] * asked.partnerships, dtype=pl.Int32),
        },
        schema_overrides={"partnership_id": pl.String},
    )
    return givers, table


def _neighbourhoods(ends: list[int], size: int) -> tuple[Integers, Integers]:
    """Number of each user's neighbourhood, of about that size, within the places."""
    starts: list[int] = []
    for begin, end in pairwise(ends):
        count = max(1, round((end - begin) / size))
        starts += [begin + (end - begin) * at // count for at in range(count)]
    bounds = np.asarray([*starts, ends[-1]], dtype=np.int64)
    return np.repeat(np.arange(bounds.size - 1), np.diff(bounds)), bounds
