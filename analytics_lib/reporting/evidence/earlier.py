"""The published pages a new page is compared with, and what it says of them."""

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from analytics_lib.display import quantity
from analytics_lib.reporting.evidence.comparison import Change, compare_results, named_results
from analytics_lib.reporting.payloads import Payload, payload_of
from analytics_lib.reporting.project import Project
from analytics_lib.reporting.versions import Version, published_versions

DATA = "data.json"
PREVIOUS, YEAR_BEFORE, REVISED = "previous", "year_before", "revised"
_YEAR = range(350, 381)


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierPage:
    """A page to compare with.

    Attributes:
        kind: `previous` (the date before), `year_before`, or `revised` (the same date, before).
        version: The page.
    """

    kind: str
    version: Version


def earlier_pages(project: Project, name: str, *, as_of: dt.date) -> list[EarlierPage]:
    """The newest page of the date before, of a year before and of the same date.

    A year before is the date nearest to 365 days earlier, within a fortnight: months differ.
    """
    versions = published_versions(project, name)
    newest = {version.as_of: version for version in versions}
    before = [date for date in newest if date < as_of]
    year = [date for date in before if (as_of - date).days in _YEAR]
    found = {}
    if before:
        found[PREVIOUS] = newest[max(before)]
    if year:
        found[YEAR_BEFORE] = newest[min(year, key=lambda date: abs((as_of - date).days - 365))]
    if as_of in newest:
        found[REVISED] = newest[as_of]
    return [EarlierPage(kind=kind, version=version) for kind, version in found.items()]


def published_payloads(version: Version) -> list[Payload]:
    """What a published page shows; nothing where it has no `data.json`."""
    path = version.path / DATA
    if not path.is_file():
        return []
    return [payload_of(item) for item in json.loads(path.read_text(encoding="utf-8"))["objects"]]


def comparisons(
    payloads: list[Payload], pages: Sequence[EarlierPage]
) -> dict[str, tuple[Version, list[Change]]]:
    """The changes of every named result against each page, by its kind.

    Of a page of the same date only what differs is listed: that is the revision.
    """
    now = named_results(payloads)
    found = {}
    for page in pages:
        before = named_results(published_payloads(page.version))
        changes = [change for change in compare_results(now, before) if _comparable(change)]
        if page.kind == REVISED:
            changes = [change for change in changes if change.effect_size != 0]
        if changes:
            found[page.kind] = (page.version, changes)
    return found


def rows_of(changes: Sequence[Change]) -> list[dict[str, str]]:
    """The changes in words, for the page."""
    return [
        {
            "label": change.label[:1].upper() + change.label[1:],
            "now": quantity(change.now, change.unit),
            "before": quantity(change.before, change.unit),
            "change": _change_words(change),
            "judgement": change.judgement,
        }
        for change in changes
    ]


def pages_named(project: Project, name: str, folders: Mapping[str, str]) -> list[EarlierPage]:
    """The pages a manifest says it was compared with, as far as they are still published."""
    versions = {version.folder: version for version in published_versions(project, name)}
    return [
        EarlierPage(kind=kind, version=versions[folder])
        for kind, folder in folders.items()
        if folder in versions
    ]


def folders_of(pages: Sequence[EarlierPage]) -> dict[str, str]:
    """The folder of each page, by its kind, for the manifest."""
    return {page.kind: page.version.folder for page in pages}


def _comparable(change: Change) -> bool:
    return change.now is not None and change.before is not None


def _change_words(change: Change) -> str:
    """Sign and size, with the interval where there is one; shares in percentage points."""
    if change.effect_size is None:
        return "no value"
    words = _signed(change.effect_size, change.unit)
    if change.ci_lower is None or change.ci_upper is None:
        return words
    ends = f"{_signed(change.ci_lower, change.unit)} to {_signed(change.ci_upper, change.unit)}"
    return f"{words} ({ends})"


def _signed(difference: float, unit: str) -> str:
    sign = "+" if difference > 0 else "\N{MINUS SIGN}" if difference < 0 else "±"
    if unit == "share":
        return f"{sign}{abs(difference) * 100:.1f} points"
    return sign + quantity(abs(difference), unit)


def as_json(found: Mapping[str, tuple[Version, list[Change]]]) -> dict[str, Any]:
    """The comparisons for `data.json`."""
    return {
        kind: {"folder": version.folder, "changes": [change.to_dict() for change in changes]}
        for kind, (version, changes) in found.items()
    }
