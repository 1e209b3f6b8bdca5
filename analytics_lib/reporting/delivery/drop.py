"""A copy of a published folder elsewhere: all of it or nothing."""

import shutil
import uuid
from pathlib import Path

from analytics_lib.reporting.delivery.outcomes import PermanentError, TransientError
from analytics_lib.reporting.versions import MANIFEST, Version


def drop_copy(version: Version, folder: Path, *, run: str) -> Path:
    """Copy a published version to `folder/report/run/version`.

    A copy that is there already is left alone, so that trying again changes nothing.

    Raises:
        PermanentError: Something else is there under this name.
        TransientError: It could not be written whole; nothing of it remains.
    """
    place = folder / run / version.folder
    if place.exists():
        return _require_same(version, place)
    staging = place.parent / f".staging-{uuid.uuid4().hex[:12]}"
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(version.path, staging)
        staging.rename(place)
    except OSError as error:
        shutil.rmtree(staging, ignore_errors=True)
        raise TransientError(
            f"the copy could not be written ({error.strerror or 'it failed'})"
        ) from error
    return place


def _require_same(version: Version, place: Path) -> Path:
    there = place / MANIFEST
    if there.is_file() and there.read_bytes() == (version.path / MANIFEST).read_bytes():
        return place
    raise PermanentError("another version lies under this name in the folder")
