"""`analytics doctor`: is everything here that the two commands need?"""

import shutil
import sys
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires, version
from typing import Annotated

import typer
from packaging.requirements import Requirement

from analytics_lib.cli.output import print_json, say
from analytics_lib.core.errors import AccessError, AnalyticsError

MINIMUM_PYTHON = (3, 11)
MINIMUM_FREE_BYTES = 1_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing looked at.

    Attributes:
        name: What.
        ok: Whether it is as it must be.
        needed: Whether the two commands need it; otherwise it is for tests or extras.
        detail: What was found, and what to do where it is not right.
    """

    name: str
    ok: bool
    needed: bool
    detail: str


def check_environment(
    *, as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False
) -> None:
    """Check the environment and say what to install."""
    findings = [*_machine(), *_packages(), *_project(), *_optional()]
    if as_json:
        print_json([{key: getattr(f, key) for key in f.__slots__} for f in findings])
    else:
        for finding in findings:
            mark = "ok" if finding.ok else ("missing" if finding.needed else "absent")
            say(f"{mark:>8}  {finding.name}: {finding.detail}")
    broken = [finding.name for finding in findings if finding.needed and not finding.ok]
    if broken:
        raise AccessError(f"Not ready: {', '.join(broken)}. The lines above say what to do.")


def _machine() -> list[Finding]:
    found = sys.version_info[:2]
    free = shutil.disk_usage(".").free
    return [
        Finding(
            name="Python",
            ok=found >= MINIMUM_PYTHON,
            needed=True,
            detail=f"{found[0]}.{found[1]}; 3.11 or later is needed",
        ),
        Finding(
            name="free disk",
            ok=free >= MINIMUM_FREE_BYTES,
            needed=True,
            detail=f"{free / 1e9:.1f} GB; at least 1 GB is needed",
        ),
    ]


def _packages() -> list[Finding]:
    findings = []
    for text in requires("analytics-lib") or []:
        requirement = Requirement(text)
        if requirement.marker is not None and not requirement.marker.evaluate({"extra": ""}):
            continue
        findings.append(_package(requirement))
    return findings


def _package(requirement: Requirement) -> Finding:
    try:
        found = version(requirement.name)
    except PackageNotFoundError:
        return Finding(
            name=requirement.name, ok=False, needed=True, detail="not installed; run `make env`"
        )
    ok = requirement.specifier.contains(found, prereleases=True)
    wish = f" (must be {requirement.specifier}; run `make env`)" if not ok else ""
    return Finding(name=requirement.name, ok=ok, needed=True, detail=f"{found}{wish}")


def _project() -> list[Finding]:
    from analytics_lib.reporting.project import find_project  # noqa: PLC0415 - start-up time
    from analytics_lib.warehouse import open_lake  # noqa: PLC0415

    try:
        project = find_project()
    except AnalyticsError as error:
        return [Finding(name="project", ok=False, needed=True, detail=str(error))]
    try:
        tables = open_lake(project.lake).tables()
    except AnalyticsError as error:
        return [Finding(name="warehouse", ok=False, needed=False, detail=str(error))]
    detail = f"{len(tables)} tables"
    return [Finding(name="warehouse", ok=True, needed=False, detail=detail)]


def _optional() -> list[Finding]:
    programs = {
        "chromium": "for the browser tests; install your system's `chromium`",
        "git": "for the commit in manifests; install `git`",
    }
    return [
        Finding(
            name=name,
            ok=shutil.which(name) is not None,
            needed=False,
            detail="found" if shutil.which(name) else words,
        )
        for name, words in programs.items()
    ]
