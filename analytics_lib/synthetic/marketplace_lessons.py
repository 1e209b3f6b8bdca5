"""Lessons of a simulated marketplace: who teaches whom, when, and what becomes of it."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from analytics_lib.synthetic.calendars import MONTH_DAYS, Calendar, Flags, Floats, Integers
from analytics_lib.synthetic.marketplace_parameters import MarketplaceParameters
from analytics_lib.synthetic.people import pseudonyms
from analytics_lib.synthetic.platform_log import times
from analytics_lib.synthetic.platform_people import Members

ATTENDED, MISSED, CANCELLED = 0, 1, 2
_BEFORE_S = 1_800


@dataclass(frozen=True, slots=True, kw_only=True)
class Tutors:
    """Tutors of a block, one entry a tutor.

    Attributes:
        names: Pseudonyms.
        price: Of a lesson.
        is_better: Whether they are rated better.
        popularity: Share of the learners who make them their own.
        own: Number of the own tutor of each learner.
    """

    names: pl.Series
    price: Floats
    is_better: Flags
    popularity: Floats
    own: Integers


@dataclass(frozen=True, slots=True, kw_only=True)
class Booked:
    """Bookings of a block as arrays, in order of learner and lesson.

    Attributes:
        learner: Number of the learner.
        tutor: Number of the tutor.
        booked_day: Day of the booking, after the start.
        booked_second: Its second.
        lesson_day: Day of the lesson; may lie after the last day.
        lesson_second: Its second.
        status: Number of what became of it; of a lesson to come, of nothing yet.
        is_to_come: Whether the lesson lies after the last day.
        cancelled_day: Day of the cancellation, where there was one.
        is_refunded: Whether it was paid back.
        is_first: Whether it is the first lesson the learner attended.
    """

    learner: Integers
    tutor: Integers
    booked_day: Integers
    booked_second: Integers
    lesson_day: Integers
    lesson_second: Integers
    status: Integers
    is_to_come: Flags
    cancelled_day: Integers
    is_refunded: Flags
    is_first: Flags


def tutors(
    asked: MarketplaceParameters, *, block: int, learners: int, rng: np.random.Generator
) -> Tutors:
    """Draw the tutors of a block and whose learner is whose."""
    size = asked.tutors_in_block
    popularity = rng.gamma(2.0, size=size)
    popularity /= popularity.sum()
    return Tutors(
        names=pl.Series(pseudonyms(f"tutor {block}", size), dtype=pl.String),
        price=np.round(
            asked.lessons.price * np.exp(rng.normal(0, asked.lessons.price_spread, size=size))
        ),
        is_better=rng.random(size) < asked.lessons.better_share,
        popularity=popularity,
        own=rng.choice(size, size=learners, p=popularity),
    )


def expected_price(asked: MarketplaceParameters, teaching: Tutors) -> Floats:
    """Price a learner is expected to pay for a lesson."""
    own = asked.lessons.own_tutor_share
    any_price = float(teaching.popularity @ teaching.price)
    expected: Floats = own * teaching.price[teaching.own] + (1 - own) * any_price
    return expected


def booked(
    asked: MarketplaceParameters, found: Members, teaching: Tutors, *, when: Calendar,
    rng: np.random.Generator,
) -> Booked:  # fmt: skip
    """Draw lessons while learners are there, and when each was booked."""
    rate = found.rate * asked.lessons.per_month / MONTH_DAYS
    counts = rng.poisson(rate * when.activity(found.begins, found.ends_later))
    learner = np.repeat(np.arange(counts.size), counts)
    day = when.days_of(learner, found.begins, found.ends_later, rng.random(learner.size))
    lead = np.minimum(
        rng.geometric(1 / asked.lessons.lead_days, day.size), asked.lessons.longest_lead
    )
    booked_day = np.maximum(day - lead, found.begins[learner])
    known = booked_day < asked.days
    learner, day, booked_day = learner[known], day[known], booked_day[known]
    order = np.lexsort((booked_day, day, learner))
    learner, day, booked_day = learner[order], day[order], booked_day[order]
    size = learner.size
    lesson_second = np.maximum(times(size, rng=rng), 6 * 3600)
    booked_second = times(size, rng=rng)
    same_day = np.minimum(booked_second, lesson_second - _BEFORE_S)
    status = _statuses(asked, found.treated[learner], rng=rng)
    is_to_come = day >= asked.days
    return Booked(
        learner=learner,
        tutor=_taught_by(asked, teaching, learner, rng=rng),
        booked_day=booked_day,
        booked_second=np.where(day == booked_day, same_day, booked_second),
        lesson_day=day,
        lesson_second=lesson_second,
        status=status,
        is_to_come=is_to_come,
        cancelled_day=booked_day + ((day - booked_day) * rng.random(size)).astype(np.int64),
        is_refunded=(status == CANCELLED)
        & ~is_to_come
        & (rng.random(size) < asked.lessons.refunded_share),
        is_first=_first_attended(learner, (status == ATTENDED) & ~is_to_come),
    )


def _statuses(
    asked: MarketplaceParameters, is_reminded: Flags, *, rng: np.random.Generator
) -> Integers:
    wanted = asked.lessons
    missed = np.where(is_reminded, wanted.missed_share_reminded, wanted.missed_share)
    held = np.where(rng.random(missed.size) < missed, MISSED, ATTENDED)
    return np.where(rng.random(missed.size) < wanted.cancelled_share, CANCELLED, held)


def _taught_by(
    asked: MarketplaceParameters, teaching: Tutors, learner: Integers, *, rng: np.random.Generator
) -> Integers:
    anybody = rng.choice(teaching.popularity.size, size=learner.size, p=teaching.popularity)
    is_own = rng.random(learner.size) < asked.lessons.own_tutor_share
    return np.where(is_own, teaching.own[learner], anybody)


def _first_attended(learner: Integers, is_attended: Flags) -> Flags:
    """The first attended lesson of each learner; rows are in order of learner and day."""
    at = np.flatnonzero(is_attended)
    is_first = np.zeros(learner.size, dtype=np.bool_)
    is_first[at[np.unique(learner[at], return_index=True)[1]]] = True
    return is_first
