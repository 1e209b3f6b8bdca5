"""The contract of the user table."""

from analytics_lib.events.contract import Column, TableContract
from analytics_lib.events.tables.event import FIRST_DAY, LAST_DAY, PSEUDONYM_PATTERN

USERS = TableContract(
    name="users",
    grain="one user",
    key=("user_id",),
    columns=(
        Column(
            name="user_id",
            kind="string",
            role="pseudonym",
            required=True,
            pattern=PSEUDONYM_PATTERN,
            description="Keyed pseudonym of the user (HMAC-SHA-256).",
        ),
        Column(
            name="created_day",
            kind="int32",
            role="quasi_identifier",
            minimum=FIRST_DAY,
            maximum=LAST_DAY,
            unit="day number",
            description="Day of sign-up.",
        ),
        Column(
            name="user_type",
            kind="string",
            role="quasi_identifier",
            description="Role on the platform, such as `learner` or `tutor`.",
        ),
        Column(
            name="region",
            kind="string",
            role="quasi_identifier",
            description="Country or state, never finer.",
        ),
        Column(
            name="platform",
            kind="string",
            role="quasi_identifier",
            description="Product surface of the sign-up, such as `web`.",
        ),
    ),
)
