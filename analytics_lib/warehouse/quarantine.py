"""The quarantine: where a bad row was and what was wrong with it, never what it held."""

from pathlib import Path

import polars as pl

from analytics_lib.core.errors import SchemaError
from analytics_lib.warehouse.commit_log import commits
from analytics_lib.warehouse.delta_tables import append
from analytics_lib.warehouse.staged import Staged

QUARANTINE = "quarantine"
_ID_DIGITS = 16
_SHOWN = 5


def refuse_too_many(staged: Staged) -> None:
    """Refuse a source of which more rows are bad than its mapping allows.

    Raises:
        SchemaError: With the reasons, how often each, and the first lines.
    """
    rows, bad = staged.rows_read, staged.quarantined_rows
    limit = staged.rule.quarantine_limit
    if bad <= limit * rows:
        return
    reasons = "; ".join(f"{words} ({n:,})" for words, n in staged.reasons.most_common(_SHOWN))
    first = staged.notes(limit=_SHOWN)
    places = ", ".join(f"{file} line {line}" for file, line in first.select("file", "line").rows())
    raise SchemaError(
        f"`{staged.contract.name}`: {bad:,} of {rows:,} rows ({bad / rows:.1%}) would be "
        f"quarantined, more than the limit of {limit:.0%}; nothing was stored. Reasons: {reasons}. "
        f"First at {places}."
    )


def set_aside(lake: Path, staged: Staged, *, source: str) -> None:
    """Append the quarantined rows of files that are not in the quarantine already.

    The quarantine is written before the rows that passed: an ingest that is
    killed in between is repeated, and finds its notes there.
    """
    table = lake / QUARANTINE
    there = {
        entry["digest"]
        for commit in commits(table)
        if commit.ingest
        for entry in commit.ingest["files"]
    }
    fresh = [file for file in staged.files if file.quarantined and file.digest not in there]
    if not fresh:
        return
    ids = pl.DataFrame(
        {
            "file_number": pl.Series([file.number for file in fresh], dtype=pl.Int32),
            "ingest_id": [file.digest[:_ID_DIGITS] for file in fresh],
        }
    )
    rows = (
        staged.notes()
        .join(ids, on="file_number", maintain_order="left")
        .select(
            "ingest_id",
            pl.lit(source).alias("source"),
            pl.lit(staged.contract.name).alias("table"),
            "file",
            "line",
            "column",
            "reason",
        )
    )
    digests = [{"digest": file.digest} for file in fresh]
    append(
        table,
        rows,
        description="One row that was set aside: where it was and what was wrong with it.",
        ingest={
            "files": digests,
            "identity": "/".join(sorted(file.digest[:_ID_DIGITS] for file in fresh)),
        },
    )
