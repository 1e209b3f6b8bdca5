"""A released package as it lies there: what it says of itself, held against the register."""

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analytics_lib.core.checks import suggest
from analytics_lib.core.errors import ParameterError, RunError
from analytics_lib.publishing.entries import Entry, Package
from analytics_lib.publishing.register import REGISTER, Register
from analytics_lib.publishing.verification import verify_package
from analytics_lib.publishing.writing import MANIFEST

_SHORT = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleasedPackage:
    """A released package: its metadata and its privacy report, and none of its rows.

    Attributes:
        package: Its entry in the register.
        entry: The request it was made for, with its steps.
        manifest: Its manifest, whose digest is in the register.
        metadata: Its `datapackage.json`.
        report: Its privacy report.
        dictionary: Its data dictionary, one mapping a column.
        smallest_class: Rows of its smallest class, counted again from the rows as they lie there.
    """

    package: Package
    entry: Entry
    manifest: Mapping[str, Any]
    metadata: Mapping[str, Any]
    report: Mapping[str, Any]
    dictionary: tuple[Mapping[str, str], ...]
    smallest_class: int

    @property
    def title(self) -> str:
        """Its title."""
        return str(self.metadata["title"])

    @property
    def is_expired(self) -> bool:
        """Whether the register says that it has expired."""
        return self.entry.state == "expired"

    @property
    def released_on(self) -> dt.date:
        """The day it was released."""
        return dt.date.fromisoformat(self.manifest["released_on"])

    @property
    def expires_on(self) -> dt.date:
        """The first day it is no longer valid."""
        return dt.date.fromisoformat(self.manifest["expires_on"])

    def short_checksums(self) -> dict[str, str]:
        """The first characters of each file's SHA-256, the manifest's among them.

        A whole digest looks like a pseudonym, which no page may show; the whole ones are in the
        manifest, and `analytics dataset verify` compares them.
        """
        digests = {**self.manifest["files"], MANIFEST: self.package.manifest_sha256}
        return {name: digest[:_SHORT] for name, digest in sorted(digests.items())}

    def words(self) -> list[str]:
        """Everything it says of itself in words, to which the words of a page can be traced."""
        asked = {key: value for key, value in self.entry.content.items() if key != "contact"}
        steps = [(step["by"], step["note"]) for step in self.entry.steps]
        said = (self.metadata, self.report, self.dictionary, asked, steps)
        return [
            *(json.dumps(part, ensure_ascii=False) for part in said),
            *self.short_checksums(),
            *self.short_checksums().values(),
        ]


def read_package(folder: Path, name: str) -> ReleasedPackage:
    """The newest package of a name, if it is what was released.

    The trap: a page about a package that was changed after its checks would vouch for it. So every
    file is held against the manifest, the manifest against the register, and the classes are
    counted again. A package whose time is over can still be read, and says so.

    Args:
        folder: Folder of all packages and their register.
        name: Name of the package.

    Raises:
        ParameterError: There is no package of that name, or it holds no rows.
        RunError: It is not as it was released.
    """
    register = Register(folder / REGISTER)
    entry = register.newest(name)
    if entry is None or entry.package is None:
        known = sorted({package.name for package in register.packages()})
        raise ParameterError(
            f"There is no released package {name!r}; packages are {known}. Release one with "
            "`analytics dataset`, or the demonstration with `analytics dataset demonstrate`."
            + suggest(name, known)
        )
    newest = entry.package
    place = folder / name / str(newest.version)
    _require_rows(place, name)
    smallest = _require_as_released(place, newest)
    return ReleasedPackage(
        package=newest,
        entry=entry,
        manifest=_json(place / MANIFEST),
        metadata=_json(place / "datapackage.json"),
        report=_json(place / "privacy_report.json"),
        dictionary=tuple(_json(place / "data_dictionary.json")),
        smallest_class=smallest,
    )


def _require_rows(place: Path, name: str) -> None:
    """Refuse a package of tables alone: it has no classes, no attacks and nothing that was lost."""
    path = place / "privacy_report.json"
    if path.is_file() and _json(path).get("kind") == "tables":
        raise ParameterError(
            f"`{name}` holds tables of noisy counts and no rows of people; what this page shows "
            "is about rows. Its own privacy report is `privacy_report.html` in the package."
        )


def _require_as_released(place: Path, package: Package) -> int:
    """The smallest class of an unchanged package; its expiry is the business of the register."""
    label = f"`{package.name}` version {package.version}"
    if not (place / MANIFEST).is_file():
        raise RunError(f"{label} is in the register, but its folder is gone.")
    found = verify_package(place, today=dt.date.min, registered=package)
    if found.problems or found.k is None:
        raise RunError(f"{label} is not as it was released: {'; '.join(found.problems)}.")
    return found.k


def _json(path: Path) -> Any:  # noqa: ANN401 - any JSON value
    return json.loads(path.read_bytes())
