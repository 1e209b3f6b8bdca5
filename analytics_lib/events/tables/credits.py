"""Contracts of the credits people earn and spend, and of the reputation they are shown with."""

from analytics_lib.events.contract import Column, TableContract
from analytics_lib.events.tables.event import FIRST_DAY, LAST_DAY, PSEUDONYM_PATTERN

CREDIT_KINDS = ("welcome", "earned", "spent", "tip")
_USER = Column(
    name="user_id",
    kind="string",
    role="pseudonym",
    required=True,
    pattern=PSEUDONYM_PATTERN,
    description="Keyed pseudonym of the user (HMAC-SHA-256).",
)
_DAY = Column(
    name="day",
    kind="int32",
    role="safe",
    required=True,
    minimum=FIRST_DAY,
    maximum=LAST_DAY,
    unit="day number",
    description="Local calendar day in the report zone.",
)


def _count(name: str, description: str) -> Column:
    return Column(
        name=name,
        kind="int64",
        role="sensitive",
        required=True,
        minimum=0,
        unit="ratings",
        description=description,
    )


CREDITS = TableContract(
    name="credits",
    grain="one change of one user's balance of credits",
    key=("credit_id",),
    columns=(
        Column(
            name="credit_id",
            kind="string",
            role="safe",
            required=True,
            description="Names the change once.",
        ),
        _USER,
        _DAY,
        Column(
            name="exchange_id",
            kind="string",
            role="safe",
            description="What it was for; key of `exchanges`. Null for a welcome.",
        ),
        Column(
            name="kind",
            kind="string",
            role="safe",
            required=True,
            allowed=CREDIT_KINDS,
            description="`welcome`, `earned` by giving, `spent` by receiving, or a `tip`, which "
            "is given by one and received by another.",
        ),
        Column(
            name="credits",
            kind="int64",
            role="sensitive",
            required=True,
            unit="credits",
            description="By how much the balance changes; negative where they are given away.",
        ),
    ),
)

REPUTATIONS = TableContract(
    name="reputations",
    grain="one rated giver on the last day of the log",
    key=("user_id",),
    columns=(
        _USER,
        _DAY,
        _count("ratings", "Ratings of what they gave."),
        _count("good_ratings", "Those of 4 or 5 points."),
        Column(
            name="reputation",
            kind="float64",
            role="sensitive",
            required=True,
            minimum=0,
            maximum=1,
            unit="share",
            description="Share of good ratings, drawn towards that of everybody while there are "
            "few.",
        ),
    ),
)
