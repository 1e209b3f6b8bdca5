"""Counts of too few people: shown, hidden in a share, or not a multiple of the policy's step."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from analytics_lib.reporting.gate.findings import Finding
from analytics_lib.reporting.gate.policy import DisclosurePolicy
from analytics_lib.reporting.payloads import Payload

_WHOLE = 1e-6
_SCALES = {"share": 1, "%": 100, "percent": 100, "per cent": 100}
"""What a whole is in each unit of shares."""
_COUNTED = re.compile(r"(?<![\w.,/-])(\d+) ([^\W\d_]+(?: [^\W\d_]+)?)")


def count_findings(payloads: Sequence[Payload], *, policy: DisclosurePolicy) -> Iterator[Finding]:
    """Every count that stands for too few people, in cells and in named results.

    Args:
        payloads: Everything the page shows.
        policy: The policy.
    """
    units = _words_of_results(payloads, "unit")
    bases = _words_of_results(payloads, "n_unit")
    for payload in payloads:
        yield from _in_cells(payload, policy)
        yield from _in_texts(payload, policy)
        for name, result in payload.results.items():
            words = {"unit": units.get(name, ""), "n_unit": bases.get(name, "")}
            yield from _in_result(payload.id, name, {**result, **words}, policy)


def person_columns(payload: Payload, policy: DisclosurePolicy) -> list[int]:
    """Positions of the columns that count people."""
    return [
        at
        for at, column in enumerate(payload.columns)
        if policy.counts_people(column.get("unit"), otherwise=column.get("label") or "")
    ]


def is_number(value: object) -> bool:
    """Whether a JSON value is a number."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_small(value: Any, minimum: int) -> bool:  # noqa: ANN401 - any JSON value
    """Whether a value, taken as a count, stands for at least one and too few."""
    return is_number(value) and 0 < value < minimum


def _in_cells(payload: Payload, policy: DisclosurePolicy) -> Iterator[Finding]:
    people = person_columns(payload, policy)
    shares = [at for at, column in enumerate(payload.columns) if column.get("unit") in _SCALES]
    small = implied = uneven = 0
    for row in payload.rows:
        small += sum(is_small(row[at], policy.minimum_count) for at in people)
        uneven += sum(_is_uneven(row[at], policy.round_counts_to) for at in people)
        shown = [row[at] for at in people if is_number(row[at])]
        for at in shares:
            share = _as_share(row[at], payload.columns[at]["unit"])
            pairs = _ratios(share, shown)
            implied += (
                any(is_small(whole - part, policy.minimum_count) for part, whole in pairs)
                if pairs
                else sum(_gives_away(share, base, policy.minimum_count) for base in shown)
            )
    if small:
        yield Finding(
            rule="small count",
            where=payload.id,
            words=f"{small} cells stand for fewer than {policy.minimum_count} people; coarsen the "
            "groups or use `protect_counts`",
        )
    if implied:
        yield Finding(
            rule="small count behind a share",
            where=payload.id,
            words=f"{implied} shares are of fewer than {policy.minimum_count} people of their "
            "base, or leave so few out; suppress share and base together",
        )
    if uneven:
        yield Finding(
            rule="not rounded",
            where=payload.id,
            words=f"{uneven} counts of people are no multiples of {policy.round_counts_to}; use "
            "`protect_counts(round_to=…)`",
        )


def _in_texts(payload: Payload, policy: DisclosurePolicy) -> Iterator[Finding]:
    """Counts of people that are said in words: "only 2 users bought"."""
    texts = [payload.title, *(cell for row in payload.rows for cell in row)]
    said = [
        text
        for text in texts
        if isinstance(text, str)
        for number, words in _COUNTED.findall(text)
        if is_small(int(number), policy.minimum_count)
        and any(policy.counts_people(name) for name in (words, words.split()[0]))
    ]
    if said:
        yield Finding(
            rule="small count in words",
            where=payload.id,
            words=f"{len(said)} texts speak of fewer than {policy.minimum_count} people; say it "
            "with a suppressed count",
        )


def _words_of_results(payloads: Sequence[Payload], field: str) -> dict[str, str]:
    """The unit of each named result, or of its base, wherever it is shown with one."""
    return {
        name: result[field]
        for payload in payloads
        for name, result in payload.results.items()
        if result.get(field)
    }


def _in_result(
    where: str, name: str, result: dict[str, Any], policy: DisclosurePolicy
) -> Iterator[Finding]:
    value, base, unit = result.get("value"), result.get("n"), result["unit"]
    of_people = _counts_people(result, policy)
    found = {
        "stands for too few people": policy.counts_people(unit)
        and is_small(value, policy.minimum_count),
        "is not rounded as the policy asks": policy.counts_people(unit)
        and _is_uneven(value, policy.round_counts_to),
        "has no unit and may count people; give it a unit": not unit
        and is_small(value, policy.minimum_count)
        and float(str(value)).is_integer(),
        "rests on too few people": of_people and is_small(base, policy.minimum_count),
        "times its base is too few people": of_people
        and unit in _SCALES
        and _gives_away(_as_share(value, unit), base, policy.minimum_count),
    }
    for words, holds in found.items():
        if holds:
            yield _result_finding(where, name, words)


def _counts_people(result: dict[str, Any], policy: DisclosurePolicy) -> bool:
    """Whether the base of a result counts people; one that does not say is taken to."""
    base_unit = result.get("n_unit") or ""
    return not base_unit or policy.counts_people(base_unit)


def _result_finding(where: str, name: str, words: str) -> Finding:
    return Finding(rule="small count", where=where, words=f"the result `{name}` {words}")


def _is_uneven(value: Any, step: int) -> bool:  # noqa: ANN401 - any JSON value
    return step > 1 and is_number(value) and value % step != 0


def _ratios(share: Any, counts: Sequence[float]) -> list[tuple[float, float]]:  # noqa: ANN401 - any JSON value
    """The counts of its row that a share may be the ratio of, which are looked at themselves."""
    if not is_number(share):
        return []
    return [
        (part, whole)
        for part in counts
        for whole in counts
        if whole > 0 and abs(part / whole - share) < _WHOLE
    ]


def _as_share(value: Any, unit: str) -> Any:  # noqa: ANN401 - any JSON value
    return value / _SCALES[unit] if is_number(value) else value


def _gives_away(share: Any, base: Any, minimum: int) -> bool:  # noqa: ANN401 - any JSON values
    """Whether the people of a share, or those whom it leaves out, are whole and too few.

    The trap: 96 % of 25 learners came back, says a page, and so that one did not.
    """
    if not is_number(share) or not is_number(base) or not 0 <= share <= 1:
        return False
    people = share * base
    whole = round(people)
    is_whole = abs(people - whole) < _WHOLE * max(1.0, people)
    return is_whole and (is_small(whole, minimum) or is_small(base - whole, minimum))
