"""Contract of the table of food exchanges."""

from analytics_lib.events.contract import Column, TableContract
from analytics_lib.events.tables.event import FIRST_DAY, LAST_DAY, PSEUDONYM_PATTERN

MASS_UNITS = ("kg", "g", "t", "lb", "oz", "short ton")
COUNTED_UNITS = ("containers", "pickups")
STATUSES = ("consumed", "wasted", "unknown")
REGION_PATTERN = "[A-Z]{2}(-[A-Z0-9]{1,3})?"
HEAVIEST_AMOUNT = 1_000_000.0


def _user(name: str, description: str) -> Column:
    return Column(
        name=name, kind="string", role="pseudonym", required=True, pattern=PSEUDONYM_PATTERN,
        description=description,
    )  # fmt: skip


def _text(name: str, description: str, **limits: object) -> Column:
    return Column(name=name, kind="string", description=description, **limits)  # type: ignore[arg-type]


EXCHANGES = TableContract(
    name="exchanges",
    grain="one handing over of food from one giver to one recipient",
    key=("exchange_id",),
    columns=(
        _text("exchange_id", "Names the exchange once.", role="safe", required=True),
        _user("giver_id", "Keyed pseudonym of who gave (HMAC-SHA-256)."),
        _user("recipient_id", "Keyed pseudonym of who received (HMAC-SHA-256)."),
        Column(
            name="day", kind="int32", role="safe", required=True, minimum=FIRST_DAY,
            maximum=LAST_DAY, unit="day number",
            description="Local calendar day in the report zone.",
        ),
        _text("serving", "Serving size, such as `small`; null where the food was weighed or "
              "counted.", role="safe"),
        Column(
            name="amount", kind="float64", role="safe", minimum=0, maximum=HEAVIEST_AMOUNT,
            unit="as `unit` says",
            description="Weight, or count of containers or pickups; null where a serving size is "
            "given.",
        ),
        _text("unit", "Unit of `amount`; null where a serving size is given.", role="safe",
              allowed=(*MASS_UNITS, *COUNTED_UNITS)),
        _text("food", "Kind of food, such as `Bread`; null where unknown.", role="safe"),
        _text("region", "Country or part of one (ISO 3166), such as `GB` or `US-CA`.",
              role="quasi_identifier", required=True, pattern=REGION_PATTERN),
        _text("city", "City; null where unknown or too small to name.", role="quasi_identifier"),
        _text("giver_community", "Group or neighbourhood of the giver; null where none.",
              role="quasi_identifier"),
        _text("recipient_community", "Group or neighbourhood of the recipient; null where none.",
              role="quasi_identifier"),
        _text("status", "What became of the food.", role="safe", required=True, allowed=STATUSES),
        Column(
            name="distance_km", kind="float64", role="sensitive", minimum=0, maximum=1000,
            unit="km", description="Driven to collect it, there and back; null where unknown.",
        ),
    ),
)  # fmt: skip
