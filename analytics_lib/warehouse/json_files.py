"""Reading JSON Lines, plain or gzipped, in batches."""

import gzip
import json
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

import polars as pl

from analytics_lib.core.errors import SchemaError
from analytics_lib.warehouse.csv_files import open_text
from analytics_lib.warehouse.source_files import (
    BATCH_ROWS,
    LINE,
    RawBatch,
    SourceFile,
    file_digest,
)

_SAMPLE_LINES = 1_000
_NO_OBJECT = "is no JSON object"


def open_json_lines(path: Path) -> SourceFile:
    """Open a file with one JSON object a line.

    A key that a line does not have is a missing value. Columns are the keys of
    the first 1,000 lines.

    Raises:
        SchemaError: The file is empty, truncated or not UTF-8, or no line of
            the sample is an object.
    """
    sample = [found for _, found in islice(_objects(path), _SAMPLE_LINES)]
    if not sample:
        raise SchemaError(f"`{path.name}` is empty; it must have one JSON object a line.")
    columns = list(dict.fromkeys(key for found in sample for key in found or {}))
    if not columns:
        raise SchemaError(f"`{path.name}` has no JSON object in its first lines.")

    def read(wanted: Sequence[str]) -> Iterator[RawBatch]:
        return _batches(path, wanted)

    return SourceFile(
        label=path.name, columns=tuple(columns), rows=None, digest=file_digest(path), read=read
    )


def _batches(path: Path, columns: Sequence[str]) -> Iterator[RawBatch]:
    objects = _objects(path)
    while block := list(islice(objects, BATCH_ROWS)):
        good = [(line, found) for line, found in block if found is not None]
        data = {
            name: pl.Series([_text(found.get(name)) for _, found in good], dtype=pl.String)
            for name in columns
        }
        lines = pl.Series([line for line, _ in good], dtype=pl.Int64)
        yield RawBatch(
            frame=pl.DataFrame({**data, LINE: lines}),
            malformed=tuple((line, _NO_OBJECT) for line, found in block if found is None),
        )


def _objects(path: Path) -> Iterator[tuple[int, dict[str, object] | None]]:
    """Line number and object of every line that is not blank; None where it is no object."""
    try:
        with open_text(path) as stream:
            for number, line in enumerate(stream, start=1):
                if line.strip():
                    yield number, _object(line)
    except EOFError:
        raise SchemaError(f"`{path.name}` is a truncated gzip file.") from None
    except (gzip.BadGzipFile, UnicodeDecodeError, OSError):
        raise SchemaError(f"`{path.name}` is no readable text file in UTF-8.") from None


def _object(line: str) -> dict[str, object] | None:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return repr(value)
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
