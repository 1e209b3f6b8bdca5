"""All tables of a block of a simulated marketplace: learners with tutors of their own."""

import numpy as np
import polars as pl

from analytics_lib.synthetic.calendars import MONTH_DAYS, Calendar, Floats
from analytics_lib.synthetic.marketplace_courses import (
    content_table,
    course_events,
    enrolled,
    enrolments_table,
)
from analytics_lib.synthetic.marketplace_lesson_tables import (
    bookings_table,
    lesson_events,
    reviews_table,
    slots_table,
    true_tutors,
    tutors_table,
)
from analytics_lib.synthetic.marketplace_lessons import booked, expected_price, tutors
from analytics_lib.synthetic.marketplace_money import payments_table, payouts_table
from analytics_lib.synthetic.marketplace_parameters import MarketplaceParameters
from analytics_lib.synthetic.platform_blocks import Tables
from analytics_lib.synthetic.platform_log import (
    STEP_S,
    EventRows,
    Visits,
    log_table,
    steps_of,
    tickets,
    visits,
)
from analytics_lib.synthetic.platform_people import (
    Members,
    expected_each_day,
    members,
    stays_table,
    users_table,
)

EXPERIMENT = "lesson reminder"


def block_tables(
    asked: MarketplaceParameters, block: int, *, when: Calendar, rng: np.random.Generator
) -> Tables:
    """Every table of a block of learners with its tutors."""
    size = asked.block_size(block)
    found = members(asked, role=f"learner {block}", size=size, when=when, rng=rng)
    teaching = tutors(asked, block=block, learners=size, rng=rng)
    made = booked(asked, found, teaching, when=when, rng=rng)
    taking = enrolled(asked, found, rng=rng)
    bookings = bookings_table(made, found, teaching, block=block, when=when)
    reviews = reviews_table(asked, made, bookings, found, teaching, rng=rng)
    rows = [
        *_seen(visits(asked, found, when=when, rng=rng), asked, rng=rng),
        *lesson_events(made, bookings["booking_id"].is_in(reviews["booking_id"].implode())),
        *course_events(asked, found, taking, when=when, rng=rng),
    ]
    content = content_table(asked)["content_id"]
    return {
        "users": pl.concat(
            [
                users_table(asked, found, user_type="learner", when=when),
                tutors_table(asked, teaching, when=when, rng=rng),
            ]
        ),
        "bookings": bookings,
        "reviews": reviews,
        "tutor_slots": slots_table(asked, made, teaching, when=when, rng=rng),
        "enrolments": enrolments_table(asked, found, taking, when=when, rng=rng),
        "payments": payments_table(asked, made, taking, found, teaching, when=when, rng=rng),
        "payouts": payouts_table(asked, made, teaching, block=block, when=when),
        "events": log_table(
            asked, found, rows, experiment=EXPERIMENT, content=content, when=when, rng=rng
        ),
        "stays": stays_table(asked, found),
        "tutors": true_tutors(asked, teaching),
        "expected": _expected(asked, found, expected_price(asked, teaching), when=when),
    }


def _seen(
    seen: Visits, asked: MarketplaceParameters, *, rng: np.random.Generator
) -> list[EventRows]:
    """Each visit opens the app and looks at tutors; some end in a support ticket."""
    visit, step = steps_of(seen.views + 1)
    second = seen.start[visit] + step * STEP_S + rng.integers(0, STEP_S, size=visit.size)
    parts = [
        EventRows(
            kind=kind, user=seen.user[visit[at]], day=seen.day[visit[at]], second=second[at],
            visit=visit[at],
        )
        for kind, at in (("open_app", step == 0), ("view_tutor", step > 0))
    ]  # fmt: skip
    return [*parts, tickets(asked, seen, rng=rng)]


def _expected(
    asked: MarketplaceParameters, found: Members, price: Floats, *, when: Calendar
) -> pl.DataFrame:
    """Lessons expected on each day of these learners, and the price of those not cancelled."""
    rate = found.rate * asked.lessons.per_month / MONTH_DAYS
    paid = rate * price * (1 - asked.lessons.cancelled_share)
    return pl.DataFrame(
        {
            "day": pl.Series(when.first + np.arange(asked.days), dtype=pl.Int32),
            "lessons": expected_each_day(rate, found, days=asked.days, when=when),
            "lesson_value": expected_each_day(paid, found, days=asked.days, when=when),
        }
    )
