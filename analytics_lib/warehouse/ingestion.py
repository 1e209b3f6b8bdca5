"""Bringing a source into the lake: everything is staged and judged before anything is stored."""

import datetime as dt
import time
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import polars as pl

from analytics_lib.core.errors import ParameterError
from analytics_lib.core.periods import day_number
from analytics_lib.warehouse.accounts import IngestReport, TableReport
from analytics_lib.warehouse.commit_log import (
    commits,
    content_identity,
    last_ingest,
    newest_version,
    table_names,
)
from analytics_lib.warehouse.delta_tables import append, data_files, require_storable
from analytics_lib.warehouse.door import Door
from analytics_lib.warehouse.duplicates import Fresh, fresh_rows
from analytics_lib.warehouse.keys import key_fingerprint, load_key
from analytics_lib.warehouse.plans import Plan, TablePlan, make_plan
from analytics_lib.warehouse.quarantine import refuse_too_many, set_aside
from analytics_lib.warehouse.source_cards import card_of, entry_of, is_same_card
from analytics_lib.warehouse.staged import Progress, Staged, content_digest, stage
from analytics_lib.warehouse.staging import note_writing, storing, writer

FORMAT = 1


def ingest(
    source: Path | str,
    *,
    lake: Path | str,
    table: str | None = None,
    mapping: Path | str | None = None,
    on_progress: Progress | None = None,
    now: dt.datetime | None = None,
) -> IngestReport:
    """Bring a source into the lake, with privacy at the door.

    Rows without consent are left out, bad rows set aside with the reason and
    the line, identifiers replaced by keyed pseudonyms, duplicates dropped, and
    columns nobody asked for never read. All tables are staged and judged
    before the first is stored; each is stored in one atomic commit. The same
    source again changes nothing.

    Args:
        source: A mapping file, whose tables are all filled; or data: a file, a
            folder, `file.duckdb#table`, `postgresql://host/database#schema.table`.
        lake: Folder of the lake, made at first need.
        table: Table to fill; needed for data without a mapping, optional with one.
        mapping: Mapping file for data whose columns have names of their own.
        on_progress: Told rows done, rows in all (None where unknown) and the table.
        now: The present, for the date of the commit and for events of the
            future; the clock where None.

    Returns:
        The account of every row.

    Raises:
        ParameterError: Something named does not exist, the mapping is wrong,
            or the lake has another report zone.
        SchemaError: A file cannot be read or lacks a column, or too many rows
            are bad. Nothing is stored.
        AccessError: The key is missing or not that of the lake, a server
            refuses, or another ingest is writing.
        RunError: The disk is full or failed. The lake is as it was.
    """
    started = time.perf_counter()
    folder = Path(lake)
    require_storable(folder)
    with writer(folder) as staging, storing("The ingest"):
        state = _lake_state(folder)
        plan = make_plan(
            str(source),
            table=table,
            mapping=None if mapping is None else Path(mapping),
            lake_zone=state.get("zone"),
        )
        _require_zone(plan, state)
        run = _Run(
            plan=plan,
            lake=folder,
            staging=staging,
            key=load_key(lake=folder, fingerprint=state.get("key_fingerprint")),
            now=now or dt.datetime.now(dt.UTC),
        )
        staged = [run.stage(part, on_progress=on_progress) for part in plan.tables]
        reports = tuple(run.store(*part) for part in staged)
    return IngestReport(
        source=plan.mapping.source, tables=reports, seconds=time.perf_counter() - started
    )


def _lake_state(lake: Path) -> dict[str, Any]:
    """Zone and key fingerprint of the lake; empty for a new one."""
    for name in table_names(lake):
        state = last_ingest(lake / name)
        if state and "zone" in state:
            return state
    return {}


def _require_zone(plan: Plan, state: dict[str, Any]) -> None:
    zone = state.get("zone", plan.mapping.zone)
    if plan.mapping.zone != zone:
        raise ParameterError(
            f"`zone` of `{plan.mapping.source}` is {plan.mapping.zone!r}, but the days of this "
            f"lake are calendar days in {zone!r}; a lake has one report zone."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    """One ingest under way."""

    plan: Plan
    lake: Path
    staging: Path
    key: bytes
    now: dt.datetime

    def stage(
        self, part: TablePlan, *, on_progress: Progress | None
    ) -> tuple[TablePlan, Staged, float]:
        """Let the new files of a table through the door, and refuse them if too many are bad."""
        started = time.perf_counter()
        name = part.contract.name
        known = {
            entry["digest"]: int(entry["rows"])
            for commit in commits(self.lake / name)
            if commit.ingest
            for entry in commit.ingest["files"]
        }
        staged = Staged(
            contract=part.contract,
            rule=part.rule,
            folder=self.staging / name,
            dropped_columns=_dropped_columns(part),
        )
        stage(
            staged,
            part.files,
            door=lambda: self._door(part),
            known=known,
            digest=lambda content: self._digest(content, part),
            on_progress=on_progress,
        )
        refuse_too_many(staged)
        return part, staged, time.perf_counter() - started

    def store(self, part: TablePlan, staged: Staged, seconds: float) -> TableReport:
        """Commit what is new of one table: notes first, then rows and account together."""
        started = time.perf_counter()
        before = newest_version(self.lake / part.contract.name)
        set_aside(self.lake, staged, source=self.plan.mapping.source)
        if staged.has_rows:
            with fresh_rows(
                staged.rows_folder,
                contract=part.contract,
                stored=self._stored(part.contract.name, before),
                tell_apart=_tells_apart(part),
                spill=self.staging,
            ) as fresh:
                report = self._commit(part, staged, fresh, before=before)
        else:
            schema = part.contract.polars_schema
            nothing = Fresh(rows=0, duplicates=0, reader=pl.DataFrame(schema=schema))
            report = self._commit(part, staged, nothing, before=before)
        return report(seconds + time.perf_counter() - started)

    def _door(self, part: TablePlan) -> Door:
        simulated = self.plan.mapping.kind == "simulated"
        # One day of grace: somewhere on earth it is tomorrow already.
        return Door(
            contract=part.contract,
            rule=part.rule,
            key=self.key,
            zone=self.plan.mapping.zone,
            last_day=None if simulated else day_number(self.now.date()) + 1,
            lookups=part.lookups(),
        )

    def _digest(self, content: str, part: TablePlan) -> str:
        scope = f"{part.contract.name}/{self.plan.mapping.zone}/{key_fingerprint(self.key)}"
        return content_digest(content, rule=part.rule, joined=part.joined_digests(), scope=scope)

    def _stored(self, table: str, version: int | None) -> list[str]:
        return [] if version is None else data_files(self.lake / table, version=version)

    def _commit(
        self, part: TablePlan, staged: Staged, fresh: Fresh, *, before: int | None
    ) -> "_Report":
        table = self.lake / part.contract.name
        state = (last_ingest(table) if before is not None else None) or {}
        card, source = card_of(self.plan.mapping), self.plan.mapping.source
        said = state.get("sources", {}).get(source)
        news = fresh.rows > 0 or (before is not None and not is_same_card(card, said))
        after = before if not news else 0 if before is None else before + 1
        report = _Report(staged=staged, fresh=fresh, before=before, after=after)
        account = report().to_dict()
        if news:
            note_writing(self.staging, table=part.contract.name)
            newest = [file.newest_day for file in staged.files if file.newest_day is not None]
            entry = entry_of(
                card, said, newest=max(newest, default=None), said_at=self.now.isoformat()
            )
            append(
                table,
                fresh.reader,
                description=f"One row: {part.contract.grain}.",
                ingest={
                    "format": FORMAT,
                    "at": self.now.isoformat(),
                    "zone": self.plan.mapping.zone,
                    "key_fingerprint": key_fingerprint(self.key),
                    "resolution": _resolution(staged, state),
                    "identity": _identity(table, staged, card, before=before),
                    "sources": {**state.get("sources", {}), source: entry},
                    "files": [
                        {"digest": file.digest, "rows": file.rows, "name": file.label}
                        for file in staged.files
                        if not file.known
                    ],
                    "report": {key: account[key] for key in account if key != "seconds"},
                },
            )
        return report


@dataclass(frozen=True, slots=True, kw_only=True)
class _Report:
    """The account of one table, but for the time it took."""

    staged: Staged
    fresh: Fresh
    before: int | None
    after: int | None

    def __call__(self, seconds: float = 0.0) -> TableReport:
        files, consent = self.staged.files, self.staged.rule.consent
        by_column = consent is not None and consent.column is not None
        return TableReport(
            table=self.staged.contract.name,
            rows_in=sum(file.rows for file in files),
            stored=self.fresh.rows,
            duplicates=self.fresh.duplicates + sum(file.rows for file in files if file.known),
            quarantined=dict(sorted(self.staged.reasons.items())),
            without_consent=sum(file.without_consent for file in files),
            dropped_columns=self.staged.dropped_columns,
            consent=f"column `{consent.column}`"
            if consent and by_column
            else (consent.declared or "")
            if consent
            else "",
            version_before=self.before,
            version_after=self.after,
            seconds=seconds,
        )


def _tells_apart(part: TablePlan) -> bool:
    rule = part.rule.columns.get(part.contract.key[0])
    return rule is not None and rule.kind == "digest" and rule.occurrence


def _dropped_columns(part: TablePlan) -> tuple[str, ...]:
    used = {name for rule in part.rule.columns.values() for name in rule.sources}
    used |= {name for join, _ in part.joined for name in join.on}
    if part.rule.consent is not None:
        used.add(part.rule.consent.column or "")
    seen = dict.fromkeys(name for file in part.files for name in file.columns)
    return tuple(name for name in seen if name not in used)


def _resolution(staged: Staged, state: dict[str, Any]) -> str:
    day_only = any(file.day_only for file in staged.files) or state.get("resolution") == "day"
    return "day" if day_only else "microsecond"


def _identity(table: Path, staged: Staged, card: dict[str, Any], *, before: int | None) -> str:
    """Chain what the table was with what is added; the same ingests give the same digest."""
    was = "" if before is None else content_identity(table, version=before)
    added = sorted(file.digest for file in staged.files if not file.known)
    said = sorted(f"{name}={value}" for name, value in card.items())
    return sha256("\n".join([was, *added, *said]).encode()).hexdigest()
