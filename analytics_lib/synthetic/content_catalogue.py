"""The pieces of content of a simulated platform, and which of them are seen on which day."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from analytics_lib.synthetic.calendars import MONTH_DAYS, Floats, Integers
from analytics_lib.synthetic.content_parameters import ContentPlatformParameters

_COST_SPREAD = 0.2
GATHERING = "gathering"


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """Pieces of content, one entry a piece, and after them the gatherings.

    Attributes:
        content: `content_id`, `kind` of every piece and gathering.
        topics: What each is about.
        costs: `content_id`, `cost` of the pieces.
        kind: Number of the kind of each piece.
        reached: Probability of the pieces up to each, plus the day, day after day.
        gathering_days: Day of each gathering, after the start.
        trending: Number of the trending piece.
    """

    content: pl.DataFrame
    topics: pl.Series
    costs: pl.DataFrame
    kind: Integers
    reached: Floats
    gathering_days: Integers
    trending: int

    def seen(self, day: Integers, *, rng: np.random.Generator) -> Integers:
        """A piece for each day, as likely as it is in demand on it."""
        at = np.searchsorted(self.reached, day + rng.random(day.size), side="right")
        pieces: Integers = np.clip(at - day * self.kind.size, 0, self.kind.size - 1)
        return pieces


def catalogue(asked: ContentPlatformParameters, *, rng: np.random.Generator) -> Catalogue:
    """Draw what is published when, how good it is, and what it costs."""
    days = asked.days + asked.stock_days
    counts = [max(1, round(one.per_month * days / MONTH_DAYS)) for one in asked.kinds.values()]
    kind = np.repeat(np.arange(len(counts)), counts)
    published = np.concatenate([np.arange(n) * days // n - asked.stock_days for n in counts])
    order = np.lexsort((kind, published))
    kind, published = kind[order], published[order]
    names = list(asked.kinds)
    topic = pl.Series(asked.topics).gather(np.arange(kind.size) % len(asked.topics))
    pieces = pl.DataFrame({"topic": topic, "kind": pl.Series(names).gather(kind)}).select(
        pl.format("{}-{}-{}", "topic", "kind", pl.int_range(pl.len())).alias("content_id"), "kind"
    )
    gathering_days = np.arange(1, (asked.days - 1) // asked.gatherings.every_days + 1)
    gathering_days *= asked.gatherings.every_days
    meetings = [f"{GATHERING}-{number}" for number in range(gathering_days.size)]
    gatherings = pl.DataFrame(
        {"content_id": meetings, "kind": [GATHERING] * len(meetings)}, schema=pieces.schema
    )
    median = np.asarray([one.cost for one in asked.kinds.values()])[kind]
    cost = np.rint(median * np.exp(rng.normal(0, _COST_SPREAD, size=kind.size)))
    weight = rng.gamma(2.0, size=kind.size)
    trending = int(np.flatnonzero(published < asked.days - asked.trend_days)[-1])
    return Catalogue(
        content=pl.concat([pieces, gatherings]),
        topics=pl.concat([topic, pl.Series([GATHERING] * len(meetings), dtype=pl.String)]),
        costs=pieces.select("content_id", pl.Series("cost", cost, dtype=pl.Int64)),
        kind=kind,
        reached=_reached(asked, weight, published, trending=trending),
        gathering_days=gathering_days,
        trending=trending,
    )


def _reached(
    asked: ContentPlatformParameters, weight: Floats, published: Integers, *, trending: int
) -> Floats:
    """Probability of each piece on each day, added up, one day above the other."""
    day = np.arange(asked.days)[:, None]
    age = day - published
    demand = weight * np.where(age >= 0, 0.5 ** (age / asked.half_life_days), 0.0)
    demand[asked.days - asked.trend_days :, trending] *= asked.trend_factor
    shares = np.cumsum(demand, axis=1) / demand.sum(axis=1, keepdims=True)
    reached: Floats = (shares + day).ravel()
    return reached
