"""Published versions of a run: folders named by logical date and revision, never overwritten."""

import datetime as dt
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analytics_lib.core.errors import RunError
from analytics_lib.core.periods import is_day
from analytics_lib.reporting.project import Project

_FOLDER = re.compile(r"(\d{4}-\d{2}-\d{2})(?:-r(\d+))?")
MANIFEST = "manifest.json"
EXPIRES = "expires_on"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Version:
    """One published version.

    Attributes:
        as_of: Its logical date.
        revision: 1 for the first page of that date, then 2, 3 …
        path: Its folder.
    """

    as_of: dt.date
    revision: int
    path: Path

    @property
    def folder(self) -> str:
        """Name of the folder."""
        return self.path.name

    def manifest(self, *needed: str) -> dict[str, Any]:
        """Its manifest.

        Args:
            needed: Names under which it must say something.

        Raises:
            RunError: It cannot be read any more, or does not say what is needed.
        """
        try:
            content = json.loads((self.path / MANIFEST).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            content = None
        if not isinstance(content, dict) or not content.keys() >= set(needed):
            raise self._damage()
        if EXPIRES in content and not is_day(content[EXPIRES]):
            raise self._damage()
        return content

    def _damage(self) -> RunError:
        name = f"{self.path.parent.parent.name}/{self.path.parent.name}/{self.folder}"
        return RunError(
            f"`{name}`: its {MANIFEST} cannot be read; `analytics verify` says what else was "
            "changed. Put back a copy of the folder, or take it off the site."
        )


def published_versions(project: Project, name: str) -> list[Version]:
    """Every published version of `report/run`, oldest first; one without a manifest is none."""
    return _versions_in(project.site / name)


def withdrawn_versions(project: Project, name: str) -> list[Version]:
    """Every version of `report/run` that was published and has expired, oldest first."""
    return _versions_in(project.withdrawn / name)


def ever_published(project: Project, name: str) -> list[Version]:
    """Every version of `report/run` that anybody may have seen, oldest first."""
    return sorted([*published_versions(project, name), *withdrawn_versions(project, name)])


def _versions_in(folder: Path) -> list[Version]:
    found = []
    for path in folder.iterdir() if folder.is_dir() else ():
        match = _FOLDER.fullmatch(path.name)
        if match and is_day(match.group(1)) and (path / MANIFEST).is_file():
            as_of = dt.date.fromisoformat(match.group(1))
            found.append(Version(as_of=as_of, revision=int(match.group(2) or 1), path=path))
    return sorted(found)


def newest_of(versions: list[Version], *, as_of: dt.date) -> Version | None:
    """The newest revision for a logical date."""
    same = [version for version in versions if version.as_of == as_of]
    return same[-1] if same else None


def next_version(project: Project, name: str, *, as_of: dt.date) -> Version:
    """Where the next page for a logical date goes."""
    last = newest_of(ever_published(project, name), as_of=as_of)
    revision = last.revision + 1 if last else 1
    folder = as_of.isoformat() + (f"-r{revision}" if revision > 1 else "")
    return Version(as_of=as_of, revision=revision, path=project.site / name / folder)
