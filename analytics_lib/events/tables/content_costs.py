"""The contract of what content costs."""

from analytics_lib.events.contract import Column, TableContract

CONTENT_COSTS = TableContract(
    name="content_costs",
    grain="one piece of content",
    key=("content_id",),
    columns=(
        Column(
            name="content_id",
            kind="string",
            role="safe",
            required=True,
            description="Piece of content; `content_id` of the events.",
        ),
        Column(
            name="cost",
            kind="int64",
            role="safe",
            required=True,
            minimum=0,
            unit="smallest unit of the currency",
            description="What it cost to make and keep, in the unit of the value of events.",
        ),
    ),
)
