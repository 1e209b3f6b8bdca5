"""The rules: one number against a limit, and in words what came of it."""

import datetime as dt
import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from analytics_lib.display import quantity
from analytics_lib.reporting.checks.spec import (
    Anomaly,
    Bounds,
    ChangeLimit,
    Check,
    Freshness,
    Rows,
)

Status = Literal["passed", "failed", "not judged"]
Judgement = tuple[Status, str]
_MAD_TO_SD = 1.4826
_MEAN_DEVIATION_TO_SD = 1.2533


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResult:
    """What came of one check.

    Attributes:
        name: Name of the check.
        kind: Which rule.
        severity: What a failure does.
        status: `not judged` where there is too little to compare with.
        words: What was found, with the value; for the page and its manifest.
    """

    name: str
    kind: str
    severity: str
    status: Status
    words: str

    def to_dict(self) -> dict[str, str]:
        """The fields as plain values, for the manifest."""
        return {
            "name": self.name,
            "kind": self.kind,
            "severity": self.severity,
            "status": self.status,
            "words": self.words,
        }


def result_of(check: Check, judgement: Judgement) -> CheckResult:
    """The outcome of `check`."""
    status, words = judgement
    return CheckResult(
        name=check.name, kind=check.kind, severity=check.severity, status=status, words=words
    )


def judge_bounds(now: dict[str, Any], bounds: Bounds) -> Judgement:
    """Whether a result lies within bounds; a result without a value does not."""
    label, value, unit = _named(now)
    if value is None:
        return "failed", f"{label} has no value"
    words = f"{label} is {quantity(value, unit)}"
    if bounds.min is not None and value < bounds.min:
        return "failed", f"{words}, below {quantity(bounds.min, unit)}"
    if bounds.max is not None and value > bounds.max:
        return "failed", f"{words}, above {quantity(bounds.max, unit)}"
    return "passed", f"{words}, within its bounds"


def judge_change(
    now: dict[str, Any], before: dict[str, Any] | None, limit: ChangeLimit
) -> Judgement:
    """Whether a result moved too far from the page before; that page may be missing.

    A relative change from zero has no size: it is judged by its absolute limit alone,
    and where there is none any move from zero is too far.
    """
    label, value, unit = _named(now)
    if value is None:
        return "failed", f"{label} has no value"
    old = _finite((before or {}).get("value"))
    if old is None:
        return "not judged", f"{label}: no earlier page with a value"
    move = abs(value - old)
    words = f"{label} went from {quantity(old, unit)} to {quantity(value, unit)}"
    if limit.max_absolute is not None and _exceeds(move, limit.max_absolute):
        return "failed", f"{words}, more than {quantity(limit.max_absolute, unit)} apart"
    if limit.max_relative is not None and not _within(move, old, limit):
        return "failed", f"{words}, more than {limit.max_relative:.0%} apart"
    return "passed", f"{words}, within its limit"


def judge_freshness(last_complete_day: dt.date, today: dt.date, limit: Freshness) -> Judgement:
    """Whether the data are young enough; `today` is a day of the calendar of the data."""
    age = max(0, (today - last_complete_day).days - 1)
    words = f"the data end on {last_complete_day}, {quantity(age, 'whole days')} ago"
    if age > limit.max_age_days:
        return "failed", f"{words}; at most {limit.max_age_days} are in order"
    return "passed", words


def judge_rows(found: int | None, limit: Rows) -> Judgement:
    """Whether a chart or table has enough rows; `None` where the page does not show it."""
    if found is None:
        return "failed", f"`{limit.object}` is not on the page"
    words = f"`{limit.object}` has {quantity(found, 'rows')}"
    return ("passed", words) if found >= limit.min else ("failed", f"{words}, below {limit.min}")


def judge_anomaly(now: dict[str, Any], history: Sequence[float | None], rule: Anomaly) -> Judgement:
    """Whether a result lies far from the values of earlier pages.

    The distance from their median is measured in robust standard deviations: the median
    absolute deviation times 1.4826. Where more than half of them are the same number that is
    zero, and the mean absolute deviation times 1.2533 is taken (Iglewicz and Hoaglin); where
    all are the same, any other number is too far.

    Args:
        now: The result.
        history: Its values on earlier pages, oldest first.
        rule: The limits.
    """
    label, value, unit = _named(now)
    if value is None:
        return "failed", f"{label} has no value"
    latest = history[-rule.last_pages :]
    known = [number for item in latest if (number := _finite(item)) is not None]
    if len(known) < rule.min_pages:
        there = quantity(len(known), "earlier pages")
        return "not judged", f"{label}: not enough history, {there} of {rule.min_pages}"
    median = statistics.median(known)
    middle = quantity(median, unit)
    words = f"{label} is {quantity(value, unit)}; the median of earlier pages is {middle}"
    score = _score(value, known, median=median)
    if score > rule.max_score:
        far = f"{score:.1f} robust standard deviations" if math.isfinite(score) else "none varied"
        return "failed", f"{words} ({far}; at most {rule.max_score:g} are in order)"
    return "passed", words


def _score(value: float, known: Sequence[float], *, median: float) -> float:
    distances = [abs(item - median) for item in known]
    spread = _MAD_TO_SD * statistics.median(distances) or (
        _MEAN_DEVIATION_TO_SD * statistics.fmean(distances)
    )
    distance = abs(value - median)
    if distance == 0:
        return 0.0
    return distance / spread if spread else math.inf


def _within(move: float, old: float, limit: ChangeLimit) -> bool:
    if old == 0:
        return move == 0 or limit.max_absolute is not None
    return not _exceeds(move, (limit.max_relative or 0) * abs(old))


def _exceeds(size: float, limit: float) -> bool:
    """Whether a difference is larger than its limit by more than the rounding of a subtraction."""
    return size > limit and not math.isclose(size, limit, rel_tol=1e-9)


def _named(now: dict[str, Any]) -> tuple[str, float | None, str]:
    return str(now.get("label") or now["name"]), _finite(now.get("value")), str(now.get("unit", ""))


def _finite(value: Any) -> float | None:  # noqa: ANN401 - any JSON value
    """A number; nothing where there is none, or none that can be compared."""
    if value is None or isinstance(value, str) or not math.isfinite(value):
        return None
    return float(value)
