"""The audit log: what was run, published, overridden, delivered; each line seals the last."""

import datetime as dt
import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from filelock import FileLock

from analytics_lib.core.errors import StorageError
from analytics_lib.reporting.project import Project

FIRST = "0" * 64
_TAIL = 65_536
_LOCK_TIMEOUT_S = 60


def record(project: Project, event: str, **facts: Any) -> None:  # noqa: ANN401 - any JSON value
    """Add one event to the log and make sure that it is on the disk.

    Safe under concurrent processes. What a power cut left of a line that was
    never whole is cut off: nobody was told that it was written.

    Args:
        project: The project.
        event: What happened: `publishing`, `published`, `failed`, `delivered` and the like.
        facts: What there is to say of it; no personal values.

    Raises:
        StorageError: It could not be written; whoever wanted to publish must not.
    """
    path = project.audit_log
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{path}.lock", timeout=_LOCK_TIMEOUT_S):
            previous = _cut_to_last_line(path)
            line = _line({"event": event, "at": _now(), **facts, "previous": previous})
            with path.open("ab") as file:
                file.write(line)
                file.flush()
                os.fsync(file.fileno())
    except OSError as error:
        raise StorageError(
            f"The audit log could not be written ({error.strerror or error}); "
            "nothing is published without it."
        ) from error


def entries(project: Project) -> Iterator[dict[str, Any]]:
    """Every event, oldest first; what is no event (see `broken_seals`) is left out."""
    if not project.audit_log.is_file():
        return
    with project.audit_log.open("rb") as file:
        for line in file:
            content = _content(line)
            if content is not None:
                yield content


def broken_seals(project: Project) -> list[int]:
    """Numbers of the lines (from 1) that do not seal the line before, or are none of the log's."""
    if not project.audit_log.is_file():
        return []
    broken = []
    previous = FIRST
    with project.audit_log.open("rb") as file:
        for number, line in enumerate(file, start=1):
            if not line.endswith(b"\n"):
                break
            if _sealed(line) != previous:
                broken.append(number)
            previous = hashlib.sha256(line).hexdigest()
    return broken


def half_line(project: Project) -> bool:
    """Whether the log ends in a line that is not whole: a power cut, or somebody cut it off.

    The next event that is recorded takes it out, so it is to be looked at before that.
    """
    if not project.audit_log.is_file():
        return False
    with project.audit_log.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - 1))
        return file.read() not in (b"", b"\n")


def _sealed(line: bytes) -> str | None:
    """The digest a line gives for the line before it."""
    return (_content(line) or {}).get("previous")


def _content(line: bytes) -> dict[str, Any] | None:
    try:
        content = json.loads(line)
    except ValueError:
        return None
    return content if isinstance(content, dict) else None


def _line(content: dict[str, Any]) -> bytes:
    return json.dumps(content, sort_keys=True, ensure_ascii=False).encode() + b"\n"


def _cut_to_last_line(path: Path) -> str:
    """Digest of the last whole line; whatever follows it is cut off."""
    if not path.is_file():
        return FIRST
    with path.open("r+b") as file:
        size = file.seek(0, os.SEEK_END)
        start = max(0, size - _TAIL)
        file.seek(start)
        tail = file.read()
        end = tail.rfind(b"\n") + 1
        file.truncate(start + end)
    lines = tail[:end].splitlines(keepends=True)
    return hashlib.sha256(lines[-1]).hexdigest() if lines else FIRST


def _now() -> str:
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
