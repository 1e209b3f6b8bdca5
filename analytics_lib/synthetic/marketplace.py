"""A marketplace of tutors and learners, with everything that is true of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from types import MappingProxyType

import polars as pl

from analytics_lib.core.checks import require_at_least
from analytics_lib.synthetic.calendars import Calendar
from analytics_lib.synthetic.marketplace_block import block_tables
from analytics_lib.synthetic.marketplace_courses import content_table, courses_table
from analytics_lib.synthetic.marketplace_parameters import MarketplaceParameters
from analytics_lib.synthetic.platform_blocks import block_rng, chunks_of, shared_rng, together
from analytics_lib.synthetic.platform_people import costs_table, later_calendar, truth_of_people

_ORDER = {
    "users": ("user_id",),
    "bookings": ("booking_id",),
    "reviews": ("review_id",),
    "tutor_slots": ("tutor_id", "day"),
    "enrolments": ("course_id", "presentation", "user_id"),
    "payments": ("day", "payment_id"),
    "payouts": ("day", "payout_id"),
    "events": ("t_us", "event_id"),
    "stays": ("user_id",),
    "tutors": ("tutor_id",),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Marketplace:
    """A simulated learning marketplace and what is true of it.

    Attributes:
        users: One row a learner or tutor (contract `users`).
        bookings: One row a booking (contract `bookings`); without `status` the lesson is to come.
        reviews: One row a review of an attended lesson (contract `reviews`).
        tutor_slots: One row a tutor and day with lessons offered (contract `tutor_slots`).
        courses: One row a presentation of a course (contract `courses`).
        content: One row a piece of content of a presentation (contract `content`).
        enrolments: One row a learner in a presentation (contract `enrolments`).
        payments: One row a payment or refund of a learner (contract `payments`).
        payouts: One row a payment to a tutor (contract `payouts`).
        acquisition_costs: One row a day and channel (contract `acquisition_costs`).
        events: One row an event of a learner (contract `events`), in order of time.
        stays: One row a learner: `user_id`, `days` from sign-up until they left
            or the log ends, `has_left`, the drivers of leaving `channel`,
            `bad_start` and `course`, and `treated`: sent the reminder.
        tutors: One row a tutor: `tutor_id`, `mean_rating` (expected, after a
            learner's first lesson), `price`.
        expected: One row a day: `day`, `lessons` and `lesson_value`, the lessons
            of that day and the price of those not cancelled that these learners
            would have on average if the days came once more.
        truth: `log_hazards`, `hazard_ratios` (by driver of leaving),
            `monthly_hazard` (of who has no driver), `incident_days`,
            `incident_activity`, `weekend_activity`, `cost_of_user` (by channel);
            `cancelled_share` (of bookings), `missed_share` and
            `missed_share_reminded` (of lessons not cancelled), `reminder_effect`
            (the second less the first), `refunded_share` (of cancelled lessons),
            `commission`, `completed_share` (of enrolments whose learner stayed
            to the end), `spare_slots` (of a tutor and day).
    """

    users: pl.DataFrame
    bookings: pl.DataFrame
    reviews: pl.DataFrame
    tutor_slots: pl.DataFrame
    courses: pl.DataFrame
    content: pl.DataFrame
    enrolments: pl.DataFrame
    payments: pl.DataFrame
    payouts: pl.DataFrame
    acquisition_costs: pl.DataFrame
    events: pl.DataFrame
    stays: pl.DataFrame
    tutors: pl.DataFrame
    expected: pl.DataFrame
    truth: MappingProxyType[str, object]


def marketplace(parameters: MarketplaceParameters | None = None, *, seed: int) -> Marketplace:
    """Simulate tutors and learners who book lessons and take courses.

    Sign-ups grow and swing with the season. Learners book lessons at a rate of
    their own, livelier in season and on weekdays, mostly with a tutor of their
    own. They leave with a hazard that depends on stated drivers and on nothing
    else. Half of them, at random, are sent a reminder, and miss fewer lessons.
    An incident stops most activity for some days.

    Args:
        parameters: All that can be chosen; left out, those of the sample.
        seed: Of all randomness; the same seed gives the same marketplace.

    Returns:
        The tables and the truth.

    Examples:
        >>> made = marketplace(MarketplaceParameters(users=90, days=60), seed=1)
        >>> made.stays.height, made.truth["commission"]
        (90, 0.2)
    """
    asked = parameters if parameters is not None else MarketplaceParameters()
    return _chunk(asked, range(asked.blocks), seed=seed)


def marketplace_chunks(
    parameters: MarketplaceParameters, *, seed: int, blocks_at_once: int = 1
) -> Iterator[Marketplace]:
    """The same marketplace chunk by chunk, so that memory holds one chunk only.

    Learners come in blocks of `users_in_block`, each with tutors of its own and
    drawn from a random stream of its own. So the chunks, put together and
    sorted, are what `marketplace` makes, whatever their size, and memory holds
    the blocks of one chunk however many there are. What belongs to nobody
    (courses, content, acquisition costs) comes with the first chunk.

    Args:
        parameters: Of the whole marketplace.
        seed: Of all randomness.
        blocks_at_once: Blocks of a chunk.

    Yields:
        One chunk after the other. `expected` is of its learners: add it up by day.

    Raises:
        ParameterError: `blocks_at_once` is below 1.

    Examples:
        >>> asked = MarketplaceParameters(users=90, users_in_block=40, days=60)
        >>> [chunk.stays.height for chunk in marketplace_chunks(asked, seed=1)]
        [40, 40, 10]
    """
    require_at_least(blocks_at_once, 1, name="blocks_at_once")
    for blocks in chunks_of(parameters.blocks, at_once=blocks_at_once):
        yield _chunk(parameters, blocks, seed=seed)


def _chunk(asked: MarketplaceParameters, blocks: range, *, seed: int) -> Marketplace:
    when = later_calendar(asked, days=asked.lessons.longest_lead)
    made = [block_tables(asked, block, when=when, rng=block_rng(seed, block)) for block in blocks]
    shared = {
        "courses": courses_table(asked, when=when),
        "content": content_table(asked),
        "acquisition_costs": costs_table(asked, when=when, rng=shared_rng(seed)),
    }
    expected = pl.concat([tables["expected"] for tables in made])
    return Marketplace(
        **together(made, order=_ORDER),
        **{name: table if 0 in blocks else table.clear() for name, table in shared.items()},
        expected=expected.group_by("day").agg(pl.col("lessons", "lesson_value").sum()).sort("day"),
        truth=_truth(asked, when=when),
    )


def _truth(asked: MarketplaceParameters, *, when: Calendar) -> MappingProxyType[str, object]:
    lessons, courses = asked.lessons, asked.courses
    return MappingProxyType(
        truth_of_people(asked, when=when)
        | {
            "cancelled_share": lessons.cancelled_share,
            "missed_share": lessons.missed_share,
            "missed_share_reminded": lessons.missed_share_reminded,
            "reminder_effect": lessons.missed_share_reminded - lessons.missed_share,
            "refunded_share": lessons.refunded_share,
            "commission": lessons.commission,
            "completed_share": courses.passed_share + courses.distinction_share,
            "spare_slots": lessons.spare_slots,
        }
    )
