"""Writing files and folders whole or not at all: beside their place, synced, then renamed."""

import hashlib
import os
import shutil
import uuid
from collections.abc import Mapping
from pathlib import Path

from analytics_lib.core.errors import StorageError


def write_folder(place: Path, files: Mapping[str, str | bytes], *, label: str) -> None:
    """Write a new folder with all its files, or nothing.

    Args:
        place: Where the folder goes; nothing may be there yet.
        files: Content of each file by its path inside the folder.
        label: What messages call it.

    Raises:
        StorageError: It could not be written whole (a full disk, missing rights, a folder that is
            there already); nothing of it remains.
    """
    staging = place.parent / f".staging-{uuid.uuid4().hex[:12]}"
    try:
        remove_leftovers(place.parent)
        for name, made in files.items():
            write_synced(staging / name, made)
        sync_folder(staging)
        staging.rename(place)
        sync_folder(place.parent)
    except OSError as error:
        shutil.rmtree(staging, ignore_errors=True)
        raise StorageError(
            f"{label} could not be written ({error.strerror or error}); nothing was published."
        ) from error


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
    """Replace a file in one step; where the text is the same, leave it alone.

    Raises:
        StorageError: It could not be written; the old one stays.
    """
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


def sync_folder(folder: Path) -> None:
    """Make renames in a folder durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
