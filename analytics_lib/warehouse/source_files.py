"""What a reader gives: the columns of one file or table, and its rows in batches."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

LINE = "__line"
BATCH_ROWS = 200_000
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class RawBatch:
    """Some rows of a source, as they are.

    Attributes:
        frame: The columns asked for, and `__line`: the line of the file (row of
            the table) each row starts on, counted from 1.
        malformed: Line and reason of rows that are no rows at all.
    """

    frame: pl.DataFrame
    malformed: tuple[tuple[int, str], ...] = ()

    @property
    def rows(self) -> int:
        """Rows of the source it stands for."""
        return self.frame.height + len(self.malformed)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFile:
    """One file or database table.

    Attributes:
        label: Name for messages and the quarantine: a file name or table name, no folder,
            no credentials.
        columns: Its columns.
        rows: Number of rows, where that is known before reading.
        digest: Names the content; None where that takes a full reading.
        read: Yields the rows of the columns asked for.
    """

    label: str
    columns: tuple[str, ...]
    rows: int | None
    digest: str | None
    read: Callable[[Sequence[str]], Iterator[RawBatch]]


def file_digest(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    found = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            found.update(chunk)
    return found.hexdigest()


def with_lines(frame: pl.DataFrame, lines: pl.Series) -> pl.DataFrame:
    """The frame with the line of each row."""
    return frame.with_columns(lines.cast(pl.Int64).alias(LINE))


def numbered(frame: pl.DataFrame, *, first: int) -> pl.DataFrame:
    """The frame with row numbers from `first` on."""
    return with_lines(frame, pl.int_range(first, first + frame.height, eager=True))
