"""What may be checked: the `checks:` list of a parameters file."""

import math
from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from analytics_lib.core.checks import suggest
from analytics_lib.core.errors import ParameterError
from analytics_lib.core.strict import StrictModel

Severity = Literal["info", "warn", "hold"]
RESERVED = ("run", "late", "question", "delivery")
_KINDS = ("bounds", "metric", "change", "freshness", "rows", "anomaly")
CARD = "card"
_NEED_A_RESULT = {"bounds", "metric", "change", "anomaly"}


class Bounds(StrictModel):
    """Where a result must lie, both ends included.

    Attributes:
        min: Smallest value that is in order.
        max: Largest.
    """

    min: float | None = None
    max: float | None = None

    @model_validator(mode="after")
    def _require_an_end(self) -> Self:
        if self.min is None and self.max is None:
            raise ParameterError("`bounds` needs `min`, `max` or both")
        _require_numbers(self.min, self.max)
        if self.min is not None and self.max is not None and self.max < self.min:
            raise ParameterError(f"`max` is {self.max:g}; it must be at least `min`, {self.min:g}")
        return self


class ChangeLimit(StrictModel):
    """How far a result may move from the page of the date before.

    Attributes:
        max_absolute: Largest difference, in the unit of the result, in either direction.
        max_relative: Largest difference divided by the size of the earlier value: 0.2 is a fifth.
    """

    max_absolute: float | None = Field(default=None, ge=0)
    max_relative: float | None = Field(default=None, ge=0)

    @model_validator(mode="after")
    def _require_a_limit(self) -> Self:
        if self.max_absolute is None and self.max_relative is None:
            raise ParameterError("`change` needs `max_absolute`, `max_relative` or both")
        _require_numbers(self.max_absolute, self.max_relative)
        return self


class Freshness(StrictModel):
    """How old the data may be.

    Attributes:
        max_age_days: Most whole days since the last complete day of data ended, on the
            calendar of the data; on the day after it that is 0.
    """

    max_age_days: int = Field(ge=0)


class Rows(StrictModel):
    """How many rows a chart or table must have.

    Attributes:
        object: Its id on the page.
        min: Fewest rows that are in order.
    """

    object: str = Field(min_length=1)
    min: int = Field(ge=1)


class Anomaly(StrictModel):
    """How far a result may lie from what earlier pages said.

    Attributes:
        max_score: Largest distance from their median in robust standard deviations.
        min_pages: Fewest earlier pages with a value; with fewer nothing is judged.
        last_pages: How many of the latest pages are looked at.
    """

    max_score: float = Field(default=3.5, gt=0)
    min_pages: int = Field(default=8, ge=5)
    last_pages: int = Field(default=24, ge=5)

    @model_validator(mode="after")
    def _require_reachable(self) -> Self:
        _require_numbers(self.max_score)
        if self.last_pages < self.min_pages:
            raise ParameterError(
                f"`last_pages` is {self.last_pages}; it must be at least `min_pages`, "
                f"{self.min_pages}"
            )
        return self


def _or_card(schema: dict[str, Any]) -> None:
    """For editors: `bounds: card` is valid too."""
    schema["anyOf"].append({"const": CARD})


class Check(StrictModel):
    """One check of a page.

    Attributes:
        name: Its name, unique in the file; alerts are paused and acknowledged by it.
        severity: `hold` publishes nothing, `warn` publishes with a notice on the page, `info`
            is recorded only.
        result: The declared result it looks at; rows and freshness have none.
        bounds: See `Bounds`; or `card`, the alert bounds of the card of `metric`, and without
            one of the metric of the result itself, where a page says which that is.
        metric: A metric whose card has alert bounds, instead of `bounds` or beside `bounds: card`.
        change: See `ChangeLimit`.
        freshness: See `Freshness`.
        rows: See `Rows`.
        anomaly: See `Anomaly`.
        cool_down_hours: After an alert of this check, how long there is no other one.
    """

    name: str = Field(pattern=r"^[a-z][a-z0-9_-]*$")
    severity: Severity = "warn"
    result: str | None = None
    bounds: Bounds | None = Field(default=None, json_schema_extra=_or_card)
    metric: str | None = None
    change: ChangeLimit | None = None
    freshness: Freshness | None = None
    rows: Rows | None = None
    anomaly: Anomaly | None = None
    cool_down_hours: float = Field(default=24, ge=0, le=24 * 366)

    @model_validator(mode="before")
    @classmethod
    def _card_of_a_metric(cls, given: Any) -> Any:  # noqa: ANN401 - whatever the file holds
        """`bounds: card` is the metric that is named, or that of the result."""
        if not isinstance(given, Mapping) or given.get("bounds") != CARD:
            return given
        rest = {name: value for name, value in given.items() if name != "bounds"}
        return {"metric": CARD, **rest}

    @property
    def kind(self) -> str:
        """Which of the six kinds it is."""
        return next(kind for kind in _KINDS if getattr(self, kind) is not None)

    @model_validator(mode="after")
    def _require_one_kind(self) -> Self:
        given = [kind for kind in _KINDS if getattr(self, kind) is not None]
        if len(given) != 1:
            raise ParameterError(f"a check has exactly one of {list(_KINDS)}, not {given}")
        if (given[0] in _NEED_A_RESULT) != (self.result is not None):
            needs = "needs a `result`" if given[0] in _NEED_A_RESULT else "takes no `result`"
            raise ParameterError(f"`{given[0]}` {needs}")
        if self.name in RESERVED:
            raise ParameterError(f"the names {list(RESERVED)} are those of built-in alerts")
        return self


def require_checks(
    checks: Sequence[Check],
    *,
    results: Collection[str],
    metrics: Mapping[str, str] = MappingProxyType({}),
    name: str,
) -> list[Check]:
    """Refuse two checks of one name, and a check of a result that the report does not declare.

    Args:
        checks: What the file asks for.
        results: Results the report's card declares.
        metrics: The metric of a result, where the page says which it is.
        name: What messages call the file.

    Returns:
        The checks, each `bounds: card` with the metric it is about.

    Raises:
        ParameterError: It does, or it names a metric that has no alert bounds, or none.
    """
    names = [check.name for check in checks]
    twice = sorted({item for item in names if names.count(item) > 1})
    if twice:
        raise ParameterError(f"{name}: the checks {twice} are named more than once.")
    for check in checks:
        if check.result is not None and check.result not in results:
            raise ParameterError(
                f"{name}: the check `{check.name}` names the result `{check.result}`; declared "
                f"results are {sorted(results)}." + suggest(check.result, results)
            )
    named = [_with_its_metric(check, metrics, name=name) for check in checks]
    for check in named:
        if check.metric is not None:
            bounds_of_metric(check.metric, name=name)
    return named


def _with_its_metric(check: Check, metrics: Mapping[str, str], *, name: str) -> Check:
    if check.metric != CARD:
        return check
    metric = metrics.get(str(check.result))
    if metric is None:
        raise ParameterError(
            f"{name}: the check `{check.name}` says `bounds: card`, and nothing says which metric "
            f"the result `{check.result}` is of; name it with `metric`."
        )
    return check.model_copy(update={"metric": metric})


def bounds_of_metric(function: str, *, name: str) -> Bounds:
    """The alert bounds on the card of a metric.

    Raises:
        ParameterError: There is no such metric, or its card has none.
    """
    from analytics_lib.metrics import metric  # noqa: PLC0415 - start-up time: few files name one

    card = metric(function)
    if card.alert_below is None and card.alert_above is None:
        raise ParameterError(
            f"{name}: the card of `{function}` has neither `alert_below` nor `alert_above`; give "
            f"`bounds` instead. {card.alert_reason}"
        )
    return Bounds(min=card.alert_below, max=card.alert_above)


def _require_numbers(*values: float | None) -> None:
    if any(value is not None and not math.isfinite(value) for value in values):
        raise ParameterError("a limit must be a finite number")
