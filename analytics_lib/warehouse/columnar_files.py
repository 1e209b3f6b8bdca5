"""Reading Parquet files and the tables of a DuckDB file, in batches."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from analytics_lib.core.checks import suggest
from analytics_lib.core.errors import AccessError, ParameterError, SchemaError
from analytics_lib.warehouse.source_files import (
    BATCH_ROWS,
    RawBatch,
    SourceFile,
    file_digest,
    numbered,
)

if TYPE_CHECKING:
    import duckdb


def open_parquet(path: Path) -> SourceFile:
    """Open a Parquet file.

    Raises:
        SchemaError: The file is empty, truncated or no Parquet file.
    """
    import pyarrow as pa  # noqa: PLC0415 - start-up time
    from pyarrow import parquet  # noqa: PLC0415

    try:
        with parquet.ParquetFile(path) as file:
            columns, rows = tuple(file.schema_arrow.names), file.metadata.num_rows
    except (pa.ArrowException, OSError):
        state = "empty" if path.stat().st_size == 0 else "truncated or no Parquet file"
        raise SchemaError(f"`{path.name}` is {state}.") from None

    def read(wanted: Sequence[str]) -> Iterator[RawBatch]:
        return _parquet_batches(path, wanted)

    return SourceFile(
        label=path.name, columns=columns, rows=rows, digest=file_digest(path), read=read
    )


def open_duckdb(path: Path, *, table: str | None) -> SourceFile:
    """Open a table of a DuckDB file, read-only.

    Raises:
        ParameterError: No table is named, or there is no such table.
        SchemaError: The file is no DuckDB database.
        AccessError: Another program has it open for writing.
    """
    with _connect(path) as connection:
        tables = [str(row[0]) for row in connection.sql("SHOW TABLES").fetchall()]
        if table not in tables:
            words = f"There is no table `{table}` in" if table else "No table is named of"
            raise ParameterError(
                f"{words} `{path.name}`; tables are {tables} (`{path.name}#table`)."
                + suggest(table or "", tables)
            )
        relation = connection.table(_quoted(table))
        columns = tuple(relation.columns)
        rows = len(relation)

    def read(wanted: Sequence[str]) -> Iterator[RawBatch]:
        return _duckdb_batches(path, table, wanted)

    return SourceFile(
        label=f"{path.name}#{table}",
        columns=columns,
        rows=rows,
        digest=f"{file_digest(path)}#{table}",
        read=read,
    )


def _parquet_batches(path: Path, columns: Sequence[str]) -> Iterator[RawBatch]:
    import pyarrow as pa  # noqa: PLC0415 - start-up time
    from pyarrow import parquet  # noqa: PLC0415

    first = 1
    try:
        with parquet.ParquetFile(path) as file:
            for chunk in file.iter_batches(batch_size=BATCH_ROWS, columns=list(columns)):
                frame = pl.DataFrame(pl.from_arrow(chunk))
                yield RawBatch(frame=numbered(frame, first=first))
                first += frame.height
    except (pa.ArrowException, OSError):
        raise SchemaError(f"`{path.name}` is damaged after row {first - 1}.") from None


def _duckdb_batches(path: Path, table: str, columns: Sequence[str]) -> Iterator[RawBatch]:
    listed = ", ".join(_quoted(name) for name in columns)
    first = 1
    with _connect(path) as connection:
        query = f"SELECT {listed} FROM {_quoted(table)}"  # noqa: S608 - names are quoted
        for chunk in connection.sql(query).to_arrow_reader(BATCH_ROWS):
            frame = pl.DataFrame(pl.from_arrow(chunk))
            yield RawBatch(frame=numbered(frame, first=first))
            first += frame.height


def _connect(path: Path) -> "duckdb.DuckDBPyConnection":
    import duckdb  # noqa: PLC0415 - start-up time

    try:
        return duckdb.connect(str(path), read_only=True)
    except duckdb.Error as error:
        if "lock on file" in str(error):
            raise AccessError(f"`{path.name}` is open for writing in another program.") from None
        raise SchemaError(f"`{path.name}` is no readable DuckDB database.") from None


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def parquet_rows(path: Path) -> pl.DataFrame:
    """All rows of a Parquet file.

    Raises:
        SchemaError: The file is empty, truncated or no Parquet file.
    """
    open_parquet(path)
    return pl.read_parquet(path)
