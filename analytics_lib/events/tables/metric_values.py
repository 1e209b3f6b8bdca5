"""The contracts of what is computed from the log and stored beside it.

Nobody ingests these tables: `analytics metrics store` fills them.
"""

from analytics_lib.events.contract import Column, TableContract
from analytics_lib.events.tables.event import FIRST_DAY, LAST_DAY, PSEUDONYM_PATTERN

VALUE_ID_DIGITS = 32

USER_DAYS = TableContract(
    name="user_days",
    grain="what one version of the events added for a user on a day; rows add up",
    key=("user_id", "day", "events_version"),
    columns=(
        Column(
            name="user_id",
            kind="string",
            role="pseudonym",
            required=True,
            pattern=PSEUDONYM_PATTERN,
            description="Keyed pseudonym of the user, before anonymous ids are merged.",
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
            name="quantity",
            kind="int64",
            role="safe",
            required=True,
            minimum=1,
            unit="events",
            description="Events of the user on the day, those of robots left out.",
        ),
        Column(
            name="events_version",
            kind="int64",
            role="safe",
            required=True,
            minimum=0,
            description="Version of `events` that brought them.",
        ),
    ),
)


def _day(name: str, description: str) -> Column:
    return Column(
        name=name,
        kind="int32",
        role="safe",
        required=True,
        unit="day number",
        description=description,
    )


def _text(name: str, description: str) -> Column:
    return Column(name=name, kind="string", role="safe", required=True, description=description)


def _number(name: str, description: str) -> Column:
    return Column(name=name, kind="float64", role="safe", description=description)


METRIC_VALUES = TableContract(
    name="metric_values",
    grain="one value of a metric for a period, under one set of rules, in one revision",
    key=("value_id", "revision"),
    columns=(
        Column(
            name="value_id",
            kind="string",
            role="safe",
            required=True,
            pattern=f"[0-9a-f]{{{VALUE_ID_DIGITS}}}",
            description="Names metric, grain, period, dimensions and semantics together.",
        ),
        Column(
            name="revision",
            kind="int32",
            role="safe",
            required=True,
            minimum=1,
            description="1 for the first value stored; a value that changed is the next.",
        ),
        _text("metric", "Function that computes it, as in the register of metrics."),
        _text("grain", "`day`, `week`, `month`, or `rolling`."),
        _day("period_start_day", "First day of the period."),
        _day("period_end_day", "First day after the period."),
        _day("through_day", "Last day whose events the value depends on."),
        _text("dimensions", "What the value is broken down by, as JSON; `{}` for all."),
        _text("semantics", "The variant and the rules of preparation, as JSON."),
        _text("unit", "Unit of the value."),
        _number("value", "The value; null where there is none any more."),
        _number("numerator", "What a share or a change divides; null for a count."),
        _number("denominator", "What it is divided by; null for a count."),
        Column(
            name="n",
            kind="int64",
            role="safe",
            minimum=0,
            unit="users",
            description="People the value rests on; null where it has none any more.",
        ),
        _text("computed_from", "Version by table it was computed from, as JSON."),
        _day("as_of_day", "Last complete day of the data it was computed from."),
    ),
)
