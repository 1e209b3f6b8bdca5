"""Money of a simulated marketplace: what learners pay and get back, what tutors are paid."""

import numpy as np
import polars as pl

from analytics_lib.synthetic.calendars import Calendar
from analytics_lib.synthetic.draws import digests
from analytics_lib.synthetic.marketplace_courses import Enrolled
from analytics_lib.synthetic.marketplace_lessons import CANCELLED, Booked, Tutors
from analytics_lib.synthetic.marketplace_parameters import MarketplaceParameters
from analytics_lib.synthetic.platform_log import DAY_US, SECOND_US
from analytics_lib.synthetic.platform_people import Members

_WEEK = 7
_THURSDAY = 3  # 1970-01-01, day 0
_REFUND_S = 600


def payments_table(
    asked: MarketplaceParameters, made: Booked, taking: Enrolled, found: Members,
    teaching: Tutors, *, when: Calendar, rng: np.random.Generator,
) -> pl.DataFrame:  # fmt: skip
    """One row a payment or refund (contract `payments`): lessons when booked, courses too."""
    price = teaching.price[made.tutor]
    back = made.is_refunded
    parts = [
        _rows("purchase", "lesson", made.learner, made.booked_day, made.booked_second, price),
        _rows(
            "refund", "lesson", made.learner[back], made.cancelled_day[back],
            made.booked_second[back] + _REFUND_S, price[back],
        ),
        _rows(
            "purchase", "course", taking.learner, taking.enrolled_day,
            taking.second, np.full(taking.learner.size, asked.courses.price),
        ),
    ]  # fmt: skip
    whole = pl.concat(parts)
    return whole.select(
        digests(whole.height, rng=rng).alias("payment_id"),
        found.names.gather(whole["user"]).alias("user_id"),
        day=(pl.col("day") + when.first).cast(pl.Int32),
        t_us=(pl.col("day") + when.first) * DAY_US + pl.col("second") * SECOND_US,
        amount="amount",
        currency=pl.lit(asked.currency),
        kind="kind",
        plan="plan",
    )


def _rows(
    kind: str, plan: str, user: object, day: object, second: object, amount: object, /
) -> pl.DataFrame:
    return pl.DataFrame(
        {"user": user, "day": day, "second": second, "amount": amount},
        schema_overrides={"amount": pl.Float64},
    ).with_columns(kind=pl.lit(kind), plan=pl.lit(plan))


def payouts_table(
    asked: MarketplaceParameters, made: Booked, teaching: Tutors, *, block: int, when: Calendar
) -> pl.DataFrame:
    """One row a tutor and week with lessons (contract `payouts`), paid on the Monday after it.

    A tutor gets the price less the commission of each lesson that was not
    paid back, missed ones and late cancellations among them.
    """
    kept = ~made.is_to_come & ((made.status != CANCELLED) | ~made.is_refunded)
    day = when.first + made.lesson_day[kept]
    monday = day - (day + _THURSDAY) % _WEEK + _WEEK
    lessons = pl.DataFrame(
        {"tutor": made.tutor[kept], "monday": monday, "price": teaching.price[made.tutor[kept]]}
    ).filter(pl.col("monday") < when.first + asked.days)
    paid = lessons.group_by("tutor", "monday").agg(pl.col("price").sum()).sort("monday", "tutor")
    return paid.select(
        payout_id=pl.format("o{}-{}", pl.lit(block), pl.int_range(pl.len())),
        tutor_id=teaching.names.gather(paid["tutor"]),
        day=pl.col("monday").cast(pl.Int32),
        amount=(pl.col("price") * (1 - asked.lessons.commission)).round(2),
        currency=pl.lit(asked.currency),
    )
