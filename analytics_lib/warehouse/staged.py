"""Staging: every new file of a table through the door and onto disk, before any commit."""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from analytics_lib.core.errors import SchemaError
from analytics_lib.warehouse.door import NOTE_SCHEMA, Door, Passed, count_reasons
from analytics_lib.warehouse.duplicates import FILE
from analytics_lib.warehouse.mapping import TableRule
from analytics_lib.warehouse.source_files import LINE, RawBatch, SourceFile

if TYPE_CHECKING:
    from analytics_lib.events.contract import TableContract

Progress = Callable[[int, int | None, str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class FileAccount:
    """What became of one file.

    Attributes:
        number: Its place in the source.
        label: Its name.
        digest: Names content, rules and key together.
        rows: Rows it holds.
        quarantined: Rows set aside.
        without_consent: Rows left out.
        known: Whether it was ingested before, and so not read.
        newest_day: Latest day of its events.
        day_only: Whether some of its events have no time of day.
    """

    number: int
    label: str
    digest: str
    rows: int
    quarantined: int = 0
    without_consent: int = 0
    known: bool = False
    newest_day: int | None = None
    day_only: bool = False


@dataclass(kw_only=True)
class Staged:
    """The new rows of one table, on disk beside the lake.

    Attributes:
        contract: What the table promises.
        rule: How the source fills it.
        folder: Where the rows are.
        dropped_columns: Columns that no rule asks for.
        files: Account of each file.
        reasons: Quarantined rows by reason.
    """

    contract: "TableContract"
    rule: TableRule
    folder: Path
    dropped_columns: tuple[str, ...]
    files: list[FileAccount] = field(default_factory=list)
    reasons: Counter[str] = field(default_factory=Counter)

    @property
    def rows_folder(self) -> Path:
        """Where the sound rows are."""
        return self.folder / "rows"

    @property
    def notes_folder(self) -> Path:
        """Where the quarantine notes are."""
        return self.folder / "notes"

    @property
    def rows_read(self) -> int:
        """Rows of the files that were read."""
        return sum(file.rows for file in self.files if not file.known)

    @property
    def quarantined_rows(self) -> int:
        """Rows set aside."""
        return sum(file.quarantined for file in self.files)

    @property
    def has_rows(self) -> bool:
        """Whether any row passed."""
        return any(self.rows_folder.iterdir())

    def notes(self, *, limit: int | None = None) -> pl.DataFrame:
        """The quarantine notes: `file_number`, `file`, `line`, `column`, `reason`."""
        parts = sorted(self.notes_folder.iterdir())
        found = pl.concat([pl.scan_parquet(part) for part in parts])
        return (found if limit is None else found.head(limit)).collect()


def content_digest(content: str, *, rule: TableRule, joined: Sequence[str], scope: str) -> str:
    """Name a file's content together with everything else that decides what is stored of it."""
    said = rule.model_dump(mode="json", exclude={"location"})
    for column in said["columns"].values():
        if column["device"] is None:  # it came later: the digests of before still hold
            del column["device"]
    rules = json.dumps(said, sort_keys=True)
    return sha256("\n".join([content, rules, *joined, scope]).encode()).hexdigest()


def stage(
    staged: Staged,
    files: Sequence[SourceFile],
    *,
    door: Callable[[], Door],
    known: dict[str, int],
    digest: Callable[[str], str],
    on_progress: Progress | None,
) -> None:
    """Let every file of a table through the door, those ingested before excepted.

    Args:
        staged: Takes the rows and the account.
        files: What the source holds.
        door: Makes the door; called only where there is something to read.
        known: Rows of the files ingested before, by digest.
        digest: Names a file by its content.
        on_progress: Told rows done, rows in all where known, and the table.

    Raises:
        SchemaError: A file holds no row, or cannot be read.
    """
    staged.rows_folder.mkdir(parents=True)
    staged.notes_folder.mkdir()
    total = sum(file.rows or 0 for file in files) if all(file.rows for file in files) else None
    made: Door | None = None
    for number, file in enumerate(files):
        done = sum(account.rows for account in staged.files)
        name = digest(file.digest) if file.digest else None
        if name in known:
            staged.files.append(
                FileAccount(
                    number=number, label=file.label, digest=name, rows=known[name], known=True
                )
            )
        else:
            made = made or door()
            reading = _Reading(staged=staged, file=file, number=number, door=made)
            for rows in reading.run():
                if on_progress:
                    on_progress(done + rows, total, staged.contract.name)
            staged.files.append(reading.account(name, known=known, digest=digest))


@dataclass(kw_only=True)
class _Reading:
    """One file on its way through the door."""

    staged: Staged
    file: SourceFile
    number: int
    door: Door
    rows: int = 0
    without_consent: int = 0
    newest_day: int | None = None
    day_only: bool = False
    content: list[int] = field(default_factory=lambda: [0, 0])
    reasons: Counter[str] = field(default_factory=Counter)
    parts: list[Path] = field(default_factory=list)

    def run(self) -> Iterator[int]:
        """Read it; yields the rows done so far."""
        wanted = self.door.wanted(self.file)
        for batch in self.file.read(wanted):
            if self.file.digest is None:
                self._fold(batch)
            self._keep(self.door.admit(batch, label=self.file.label))
            yield self.rows
        if self.rows == 0:
            raise SchemaError(f"`{self.file.label}` has no rows.")

    def account(
        self, name: str | None, *, known: dict[str, int], digest: Callable[[str], str]
    ) -> FileAccount:
        """What became of it. A table whose content is found to be known is forgotten again."""
        if name is None:
            name = digest(f"{self.rows}/{self.content}")
            if name in known:
                for part in self.parts:
                    part.unlink()
                return FileAccount(
                    number=self.number,
                    label=self.file.label,
                    digest=name,
                    rows=self.rows,
                    known=True,
                )
        self.staged.reasons.update(self.reasons)
        return FileAccount(
            number=self.number,
            label=self.file.label,
            digest=name,
            rows=self.rows,
            quarantined=self.reasons.total(),
            without_consent=self.without_consent,
            newest_day=self.newest_day,
            day_only=self.day_only,
        )

    def _fold(self, batch: RawBatch) -> None:
        """Add up two hashes a row: a database gives no order, so the digest must not need one."""
        rows = batch.frame.drop(LINE)
        for place, seed in enumerate((0, 1)):
            hashes = rows.hash_rows(seed=seed).cast(pl.Int128)
            self.content[place] = (self.content[place] + int(hashes.sum() or 0)) % 2**64

    def _keep(self, passed: Passed) -> None:
        self.rows += passed.rows_in
        self.without_consent += passed.without_consent
        self.reasons.update(count_reasons(passed.notes))
        number = pl.lit(self.number, dtype=pl.Int32)
        part = f"{self.number:05d}-{len(self.parts):06d}.parquet"
        if passed.rows.height:
            self._look_at_days(passed.rows)
            path = self.staged.rows_folder / part
            passed.rows.with_columns(number.alias(FILE)).write_parquet(path, compression="lz4")
            self.parts.append(path)
        if passed.notes.height:
            path = self.staged.notes_folder / part
            passed.notes.select(
                number.alias("file_number"), pl.lit(self.file.label).alias("file"), *NOTE_SCHEMA
            ).write_parquet(path)
            self.parts.append(path)

    def _look_at_days(self, rows: pl.DataFrame) -> None:
        if self.staged.contract.name != "events":
            return
        newest = rows.select(pl.col("day").max()).item()
        self.newest_day = newest if self.newest_day is None else max(self.newest_day, newest)
        self.day_only = self.day_only or rows["t_us"].null_count() > 0
