"""Contracts of lessons: bookings, reviews, and the time tutors offer."""

from analytics_lib.events.contract import Column, TableContract
from analytics_lib.events.tables.event import FIRST_DAY, LAST_DAY, PSEUDONYM_PATTERN

BOOKING_STATUSES = ("attended", "missed", "cancelled")


def _text(name: str, description: str) -> Column:
    return Column(name=name, kind="string", role="safe", required=True, description=description)


def _person(name: str, description: str) -> Column:
    return Column(
        name=name,
        kind="string",
        role="pseudonym",
        required=True,
        pattern=PSEUDONYM_PATTERN,
        description=description,
    )


def _day(name: str, description: str) -> Column:
    return Column(
        name=name,
        kind="int32",
        role="safe",
        required=True,
        minimum=FIRST_DAY,
        maximum=LAST_DAY,
        unit="day number",
        description=description,
    )


_TUTOR = _person("tutor_id", "Keyed pseudonym of the tutor (HMAC-SHA-256).")

BOOKINGS = TableContract(
    name="bookings",
    grain="one lesson that one learner booked",
    key=("booking_id",),
    columns=(
        _text("booking_id", "Booking."),
        _person("user_id", "Keyed pseudonym of the learner (HMAC-SHA-256)."),
        _TUTOR,
        _day("booked_day", "Day it was booked."),
        _day("lesson_day", "Day of the lesson."),
        Column(
            name="status",
            kind="string",
            role="safe",
            allowed=BOOKING_STATUSES,
            description="What became of it; null before the lesson.",
        ),
        Column(
            name="amount",
            kind="float64",
            role="sensitive",
            minimum=0,
            unit="the platform's currency",
            description="Price; null where it is free or unknown.",
        ),
    ),
)

REVIEWS = TableContract(
    name="reviews",
    grain="one learner's review of one lesson",
    key=("review_id",),
    columns=(
        _text("review_id", "Review."),
        _text("booking_id", "Lesson it is about; key of `bookings`."),
        Column(
            name="rating",
            kind="int64",
            role="sensitive",
            required=True,
            minimum=1,
            maximum=5,
            unit="points, 5 is best",
            description="Rating.",
        ),
        _day("day", "Day it was written."),
    ),
)

TUTOR_SLOTS = TableContract(
    name="tutor_slots",
    grain="one day of one tutor",
    key=("tutor_id", "day"),
    columns=(
        _TUTOR,
        _day("day", "Day the slots are for."),
        Column(
            name="slots",
            kind="int64",
            role="safe",
            required=True,
            minimum=0,
            unit="lessons",
            description="How many lessons the tutor offered.",
        ),
    ),
)
