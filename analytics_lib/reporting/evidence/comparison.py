"""What changed between two published pages, result by result, and whether that is chance."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from scipy.special import ndtr, ndtri

from analytics_lib.core.results import Estimate
from analytics_lib.reporting.payloads import Payload
from analytics_lib.statistics import share_difference

Judgement = Literal["more than chance", "within chance", "not tested", "no comparison"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One named result, now and before.

    Attributes:
        name: Name of the result.
        label: What it is, in words.
        unit: Its unit.
        now: Its value; `None` where there is none.
        before: Its value on the other page.
        effect_size: Now less before.
        ci_lower: Lower end of the interval of the difference; `None` where there is none.
        ci_upper: Upper end.
        pvalue: Of the test that there is no difference.
        judgement: `not tested` where a result has no interval, such as a full count.
    """

    name: str
    label: str
    unit: str
    now: float | None
    before: float | None
    effect_size: float | None
    ci_lower: float | None
    ci_upper: float | None
    pvalue: float | None
    judgement: Judgement

    def to_dict(self) -> dict[str, Any]:
        """The fields as plain values."""
        return asdict(self)


def named_results(payloads: list[Payload]) -> dict[str, dict[str, Any]]:
    """Every named result with whatever any object of the page says of it."""
    found: dict[str, dict[str, Any]] = {}
    for payload in payloads:
        for name, result in payload.results.items():
            said = {key: value for key, value in result.items() if value not in (None, "")}
            found[name] = {**found.get(name, {"value": None, "unit": ""}), **said}
    return found


def compare_results(
    now: Mapping[str, Mapping[str, Any]], before: Mapping[str, Mapping[str, Any]]
) -> list[Change]:
    """Each result of either page against the other, sorted by name.

    The two pages are taken as independent samples: the same people in both
    make a difference look less certain than it is, never more, as long as
    they behave alike.

    Args:
        now: Results by name (see `named_results`).
        before: Those of the other page.
    """
    return [
        _change(name, now.get(name, {}), before.get(name, {})) for name in sorted({*now, *before})
    ]


def _change(name: str, now: Mapping[str, Any], before: Mapping[str, Any]) -> Change:
    unit = str(now.get("unit") or before.get("unit") or "")
    label = str(now.get("label") or before.get("label") or name.replace("_", " "))
    value, old = now.get("value"), before.get("value")
    lower, upper, pvalue = _test(now, before)
    return Change(
        name=name,
        label=label,
        unit=unit,
        now=value,
        before=old,
        effect_size=None if value is None or old is None else value - old,
        ci_lower=lower,
        ci_upper=upper,
        pvalue=pvalue,
        judgement=_judge(value, old, lower, upper),
    )


def _judge(
    now: float | None, before: float | None, lower: float | None, upper: float | None
) -> Judgement:
    if now is None or before is None:
        return "no comparison"
    if lower is None or upper is None:
        return "not tested"
    return "within chance" if lower <= 0 <= upper else "more than chance"


def _test(
    now: Mapping[str, Any], before: Mapping[str, Any]
) -> tuple[float | None, float | None, float | None]:
    """Interval and p-value of the difference; nothing where either has no interval."""
    first, second = _estimate(before), _estimate(now)
    if first is None or second is None or first.unit != second.unit:
        return None, None, None
    if first.confidence_level != second.confidence_level:
        return None, None, None
    if first.unit == "share":
        made = share_difference(first, second)
        return made.ci_lower, made.ci_upper, None if math.isnan(made.pvalue) else made.pvalue
    return _normal_difference(first, second)


def _estimate(result: Mapping[str, Any]) -> Estimate | None:
    fields = ("value", "ci_lower", "ci_upper", "confidence_level", "n")
    if any(result.get(field) is None for field in fields):
        return None
    return Estimate(**{field: result[field] for field in fields}, unit=str(result.get("unit", "")))


def _normal_difference(
    first: Estimate, second: Estimate
) -> tuple[float | None, float | None, float | None]:
    """From the widths of two intervals, taken as those of normal estimates."""
    quantile = float(ndtri((1 + first.confidence_level) / 2))
    widths = [(item.ci_upper - item.ci_lower) / (2 * quantile) for item in (first, second)]
    error = math.hypot(*widths)
    if error == 0:
        return None, None, None
    effect = second.value - first.value
    return (
        effect - quantile * error,
        effect + quantile * error,
        float(2 * ndtr(-abs(effect) / error)),
    )
