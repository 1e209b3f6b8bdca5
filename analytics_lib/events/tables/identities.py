"""The contract of the identity table: which anonymous id turned out to be which user."""

from analytics_lib.events.contract import Column, TableContract
from analytics_lib.events.tables.event import FIRST_DAY, LAST_DAY, PSEUDONYM_PATTERN

IDENTITIES = TableContract(
    name="identities",
    grain="one link between an anonymous id and the user it turned out to be",
    key=("anonymous_id", "user_id"),
    columns=(
        Column(
            name="anonymous_id",
            kind="string",
            role="pseudonym",
            required=True,
            pattern=PSEUDONYM_PATTERN,
            description="Keyed pseudonym under which events were recorded before the sign-in; "
            "made as `user_id` is, so that the two can be compared.",
        ),
        Column(
            name="user_id",
            kind="string",
            role="pseudonym",
            required=True,
            pattern=PSEUDONYM_PATTERN,
            description="Keyed pseudonym of the user (HMAC-SHA-256).",
        ),
        Column(
            name="linked_day",
            kind="int32",
            role="quasi_identifier",
            required=True,
            minimum=FIRST_DAY,
            maximum=LAST_DAY,
            unit="day number",
            description="Day on which the link became known. A report made as of a day uses the "
            "links known by then.",
        ),
    ),
)
