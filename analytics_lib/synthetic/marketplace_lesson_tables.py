"""Tables and events of the lessons of a simulated marketplace."""

import numpy as np
import polars as pl

from analytics_lib.synthetic.calendars import Calendar
from analytics_lib.synthetic.marketplace_lessons import ATTENDED, CANCELLED, Booked, Tutors
from analytics_lib.synthetic.marketplace_parameters import MarketplaceParameters
from analytics_lib.synthetic.platform_log import EventRows
from analytics_lib.synthetic.platform_people import SURFACES, Members

_STATUSES = ("attended", "missed", "cancelled")
_POINTS = np.arange(1, 6)
_BAD = np.array([1, 2])
_REVIEW_S = 3_700
_LAST_S = 86_399


def tutors_table(
    asked: MarketplaceParameters, teaching: Tutors, *, when: Calendar, rng: np.random.Generator
) -> pl.DataFrame:
    """One row a tutor (contract `users`), there from the first day."""
    size = len(teaching.names)
    return pl.DataFrame(
        {
            "user_id": teaching.names,
            "created_day": pl.repeat(when.first, size, dtype=pl.Int32, eager=True),
            "user_type": pl.repeat("tutor", size, eager=True),
            "region": pl.Series(list(asked.regions)).gather(
                rng.integers(0, len(asked.regions), size=size)
            ),
            "platform": pl.Series(SURFACES).gather(rng.integers(0, len(SURFACES), size=size)),
        }
    )


def true_tutors(asked: MarketplaceParameters, teaching: Tutors) -> pl.DataFrame:
    """One row a tutor: what a lesson costs, and what ratings to expect."""
    ordinary, better = (
        float(np.asarray(shares) @ _POINTS)
        for shares in (asked.lessons.rating_shares, asked.lessons.better_rating_shares)
    )
    return pl.DataFrame(
        {
            "tutor_id": teaching.names,
            "mean_rating": np.where(teaching.is_better, better, ordinary),
            "price": teaching.price,
        }
    )


def bookings_table(
    made: Booked, found: Members, teaching: Tutors, *, block: int, when: Calendar
) -> pl.DataFrame:
    """One row a booking (contract `bookings`); a lesson to come has no status."""
    status = pl.Series(_STATUSES).gather(made.status)
    return pl.DataFrame(
        {
            "booking_id": _numbered("b", block, made.learner.size),
            "user_id": found.names.gather(made.learner),
            "tutor_id": teaching.names.gather(made.tutor),
            "booked_day": pl.Series(when.first + made.booked_day, dtype=pl.Int32),
            "lesson_day": pl.Series(when.first + made.lesson_day, dtype=pl.Int32),
            "status": status.set(pl.Series(made.is_to_come), None),
            "amount": teaching.price[made.tutor],
        }
    )


def reviews_table(
    asked: MarketplaceParameters, made: Booked, bookings: pl.DataFrame, found: Members,
    teaching: Tutors, *, rng: np.random.Generator,
) -> pl.DataFrame:  # fmt: skip
    """One row a review (contract `reviews`).

    The first attended lesson of everybody is reviewed, badly where the start was bad.
    """
    size = made.learner.size
    ordinary = rng.choice(_POINTS, size=size, p=np.asarray(asked.lessons.rating_shares))
    better = rng.choice(_POINTS, size=size, p=np.asarray(asked.lessons.better_rating_shares))
    usual = np.where(teaching.is_better[made.tutor], better, ordinary)
    is_bad = made.is_first & found.drivers["bad_start"][made.learner]
    points = np.where(is_bad, rng.choice(_BAD, size=size), usual)
    chosen = rng.random(size) < asked.lessons.reviewed_share
    is_held = (made.status == ATTENDED) & ~made.is_to_come
    table = bookings.select(
        pl.col("booking_id").str.replace("b", "r", literal=True).alias("review_id"),
        "booking_id",
        pl.Series("rating", points, dtype=pl.Int64),
        pl.col("lesson_day").alias("day"),
    )
    return table.filter(pl.Series(is_held & (chosen | made.is_first)))


def slots_table(
    asked: MarketplaceParameters, made: Booked, teaching: Tutors, *, when: Calendar,
    rng: np.random.Generator,
) -> pl.DataFrame:  # fmt: skip
    """One row a tutor and day with lessons offered (contract `tutor_slots`): taken or spare."""
    shape = (asked.tutors_in_block, asked.days)
    held = ~made.is_to_come & (made.status != CANCELLED)
    at = made.tutor[held] * asked.days + made.lesson_day[held]
    taken = np.bincount(at, minlength=shape[0] * shape[1]).reshape(shape)
    offered = taken + rng.poisson(asked.lessons.spare_slots, size=shape)
    tutor, day = np.nonzero(offered)
    return pl.DataFrame(
        {
            "tutor_id": teaching.names.gather(tutor),
            "day": pl.Series(when.first + day, dtype=pl.Int32),
            "slots": pl.Series(offered[tutor, day], dtype=pl.Int64),
        }
    )


def lesson_events(made: Booked, reviewed: pl.Series) -> list[EventRows]:
    """Booking, cancellation, attendance and review of each lesson."""
    past = ~made.is_to_come
    second = {
        "cancel_lesson": made.booked_second + 600,
        "write_review": np.minimum(made.lesson_second + _REVIEW_S, _LAST_S),
    }
    chosen = {
        "book_lesson": (np.ones_like(past), made.booked_day, made.booked_second),
        "cancel_lesson": (
            past & (made.status == CANCELLED), made.cancelled_day, second["cancel_lesson"],
        ),
        "attend_lesson": (past & (made.status == ATTENDED), made.lesson_day, made.lesson_second),
        "write_review": (reviewed.to_numpy(), made.lesson_day, second["write_review"]),
    }  # fmt: skip
    return [
        EventRows(kind=kind, user=made.learner[rows], day=day[rows], second=at[rows])
        for kind, (rows, day, at) in chosen.items()
    ]


def _numbered(letter: str, block: int, size: int) -> pl.Series:
    numbers = pl.select(pl.int_range(size)).to_series()
    return pl.select(pl.format(f"{letter}{block}-{{}}", numbers)).to_series()
