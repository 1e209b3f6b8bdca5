"""What is said of a source, in the commits and to the readers of a report."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from analytics_lib.core.periods import day_date, parse_date
from analytics_lib.warehouse.mapping import SourceKind, SourceMapping


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceInfo:
    """Where data come from.

    Attributes:
        source: Source id.
        title: Its title.
        licence: Under which it may be used.
        citation: How to cite it; empty where there is nothing to cite.
        kind: Real data, a sample of real data, or simulated.
        assumptions: Sentences to be printed with every number made from it.
        zone: Report zone.
        last_complete_day: Last day for which all its data are in; None where it has no events
            and declares none.
        tables: Tables it fills.
    """

    source: str
    title: str
    licence: str
    citation: str
    kind: SourceKind
    assumptions: tuple[str, ...]
    zone: str
    last_complete_day: dt.date | None
    tables: tuple[str, ...]


def card_of(mapping: SourceMapping) -> dict[str, Any]:
    """What a mapping says of its source, as plain values for a commit."""
    return mapping.model_dump(mode="json", exclude={"tables"})


def entry_of(
    card: Mapping[str, Any], before: Mapping[str, Any] | None, *, newest: int | None, said_at: str
) -> dict[str, Any]:
    """The card as a commit holds it: with its date and the latest day of the source's events."""
    days = [day for day in (newest, (before or {}).get("newest_day")) if day is not None]
    return {**card, "newest_day": max(days, default=None), "said_at": said_at}


def is_same_card(card: Mapping[str, Any], before: Mapping[str, Any] | None) -> bool:
    """Whether a commit already says what the mapping says of its source."""
    return before is not None and all(before.get(name) == value for name, value in card.items())


def merged(states: Mapping[str, Mapping[str, Any]]) -> list[SourceInfo]:
    """The sources of several tables, by id.

    Args:
        states: What the newest ingest of each table said of itself, by table.
    """
    found: dict[str, list[tuple[str, str, Mapping[str, Any]]]] = {}
    for table, state in states.items():
        for source, card in state["sources"].items():
            found.setdefault(source, []).append((card["said_at"], table, card))
    return [_info(found[source]) for source in sorted(found)]


def _info(said: Iterable[tuple[str, str, Mapping[str, Any]]]) -> SourceInfo:
    ordered = sorted(said, key=lambda entry: entry[:2])
    card = ordered[-1][2]
    newest = [entry["newest_day"] for _, _, entry in ordered if entry["newest_day"] is not None]
    return SourceInfo(
        source=card["source"],
        title=card["title"],
        licence=card["licence"],
        citation=card["citation"],
        kind=card["kind"],
        assumptions=tuple(card["assumptions"]),
        zone=card["zone"],
        last_complete_day=_last_complete_day(card["complete_through"], newest),
        tables=tuple(sorted(table for _, table, _ in ordered)),
    )


def _last_complete_day(declared: str | None, newest: list[int]) -> dt.date | None:
    if declared is not None:
        return parse_date(declared, name="complete_through")
    return day_date(max(newest) - 1) if newest else None
