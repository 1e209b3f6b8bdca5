"""The pages around the reports: what they were when they were last made, to the byte."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from analytics_lib.reporting.evidence.audit_log import entries, record
from analytics_lib.reporting.project import Project
from analytics_lib.reporting.versions import MANIFEST
from analytics_lib.warehouse.whole_files import replace_file

EVENT = "indexed"
_STAGING = ".staging-"  # what an interrupted write leaves; it is nothing that was made


def seal_front(tree: Project) -> None:
    """Remember the bytes of everything around the reports of a tree; the log seals the list.

    Nothing is written where nothing has changed.

    Args:
        tree: One audience's part of the project.

    Raises:
        StorageError: It could not be written.
    """
    text = json.dumps(_front_of(tree.site), indent=1, sort_keys=True) + "\n"
    digest = hashlib.sha256(text.encode()).hexdigest()
    if _sealed(tree) == digest and tree.front_list.is_file():
        return
    replace_file(tree.front_list, text)
    record(tree, EVENT, audience=tree.audience, front_sha256=digest)


def front_problems(tree: Project) -> Iterator[str]:
    """What is not as it was made around the reports of a tree; nothing where it was never made.

    Args:
        tree: One audience's part of the project.
    """
    sealed = _sealed(tree)
    if sealed is None:
        if tree.front_list.is_file():
            yield f"{tree.front_list.name} is there, and the audit log does not name it"
        return
    content = tree.front_list.read_bytes() if tree.front_list.is_file() else b""
    if hashlib.sha256(content).hexdigest() != sealed:
        yield f"{tree.front_list.name} is not the list that was written"
        return
    yield from _changes(json.loads(content), _front_of(tree.site), where=tree.site.name)


def _changes(expected: Mapping[str, str], found: Mapping[str, str], *, where: str) -> Iterator[str]:
    for name in sorted({*expected, *found}):
        if name not in found:
            yield f"{where}/{name} is missing"
        elif name not in expected:
            yield f"{where}/{name} was added"
        elif found[name] != expected[name]:
            yield f"{where}/{name} was changed"


def _sealed(tree: Project) -> str | None:
    """The digest of the list that the log names last."""
    found = [
        entry.get("front_sha256")
        for entry in entries(tree)
        if entry.get("event") == EVENT and entry.get("audience") == tree.audience
    ]
    return found[-1] if found else None


def _front_of(site: Path) -> dict[str, str]:
    """The digest of each file of a site that belongs to no published version."""
    return {
        path.relative_to(site).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in _files_around(site)
    }


def _files_around(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if path.name.startswith(_STAGING):
            continue
        if path.is_file():
            yield path
        elif not (path / MANIFEST).is_file():
            yield from _files_around(path)
