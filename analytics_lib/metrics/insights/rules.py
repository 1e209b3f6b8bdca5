"""Recommendations and alerts: rules that people write down, judged on named results."""

import datetime as dt
import math
from collections.abc import Mapping
from typing import Any, Literal, Self

import polars as pl
from pydantic import Field, model_validator

from analytics_lib.core.checks import require_choice
from analytics_lib.core.results import Estimate
from analytics_lib.core.strict import StrictModel
from analytics_lib.metrics.insights.comparisons import Comparison

Operator = Literal["above", "at_least", "below", "at_most"]
RuleKind = Literal["recommendation", "alert"]
Severity = Literal["info", "warning", "critical"]
Evidence = Literal["value", "ci_lower", "ci_upper"]
_OPERATORS: tuple[Operator, ...] = ("above", "at_least", "below", "at_most")
RAISED, NOT_RAISED, NOT_KNOWN = "raised", "not raised", "not known"


class InsightRule(StrictModel):
    """When something is to be said, to whom and how urgently.

    Attributes:
        name: Stable name.
        kind: `recommendation` or `alert`.
        result: Named result it looks at.
        evidence: What of it must be beyond the limit: the `value`, or an end of its interval,
            which asks for more than chance.
        above: Raised where the evidence is greater.
        at_least: Where it is equal or greater.
        below: Where it is less.
        at_most: Where it is equal or less.
        sentence: What is said then.
        severity: `info`, `warning` or `critical`.
        owner: Who deals with it: a role, not a person.
    """

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    kind: RuleKind
    result: str
    evidence: Evidence = "value"
    above: float | None = Field(default=None, allow_inf_nan=False)
    at_least: float | None = Field(default=None, allow_inf_nan=False)
    below: float | None = Field(default=None, allow_inf_nan=False)
    at_most: float | None = Field(default=None, allow_inf_nan=False)
    sentence: str = Field(min_length=1)
    severity: Severity
    owner: str = Field(min_length=1)

    @model_validator(mode="after")
    def _require_one_limit(self) -> Self:
        if len(self._given()) != 1:
            raise ValueError(f"a rule needs exactly one of {list(_OPERATORS)}")
        return self

    def limit(self) -> tuple[Operator, float]:
        """The operator and its limit."""
        return self._given()[0]

    def _given(self) -> list[tuple[Operator, float]]:
        return [(name, value) for name in _OPERATORS if (value := getattr(self, name)) is not None]


class InsightRules(StrictModel):
    """What is compared, and what is recommended or raised.

    Attributes:
        comparisons: Declared comparisons, all of which count as tried.
        rules: Rules, in the order in which they are shown.
    """

    comparisons: list[Comparison] = Field(default_factory=list)
    rules: list[InsightRule] = Field(default_factory=list)

    @model_validator(mode="after")
    def _require_different_names(self) -> Self:
        for what, items in (("comparisons", self.comparisons), ("rules", self.rules)):
            names = [item.name for item in items]
            twice = sorted({name for name in names if names.count(name) > 1})
            if twice:
                raise ValueError(f"`{what}` holds the names {twice} more than once")
        return self


def judge_rules(
    rules: InsightRules, *, results: Mapping[str, Estimate | float | None], as_of: dt.date
) -> pl.DataFrame:
    """What do the rules recommend or raise, and on which evidence?

    A rule whose evidence is missing is `not known`, never in order: a number that went missing is
    the first thing that goes wrong.

    Args:
        rules: The rules.
        results: Estimates or plain numbers by name. An undefined one may be named; a plain number
            has no interval, so a rule that asks for its end is `not known`.
        as_of: Day of which the results speak.

    Returns:
        One row a rule, in their order: `name`, `kind`, `severity`, `owner`, `sentence`, `result`,
        `status` (`raised`, `not raised`, `not known`), `evidence` (which part of the result),
        `value` (null where not known), `operator`, `limit`, `unit` (null for a plain number),
        `as_of`.

    Raises:
        ParameterError: A rule names no result; the message has the nearest.

    Examples:
        >>> rules = InsightRules.model_validate(
        ...     {
        ...         "rules": [
        ...             {
        ...                 "name": "churn",
        ...                 "kind": "alert",
        ...                 "result": "churn",
        ...                 "above": 0.2,
        ...                 "sentence": "Many leave.",
        ...                 "severity": "warning",
        ...                 "owner": "growth",
        ...             }
        ...         ]
        ...     }
        ... )
        >>> for value in (0.3, 0.2, None):
        ...     judge_rules(rules, results={"churn": value}, as_of=dt.date(2024, 6, 30))["status"][
        ...         0
        ...     ]
        'raised'
        'not raised'
        'not known'
    """
    rows = [_judge(rule, results, as_of=as_of) for rule in rules.rules]
    return pl.DataFrame(
        rows,
        schema={
            "name": pl.String, "kind": pl.String, "severity": pl.String, "owner": pl.String,
            "sentence": pl.String, "result": pl.String, "status": pl.String,
            "evidence": pl.String, "value": pl.Float64, "operator": pl.String,
            "limit": pl.Float64, "unit": pl.String, "as_of": pl.Date,
        },
    )  # fmt: skip


def _judge(
    rule: InsightRule, results: Mapping[str, Estimate | float | None], *, as_of: dt.date
) -> dict[str, Any]:
    require_choice(rule.result, list(results), name=f"rules.{rule.name}.result")
    found = results[rule.result]
    value = _evidence(found, rule.evidence)
    operator, limit = rule.limit()
    return {
        "name": rule.name,
        "kind": rule.kind,
        "severity": rule.severity,
        "owner": rule.owner,
        "sentence": rule.sentence,
        "result": rule.result,
        "status": _status(value, operator, limit),
        "evidence": rule.evidence,
        "value": value,
        "operator": operator,
        "limit": limit,
        "unit": found.unit if isinstance(found, Estimate) else None,
        "as_of": as_of,
    }


def _evidence(found: Estimate | float | None, part: Evidence) -> float | None:
    """The number a rule looks at; `None` where it is missing or not finite."""
    if isinstance(found, Estimate):
        value = float(getattr(found, part))
    elif part != "value" or found is None:
        return None
    else:
        value = float(found)
    return value if math.isfinite(value) else None


def _status(value: float | None, operator: Operator, limit: float) -> str:
    if value is None:
        return NOT_KNOWN
    beyond = {
        "above": value > limit,
        "at_least": value >= limit,
        "below": value < limit,
        "at_most": value <= limit,
    }
    return RAISED if beyond[operator] else NOT_RAISED
