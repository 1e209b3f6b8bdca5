"""Sentences as tested functions: findings for titles, answers for the first screen.

Each says in words when there is nothing to say; none prints `nan`.
"""

from collections.abc import Sequence
from typing import Any

from analytics_lib.core.errors import ParameterError
from analytics_lib.core.numeric import relative_change
from analytics_lib.core.results import Estimate
from analytics_lib.display.frames import Cell, read_columns, require_numbers
from analytics_lib.display.numerals import (
    count,
    digits_that_matter,
    interval,
    is_missing,
    percent,
    percentage_points,
    quantity,
)
from analytics_lib.display.tables import Column, cell_text

_FRACTIONS = (
    *((0.1, "one in ten"), (0.2, "one in five"), (0.25, "a quarter"), (1 / 3, "a third")),
    *((0.4, "two in five"), (0.5, "half"), (0.6, "three in five"), (2 / 3, "two thirds")),
    *((0.75, "three quarters"), (0.8, "four in five"), (0.9, "nine in ten")),
)
_ABOUT = 0.01
_JUST = 0.02


def sentence(text: str) -> str:
    """The text with a capital first letter and one full stop.

    Examples:
        >>> sentence("half of them return")
        'Half of them return.'
    """
    trimmed = text.strip()
    closed = trimmed if trimmed.endswith((".", "?", "!")) else f"{trimmed}."
    return closed[:1].upper() + closed[1:] if trimmed else ""


def list_in_words(items: Sequence[str], *, last: str = "and") -> str:
    """Items as a British list; "none" for an empty one.

    Examples:
        >>> list_in_words(["AAA", "BBB", "CCC"])
        'AAA, BBB and CCC'
    """
    if not items:
        return "none"
    if len(items) == 1:
        return str(items[0])
    return f"{', '.join(items[:-1])} {last} {items[-1]}"


def share_in_words(share: float | None) -> str:
    """A share as people say it: "half", "just under a third"; in percent where no fraction is near.

    Exactly 0 is "none" and exactly 1 is "all"; rounding never makes them so.
    "About" is within one percentage point, "just under" and "just over" within two.

    Examples:
        >>> share_in_words(0.5), share_in_words(0.317), share_in_words(0.45)
        ('about half', 'just under a third', '45.0%')
    """
    if share is None or is_missing(share):
        return "an unknown share"
    if share in (0, 1):
        return "all" if share else "none"
    near, words = min(_FRACTIONS, key=lambda item: abs(item[0] - share))
    distance = round(abs(near - share), 9)
    if distance <= _ABOUT:
        return f"about {words}"
    if distance <= _JUST:
        return f"just {'under' if share < near else 'over'} {words}"
    return percent(share)


def describe_share(estimate: Estimate, *, of: str, did: str) -> str:
    """A share with its interval and its base in one sentence.

    Args:
        estimate: The share, unit `"share"`.
        of: Whom it is a share of, in the plural: `"enrolments"`.
        did: What the share of them did: `"ended in withdrawal"`.

    Returns:
        The sentence; where the share is undefined it says so.

    Raises:
        ParameterError: The estimate is no share.

    Examples:
        >>> kept = Estimate(value=0.3, ci_lower=0.28, ci_upper=0.32, n=1203, unit="share")
        >>> describe_share(kept, of="new students", did="returned in week two")
        '30.0% of the 1,203 new students returned in week two (95% interval 28.0% to 32.0%).'
    """
    if estimate.unit != "share":
        raise ParameterError(f"`estimate` has the unit {estimate.unit!r}; it must be 'share'.")
    if not estimate.is_defined:
        reason = "there are none" if estimate.n == 0 else "the share is not known"
        return f"It cannot be said how many {of} {did}: {reason}."
    base = count(estimate.n, of)
    uncertainty = interval(estimate)
    ending = f" ({uncertainty})." if uncertainty else "."
    return f"{percent(estimate.value)} of the {base} {did}{ending}"


def describe_value(estimate: Estimate, *, what: str) -> str:
    """A value with its interval: `"Median time to first submission is 12 days (95% ...)."`."""
    if not estimate.is_defined:
        return sentence(f"{what} cannot be said: there is no value")
    uncertainty = interval(estimate)
    ending = f" ({uncertainty})" if uncertainty else ""
    return sentence(f"{what} is {quantity(estimate.value, estimate.unit)}{ending}")


def describe_change(
    current: Estimate | float,
    previous: Estimate | float,
    *,
    what: str,
    against: str = "the period before",
    unit: str = "",
) -> str:
    """How a number changed: percent for amounts, percentage points for shares.

    Args:
        current: The number now.
        previous: The number it is compared with.
        what: What the number is, such as `"active students"`.
        against: The name of the other period.
        unit: Unit of plain numbers; an `Estimate` knows its own.

    Returns:
        The sentence. A change from zero has no percentage, so both values are
        named; a missing side is named as missing.

    Examples:
        >>> describe_change(80, 100, what="active students", against="the week before")
        'Active students fell by 20.0% to 80 against the week before.'
    """
    now, before = _value(current), _value(previous)
    shown_unit = current.unit if isinstance(current, Estimate) else unit
    if is_missing(now):
        return sentence(f"there is no value for {what} to compare with {against}")
    if is_missing(before):
        return sentence(
            f"{what}: {quantity(now, shown_unit)}; there is no value for {against} to compare"
        )
    digits = digits_that_matter([now, before], shown_unit)
    shown = quantity(now, shown_unit, decimals=digits)
    if now == before:
        return sentence(f"{what} stayed at {shown}, as in {against}")
    verb = "rose" if now > before else "fell"
    if shown_unit == "share":
        return sentence(
            f"{what} {verb} by {percentage_points(now - before)} to {shown} against {against}"
        )
    if before <= 0:
        return sentence(
            f"{what} {verb} from {quantity(before, shown_unit, decimals=digits)} to {shown} "
            f"against {against}"
        )
    change = percent(abs(relative_change(now, before)))
    return sentence(f"{what} {verb} by {change} to {shown} against {against}")


def describe_trend(frame: Any, *, what: str, x: str, y: str, unit: str = "") -> str:  # noqa: ANN401 - any frame
    """First, last, highest and lowest value of a series in one sentence.

    Args:
        frame: One row a point, in order.
        what: What is drawn, such as `"active students"`.
        x: Column of dates, periods or ages.
        y: Column of values; empty ones are left out.
        unit: Unit of the values.

    Examples:
        >>> import polars as pl
        >>> frame = pl.DataFrame({"week": ["2014-W05", "2014-W06"], "users": [10, 40]})
        >>> describe_trend(frame, what="active students", x="week", y="users")
        'Active students: 10 at first (2014-W05), 40 at last (2014-W06).'
    """
    rows = read_columns(frame, [x, y], name=what)
    require_numbers(rows, [y], name=what)
    return trend_sentence([(_label(row, x), row[y]) for row in rows], what=what, unit=unit)


def trend_sentence(points: Sequence[tuple[str, Cell]], *, what: str, unit: str) -> str:
    """The sentence of `describe_trend` for labelled values."""
    known = [(label, value) for label, value in points if isinstance(value, int | float)]
    if not known:
        return sentence(f"{what}: no value")

    digits = digits_that_matter([value for _, value in known], unit)

    def shown(value: float) -> str:
        return quantity(value, unit, decimals=digits)

    def said(point: tuple[str, float]) -> str:
        return f"{shown(point[1])} {{}} ({point[0]})"

    if len(known) == 1:
        return sentence(f"{what}: one value, {shown(known[0][1])} ({known[0][0]})")
    parts = [said(known[0]).format("at first"), said(known[-1]).format("at last")]
    highest = max(known, key=lambda point: point[1])
    lowest = min(known, key=lambda point: point[1])
    ends = (known[0][1], known[-1][1])
    parts += [said(highest).format("at most")] if highest[1] > max(ends) else []
    parts += [said(lowest).format("at least")] if lowest[1] < min(ends) else []
    missing = len(points) - len(known)
    gaps = f"; {count(missing, 'points')} without a value" if missing else ""
    return sentence(f"{what}: {', '.join(parts)}{gaps}")


def describe_range(frame: Any, *, what: str, label: str, value: str, unit: str = "") -> str:  # noqa: ANN401 - any frame
    """Lowest and highest of a few groups, a title that states a finding.

    Examples:
        >>> import polars as pl
        >>> frame = pl.DataFrame({"course": ["AAA", "BBB"], "share": [0.157, 0.286]})
        >>> describe_range(frame, what="withdrawal", label="course", value="share", unit="share")
        'Withdrawal ranges from 15.7% (AAA) to 28.6% (BBB).'
    """
    rows = read_columns(frame, [label, value], name=what)
    require_numbers(rows, [value], name=what)
    known = [row for row in rows if row[value] is not None]
    if not known:
        return sentence(f"{what} has no value in any group")
    lowest = min(known, key=lambda row: _number(row[value]))
    highest = max(known, key=lambda row: _number(row[value]))
    low, high = _number(lowest[value]), _number(highest[value])
    digits = digits_that_matter([low, high], unit)
    if low == high:
        scope = f" in {_label(lowest, label)}" if len(known) == 1 else " in every group"
        return sentence(f"{what} is {quantity(low, unit, decimals=digits)}{scope}")
    return sentence(
        f"{what} ranges from {quantity(low, unit, decimals=digits)} ({_label(lowest, label)}) "
        f"to {quantity(high, unit, decimals=digits)} ({_label(highest, label)})"
    )


def describe_largest(frame: Any, *, what: str, label: str) -> str:  # noqa: ANN401 - any frame
    """Names the group in the first row of a frame that is sorted by size.

    Examples:
        >>> import polars as pl
        >>> frame = pl.DataFrame({"name": ["bought", "paying"]})
        >>> describe_largest(frame, what="the step that would gain most", label="name")
        'The step that would gain most is bought.'
    """
    rows = read_columns(frame, [label], name=what)
    if not rows:
        return sentence(f"{what} cannot be named: there is none")
    return sentence(f"{what} is {_label(rows[0], label)}")


def _value(result: Estimate | float) -> float:
    return result.value if isinstance(result, Estimate) else float(result)


def _number(cell: Cell) -> float:
    return float(cell) if isinstance(cell, int | float) else 0.0


def _label(row: dict[str, Cell], column: str) -> str:
    return cell_text(row, column, Column(label=column))
