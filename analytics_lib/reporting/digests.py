"""Digests of files and of the package itself."""

import hashlib
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1]
_SOURCES = (".py", ".css", ".j2")


def file_digest(path: Path) -> str:
    """SHA-256 of a file's bytes; `absent` where there is no file."""
    if not path.is_file():
        return "absent"
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@cache
def package_digest(folder: Path = PACKAGE) -> str:
    """SHA-256 over the package's own sources."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.suffix in _SOURCES:
            digest.update(f"{path.relative_to(folder).as_posix()} {file_digest(path)}\n".encode())
    return digest.hexdigest()
