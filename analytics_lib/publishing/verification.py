"""Holding a package against what it claims: bytes, validity, classes."""

import datetime as dt
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from analytics_lib.core.errors import ParameterError
from analytics_lib.privacy.assessment import equivalence_classes
from analytics_lib.privacy.augmentation import IS_SYNTHETIC
from analytics_lib.publishing.entries import Package
from analytics_lib.publishing.metadata import DATA
from analytics_lib.publishing.writing import MANIFEST
from analytics_lib.warehouse.columnar_files import parquet_rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What was found of one package.

    Attributes:
        name: Its name and version.
        files: Files looked at.
        k: Smallest class, counted from the rows as they lie there, without those marked as
            synthetic; None where not readable, and where there are only tables of noisy counts.
        problems: What is not as it was released; empty where all is well.
        registered: Whether it was held against the register. Without, its files only agree with
            each other, as they do after all of them were changed.
    """

    name: str
    files: int
    k: int | None
    problems: tuple[str, ...]
    registered: bool = False


def verify_package(
    folder: Path,
    *,
    today: dt.date,
    registered: Package | None = None,
    missed: Sequence[str] = (),
) -> Verified:
    """Is a package as it was released, still valid, and as safe as it says?

    The trap: checksums that lie beside the data can be changed with them. The register
    has the digest of the manifest; without the register a package is only consistent in itself.

    Args:
        folder: Folder of the package.
        today: Today; from the day of its expiry on a package is refused.
        registered: Its entry in the register, where there is one.
        missed: What is wrong with its receipts; see `receipts_missed`.

    Returns:
        What was found.

    Raises:
        ParameterError: There is no package.
    """
    name = f"{folder.parent.name}/{folder.name}"
    path = folder / MANIFEST
    if not path.is_file():
        raise ParameterError(f"`{name}` is no package; it has no {MANIFEST}.")
    try:
        manifest = dict(json.loads(path.read_bytes()))
        expected = dict(manifest["files"])
        expires_on = dt.date.fromisoformat(manifest["expires_on"])
    except (ValueError, KeyError, TypeError):
        return Verified(name=name, files=1, k=None, problems=(f"{MANIFEST} is not readable",))
    problems = [*_changed(folder, expected), *_unregistered(path, registered), *missed]
    if today >= expires_on:
        problems.append(f"it expired on {expires_on.isoformat()}")
    k = None if problems else _smallest_class(folder, problems)
    return Verified(
        name=name,
        files=len(expected) + 1,
        k=k,
        problems=tuple(problems),
        registered=registered is not None,
    )


def name_and_version(folder: Path) -> tuple[str, int] | None:
    """Which package a folder says it holds; None where that cannot be read."""
    try:
        manifest = json.loads((folder / MANIFEST).read_bytes())
        return str(manifest["name"]), int(manifest["version"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _changed(folder: Path, expected: dict[str, Any]) -> list[str]:
    there = {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and path.name != MANIFEST
    }
    missing = [f"{name} is missing" for name in sorted(set(expected) - there)]
    added = [f"{name} was added" for name in sorted(there - set(expected))]
    changed = [
        f"{name} was changed"
        for name in sorted(there & set(expected))
        if hashlib.sha256((folder / name).read_bytes()).hexdigest() != expected[name]
    ]
    return [*missing, *added, *changed]


def _unregistered(path: Path, registered: Package | None) -> list[str]:
    if registered is None:
        return []
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    same = found == registered.manifest_sha256
    return [] if same else [f"{MANIFEST} is not the one in the register"]


def _smallest_class(folder: Path, problems: list[str]) -> int | None:
    report = json.loads((folder / "privacy_report.json").read_bytes())
    if report.get("kind") == "tables":
        return None
    rows = parquet_rows(folder / f"{DATA}.parquet")
    if IS_SYNTHETIC in rows.columns:  # people are protected by people
        rows = rows.filter(~pl.col(IS_SYNTHETIC))
    classes = equivalence_classes(rows, quasi_identifiers=list(report["quasi_identifiers"]))
    found = int(classes.sizes.min())
    if found < report["demands"]["k"]:
        problems.append(f"a class has {found} rows; k is {report['demands']['k']}")
    return found
