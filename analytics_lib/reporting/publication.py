"""Writing a version whole beside its place, then renaming it: all of it or nothing."""

import hashlib
import json
import os
import shutil
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from analytics_lib.core.errors import StorageError
from analytics_lib.reporting.versions import MANIFEST, Version


def publish_version(
    version: Version, files: Mapping[str, str | bytes], *, manifest: dict[str, Any]
) -> Path:
    """Write a version's files and its manifest, then put the folder in its place.

    Args:
        version: Where it goes.
        files: Content of each file by its path inside the folder.
        manifest: What the manifest says; checksums of the files are added.

    Returns:
        The folder.

    Raises:
        StorageError: It could not be written whole (a full disk, missing rights);
            nothing of it remains and what was published before is untouched.
    """
    staging = version.path.parent / f".staging-{uuid.uuid4().hex[:12]}"
    content = {**files, MANIFEST: manifest_text(files, manifest)}
    try:
        remove_leftovers(version.path.parent)
        for name, made in content.items():
            write_synced(staging / name, made)
        _sync_folder(staging)
        staging.rename(version.path)
        _sync_folder(version.path.parent)
    except OSError as error:
        shutil.rmtree(staging, ignore_errors=True)
        raise StorageError(
            f"`{version.path.parent.parent.name}/{version.path.parent.name}` for {version.as_of} "
            f"could not be written ({error.strerror or error}); nothing was published."
        ) from error
    return version.path


def manifest_text(files: Mapping[str, str | bytes], manifest: Mapping[str, Any]) -> str:
    """The manifest with the checksums of the files, as it is written."""
    content = {**manifest, "files": checksums(files)}
    return json.dumps(content, indent=2, sort_keys=True) + "\n"


def checksums(files: Mapping[str, str | bytes]) -> dict[str, str]:
    """SHA-256 of each file's bytes, by its path."""
    return {
        name: hashlib.sha256(as_bytes(made)).hexdigest() for name, made in sorted(files.items())
    }


def remove_leftovers(folder: Path) -> None:
    """Remove what an interrupted run left behind."""
    for path in folder.glob(".staging-*"):
        shutil.rmtree(path, ignore_errors=True)


def as_bytes(content: str | bytes) -> bytes:
    """A file's content as it is written: texts in UTF-8."""
    return content.encode() if isinstance(content, str) else content


def write_synced(path: Path, content: str | bytes) -> None:
    """Write a new file and make sure that it is on the disk."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.write(as_bytes(content))
        file.flush()
        os.fsync(file.fileno())


def replace_file(path: Path, text: str) -> None:
    """Replace a file in one step; where the text is the same, leave it alone."""
    if path.is_file() and path.read_text(encoding="utf-8") == text:
        return
    staging = path.with_name(f".staging-{uuid.uuid4().hex[:12]}")
    try:
        write_synced(staging, text)
        staging.replace(path)
    except OSError as error:
        staging.unlink(missing_ok=True)
        raise StorageError(
            f"`{path.name}` could not be written ({error.strerror or error})."
        ) from error


def _sync_folder(folder: Path) -> None:
    """Make renames in a folder durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
