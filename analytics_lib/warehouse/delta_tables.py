"""Appending to a Delta table: rows and what is said of them in one commit."""

import json
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Literal

import polars as pl

from analytics_lib.core.errors import AccessError, ParameterError
from analytics_lib.warehouse.commit_log import METADATA_KEY

if TYPE_CHECKING:
    from deltalake import DeltaTable

_UNSTORABLE = "[]%?#*"

# The commits are the lake's memory of what was ingested: they never expire.
_CONFIGURATION = {
    "delta.enableExpiredLogCleanup": "false",
    "delta.logRetentionDuration": "interval 36500 days",
}


def append(table: Path, rows: Any, *, description: str, ingest: dict[str, Any]) -> None:  # noqa: ANN401 - any Arrow stream
    """Append rows to a table, made where it does not exist, in one atomic commit.

    Args:
        table: Folder of the table.
        rows: An Arrow stream, or a frame that can be read as one.
        description: What a row is, for those who find the table elsewhere.
        ingest: What the ingest says of itself, as plain values.
    """
    _write(table, rows, mode="append", description=description, ingest=ingest)


def replace(table: Path, rows: Any, *, description: str, ingest: dict[str, Any]) -> None:  # noqa: ANN401 - any Arrow stream
    """Replace the rows of a table, made where it does not exist, in one atomic commit.

    Args:
        table: Folder of the table.
        rows: An Arrow stream, or a frame that can be read as one.
        description: What a row is, for those who find the table elsewhere.
        ingest: What the commit says of itself, as plain values.
    """
    _write(table, rows, mode="overwrite", description=description, ingest=ingest)


def _write(
    table: Path,
    rows: Any,  # noqa: ANN401 - any Arrow stream
    *,
    mode: Literal["append", "overwrite"],
    description: str,
    ingest: dict[str, Any],
) -> None:
    from deltalake import (  # noqa: PLC0415 - start-up time
        CommitProperties,
        PostCommitHookProperties,
        WriterProperties,
        write_deltalake,
    )

    text = json.dumps(ingest, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    write_deltalake(
        str(table),
        rows,
        mode=mode,
        name=table.name,
        description=description,
        configuration=_CONFIGURATION,
        writer_properties=WriterProperties(compression="ZSTD", compression_level=1),
        commit_properties=CommitProperties(custom_metadata={METADATA_KEY: text}),
        post_commithook_properties=PostCommitHookProperties(cleanup_expired_logs=False),
    )


def data_files(table: Path, *, version: int) -> list[str]:
    """Data files of a version.

    Raises:
        AccessError: Another engine gave the table a feature that plain files
            do not show, such as deletion vectors: rows that were erased would
            be read all the same.
    """
    # Names only: the library percent-encodes the folder, and the tables have no partitions.
    return [str(table / PurePosixPath(uri).name) for uri in _open(table, version).file_uris()]


def scan(table: Path, *, version: int) -> pl.LazyFrame:
    """A version of a table, lazily.

    `polars.scan_delta` does not find folders with a space or an accent in
    their name; the files themselves are found everywhere.

    Raises:
        AccessError: As for `data_files`.
    """
    files = data_files(table, version=version)
    if files:
        return pl.scan_parquet(files, glob=False)
    import pyarrow as pa  # noqa: PLC0415 - start-up time

    empty = pa.schema(_open(table, version).schema().to_arrow()).empty_table()
    return pl.DataFrame(pl.from_arrow(empty)).lazy()


def require_storable(lake: Path) -> None:
    """Refuse a folder whose name the storage library takes for something else.

    Raises:
        ParameterError: The path holds one of the characters.
    """
    bad = sorted(set(str(lake.resolve())) & set(_UNSTORABLE))
    if bad:
        raise ParameterError(
            f"The path of the lake `{lake.name}` holds {bad}, which the storage library cannot "
            "take; choose a folder without them."
        )


def _open(table: Path, version: int) -> "DeltaTable":
    from deltalake import DeltaTable  # noqa: PLC0415 - start-up time

    found = DeltaTable(str(table), version=version)
    features = set(found.protocol().reader_features or [])
    if features:
        raise AccessError(
            f"`{table.name}` was changed by another engine and needs {sorted(features)} to be "
            "read, which this library does not have; rewrite it without."
        )
    return found
