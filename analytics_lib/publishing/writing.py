"""Writing a package: the only door, and it opens for what the privacy room has sealed only."""

import hashlib
import io
from pathlib import Path

import polars as pl

from analytics_lib.privacy.counts_release import CountsRelease, require_sealed_counts
from analytics_lib.privacy.release import Release, require_sealed
from analytics_lib.publishing.card import PackageCard
from analytics_lib.publishing.croissant import croissant
from analytics_lib.publishing.entries import Package
from analytics_lib.publishing.metadata import DATA, as_json, citation_file, data_package
from analytics_lib.publishing.pages import (
    data_dictionary,
    datasheet,
    privacy_page,
    tables_datasheet,
    tables_page,
    usage_terms,
)
from analytics_lib.warehouse.whole_files import checksums, write_folder

MANIFEST = "manifest.json"


def write_package(made: Release, *, card: PackageCard, folder: Path) -> Package:
    """Write a package whole or not at all.

    Args:
        made: What `privacy.release` made; anything else is refused.
        card: What the package says of itself.
        folder: Folder of all packages; this one goes to `<name>/<version>` inside.

    Returns:
        The package, for the register.

    Raises:
        DisclosureError: `made` is no unchanged release.
        RunError: It could not be written; nothing of it remains.
    """
    require_sealed(made)

    return _put(package_files(made, card), card=card, folder=folder)


def write_tables(made: CountsRelease, *, card: PackageCard, folder: Path) -> Package:
    """Write a package of tables of noisy counts alone, whole or not at all.

    Args:
        made: What `privacy.counts_release` made, the tables that the card names.
        card: What the package says of itself.
        folder: Folder of all packages; this one goes to `<name>/<version>` inside.

    Returns:
        The package, for the register.

    Raises:
        DisclosureError: `made` are no unchanged tables that were paid for.
        RunError: It could not be written; nothing of it remains.
    """
    require_sealed_counts(made)
    return _put(tables_files(made, card), card=card, folder=folder)


def _put(files: dict[str, bytes], *, card: PackageCard, folder: Path) -> Package:
    files[MANIFEST] = as_json(
        {
            "name": card.asked.name,
            "version": card.version,
            "released_on": card.released_on.isoformat(),
            "expires_on": card.expires_on.isoformat(),
            "source_identity": card.identity,
            "files": checksums(files),
        }
    ).encode()
    place = folder / card.asked.name / str(card.version)
    place.parent.mkdir(parents=True, exist_ok=True)
    write_folder(place, files, label=f"`{card.asked.name}` version {card.version}")
    return Package(
        name=card.asked.name,
        version=card.version,
        manifest_sha256=hashlib.sha256(files[MANIFEST]).hexdigest(),
        expires_on=card.expires_on.isoformat(),
    )


def package_files(made: Release, card: PackageCard) -> dict[str, bytes]:
    """Every file of a package but its manifest; the same release and card give the same bytes."""
    require_sealed(made)
    report = dict(made.report)
    data = {f"{DATA}.csv": _csv(made.table), f"{DATA}.parquet": _parquet(made.table)}
    noisy = {} if card.counts is None else _noisy_files(card.counts)
    digests, sizes = checksums(data), {path: len(content) for path, content in data.items()}
    tables = {path: content for path, content in noisy.items() if path.endswith(".csv")}
    texts = {
        "datapackage.json": data_package(card, sizes=sizes, digests=digests, report=report),
        "croissant.json": croissant(card, files={**data, **tables}),
        "CITATION.cff": citation_file(card),
        "LICENCE.md": usage_terms(card, report),
        "README.md": datasheet(card, report),
        "data_dictionary.md": data_dictionary(card, report),
        "data_dictionary.json": as_json(card.dictionary()),
        "privacy_report.json": as_json(report),
        "privacy_report.html": privacy_page(card, report),
    }
    return {**data, **noisy, **{path: text.encode() for path, text in texts.items()}}


def tables_files(made: CountsRelease, card: PackageCard) -> dict[str, bytes]:
    """Every file of a package of tables alone but its manifest."""
    require_sealed_counts(made)
    report, noisy = dict(made.report), _noisy_files(made)
    tables = {path: content for path, content in noisy.items() if path.endswith(".csv")}
    texts = {
        "datapackage.json": data_package(card, sizes={}, digests={}, report=report),
        "croissant.json": croissant(card, files=tables),
        "CITATION.cff": citation_file(card),
        "LICENCE.md": usage_terms(card, report),
        "README.md": tables_datasheet(card, report),
        "data_dictionary.md": data_dictionary(card, report),
        "data_dictionary.json": as_json(card.dictionary()),
        "privacy_report.json": as_json(report),
        "privacy_report.html": tables_page(card, report),
    }
    return {**noisy, **{path: text.encode() for path, text in texts.items()}}


def _noisy_files(counts: CountsRelease) -> dict[str, bytes]:
    """The tables of noisy counts and what was paid for each."""
    require_sealed_counts(counts)
    facts = {f"{table.name}.csv": dict(table.facts) for table in counts.tables}
    tables = {f"{table.name}.csv": _csv(table.rows) for table in counts.tables}
    return {**tables, "tables.json": as_json(facts).encode()}


def _csv(table: pl.DataFrame) -> bytes:
    return table.write_csv().encode()


def _parquet(table: pl.DataFrame) -> bytes:
    content = io.BytesIO()
    table.write_parquet(content, statistics=False)
    return content.getvalue()
