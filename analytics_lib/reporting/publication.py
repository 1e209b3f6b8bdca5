"""Writing a version whole beside its place, then renaming it: all of it or nothing."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from analytics_lib.reporting.versions import MANIFEST, Version
from analytics_lib.warehouse.whole_files import checksums, write_folder


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
    name = f"{version.path.parent.parent.name}/{version.path.parent.name}"
    write_folder(
        version.path,
        {**files, MANIFEST: manifest_text(files, manifest)},
        label=f"`{name}` for {version.as_of}",
    )
    return version.path


def manifest_text(files: Mapping[str, str | bytes], manifest: Mapping[str, Any]) -> str:
    """The manifest with the checksums of the files, as it is written."""
    content = {**manifest, "files": checksums(files)}
    return json.dumps(content, indent=2, sort_keys=True) + "\n"
