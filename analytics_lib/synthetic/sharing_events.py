"""What the platform logs: visits, posts, claims, collections, ratings, tickets, the experiment."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from analytics_lib.synthetic.calendars import MONTH_DAYS, Calendar, Integers
from analytics_lib.synthetic.draws import digests, seconds_of_day
from analytics_lib.synthetic.sharing_exchanges import Handed
from analytics_lib.synthetic.sharing_parameters import SharingParameters
from analytics_lib.synthetic.sharing_people import People

REMINDER = "reminder"
CONTROL, TREATMENT = "control", "treatment"
_DAY_US = 86_400_000_000
_SECOND_US = 1_000_000
_STEP_S = 40
_LATEST_START_S = 79_200  # 22:00: a visit ends on the day it began
_LONGEST_VISIT = 100
_PLATFORMS = ("web", "ios", "android")
_TYPES = (
    "sign_up", "experiment_assigned", "open_app", "view_post", "post_food", "claim", "collect",
    "rate", "support_ticket",
)  # fmt: skip
_AT = {name: number for number, name in enumerate(_TYPES)}
_CLAIMS_ASSIGNED = len(_TYPES)  # told apart until its category is written


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rows:
    """Events of one kind or visit: who, when, what, in which visit (-1 for none)."""

    user: Integers
    day: Integers
    second: Integers
    kind: Integers
    visit: Integers


def events_table(
    asked: SharingParameters, found: People, handed: Handed, is_rated: pl.Series, *,
    when: Calendar, rng: np.random.Generator,
) -> pl.DataFrame:  # fmt: skip
    """One row an event (contract `events`), in order of time."""
    parts = [
        *_arrivals(found, rng=rng),
        *_visits(asked, found, when=when, rng=rng),
        *_handovers(asked, handed, is_rated.to_numpy(), rng=rng),
    ]
    user, day, second, kind, visit = (
        np.concatenate([getattr(one, name) for one in parts])
        for name in ("user", "day", "second", "kind", "visit")
    )
    t_us = (when.first + day) * _DAY_US + second * _SECOND_US
    order = np.argsort(t_us, kind="stable")
    user, visit = user[order], visit[order]
    categories = _categories(asked, found, user=user, kind=kind[order])
    kind = np.where(kind == _CLAIMS_ASSIGNED, _AT["experiment_assigned"], kind)
    channels = pl.Series([one.name for one in asked.channels])
    regions = pl.Series([one.region for one in asked.places])
    visits = digests(int(visit.max(initial=-1)) + 1, rng=rng)
    return pl.DataFrame(
        {
            "event_id": digests(user.size, rng=rng),
            "user_id": found.names.gather(user),
            "event_type": pl.Series(_TYPES).gather(kind[order]),
            "category": categories,
            "t_us": t_us[order],
            "day": pl.Series(when.first + day[order], dtype=pl.Int32),
            "session_id": visits.gather(np.maximum(visit, 0)) if len(visits) else None,
            "platform": pl.Series(_PLATFORMS).gather(found.platform[user]),
            "region": regions.gather(found.place[user]),
            "quantity": pl.repeat(1, user.size, dtype=pl.Int64, eager=True),
            "campaign_source": channels.gather(found.channel[user]),
            "in_visit": visit >= 0,
        },
        schema_overrides={"session_id": pl.String},
    ).select(
        "event_id",
        "user_id",
        "event_type",
        "category",
        "t_us",
        "day",
        pl.when("in_visit").then("session_id").alias("session_id"),
        "platform",
        "region",
        "quantity",
        "campaign_source",
    )


def _categories(
    asked: SharingParameters, found: People, *, user: Integers, kind: Integers
) -> pl.Series:
    """Experiment and variant of each assignment; null for every other event."""
    offered = asked.experiment.name
    reminder = np.where(found.reminded, f"{REMINDER}: sent", f"{REMINDER}: not sent")
    claims = np.where(found.treated, f"{offered}: {TREATMENT}", f"{offered}: {CONTROL}")
    words = pl.Series([*reminder, *claims, None], dtype=pl.String)
    size = found.begins.size
    of_claims = np.where(kind == _CLAIMS_ASSIGNED, size + user, 2 * size)
    return words.gather(np.where(kind == _AT["experiment_assigned"], user, of_claims))


def _arrivals(found: People, *, rng: np.random.Generator) -> list[_Rows]:
    users = np.arange(found.begins.size)
    second = np.minimum(seconds_of_day(users.size, rng=rng), _LATEST_START_S)
    none = np.full(users.size, -1)
    return [
        _Rows(
            user=users, day=found.begins, second=second + later, visit=none,
            kind=np.full(users.size, kind),
        )
        for later, kind in enumerate((_AT["sign_up"], _AT["experiment_assigned"], _CLAIMS_ASSIGNED))
    ]  # fmt: skip


def _visits(
    asked: SharingParameters, found: People, *, when: Calendar, rng: np.random.Generator
) -> list[_Rows]:
    rate = found.rate * asked.sessions_per_month / MONTH_DAYS
    counts = rng.poisson(rate * when.activity(found.begins, found.ends))
    user = np.repeat(np.arange(asked.users), counts)
    day = when.days_of(user, found.begins, found.ends, rng.random(user.size))
    start = np.minimum(seconds_of_day(user.size, rng=rng), _LATEST_START_S)
    views = np.minimum(rng.geometric(1 / asked.views_per_session, user.size), _LONGEST_VISIT)
    visit = np.repeat(np.arange(user.size), views + 1)
    step = np.arange(visit.size) - np.repeat(np.cumsum(views + 1) - views - 1, views + 1)
    second = start[visit] + step * _STEP_S + rng.integers(0, _STEP_S, size=visit.size)
    kind = np.where(step == 0, _AT["open_app"], _AT["view_post"])
    more = np.where(asked.is_down(day), asked.incident.tickets, 1.0)
    ticket = np.flatnonzero(rng.random(user.size) < asked.ticket_share * more)
    return [
        _Rows(user=user[visit], day=day[visit], second=second, kind=kind, visit=visit),
        _Rows(
            user=user[ticket], day=day[ticket], second=start[ticket] + _STEP_S, visit=ticket,
            kind=np.full(ticket.size, _AT["support_ticket"]),
        ),
    ]  # fmt: skip


def _handovers(
    asked: SharingParameters, handed: Handed, is_rated: np.ndarray[tuple[int], np.dtype[np.bool_]],
    *, rng: np.random.Generator,
) -> list[_Rows]:  # fmt: skip
    """Post, claim, collection and rating of each exchange, and the posts that nobody claims."""
    size = handed.day.size
    begin = np.minimum(seconds_of_day(size, rng=rng), _LATEST_START_S) // 2
    claim = begin + rng.integers(600, 7_200, size=size)
    collect = claim + rng.integers(900, 14_400, size=size)
    rate = collect + rng.integers(60, 7_200, size=size)
    by_user = handed.giver >= 0
    unclaimed = rng.poisson(1 / asked.claimed_share - 1, size=size) * by_user
    rows = [
        ("post_food", by_user.astype(np.int64), handed.giver, begin),
        ("post_food", unclaimed, handed.giver, begin + 30),
        ("claim", np.ones(size, dtype=np.int64), handed.recipient, claim),
        ("collect", np.ones(size, dtype=np.int64), handed.recipient, collect),
        ("rate", is_rated.astype(np.int64), handed.recipient, rate),
    ]
    return [
        _repeated(handed, kind=name, counts=n, user=who, second=at) for name, n, who, at in rows
    ]


def _repeated(
    handed: Handed, *, kind: str, counts: Integers, user: Integers, second: Integers
) -> _Rows:
    at = np.repeat(np.arange(handed.day.size), counts)
    return _Rows(
        user=user[at], day=handed.day[at], second=second[at], kind=np.full(at.size, _AT[kind]),
        visit=np.full(at.size, -1),
    )  # fmt: skip
