"""Reading CSV, plain or gzipped, in batches, with the line number of every row."""

import csv
import gzip
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import polars as pl

from analytics_lib.core.errors import SchemaError
from analytics_lib.warehouse.source_files import (
    BATCH_ROWS,
    RawBatch,
    SourceFile,
    file_digest,
    with_lines,
)

if TYPE_CHECKING:
    import pyarrow as pa

_BLOCK_BYTES = 16 << 20
_HEADER_LINES = 1


def open_csv(path: Path, *, delimiter: str) -> SourceFile:
    """Open a CSV file with a header line, in UTF-8.

    Raises:
        SchemaError: The file is empty, truncated, not UTF-8, has no header or
            the same column twice.
    """
    header = _header(path, delimiter=delimiter)
    repeated = sorted({name for name in header if header.count(name) > 1})
    if repeated:
        raise SchemaError(f"`{path.name}` has columns {repeated} more than once.")

    def read(columns: Sequence[str]) -> Iterator[RawBatch]:
        return _batches(path, header, columns, delimiter=delimiter)

    return SourceFile(
        label=path.name, columns=tuple(header), rows=None, digest=file_digest(path), read=read
    )


def open_text(path: Path) -> IO[str]:
    """A text file, unpacked where its name ends in `.gz`."""
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8-sig", newline="")
    return path.open(encoding="utf-8-sig", newline="")


def _header(path: Path, *, delimiter: str) -> list[str]:
    try:
        with open_text(path) as stream:
            header = next(csv.reader(stream, delimiter=delimiter), None)
    except EOFError:
        raise SchemaError(f"`{path.name}` is a truncated gzip file.") from None
    except (gzip.BadGzipFile, UnicodeDecodeError, csv.Error):
        raise SchemaError(f"`{path.name}` is no readable CSV file in UTF-8.") from None
    if not header:
        raise SchemaError(f"`{path.name}` is empty; it must have a header line and rows.")
    return header


class _Skipped:
    """Rows the parser could not split, and blank lines, by record number (the header is 1)."""

    def __init__(self, width: int) -> None:
        self.width = width
        self.records: list[tuple[int, str]] = []

    def __call__(self, row: Any) -> str:  # noqa: ANN401 - pyarrow has no types
        fields = "field" if row.actual_columns == 1 else "fields"
        self.records.append(
            (row.number, f"has {row.actual_columns} {fields}, but the header has {self.width}")
        )
        return "skip"


def _batches(
    path: Path, header: Sequence[str], columns: Sequence[str], *, delimiter: str
) -> Iterator[RawBatch]:
    import pyarrow as pa  # noqa: PLC0415 - start-up time

    skipped = _Skipped(len(header))
    tracker = _Lines()
    try:
        with pa.input_stream(str(path), compression=_compression(path)) as stream:
            for chunk in _open(stream, header, delimiter=delimiter, skipped=skipped):
                yield from _cut(chunk, columns, tracker=tracker, skipped=skipped)
    except (pa.ArrowException, OSError) as error:
        raise _unreadable(path, error) from None
    rest = tracker.drain(skipped.records)
    if rest:
        yield RawBatch(frame=pl.DataFrame(schema=_schema(columns)), malformed=rest)


def _schema(columns: Sequence[str]) -> dict[str, pl.DataType]:
    return {**{name: pl.String() for name in columns}, "__line": pl.Int64()}


def _compression(path: Path) -> str | None:
    return "gzip" if path.suffix == ".gz" else None


def _open(
    stream: Any,  # noqa: ANN401 - pyarrow has no types
    header: Sequence[str],
    *,
    delimiter: str,
    skipped: _Skipped,
) -> Iterator["pa.RecordBatch"]:
    import pyarrow as pa  # noqa: PLC0415 - start-up time
    from pyarrow import csv as arrow_csv  # noqa: PLC0415

    # One thread, or the parser cannot say which line a bad row is on.
    yield from arrow_csv.open_csv(
        stream,
        read_options=arrow_csv.ReadOptions(use_threads=False, block_size=_BLOCK_BYTES),
        parse_options=arrow_csv.ParseOptions(
            delimiter=delimiter,
            newlines_in_values=True,
            ignore_empty_lines=False,
            invalid_row_handler=skipped,
        ),
        convert_options=arrow_csv.ConvertOptions(
            column_types=dict.fromkeys(header, pa.string()),
            null_values=[""],
            strings_can_be_null=True,
        ),
    )


def _cut(
    chunk: "pa.RecordBatch", columns: Sequence[str], *, tracker: "_Lines", skipped: _Skipped
) -> Iterator[RawBatch]:
    frame = pl.DataFrame(pl.from_arrow(chunk))
    lines, malformed = tracker.number(frame, skipped.records)
    blank = frame.select(pl.all_horizontal(pl.all().is_null())).to_series()
    kept = with_lines(frame.select(columns), lines).filter(~blank)
    for start in range(0, max(kept.height, 1), BATCH_ROWS):
        yield RawBatch(
            frame=kept.slice(start, BATCH_ROWS), malformed=malformed if start == 0 else ()
        )


class _Lines:
    """Turns the parser's record numbers into lines: a quoted field may hold line breaks."""

    def __init__(self) -> None:
        self.record = _HEADER_LINES + 1
        self.breaks = 0
        self.told = 0

    def number(
        self, frame: pl.DataFrame, skipped: list[tuple[int, str]]
    ) -> tuple[pl.Series, tuple[tuple[int, str], ...]]:
        """Line of each row of the next chunk, and the bad rows that lie between them."""
        records, passed = self._records(frame.height, [number for number, _ in skipped])
        counts = frame.select(
            pl.sum_horizontal(pl.all().str.count_matches("\n", literal=True).fill_null(0))
        ).to_series()
        before = counts.cum_sum().shift(1, fill_value=0) + self.breaks
        lines = records + before
        bad = tuple(
            (number + self._breaks_before(number, records, before), reason)
            for number, reason in skipped[self.told : self.told + passed]
        )
        self.breaks += int(counts.sum())
        self.told += passed
        return lines, bad

    def drain(self, skipped: list[tuple[int, str]]) -> tuple[tuple[int, str], ...]:
        """The bad rows after the last good one."""
        rest = tuple((number + self.breaks, reason) for number, reason in skipped[self.told :])
        self.told = len(skipped)
        return rest

    def _records(self, height: int, skipped: list[int]) -> tuple[pl.Series, int]:
        """Record numbers of the next `height` good rows, and how many bad ones lie among them."""
        ahead = skipped[self.told :]
        reach = self.record + height + len(ahead)
        numbers = pl.int_range(self.record, reach, dtype=pl.Int64, eager=True)
        records = numbers.filter(~numbers.is_in(ahead)).head(height)
        if height:
            self.record = int(records[-1]) + 1
        return records, sum(1 for number in ahead if number < self.record)

    def _breaks_before(self, number: int, records: pl.Series, before: pl.Series) -> int:
        place = int(records.search_sorted(number))
        return int(before[place]) if place < before.len() else self.breaks


def _unreadable(path: Path, error: Exception) -> SchemaError:
    words = str(error)
    if "Truncated" in words or "unexpected end" in words:
        return SchemaError(f"`{path.name}` is a truncated gzip file.")
    if "invalid UTF8" in words:
        return SchemaError(f"`{path.name}` is not in UTF-8.")
    return SchemaError(f"`{path.name}` cannot be read as CSV.")
