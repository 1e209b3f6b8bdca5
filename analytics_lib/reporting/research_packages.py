"""Released research packages, named by a question: read from `outputs/datasets`."""

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from analytics_lib.core.errors import RunError
from analytics_lib.publishing.register import REGISTER, Register
from analytics_lib.reporting.notebook import RESEARCH_PACKAGE as PARAMETER
from analytics_lib.reporting.project import Project, find_project

if TYPE_CHECKING:
    from analytics_lib.publishing.entries import Entry
    from analytics_lib.publishing.reading import ReleasedPackage

__all__ = [
    "PARAMETER",
    "package_digest",
    "package_shown",
    "read_research_package",
    "why_it_rests",
]


def read_research_package(name: str, *, project: Project | None = None) -> "ReleasedPackage":
    """Read the newest released package of a name, and nothing it was made of.

    Args:
        name: Name of the package.
        project: The project; the one at or above the current folder where None.

    Returns:
        What the package says of itself, held against the register.

    Raises:
        ParameterError: There is no such package.
        RunError: It is not as it was released.
    """
    from analytics_lib.publishing.reading import read_package  # noqa: PLC0415 - loads polars

    return read_package((project or find_project()).datasets, name)


def newest_package(name: str, *, project: Project, version: int | None = None) -> "Entry | None":
    """What the register says of the newest package of a name, or of one version."""
    return Register(project.datasets / REGISTER).newest(name, version=version)


def package_digest(name: str, *, project: Project) -> str:
    """A digest of which package of a name is the newest, and of the steps of its request.

    It is what the register says; `absent` where there is no such package.
    """
    return _digest(newest_package(name, project=project))


def _digest(entry: "Entry | None") -> str:
    if entry is None:
        return "absent"
    essence = [asdict(entry)[part] for part in ("package", "state", "steps")]
    return hashlib.sha256(json.dumps(essence, sort_keys=True).encode()).hexdigest()


def why_it_rests(parameters: Mapping[str, Any], *, project: Project, today: dt.date) -> str:
    """Why a question has no page for now: its package has expired; empty where it may have one.

    Args:
        parameters: The question's parameters.
        project: The project.
        today: Today.
    """
    if PARAMETER not in parameters:
        return ""
    name = str(parameters[PARAMETER])
    return _why_ended(name, newest_package(name, project=project), today=today)


def _why_ended(name: str, entry: "Entry | None", *, today: dt.date) -> str:
    day = None if entry is None else entry.ended_on(today=today)
    if day is None:
        return ""
    return f"its research package `{name}` expired on {day}; release another, or remove the run"


def package_shown(
    parameters: Mapping[str, Any], *, project: Project, today: dt.date, digest: str | None
) -> dict[str, Any]:
    """What the manifest says of the package that a page shows, and the day the page ends.

    Args:
        parameters: The question's parameters.
        project: The project.
        today: Today.
        digest: Digest of the package when the run was planned; see `package_digest`.

    Returns:
        `research_package` (name and version) and `expires_on`; nothing for a page about none.

    Raises:
        RunError: The package has expired, or is another one than the run began with.
    """
    if PARAMETER not in parameters:
        return {}
    name = str(parameters[PARAMETER])
    entry = newest_package(name, project=project)  # read once: it may change meanwhile
    why = _why_ended(name, entry, today=today)
    if why:
        raise RunError(f"The page is not shown: {why}.")
    if entry is None or entry.package is None or _digest(entry) != digest:
        raise RunError(f"The research package `{name}` changed while its page was made; run again.")
    shown = {"name": name, "version": entry.package.version}
    return {"research_package": shown, "expires_on": entry.package.expires_on}
