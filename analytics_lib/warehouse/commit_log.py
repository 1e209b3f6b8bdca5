"""Reading a Delta table's commit log: versions, and what each ingest said of itself.

The log is a folder of small JSON files with a documented format; reading the
newest one or two takes about a millisecond, so opening a lake needs no storage
library.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

METADATA_KEY = "analytics_lib"
LOG_FOLDER = "_delta_log"
_UNCHANGING = ("OPTIMIZE", "VACUUM START", "VACUUM END")


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """One version of a table.

    Attributes:
        version: Version number, from 0.
        timestamp_ms: When it was committed, milliseconds since 1970-01-01 UTC.
        operation: What the storage library calls it, such as `WRITE` or `DELETE`.
        ingest: What the ingest said of itself; None for a commit of another kind.
    """

    version: int
    timestamp_ms: int
    operation: str
    ingest: dict[str, Any] | None


def table_names(lake: Path) -> list[str]:
    """Tables of a lake: its folders that have a commit log with a first version."""
    if not lake.is_dir():
        return []
    return sorted(
        found.parent.name for found in lake.glob(f"*/{LOG_FOLDER}") if _log_files(found.parent)
    )


def newest_version(table: Path) -> int | None:
    """The newest version of a table; None where there is none."""
    files = _log_files(table)
    return int(files[-1].stem) if files else None


def commits(table: Path, *, version: int | None = None) -> Iterator[Commit]:
    """The commits of a table up to `version` (the newest where None), newest first."""
    for path in reversed(_log_files(table)):
        if version is None or int(path.stem) <= version:
            yield _commit(path)


def last_ingest(table: Path, *, version: int | None = None) -> dict[str, Any] | None:
    """What the newest ingest up to `version` said of itself."""
    return next((c.ingest for c in commits(table, version=version) if c.ingest), None)


def content_identity(table: Path, *, version: int | None = None) -> str:
    """A digest that names the content of a version: the same ingests give the same digest.

    Ingests chain it; a commit of another kind, such as an erasure, enters with
    its own number and time, because nothing else names what it did.
    """
    later: list[str] = []
    for commit in commits(table, version=version):
        if commit.ingest:
            later.append(str(commit.ingest["identity"]))
            break
        if commit.operation not in _UNCHANGING:
            later.append(f"{commit.version}/{commit.operation}/{commit.timestamp_ms}")
    if len(later) == 1:
        return later[0]
    return sha256("\n".join(reversed(later)).encode()).hexdigest()


def referenced_files(table: Path) -> set[str]:
    """Every data file that any version of the table names."""
    named = set()
    for path in _log_files(table):
        for line in path.read_text(encoding="utf-8").splitlines():
            action = json.loads(line)
            if "add" in action:
                named.add(str(action["add"]["path"]))
    return named


def _log_files(table: Path) -> list[Path]:
    return sorted(path for path in (table / LOG_FOLDER).glob("*.json") if path.stem.isdigit())


def _commit(path: Path) -> Commit:
    info: dict[str, Any] = {}
    with path.open(encoding="utf-8") as stream:
        for line in stream:
            action = json.loads(line)
            if "commitInfo" in action:
                info = action["commitInfo"]
                break
    stored = info.get(METADATA_KEY)
    return Commit(
        version=int(path.stem),
        timestamp_ms=int(info.get("timestamp", 0)),
        operation=str(info.get("operation", "UNKNOWN")),
        ingest=json.loads(stored) if stored else None,
    )
