"""Whether everything published is still what was published, to the byte."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from analytics_lib.reporting.evidence.audit_log import broken_seals, entries, half_line
from analytics_lib.reporting.evidence.front import front_problems
from analytics_lib.reporting.evidence.witnesses import lost_lines
from analytics_lib.reporting.project import Project
from analytics_lib.reporting.versions import (
    MANIFEST,
    Version,
    published_versions,
    withdrawn_versions,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What was looked at, and what is wrong with it.

    Attributes:
        versions: How many published versions were looked at.
        files: How many files.
        problems: What is wrong, in words; empty where nothing is.
    """

    versions: int
    files: int
    problems: tuple[str, ...]


def verify_site(project: Project, names: list[str]) -> Verification:
    """Compare every published byte with its manifest, and every manifest with the audit log.

    Args:
        project: The project.
        names: Runs (`report/run`) to look at; all where none is named.

    Returns:
        The problems: a file that changed, is missing or was added; a manifest that is not the one
        the log names; a published version that is gone; one that was taken off the site without
        a word in the log; a line of the log that was altered or is not whole; where all are looked
        at, a file around the reports (index, archive, search, feed, catalogue) that is not as it
        was made, and deliveries and alerts of which the log says nothing.
    """
    problems = [f"line {number} of the audit log was altered" for number in broken_seals(project)]
    problems += ["the last line of the audit log is not whole"] if half_line(project) else []
    sealed = {
        entry.get("folder"): entry.get("manifest_sha256")
        for entry in entries(project)
        if entry.get("event") == "publishing"
    }
    finished = _folders(project, "published")
    wanted = names or sorted({folder.rpartition("/")[0] for folder in finished} | _runs_on(project))
    trees = project.trees()
    away = [
        (name, version)
        for name in wanted
        for tree in trees
        for version in withdrawn_versions(tree, name)
    ]
    versions = [
        (name, version)
        for name in wanted
        for tree in trees
        for version in published_versions(tree, name)
    ] + away
    files = 0
    for name, version in versions:
        found = list(_problems(version, sealed.get(f"{name}/{version.folder}")))
        problems += [f"{name}/{version.folder}: {problem}" for problem in found]
        files += sum(1 for path in version.path.rglob("*") if path.is_file())
    problems += _unexplained(project, [f"{name}/{version.folder}" for name, version in away])
    there = {f"{name}/{version.folder}" for name, version in versions}
    gone = sorted(folder for folder in finished - there if folder.rpartition("/")[0] in set(wanted))
    problems += [f"{folder}: was published and is gone" for folder in gone]
    if not names:
        problems += [words for tree in trees for words in front_problems(tree)]
        problems += lost_lines(project)
    return Verification(versions=len(versions), files=files, problems=tuple(problems))


def _unexplained(project: Project, away: list[str]) -> list[str]:
    said = _folders(project, "withdrawn")
    return [
        f"{folder}: was withdrawn, and the audit log does not say so"
        for folder in away
        if folder not in said
    ]


def _folders(project: Project, event: str) -> set[str]:
    """The folders the log names of an event; a line that was put into it may name none."""
    return {
        str(entry.get("folder"))
        for entry in entries(project)
        if entry.get("event") == event and "folder" in entry
    }


def _runs_on(project: Project) -> set[str]:
    folders = [path for tree in project.trees() for path in tree.site.glob("*/*")]
    return {f"{path.parent.name}/{path.name}" for path in folders if path.is_dir()}


def _problems(version: Version, sealed: str | None) -> Iterator[str]:
    manifest = (version.path / MANIFEST).read_bytes()
    if sealed is None:
        yield "the audit log does not know it"
    elif hashlib.sha256(manifest).hexdigest() != sealed:
        yield f"{MANIFEST} is not the one that was published"
    try:
        expected: dict[str, str] = json.loads(manifest)["files"]
    except (ValueError, KeyError, TypeError):
        yield f"{MANIFEST} cannot be read"
        return
    yield from _changed_files(version.path, expected)


def _changed_files(folder: Path, expected: Mapping[str, str]) -> Iterator[str]:
    found = {
        path.relative_to(folder).as_posix(): path
        for path in folder.rglob("*")
        if path.is_file() and path.name != MANIFEST
    }
    for name in sorted({*expected, *found}):
        if name not in found:
            yield f"{name} is missing"
        elif name not in expected:
            yield f"{name} was added"
        elif _digest(found[name]) != expected[name]:
            yield f"{name} was changed"


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
