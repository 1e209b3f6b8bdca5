"""The contract of what a marketplace pays out to those who teach on it."""

from analytics_lib.events.contract import Column, TableContract
from analytics_lib.events.money import LARGEST_AMOUNT
from analytics_lib.events.tables.event import FIRST_DAY, LAST_DAY, PSEUDONYM_PATTERN
from analytics_lib.events.tables.revenue import CURRENCY_PATTERN

PAYOUTS = TableContract(
    name="payouts",
    grain="one payment of the platform to one tutor",
    key=("payout_id",),
    columns=(
        Column(
            name="payout_id",
            kind="string",
            role="safe",
            required=True,
            description="Names the payment once.",
        ),
        Column(
            name="tutor_id",
            kind="string",
            role="pseudonym",
            required=True,
            pattern=PSEUDONYM_PATTERN,
            description="Keyed pseudonym of the tutor (HMAC-SHA-256).",
        ),
        Column(
            name="day",
            kind="int32",
            role="safe",
            required=True,
            minimum=FIRST_DAY,
            maximum=LAST_DAY,
            unit="day number",
            description="Local calendar day in the report zone.",
        ),
        Column(
            name="amount",
            kind="float64",
            role="sensitive",
            required=True,
            minimum=0,
            maximum=LARGEST_AMOUNT,
            unit="units of `currency`",
            description="How much, after the commission of the platform.",
        ),
        Column(
            name="currency",
            kind="string",
            role="safe",
            required=True,
            pattern=CURRENCY_PATTERN,
            description="Currency of the amount (ISO 4217), such as `EUR`.",
        ),
    ),
)
