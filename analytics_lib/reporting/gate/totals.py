"""Hidden cells that a published total less the cells shown gives back."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from analytics_lib.core.periods import is_day
from analytics_lib.reporting.gate.counts import is_number, is_small, person_columns
from analytics_lib.reporting.gate.findings import Finding
from analytics_lib.reporting.gate.policy import DisclosurePolicy
from analytics_lib.reporting.payloads import Payload

Key = tuple[Any, ...]
_EVIDENCE = 4  # shown counts that must be multiples before a column is taken for rounded
_NAMES = ("total", "all", "everybody", "everyone", "overall", "sum")
_PERIODS = ("interval_start", "date")
_HALF = 2
_EXACTLY = "a published total"
_NEARLY = "little more than a published total"
_HERE = "; hide more with `protect_counts(adds_up_over=…)`"
_WITH_EARLIER = " here and on an earlier page; round the counts or publish no total"


@dataclass(frozen=True, slots=True, kw_only=True)
class Total:
    """A published number of people that may be the sum of a column.

    Attributes:
        value: The number.
        column: Column of which it may be the sum; any where None. Counts of different people
            in different weeks add up to nothing that means anything.
        period: Period whose rows it is the sum of; all rows where None.
    """

    value: float
    column: str | None = None
    period: str | None = None


def totals_of(payloads: Sequence[Payload], policy: DisclosurePolicy) -> list[Total]:
    """Every published number of people that may be the sum of a column."""
    return [total for payload in payloads for total in _totals(payload, policy)]


def total_findings(
    payload: Payload,
    totals: Sequence[Total],
    known: Mapping[Key, Any],
    policy: DisclosurePolicy,
) -> Iterator[Finding]:
    """Hidden cells that are a total less the rest; cells `known` from elsewhere are no secret.

    Counts of a metric whose card says that people are in several periods add up
    to nothing over the periods, so a number that they fall short of by a few is
    chance. What remains true of them is looked at: within one period they may
    add up, and over the periods they are at least as many as there are people,
    so that a hidden count is at least what is missing.

    Args:
        payload: What the page shows.
        totals: What may be the sum of its columns.
        known: Cells that an earlier page showed, by column and key.
        policy: The policy.
    """
    keyed = zip(payload.rows, keys_of(payload, policy), strict=True)
    kept = [(row, key) for row, key in keyed if not names_a_total(row)]
    rows = [row for row, _ in kept]
    for at in person_columns(payload, policy):
        name = payload.columns[at]["name"]
        shown = [row[at] for row in rows]
        cells = [known.get((name, *key)) if row[at] is None else row[at] for row, key in kept]
        if (known and cells == shown) or is_rounded(cells, policy):
            continue
        period = overlaps_over(payload, at)
        words = (
            _of_a_sum(cells, [total.value for total in totals if _is_of(total, name)], policy)
            if period is None
            else _of_overlapping(name, [row[period] for row in rows], cells, totals, policy)
        )
        if words:
            yield Finding(
                rule="difference to a total",
                where=payload.id,
                words=f"the hidden cells of `{name}` are {words} less the cells shown"
                + (_WITH_EARLIER if known else _HERE),
            )


def overlaps_over(payload: Payload, at: int) -> int | None:
    """The column of periods in several of which a person of this column may be, or None.

    The page names the metric and the metric's card says which columns; a page
    cannot say it of a column of its own.
    """
    if not payload.metric:
        return None
    from analytics_lib.metrics.registry import METRICS  # noqa: PLC0415 - loads every metric

    card = METRICS.get(payload.metric)
    if card is None or payload.columns[at]["name"] not in card.overlapping:
        return None
    return _period_column(payload)


def key_of(row: Sequence[Any]) -> Key:
    """The texts and dates of a row, which say what its counts are of."""
    return tuple(cell for cell in row if isinstance(cell, str | bool))


def keys_of(payload: Payload, policy: DisclosurePolicy) -> list[Key]:
    """For each row what its counts are of, each row another.

    Where texts and dates do not tell the rows apart (ages of a cohort), the
    numbers before the first count of people do.
    """
    texts = [key_of(row) for row in payload.rows]
    if len(set(texts)) == len(texts):
        return texts
    first = min(person_columns(payload, policy), default=0)
    return [
        (*text, *(cell for cell in row[:first] if is_number(cell)))
        for text, row in zip(texts, payload.rows, strict=True)
    ]


def names_a_total(row: Sequence[Any]) -> bool:
    """Whether a row calls itself a total."""
    return any(isinstance(cell, str) and cell.strip().lower() in _NAMES for cell in row)


def _totals(payload: Payload, policy: DisclosurePolicy) -> Iterator[Total]:
    for result in payload.results.values():
        for number, unit in (("value", "unit"), ("n", "n_unit")):
            if policy.counts_people(result.get(unit)) and is_number(result.get(number)):
                yield Total(value=float(result[number]))
    groups = {None: payload.rows} | _by_period(payload.rows, _period_column(payload))
    for at in person_columns(payload, policy):
        for period, rows in groups.items():
            for value in _sums(rows, at):
                yield Total(value=value, column=payload.columns[at]["name"], period=period)


def _sums(rows: Sequence[Sequence[Any]], at: int) -> list[float]:
    """The sum of a complete column, and the cells of rows that call themselves a total."""
    column = [row[at] for row in rows]
    whole = [float(sum(column))] if all(is_number(value) for value in column) else []
    named = [row[at] for row in rows if names_a_total(row)]
    return whole + [float(value) for value in named if is_number(value)]


def _by_period(rows: Sequence[list[Any]], period: int | None) -> dict[str | None, list[list[Any]]]:
    found: dict[str | None, list[list[Any]]] = {}
    if period is not None:
        for row in rows:
            found.setdefault(str(row[period]), []).append(row)
    return found


def _period_column(payload: Payload) -> int | None:
    """The column of periods, where each row has one."""
    for at, column in enumerate(payload.columns):
        if column["name"] in _PERIODS and all(is_day(row[at]) for row in payload.rows):
            return at
    return None


def _is_of(total: Total, name: str) -> bool:
    """Whether a number may be the sum of all rows of a column."""
    return total.period is None and total.column in (None, name)


def _of_a_sum(cells: Sequence[Any], totals: Sequence[float], policy: DisclosurePolicy) -> str:
    """Words where the cells that are not shown are a total less the others; none otherwise."""
    if None not in cells:
        return ""
    shown = _sum_of(cells)
    small = any(is_small(total - shown, policy.minimum_count) for total in totals)
    return _EXACTLY if small else ""


def _of_overlapping(
    name: str,
    periods: Sequence[str],
    cells: Sequence[Any],
    totals: Sequence[Total],
    policy: DisclosurePolicy,
) -> str:
    """The same of counts that add up within a period at most, and over periods are too many."""
    of_all = [total.value for total in totals if _is_of(total, name)]
    newest = max((day for day, cell in zip(periods, cells, strict=True) if cell), default="")
    for period in dict.fromkeys(periods):
        line = [cell for day, cell in zip(periods, cells, strict=True) if day == period]
        own = [t.value for t in totals if t.column == name and t.period == period]
        if len(line) > 1 and _of_a_sum(line, own + (of_all if period == newest else []), policy):
            return _EXACTLY
    return _NEARLY if _is_narrow(cells, of_all, policy) else ""


def _is_narrow(cells: Sequence[Any], totals: Sequence[float], policy: DisclosurePolicy) -> bool:
    """Whether what is missing leaves each hidden count less than half of what it may be.

    Counted once a period, people are at most the sum over the periods: what is
    missing to a total is the least that the hidden counts can be together.
    """
    hidden = sum(cell is None for cell in cells)
    missing = [total - _sum_of(cells) for total in totals]
    return hidden > 0 and any(
        is_small(least, policy.minimum_count) and _HALF * least > hidden * policy.minimum_count
        for least in missing
    )


def _sum_of(cells: Sequence[Any]) -> float:
    return sum(float(value) for value in cells if value is not None)


def is_rounded(cells: Sequence[Any], policy: DisclosurePolicy) -> bool:
    """Whether the shown counts are plainly rounded: what they leave of a total is blurred too.

    Four exact counts are all multiples of ten once in ten thousand times.
    """
    counts = [value for value in cells if value]
    return len(counts) >= _EVIDENCE and all(value % policy.minimum_count == 0 for value in counts)
