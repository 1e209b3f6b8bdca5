"""What is published and how fresh it is: one entry a run, read from the manifests."""

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from analytics_lib.core.errors import RunError
from analytics_lib.reporting.outcomes import last_state
from analytics_lib.reporting.page_templates import date_words
from analytics_lib.reporting.project import Project
from analytics_lib.reporting.versions import Version, published_versions

_SHOWN = ("title", "run_title", "as_of")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One run and what is published of it.

    Attributes:
        name: `report/run`.
        versions: Every published version that can be read, oldest first.
        manifest: That of the latest; empty where nothing is published.
        freshness: `up to date`, `stale since …`, `no longer scheduled`, `not published`, or
            `damaged` where something kept of the run cannot be read any more.
        failure: The last attempt, where it failed: its date in words and the kind of error.
        damaged: Folders of versions whose manifest cannot be read; they are not in `versions`.
        problems: What cannot be read, in words for whoever can mend it.
    """

    name: str
    versions: tuple[Version, ...]
    manifest: dict[str, Any]
    freshness: str
    failure: dict[str, str] | None
    damaged: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()

    @property
    def latest(self) -> Version | None:
        """The newest version."""
        return self.versions[-1] if self.versions else None

    @property
    def audience(self) -> str:
        """Whom it is for; what is not published yet is shown inside only."""
        return str(self.manifest.get("audience", "internal"))

    def to_dict(self) -> dict[str, Any]:
        """The entry for programs."""
        latest = self.latest
        keys = ("title", "run_title", "audience", "answer", "data", "results")
        return {
            "name": self.name,
            **{key: self.manifest.get(key) for key in keys},
            "freshness": self.freshness,
            "failed": self.failure is not None,
            "damaged": bool(self.problems),
            "latest": latest and f"{self.name}/{latest.folder}/index.html",
            "as_of": latest and latest.as_of.isoformat(),
            "files": sorted(self.manifest.get("files", {})),
            "versions": [version.folder for version in self.versions],
        }


def published_entries(
    project: Project, *, expected: Mapping[str, dt.date], known: Collection[str] = ()
) -> list[Entry]:
    """An entry for each run that is published or whose last attempt failed, by name.

    What cannot be read any more of one run stops no other: its entry says that it is damaged.

    Args:
        project: The project.
        expected: Logical date each known run should have reached.
        known: Runs that belong on this site, published or not.
    """
    names = sorted({*known, *expected, *_published_names(project)})
    found = [_entry(project, name, expected.get(name)) for name in names]
    return [entry for entry in found if entry.versions or entry.failure or entry.problems]


def _entry(project: Project, name: str, expected: dt.date | None) -> Entry:
    whole: list[Version] = []
    damaged: list[str] = []
    problems: list[str] = []
    manifest: dict[str, Any] = {}
    failure = None
    for version in published_versions(project, name):
        try:
            manifest = version.manifest(*_SHOWN)
            whole.append(version)
        except RunError as error:
            damaged.append(version.folder)
            problems.append(str(error))
    try:
        failure = _failure(project, name)
    except RunError as error:
        problems.append(str(error))
    latest = whole[-1] if whole else None
    freshness = _freshness(latest, expected, failed=failure is not None)
    return Entry(
        name=name,
        versions=tuple(whole),
        manifest=manifest,
        freshness="damaged" if problems else freshness,
        failure=failure,
        damaged=tuple(damaged),
        problems=tuple(problems),
    )


def _published_names(project: Project) -> list[str]:
    return [f"{path.parent.name}/{path.name}" for path in project.site.glob("*/*") if path.is_dir()]


def _failure(project: Project, name: str) -> dict[str, str] | None:
    state = last_state(project, name)
    if state is None or state["status"] != "failed":
        return None
    as_of = dt.date.fromisoformat(state["as_of"])
    return {"as_of_words": date_words(as_of), "kind": state["kind"]}


def _freshness(latest: Version | None, expected: dt.date | None, *, failed: bool) -> str:
    """In words; only a latest page that has reached its date is up to date."""
    if latest is None or expected is None:
        return "no longer scheduled" if latest else "not published"
    if failed or latest.as_of < expected:
        return f"stale since {date_words(expected)}"
    return "up to date"
