"""Types of parameters beyond numbers and words: dates, months, quarters, periods, choices."""

from typing import Annotated

from pydantic import AfterValidator, Field, WithJsonSchema

from analytics_lib.core.errors import ParameterError
from analytics_lib.core.period_names import parse_period
from analytics_lib.core.periods import parse_date
from analytics_lib.core.relative_periods import require_period_name

_DATE, _MONTH, _QUARTER = r"\d{4}-\d{2}-\d{2}", r"\d{4}-\d{2}", r"\d{4}-Q[1-4]"


def _date(text: str) -> str:
    return parse_date(text).isoformat()


def _calendar(text: str, *, granularity: str, example: str) -> str:
    period = parse_period(text)
    if period.granularity != granularity:
        raise ParameterError(f"it must be a {granularity} such as '{example}'")
    return text


def _month(text: str) -> str:
    return _calendar(text, granularity="month", example="2024-05")


def _quarter(text: str) -> str:
    return _calendar(text, granularity="quarter", example="2024-Q2")


Date = Annotated[
    str,
    AfterValidator(_date),
    WithJsonSchema({"type": "string", "format": "date", "description": "An ISO date, quoted."}),
]
Month = Annotated[
    str, AfterValidator(_month), WithJsonSchema({"type": "string", "pattern": f"^{_MONTH}$"})
]
Quarter = Annotated[
    str, AfterValidator(_quarter), WithJsonSchema({"type": "string", "pattern": f"^{_QUARTER}$"})
]
PeriodName = Annotated[
    str,
    AfterValidator(require_period_name),
    WithJsonSchema(
        {
            "type": "string",
            "description": "A period relative to the logical date, such as `last_month`, "
            "`last_28_days` or `quarter_to_date`, or a fixed one such as `2024-05`.",
        }
    ),
]
SecretName = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]*$")]
"""The name of an environment variable that holds a secret; its value is never read into a file."""
