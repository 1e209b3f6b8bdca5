"""Credits and reputation of those who share food, from a random stream of their own."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from analytics_lib.synthetic.calendars import Calendar, Floats
from analytics_lib.synthetic.sharing_exchanges import Handed
from analytics_lib.synthetic.sharing_parameters import SharingParameters
from analytics_lib.synthetic.sharing_people import People

_GOOD = 4
_STREAM = 1  # everything else of a part is drawn from a stream without this number


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What people on the platform have and are thought of.

    Attributes:
        credits: One row a change of a balance (contract `credits`).
        giver_ratings: One row a rating of a giver (contract `interactions`).
        reputations: One row a rated giver (contract `reputations`).
        reliability: One row a user: `user_id`, `reliability`, the probability of a good rating.
    """

    credits: pl.DataFrame
    giver_ratings: pl.DataFrame
    reputations: pl.DataFrame
    reliability: pl.DataFrame


def standing(
    asked: SharingParameters, exchanges: pl.DataFrame, found: People, handed: Handed, *,
    when: Calendar, seed: int, part: int,
) -> Standing:  # fmt: skip
    """Draw ratings and tips of exchanges that are there already; nothing else depends on them."""
    rng = np.random.default_rng([seed, part, _STREAM])
    wanted = asked.standing
    good = wanted.reliability * wanted.alike
    reliable = rng.beta(good, wanted.alike - good, size=asked.users)
    ratings = _ratings(asked, exchanges, reliable, handed, rng=rng)
    return Standing(
        credits=_credits(asked, exchanges, found, handed, when=when, part=part, rng=rng),
        giver_ratings=ratings,
        reputations=_reputations(asked, ratings, when=when),
        reliability=pl.DataFrame({"user_id": found.names, "reliability": reliable}),
    )


def _ratings(
    asked: SharingParameters, exchanges: pl.DataFrame, reliable: Floats, handed: Handed, *,
    rng: np.random.Generator,
) -> pl.DataFrame:  # fmt: skip
    """Some recipients rate the giver: 4 or 5 points as often as the giver is reliable."""
    size = handed.giver.size
    is_good = rng.random(size) < reliable[np.maximum(handed.giver, 0)]
    points = np.where(is_good, rng.integers(_GOOD, 6, size=size), rng.integers(1, _GOOD, size=size))
    is_rated = (handed.giver >= 0) & (rng.random(size) < asked.standing.rated_share)
    return exchanges.select(
        pl.col("exchange_id").str.replace("x", "g", literal=True).alias("interaction_id"),
        "day",
        pl.col("recipient_id").alias("from_user"),
        pl.col("giver_id").alias("to_user"),
        pl.lit("giver_rating").alias("kind"),
        pl.Series("value", points, dtype=pl.Float64),
    ).filter(pl.Series(is_rated))


def _reputations(
    asked: SharingParameters, ratings: pl.DataFrame, *, when: Calendar
) -> pl.DataFrame:
    """Good ratings over all, with so many at the common share added to those of everybody."""
    good = pl.col("value") >= _GOOD
    common = ratings.select(good.mean()).item() if ratings.height else 0.0
    counts = ratings.group_by(user_id="to_user").agg(
        ratings=pl.len().cast(pl.Int64), good_ratings=good.sum().cast(pl.Int64)
    )
    alike = asked.standing.alike
    return counts.select(
        "user_id",
        pl.lit(when.first + asked.days - 1, pl.Int32).alias("day"),
        "ratings",
        "good_ratings",
        reputation=(pl.col("good_ratings") + common * alike) / (pl.col("ratings") + alike),
    ).sort("user_id")


def _credits(
    asked: SharingParameters, exchanges: pl.DataFrame, found: People, handed: Handed, *,
    when: Calendar, part: int, rng: np.random.Generator,
) -> pl.DataFrame:  # fmt: skip
    """A welcome for everybody; who gives earns what who receives spends; some give a tip.

    Organisations earn nothing: what is spent on their food leaves the platform.
    """
    wanted, size = asked.standing, handed.giver.size
    kilograms = (
        exchanges["serving"]
        .replace_strict(asked.servings, default=None, return_dtype=pl.Float64)
        .fill_null(exchanges["amount"])
    )
    worth = np.maximum(1, np.round(kilograms.to_numpy() * wanted.credits_per_kg)).astype(np.int64)
    by_user = handed.giver >= 0
    tipped = by_user & (rng.random(size) < wanted.tip_share)
    everybody, every, one = np.arange(asked.users), np.arange(size), np.ones(size, dtype=np.int64)
    nothing = np.full(asked.users, -1)
    welcome = np.full(asked.users, wanted.welcome)
    given = every[by_user]
    parts = [
        ("welcome", everybody, found.begins, nothing, welcome),
        ("earned", handed.giver[by_user], handed.day[by_user], given, worth[by_user]),
        ("spent", handed.recipient, handed.day, every, -worth),
        ("tip", handed.recipient[tipped], handed.day[tipped], every[tipped], -one[tipped]),
        ("tip", handed.giver[tipped], handed.day[tipped], every[tipped], one[tipped]),
    ]
    columns = ("user", "day", "exchange", "credits")
    rows = pl.concat(
        pl.DataFrame(dict(zip(columns, values, strict=True))).with_columns(kind=pl.lit(kind))
        for kind, *values in parts
    ).sort("day", maintain_order=True)
    exchange = exchanges["exchange_id"].gather(rows["exchange"].replace(-1, None))
    return rows.select(
        credit_id=pl.format("k{}-{}", pl.lit(part), pl.int_range(pl.len())),
        user_id=found.names.gather(rows["user"]),
        day=(pl.col("day") + when.first).cast(pl.Int32),
        exchange_id=exchange,
        kind="kind",
        credits="credits",
    )
