"""The contract of measurements of services: how long requests took and how they ended."""

from analytics_lib.events.contract import Column, TableContract
from analytics_lib.events.tables.event import FIRST_DAY, LAST_DAY

STATUSES = ("ok", "error", "timeout")

SERVICE_MEASUREMENTS = TableContract(
    name="service_measurements",
    grain="one request, or `quantity` like requests where the source delivers counts",
    key=("measurement_id",),
    columns=(
        Column(
            name="measurement_id",
            kind="string",
            role="safe",
            required=True,
            description="Names the measurement once; a retry of the delivery has the same one.",
        ),
        Column(
            name="service",
            kind="string",
            role="safe",
            required=True,
            description="Service that answered, such as `search`.",
        ),
        Column(
            name="t_us",
            kind="int64",
            role="safe",
            unit="microseconds since 1970-01-01 UTC",
            description="When the request began; null where the source knows only the day.",
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
            name="duration_us",
            kind="int64",
            role="safe",
            minimum=0,
            unit="microseconds",
            description="From the request to the end of the answer; null where unknown.",
        ),
        Column(
            name="status",
            kind="string",
            role="safe",
            required=True,
            allowed=STATUSES,
            description="How the request ended.",
        ),
        Column(
            name="saturation",
            kind="float64",
            role="safe",
            minimum=0,
            maximum=1,
            unit="share of the capacity",
            description="How full the scarcest resource of the service was; null where unknown.",
        ),
        Column(
            name="quantity",
            kind="int64",
            role="safe",
            required=True,
            minimum=1,
            unit="requests",
            description="How many like requests the row stands for; 1 in an ordinary log.",
        ),
    ),
)
