"""Lessons with tutors of whom one keeps learners better, by a known amount."""

import datetime as dt
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import polars as pl

from analytics_lib.core.checks import require_at_least
from analytics_lib.core.errors import ParameterError
from analytics_lib.core.periods import day_number
from analytics_lib.synthetic.people import pseudonyms

DEFAULT_START = dt.date(2024, 1, 1)
RETURN_DAYS = 28
_POINTS = np.arange(1, 6)
_ORDINARY = np.array([0.05, 0.05, 0.15, 0.35, 0.40])  # shares of 1 to 5 points, mean 4
_BETTER = np.array([0.00, 0.05, 0.05, 0.25, 0.65])  # mean 4.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Lessons:
    """Simulated lessons and what is true of them.

    Attributes:
        bookings: One row a booking (contract `bookings`).
        reviews: One row a review (contract `reviews`), one of every attended lesson.
        truth: `tutor_id` (the better tutor), `return_share` (by tutor,
            probability that a new learner attends again within 28 days),
            `mean_rating` (by tutor, expected), `attended_share` (of lessons
            not cancelled) and `cancelled_share` (of bookings), both expected.
    """

    bookings: pl.DataFrame
    reviews: pl.DataFrame
    truth: MappingProxyType[str, object]


def lessons(
    *,
    learners: int,
    tutors: int,
    days: int,
    rng: np.random.Generator,
    return_share: float = 0.4,
    tutor_effect: float = 0.2,
    attended_share: float = 0.9,
    cancelled_share: float = 0.1,
    start: dt.date = DEFAULT_START,
) -> Lessons:
    """Simulate learners who take one or two lessons with a tutor.

    Each learner attends a first lesson on any of the first `days` days, and a
    second one 1 to 28 days later with probability `return_share`, higher by
    `tutor_effect` with the first tutor, who is also rated half a point better.
    A lesson that is missed or cancelled is booked again for the same day until
    it takes place, so every booking ends in each way with the known share.

    Args:
        learners: Number of learners, 1 or more.
        tutors: Number of tutors, 1 or more.
        days: Number of days on which learners begin, 1 or more.
        rng: Source of all randomness; the same seed gives the same lessons.
        return_share: Probability of a second lesson with an ordinary tutor, 0 to 1.
        tutor_effect: How much higher it is with the first tutor.
        attended_share: Probability that a lesson is attended if not cancelled, above 0.
        cancelled_share: Probability that a booking is cancelled, below 1.
        start: First day.

    Returns:
        The two tables and the truth.

    Raises:
        ParameterError: A number is out of range.

    Examples:
        >>> made = lessons(learners=5, tutors=2, days=3, rng=np.random.default_rng(1))
        >>> made.bookings["user_id"].n_unique()
        5
    """
    for name, count in (("learners", learners), ("tutors", tutors), ("days", days)):
        require_at_least(count, 1, name=name)
    for name, value in (
        ("return_share", return_share),
        ("return_share + tutor_effect", return_share + tutor_effect),
    ):
        if not 0 <= value <= 1:
            raise ParameterError(f"`{name}` is {value}; it must lie between 0 and 1.")
    happens = (1 - cancelled_share) * attended_share
    if not (0 <= cancelled_share < 1 and 0 < attended_share <= 1):
        raise ParameterError(
            f"`attended_share` is {attended_share} and `cancelled_share` {cancelled_share}; the "
            "first must lie above 0, the second below 1, and both between them."
        )

    tutor_of = rng.integers(0, tutors, size=learners)
    returns = np.where(tutor_of == 0, return_share + tutor_effect, return_share)
    first = day_number(start) + rng.integers(0, days, size=learners)
    comes_back = np.flatnonzero(rng.random(learners) < returns)
    later = first[comes_back] + rng.integers(1, RETURN_DAYS + 1, size=comes_back.size)
    learner = np.concatenate([np.arange(learners), comes_back])
    day = np.concatenate([first, later])

    attempts = rng.geometric(happens, size=day.size)
    lesson = np.repeat(np.arange(day.size), attempts)
    is_held = np.append(lesson[1:] != lesson[:-1], [True])
    is_cancelled = rng.random(lesson.size) * (1 - happens) < cancelled_share
    status = np.where(is_held, "attended", np.where(is_cancelled, "cancelled", "missed"))
    names = pl.Series(pseudonyms("tutor", tutors), dtype=pl.String)
    bookings = pl.DataFrame(
        {
            "booking_id": [f"b{number}" for number in range(lesson.size)],
            "user_id": pl.Series(pseudonyms("learner", learners)).gather(learner[lesson]),
            "tutor_id": names.gather(tutor_of[learner[lesson]]),
            "booked_day": pl.Series(day[lesson], dtype=pl.Int32),
            "lesson_day": pl.Series(day[lesson], dtype=pl.Int32),
            "status": pl.Series(status, dtype=pl.String),
            "amount": pl.repeat(20.0, lesson.size, dtype=pl.Float64, eager=True),
        }
    )
    better = tutor_of[learner] == 0
    points = np.where(
        better, _draw(_BETTER, day.size, rng=rng), _draw(_ORDINARY, day.size, rng=rng)
    )
    reviews = pl.DataFrame(
        {
            "review_id": [f"r{number}" for number in range(day.size)],
            "booking_id": bookings["booking_id"].filter(pl.Series(is_held)),
            "rating": pl.Series(points, dtype=pl.Int64),
            "day": pl.Series(day, dtype=pl.Int32),
        }
    )
    ordinary = [return_share] * (tutors - 1)
    truth = {
        "tutor_id": names[0],
        "return_share": dict(zip(names, [return_share + tutor_effect, *ordinary], strict=True)),
        "mean_rating": dict(zip(names, [4.5, *[4.0] * (tutors - 1)], strict=True)),
        "attended_share": attended_share,
        "cancelled_share": cancelled_share,
    }
    return Lessons(bookings=bookings, reviews=reviews, truth=MappingProxyType(truth))


def _draw(
    shares: np.ndarray[tuple[int], np.dtype[np.float64]], size: int, *, rng: np.random.Generator
) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return rng.choice(_POINTS, size=size, p=shares)
