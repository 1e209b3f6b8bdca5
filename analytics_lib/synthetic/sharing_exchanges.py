"""Food that changes hands: who gives what to whom, how heavy it truly is, what they say of it."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from analytics_lib.synthetic.calendars import MONTH_DAYS, Calendar, Flags, Floats, Integers
from analytics_lib.synthetic.sharing_parameters import SharingParameters
from analytics_lib.synthetic.sharing_people import People, group_names

_TRIES = 16
_DISTANCE_SPREAD = 0.6
_POINTS = np.arange(1.0, 6.0)
_BAD = np.array([1.0, 2.0])


@dataclass(frozen=True, slots=True, kw_only=True)
class Handed:
    """Exchanges as arrays, in order of day.

    Attributes:
        recipient: Number of the user who received.
        giver: Number of the user who gave; -1 for the organisation of the place.
        day: Day after the start.
        is_first: Whether it is the first food the user received.
    """

    recipient: Integers
    giver: Integers
    day: Integers
    is_first: Flags


def expected_by_day(asked: SharingParameters, found: People, *, when: Calendar) -> Floats:
    """Exchanges expected on each day of these users: those who are there, as active as they are."""
    rate = found.claim_rate * asked.claims_per_month / MONTH_DAYS
    steps = np.zeros(asked.days + 1)
    np.add.at(steps, found.begins, rate)
    np.add.at(steps, found.ends, -rate)
    expected: Floats = np.cumsum(steps)[:-1] * when.weights
    return expected


def handed_over(
    asked: SharingParameters, found: People, *, when: Calendar, rng: np.random.Generator
) -> Handed:
    """Draw who received food on which day, and who gave it."""
    rate = found.claim_rate * asked.claims_per_month / MONTH_DAYS
    counts = rng.poisson(rate * when.activity(found.begins, found.ends))
    recipient = np.repeat(np.arange(asked.users), counts)
    day = when.days_of(recipient, found.begins, found.ends, rng.random(recipient.size))
    order = np.lexsort((recipient, day))
    recipient, day = recipient[order], day[order]
    is_first = np.zeros(recipient.size, dtype=np.bool_)
    is_first[np.unique(recipient, return_index=True)[1]] = True
    giver = _givers(asked, found, recipient, day, rng=rng)
    return Handed(recipient=recipient, giver=giver, day=day, is_first=is_first)


def _givers(
    asked: SharingParameters, found: People, recipient: Integers, day: Integers, *,
    rng: np.random.Generator,
) -> Integers:  # fmt: skip
    """Somebody of the neighbourhood or the place who is there that day; else the organisation."""
    reached = np.concatenate([[0.0], np.cumsum(found.rate)])
    places = np.asarray(asked.edges())
    beyond = rng.random(recipient.size) < asked.cross_group_share
    group, place = found.group[recipient], found.place[recipient]
    low = np.where(beyond, places[place], found.group_starts[group])
    high = np.where(beyond, places[place + 1], found.group_starts[group + 1])
    giver = np.full(recipient.size, -1)
    open_ = np.flatnonzero(rng.random(recipient.size) >= asked.partner_share)
    for _ in range(_TRIES):
        begin, end = reached[low[open_]], reached[high[open_]]
        drawn = np.searchsorted(reached, begin + rng.random(open_.size) * (end - begin), "right")
        tried = np.clip(drawn - 1, low[open_], high[open_] - 1)
        is_there = (found.begins[tried] <= day[open_]) & (day[open_] < found.ends[tried])
        fits = is_there & (tried != recipient[open_])
        giver[open_[fits]] = tried[fits]
        open_ = open_[~fits]
    return giver


def exchanges_table(
    asked: SharingParameters, found: People, handed: Handed, *, when: Calendar,
    partners: pl.Series, rng: np.random.Generator, part: int,
) -> tuple[pl.DataFrame, pl.Series]:  # fmt: skip
    """One row an exchange (contract `exchanges`), and what each truly weighed in kilograms."""
    size = handed.recipient.size
    place = found.place[handed.recipient]
    serving = _choose(asked.serving_shares, size, rng=rng)
    mean = pl.Series([asked.servings[name] for name in asked.serving_shares]).to_numpy()[serving]
    spread = asked.weight_spread
    true_kg = mean * np.exp(rng.normal(-(spread**2) / 2, spread, size=size))
    is_weighed = rng.random(size) < asked.weighed_share
    givers = pl.concat([found.names, partners])
    giver_at = np.where(handed.giver >= 0, handed.giver, asked.users + place)
    communities = group_names(found, part=part)
    theirs = found.is_member[handed.recipient]
    gave = np.maximum(handed.giver, 0)
    of_giver = (handed.giver >= 0) & found.is_member[gave]
    table = pl.DataFrame(
        {
            "number": np.arange(size),
            "giver_id": givers.gather(giver_at),
            "recipient_id": found.names.gather(handed.recipient),
            "day": pl.Series(when.first + handed.day, dtype=pl.Int32),
            "serving": pl.Series(list(asked.serving_shares)).gather(serving),
            "amount": np.round(true_kg, 3),
            "unit": pl.repeat("kg", size, eager=True),
            "food": pl.Series(list(asked.foods)).gather(_choose(asked.foods, size, rng=rng)),
            "region": pl.Series([one.region for one in asked.places]).gather(place),
            "city": pl.Series([one.city for one in asked.places], dtype=pl.String).gather(place),
            "giver_community": communities.gather(found.group[gave]),
            "recipient_community": communities.gather(found.group[handed.recipient]),
            "status": _statuses(asked, size, rng=rng),
            "distance_km": _distances(asked, place, rng=rng),
            "weighed": is_weighed,
            "of_giver": of_giver,
            "theirs": theirs,
        }
    )
    weighed = pl.col("weighed")
    finished = table.select(
        pl.format("x{}-{}", pl.lit(part), "number").alias("exchange_id"),
        "giver_id",
        "recipient_id",
        "day",
        pl.when(~weighed).then("serving").alias("serving"),
        pl.when(weighed).then("amount").alias("amount"),
        pl.when(weighed).then("unit").alias("unit"),
        "food",
        "region",
        "city",
        pl.when("of_giver").then("giver_community").alias("giver_community"),
        pl.when("theirs").then("recipient_community").alias("recipient_community"),
        "status",
        pl.col("distance_km").fill_nan(None),
    )
    return finished, pl.Series("true_kg", true_kg)


def interactions_table(
    asked: SharingParameters, exchanges: pl.DataFrame, found: People, handed: Handed, *,
    rng: np.random.Generator,
) -> pl.DataFrame:  # fmt: skip
    """One row an exchange as a meeting (contract `interactions`), most with a rating.

    The first food of every user is rated, badly where their start was bad.
    """
    size = handed.recipient.size
    ordinary = rng.choice(_POINTS, size=size, p=np.asarray(asked.rating_shares))
    is_bad = handed.is_first & found.bad_start[handed.recipient]
    points = np.where(is_bad, rng.choice(_BAD, size=size), ordinary)
    is_rated = handed.is_first | (rng.random(size) < asked.rated_share)
    return exchanges.select(
        pl.col("exchange_id").str.replace("x", "i", literal=True).alias("interaction_id"),
        "day",
        pl.col("recipient_id").alias("from_user"),
        pl.col("giver_id").alias("to_user"),
        pl.Series("kind", np.where(is_rated, "rating", "exchange"), dtype=pl.String),
        pl.Series("value", np.where(is_rated, points, np.nan)).fill_nan(None),
    )


def _choose(shares: dict[str, float], size: int, *, rng: np.random.Generator) -> Integers:
    weights = np.asarray(list(shares.values()))
    return rng.choice(weights.size, size=size, p=weights / weights.sum())


def _statuses(asked: SharingParameters, size: int, *, rng: np.random.Generator) -> pl.Series:
    drawn = rng.random(size)
    eaten, wasted = asked.consumed_share, asked.consumed_share + asked.wasted_share
    words = np.where(drawn < eaten, "consumed", np.where(drawn < wasted, "wasted", "unknown"))
    return pl.Series(words, dtype=pl.String)


def _distances(asked: SharingParameters, place: Integers, *, rng: np.random.Generator) -> Floats:
    """Driven kilometres: none on foot, unknown for some."""
    car = np.asarray([one.car_share for one in asked.places])[place]
    driven = asked.distance_km * np.exp(rng.normal(0, _DISTANCE_SPREAD, size=place.size))
    kilometres = np.where(rng.random(place.size) < car, np.minimum(driven, 1000.0), 0.0)
    known = rng.random(place.size) < asked.distance_known_share
    return np.where(known, np.round(kilometres, 1), np.nan)
