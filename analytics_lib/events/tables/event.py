"""The contract of the event log."""

from analytics_lib.events.contract import Column, TableContract

PSEUDONYM_PATTERN = "[0-9a-f]{64}"
FIRST_DAY = 0  # 1970-01-01
LAST_DAY = 47_482  # 2100-01-01: later days are typing errors, not events

EVENTS = TableContract(
    name="events",
    grain="one event, or `quantity` like events where the source delivers counts",
    key=("event_id",),
    columns=(
        Column(
            name="event_id",
            kind="string",
            role="pseudonym",
            required=True,
            pattern=PSEUDONYM_PATTERN,
            description="Keyed digest that names the event once; a retry has the same one.",
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
            name="event_type",
            kind="string",
            role="safe",
            required=True,
            description="What the user did, such as `click` or `purchase`.",
        ),
        Column(
            name="category",
            kind="string",
            role="safe",
            description="A coarser class of the event or of the thing it concerns.",
        ),
        Column(
            name="t_us",
            kind="int64",
            role="sensitive",
            unit="microseconds since 1970-01-01 UTC",
            description="Instant; null where the source knows only the day.",
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
            name="session_id",
            kind="string",
            role="pseudonym",
            pattern=PSEUDONYM_PATTERN,
            description="Keyed digest of the source's session, where it has one.",
        ),
        Column(
            name="platform",
            kind="string",
            role="quasi_identifier",
            description="Product surface, such as `web`, `ios`, `android`.",
        ),
        Column(
            name="region",
            kind="string",
            role="quasi_identifier",
            description="Country or state, never finer.",
        ),
        Column(
            name="content_id",
            kind="string",
            role="safe",
            description="What the event concerns; key of `content`.",
        ),
        Column(
            name="quantity",
            kind="int64",
            role="safe",
            required=True,
            minimum=1,
            unit="events",
            description="How many like events the row stands for; 1 in an ordinary log.",
        ),
        Column(
            name="properties",
            kind="string",
            role="sensitive",
            description="Declared further properties as JSON text.",
        ),
        Column(
            name="received_us",
            kind="int64",
            role="safe",
            unit="microseconds since 1970-01-01 UTC",
            description="When the collector received it; null where unknown.",
        ),
        Column(
            name="campaign_source",
            kind="string",
            role="safe",
            description="Where the visit came from, such as `newsletter`.",
        ),
        Column(
            name="campaign_medium",
            kind="string",
            role="safe",
            description="Kind of the campaign, such as `email`.",
        ),
        Column(
            name="device_type",
            kind="string",
            role="quasi_identifier",
            description="`desktop`, `mobile`, `tablet` and the like; `robot` for robots that say "
            "so.",
        ),
        Column(
            name="user_agent_digest",
            kind="string",
            role="pseudonym",
            pattern=PSEUDONYM_PATTERN,
            description="Keyed digest of the user agent; the text itself is not stored.",
        ),
    ),
)
