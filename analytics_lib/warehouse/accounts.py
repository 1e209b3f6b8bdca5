"""The account of an ingest: every row that came in is stored, a duplicate, or says why not."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from analytics_lib.core.errors import RunError


@dataclass(frozen=True, slots=True, kw_only=True)
class TableReport:
    """What became of the rows of one table.

    Attributes:
        table: Table name.
        rows_in: Rows of the source.
        stored: Rows stored.
        duplicates: Rows whose key was there already, in the source or in the lake.
        quarantined: Rows set aside, by reason.
        without_consent: Rows of people who did not consent; nothing of them is kept.
        dropped_columns: Columns of the source that no rule asks for; never read past the door.
        consent: Why the rows may be stored: a consent column or the declared reason.
        version_before: Version of the table before; None where it did not exist.
        version_after: Version of the table after.
        seconds: Wall time.
    """

    table: str
    rows_in: int
    stored: int
    duplicates: int
    quarantined: Mapping[str, int]
    without_consent: int
    dropped_columns: tuple[str, ...]
    consent: str
    version_before: int | None
    version_after: int | None
    seconds: float = 0.0

    def __post_init__(self) -> None:
        """Refuse an account that does not balance: a row was lost or counted twice."""
        out = self.stored + self.duplicates + self.quarantined_rows + self.without_consent
        if self.rows_in != out:
            raise RunError(
                f"The account of `{self.table}` does not balance: {self.rows_in} rows in, but "
                f"{self.stored} stored + {self.duplicates} duplicates + {self.quarantined_rows} "
                f"quarantined + {self.without_consent} without consent = {out}. Nothing was "
                "stored; this is a defect of the library."
            )

    @property
    def quarantined_rows(self) -> int:
        """Rows set aside for any reason."""
        return sum(self.quarantined.values())

    @property
    def unchanged(self) -> bool:
        """Whether the table is as it was."""
        return self.version_before == self.version_after

    def to_dict(self) -> dict[str, Any]:
        """The fields as plain values."""
        return {
            "table": self.table,
            "rows_in": self.rows_in,
            "stored": self.stored,
            "duplicates": self.duplicates,
            "quarantined": dict(self.quarantined),
            "without_consent": self.without_consent,
            "dropped_columns": list(self.dropped_columns),
            "consent": self.consent,
            "version_before": self.version_before,
            "version_after": self.version_after,
            "unchanged": self.unchanged,
            "seconds": round(self.seconds, 3),
        }

    def lines(self) -> list[str]:
        """The account in words."""
        parts = [f"{self.stored:,} stored", f"{self.duplicates:,} duplicates"]
        if self.quarantined_rows:
            parts.append(f"{self.quarantined_rows:,} quarantined")
        if self.without_consent:
            parts.append(f"{self.without_consent:,} without consent")
        state = "unchanged" if self.unchanged else f"now version {self.version_after}"
        found = [f"{self.table}: {self.rows_in:,} rows in, {', '.join(parts)}; {state}."]
        found += [f"  quarantined: {reason} ({n:,})" for reason, n in self.quarantined.items()]
        if self.dropped_columns:
            found.append(f"  columns not taken over: {', '.join(self.dropped_columns)}")
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestReport:
    """What an ingest did.

    Attributes:
        source: Source id.
        tables: Account of each table, in the order of the mapping.
        seconds: Wall time in all.
    """

    source: str
    tables: tuple[TableReport, ...]
    seconds: float

    @property
    def unchanged(self) -> bool:
        """Whether the lake is as it was."""
        return all(table.unchanged for table in self.tables)

    @property
    def stored(self) -> int:
        """Rows stored, all tables together."""
        return sum(table.stored for table in self.tables)

    def to_dict(self) -> dict[str, Any]:
        """The fields as plain values, for JSON."""
        return {
            "source": self.source,
            "unchanged": self.unchanged,
            "seconds": round(self.seconds, 3),
            "tables": [table.to_dict() for table in self.tables],
        }

    def lines(self) -> list[str]:
        """The account in words, a line a fact."""
        found = [line for table in self.tables for line in table.lines()]
        if self.unchanged:
            return [*found, f"Nothing new in `{self.source}`; the lake is unchanged."]
        return [*found, f"`{self.source}` ingested in {self.seconds:.1f} s."]
