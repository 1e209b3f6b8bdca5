"""Small counts that appear when published numbers are subtracted from each other."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from analytics_lib.core.periods import is_day
from analytics_lib.reporting.gate.counts import is_number, is_small, person_columns
from analytics_lib.reporting.gate.findings import Finding
from analytics_lib.reporting.gate.policy import DisclosurePolicy
from analytics_lib.reporting.gate.totals import (
    Key,
    is_rounded,
    key_of,
    keys_of,
    total_findings,
    totals_of,
)
from analytics_lib.reporting.payloads import Payload


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """What a page of the same run, published before, showed.

    Attributes:
        same_date: Whether it was about the same logical date, so that every number of it is
            about the same people.
        payloads: Its objects.
    """

    same_date: bool
    payloads: Sequence[Payload]


def difference_findings(
    payloads: Sequence[Payload],
    *,
    earlier: Sequence[Earlier],
    policy: DisclosurePolicy,
) -> Iterator[Finding]:
    """Hidden cells that the page itself or a page published before gives back.

    Four ways are looked for. A column with hidden cells whose visible cells
    fall short of a published total by fewer people than the policy allows. A
    cell hidden in one object and shown in another. A cell shown in two objects that differs by
    too few people: those are the ones whom one of the objects leaves out. The same cell of the same
    period, published before, that differs by too few people: those are the
    ones who came late.

    Args:
        payloads: Everything the page shows.
        earlier: What pages of the same run published before showed.
        policy: The policy.
    """
    if policy.differencing == "allow":
        return
    totals = totals_of(payloads, policy)
    for payload in payloads:
        yield from total_findings(payload, totals, {}, policy)
        for page in earlier:
            yield from total_findings(payload, totals, _dated_cells(page, payload, policy), policy)
        yield from _short_of_a_like_line(payload, policy)
    yield from _shown_elsewhere(payloads, policy)
    yield from _nearly_the_same(payloads, policy)
    for page in earlier:
        yield from _came_late(payloads, page, policy)


def _dated_cells(page: Earlier, payload: Payload, policy: DisclosurePolicy) -> dict[Key, Any]:
    """What an earlier page showed of the same periods in the same object."""
    return {
        key: value
        for other in page.payloads
        if other.id == payload.id
        for key, value in _cells(other, policy).items()
        if is_number(value) and (page.same_date or _names_a_day(key))
    }


def _short_of_a_like_line(payload: Payload, policy: DisclosurePolicy) -> Iterator[Finding]:
    """Rows that add up to the same total as others, one set of them with hidden cells.

    Where learners are split in two ways, each split adds up to all of them: a
    cell hidden in one split is what the other one holds more.
    """
    for at in person_columns(payload, policy):
        lines = _lines(payload, at)
        complete = {
            key: sum(values)
            for key, values in lines.items()
            if len(values) > 1 and None not in values
        }
        open_ = 0
        for key, values in lines.items():
            if len(values) > 1 and None in values:
                shown = sum(value for value in values if value is not None)
                like = [total for other, total in complete.items() if _differ_in_one(key, other)]
                open_ += any(is_small(total - shown, policy.minimum_count) for total in like)
        if open_:
            yield Finding(
                rule="difference to a like group",
                where=payload.id,
                words=f"{open_} hidden counts of `{payload.columns[at]['name']}` are what another "
                "split of the same people adds up to; hide both parts with "
                "`protect_counts(adds_up_over=…)`",
            )


def _lines(payload: Payload, at: int) -> dict[Key, list[Any]]:
    """The counts of each set of rows that differ in one of their words only."""
    lines: dict[Key, list[Any]] = {}
    for row in payload.rows:
        if row[at] is None or is_number(row[at]):
            key = key_of(row)
            for left_out in range(len(key)):
                line = (left_out, *key[:left_out], *key[left_out + 1 :])
                lines.setdefault(line, []).append(row[at])
    return lines


def _differ_in_one(key: Key, other: Key) -> bool:
    return (
        key[0] == other[0]
        and len(key) == len(other)
        and sum(a != b for a, b in zip(key, other, strict=True)) == 1
    )


def _shown_elsewhere(payloads: Sequence[Payload], policy: DisclosurePolicy) -> Iterator[Finding]:
    cells = [(payload, _cells(payload, policy)) for payload in payloads]
    for payload, own in cells:
        hidden = {key for key, value in own.items() if value is None}
        for other, others in cells:
            open_ = [key for key in hidden if other is not payload and is_number(others.get(key))]
            if open_:
                yield Finding(
                    rule="hidden here, shown there",
                    where=payload.id,
                    words=f"{len(open_)} hidden counts are shown in `{other.id}`",
                )


def _nearly_the_same(payloads: Sequence[Payload], policy: DisclosurePolicy) -> Iterator[Finding]:
    """Counts of the same in two objects; those of different metrics are not of the same."""
    cells = [(payload, _cells(payload, policy)) for payload in payloads]
    for (payload, own), (other, others) in combinations(cells, 2):
        if payload.metric and other.metric and payload.metric != other.metric:
            continue
        near = [
            key
            for key in own.keys() & others.keys()
            if len(key) > 1
            and is_number(own[key])
            and is_number(others[key])
            and is_small(abs(own[key] - others[key]), policy.minimum_count)
        ]
        if near:
            yield Finding(
                rule="difference between tables",
                where=payload.id,
                words=f"{len(near)} counts differ from those of the same rows in `{other.id}` by "
                f"fewer than {policy.minimum_count} people; round both "
                "(`protect_counts(round_to=…)`) or show one of them",
            )


def _came_late(
    now: Sequence[Payload], before: Earlier, policy: DisclosurePolicy
) -> Iterator[Finding]:
    older = {payload.id: _numbers(payload, policy) for payload in before.payloads}
    for payload in now:
        known = older.get(payload.id, {})
        blurred = _rounded_columns(payload, policy)  # they do not say how many came late
        late = [
            key
            for key, value in _numbers(payload, policy).items()
            if key[0] not in blurred
            and (before.same_date or _names_a_day(key))
            and is_number(value)
            and is_number(known.get(key))
            and is_small(abs(value - known[key]), policy.minimum_count)
        ]
        if late:
            yield Finding(
                rule="difference to an earlier page",
                where=payload.id,
                words=f"{len(late)} counts of the same period differ from those published before "
                f"by fewer than {policy.minimum_count} people; round them "
                "(`round_counts_to` in the policy) or wait until the data are in",
            )


def _cells(payload: Payload, policy: DisclosurePolicy) -> Mapping[Key, Any]:
    """Each count of people by its column and what its row is of."""
    return {
        (payload.columns[at]["name"], *key): row[at]
        for row, key in zip(payload.rows, keys_of(payload, policy), strict=True)
        for at in person_columns(payload, policy)
    }


def _numbers(payload: Payload, policy: DisclosurePolicy) -> dict[Key, Any]:
    """Every count of people of an object: its cells and its named results."""
    results = {
        ("result", name): result.get("value")
        for name, result in payload.results.items()
        if policy.counts_people(result.get("unit"))
    }
    return {**_cells(payload, policy), **results}


def _rounded_columns(payload: Payload, policy: DisclosurePolicy) -> set[str]:
    return {
        str(payload.columns[at]["name"])
        for at in person_columns(payload, policy)
        if is_rounded([row[at] for row in payload.rows], policy)
    }


def _names_a_day(key: Key) -> bool:
    """Whether a date in the key says which period the count is about."""
    return any(is_day(part) for part in key[1:])
