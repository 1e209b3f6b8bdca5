"""Contracts of the money tables: what users paid, and what it cost to win them."""

from analytics_lib.events.contract import Column, TableContract
from analytics_lib.events.money import LARGEST_AMOUNT, LONGEST_TERM, PAYMENT_KINDS
from analytics_lib.events.tables.event import FIRST_DAY, LAST_DAY, PSEUDONYM_PATTERN

CURRENCY_PATTERN = "[A-Z]{3}"

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
_CURRENCY = Column(
    name="currency",
    kind="string",
    role="safe",
    required=True,
    pattern=CURRENCY_PATTERN,
    description="Currency of the amount (ISO 4217), such as `EUR`.",
)

PAYMENTS = TableContract(
    name="payments",
    grain="one payment of a user, or one refund to a user",
    key=("payment_id",),
    columns=(
        Column(
            name="payment_id",
            kind="string",
            role="pseudonym",
            required=True,
            pattern=PSEUDONYM_PATTERN,
            description="Keyed digest that names the payment once; a retry has the same one.",
        ),
        Column(
            name="user_id",
            kind="string",
            role="pseudonym",
            required=True,
            pattern=PSEUDONYM_PATTERN,
            description="Keyed pseudonym of the user (HMAC-SHA-256).",
        ),
        _DAY,
        Column(
            name="t_us",
            kind="int64",
            role="sensitive",
            unit="microseconds since 1970-01-01 UTC",
            description="Instant; null where the source knows only the day.",
        ),
        Column(
            name="amount",
            kind="float64",
            role="sensitive",
            required=True,
            minimum=0,
            maximum=LARGEST_AMOUNT,
            unit="units of `currency`",
            description="How much, in whole units such as euros (12.5 is 12.50), never negative: "
            "`kind` says which way it went. 0 for what was given away.",
        ),
        _CURRENCY,
        Column(
            name="kind",
            kind="string",
            role="safe",
            required=True,
            allowed=PAYMENT_KINDS,
            description="`purchase`, `subscription` (paid for `months`), or `refund` (paid back).",
        ),
        Column(
            name="plan",
            kind="string",
            role="safe",
            description="Plan or product that was paid for.",
        ),
        Column(
            name="months",
            kind="int64",
            role="safe",
            minimum=1,
            maximum=LONGEST_TERM,
            unit="months",
            description="Calendar months a subscription payment covers, the one of its day first; "
            "null is 1.",
        ),
    ),
)

ACQUISITION_COSTS = TableContract(
    name="acquisition_costs",
    grain="what was spent on one channel on one day",
    key=("day", "channel", "currency"),
    columns=(
        _DAY,
        Column(
            name="channel",
            kind="string",
            role="safe",
            required=True,
            description="Where it was spent, such as `search` or `newsletter`.",
        ),
        Column(
            name="amount",
            kind="float64",
            role="safe",
            required=True,
            minimum=0,
            maximum=LARGEST_AMOUNT,
            unit="units of `currency`",
            description="How much, in whole units such as euros.",
        ),
        _CURRENCY,
    ),
)
