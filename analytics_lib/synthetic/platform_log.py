"""The event log of a simulated platform, put together from rows of each kind."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from analytics_lib.synthetic.calendars import MONTH_DAYS, Calendar, Integers
from analytics_lib.synthetic.draws import digests, seconds_of_day
from analytics_lib.synthetic.platform_parameters import PlatformParameters
from analytics_lib.synthetic.platform_people import SURFACES, Members

DAY_US = 86_400_000_000
SECOND_US = 1_000_000
LATEST_START_S = 79_200  # 22:00: a visit ends on the day it began
FEWEST_S = 10  # a sign-up comes before whatever happens first
STEP_S = 40
LONGEST_VISIT = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRows:
    """Events of one kind: who, on which day after the start, at which second.

    Attributes:
        kind: Type of the events.
        user: Numbers of users.
        day: Days after the start.
        second: Seconds after midnight.
        visit: Numbers of visits within the block; None where they belong to none.
        content: Numbers of pieces of content; None where they concern none.
        category: Words for all or for each; None where there is none.
    """

    kind: str
    user: Integers
    day: Integers
    second: Integers
    visit: Integers | None = None
    content: Integers | None = None
    category: pl.Series | None = None

    def table(self) -> pl.DataFrame:
        """The rows under the columns that all kinds share."""
        nothing = pl.repeat(None, self.user.size, dtype=pl.Int64, eager=True)
        return pl.DataFrame(
            {
                "event_type": pl.repeat(self.kind, self.user.size, dtype=pl.String, eager=True),
                "user": self.user,
                "day": self.day,
                "second": self.second,
                "visit": nothing if self.visit is None else self.visit,
                "content": nothing if self.content is None else self.content,
                "category": pl.repeat(None, self.user.size, dtype=pl.String, eager=True)
                if self.category is None
                else self.category,
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Visits:
    """Visits of a block, one entry a visit: who, when, how many things are seen."""

    user: Integers
    day: Integers
    start: Integers
    views: Integers


def visits(
    asked: PlatformParameters,
    found: Members,
    *,
    when: Calendar,
    rng: np.random.Generator,
    latest: int = LATEST_START_S,
) -> Visits:
    """Draw who visits when: as active as they are, livelier on lively days."""
    rate = found.rate * asked.visits_per_month / MONTH_DAYS
    counts = rng.poisson(rate * when.activity(found.begins, found.ends))
    user = np.repeat(np.arange(counts.size), counts)
    views = rng.geometric(1 / asked.views_per_visit, user.size)
    return Visits(
        user=user,
        day=when.days_of(user, found.begins, found.ends, rng.random(user.size)),
        start=times(user.size, rng=rng, latest=latest),
        views=np.minimum(views, LONGEST_VISIT),
    )


def tickets(asked: PlatformParameters, seen: Visits, *, rng: np.random.Generator) -> EventRows:
    """Support tickets of visits, more of them while the platform is down."""
    more = np.where(asked.is_down(seen.day), asked.incident.tickets, 1.0)
    visit = np.flatnonzero(rng.random(seen.user.size) < asked.ticket_share * more)
    return EventRows(
        kind="support_ticket", user=seen.user[visit], day=seen.day[visit],
        second=seen.start[visit] + STEP_S, visit=visit,
    )  # fmt: skip


def steps_of(counts: Integers) -> tuple[Integers, Integers]:
    """Which visit each of its steps belongs to, and the number of the step in it."""
    visit = np.repeat(np.arange(counts.size), counts)
    starts = np.cumsum(counts) - counts
    step: Integers = np.arange(visit.size) - starts[visit]
    return visit, step


def times(size: int, *, rng: np.random.Generator, latest: int = LATEST_START_S) -> Integers:
    """Seconds at which something begins that ends the same day; what is later comes at night."""
    found: Integers = np.maximum(seconds_of_day(size, rng=rng) % latest, FEWEST_S)
    return found


def log_table(
    asked: PlatformParameters, found: Members, rows: list[EventRows], *, experiment: str,
    content: pl.Series, when: Calendar, rng: np.random.Generator,
) -> pl.DataFrame:  # fmt: skip
    """One row an event (contract `events`) with sign-ups and assignments, in order of time."""
    parts = [*_arrivals(found, rows, experiment=experiment, rng=rng), *rows]
    log = pl.concat([part.table() for part in parts])
    user = log["user"]
    visited = [part.visit.max(initial=-1) for part in parts if part.visit is not None]
    names = digests(max(visited, default=-1) + 1, rng=rng)
    channels = pl.Series([one.name for one in asked.channels])
    return log.select(
        digests(log.height, rng=rng).alias("event_id"),
        found.names.gather(user).alias("user_id"),
        "event_type",
        "category",
        t_us=(pl.col("day") + when.first) * DAY_US + pl.col("second") * SECOND_US,
        day=(pl.col("day") + when.first).cast(pl.Int32),
        session_id=names.gather(log["visit"]),
        platform=pl.Series(SURFACES).gather(pl.Series(found.surface).gather(user)),
        region=pl.Series(list(asked.regions)).gather(pl.Series(found.region).gather(user)),
        content_id=content.gather(log["content"]),
        quantity=pl.lit(1, pl.Int64),
        campaign_source=channels.gather(pl.Series(found.channel).gather(user)),
    ).sort("t_us", "event_id")


def _arrivals(
    found: Members, rows: list[EventRows], *, experiment: str, rng: np.random.Generator
) -> list[EventRows]:
    """Sign-up and assignment of everybody, before whatever else they do on their first day."""
    first = times(found.begins.size, rng=rng)
    for part in rows:
        is_first = part.day == found.begins[part.user]
        np.minimum.at(first, part.user[is_first], part.second[is_first])
    words = pl.Series([f"{experiment}: off", f"{experiment}: on"])
    everybody = np.arange(found.begins.size)
    return [
        EventRows(kind="sign_up", user=everybody, day=found.begins, second=first - 2),
        EventRows(
            kind="experiment_assigned", user=everybody, day=found.begins, second=first - 1,
            category=words.gather(found.treated.astype(np.int64)),
        ),
    ]  # fmt: skip
