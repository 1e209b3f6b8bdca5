"""What an ingest is asked to do: which files fill which tables, by which rules."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from analytics_lib.core.checks import require_columns, suggest
from analytics_lib.core.errors import ParameterError, SchemaError
from analytics_lib.warehouse import casts
from analytics_lib.warehouse.locations import MAPPING_SUFFIXES, open_location, project_root
from analytics_lib.warehouse.mapping import JoinRule, SourceMapping, TableRule, load_mapping
from analytics_lib.warehouse.postgres import SCHEMES
from analytics_lib.warehouse.rules import canonical_mapping, check_rules, contract_of
from analytics_lib.warehouse.source_files import LINE, SourceFile

if TYPE_CHECKING:
    from analytics_lib.events.contract import TableContract

DEFAULT_ZONE = "UTC"


@dataclass(frozen=True, slots=True, kw_only=True)
class TablePlan:
    """One table to fill.

    Attributes:
        contract: What it promises.
        rule: How it is filled.
        files: From what.
        joined: Files looked up row by row, with their rules.
    """

    contract: "TableContract"
    rule: TableRule
    files: Sequence[SourceFile]
    joined: Sequence[tuple[JoinRule, SourceFile]]

    def joined_digests(self) -> list[str]:
        """Names of the joined files' contents."""
        return [str(file.digest) for _, file in self.joined]

    def lookups(self) -> list[tuple[list[str], pl.DataFrame]]:
        """The joined files, read whole: the columns to join on, and those plus the columns taken.

        Raises:
            SchemaError: A column is missing, or a key is there more than once.
        """
        return [(rule.on, _read_whole(rule, file)) for rule, file in self.joined]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What an ingest is asked to do."""

    mapping: SourceMapping
    tables: Sequence[TablePlan]


def make_plan(
    source: str, *, table: str | None, mapping: Path | None, lake_zone: str | None
) -> Plan:
    """Understand the words of an ingest and open what they name.

    Raises:
        ParameterError: Something named does not exist or does not fit.
        SchemaError: A file is empty, truncated or damaged, or lacks a column.
    """
    if mapping is None and source.endswith(MAPPING_SUFFIXES):
        path = Path(source)
        return _mapped(load_mapping(path), root=project_root(path), location=None, table=table)
    if mapping is not None:
        folder = not source.startswith(SCHEMES) and Path(source).is_dir()
        root = Path(source) if folder else Path.cwd()
        return _mapped(
            load_mapping(mapping), root=root, location=None if folder else source, table=table
        )
    if table is None:
        raise ParameterError(
            "Without a mapping the table must be named (`--as events`), because a file does not "
            "say what its rows are."
        )
    contract = contract_of(table)
    files = open_location(source, root=Path.cwd())
    canonical = canonical_mapping(
        table, files[0].columns, label=files[0].label, zone=lake_zone or DEFAULT_ZONE
    )
    plan = TablePlan(contract=contract, rule=canonical.tables[table], files=files, joined=[])
    return Plan(mapping=canonical, tables=[plan])


def _mapped(mapping: SourceMapping, *, root: Path, location: str | None, table: str | None) -> Plan:
    names = _chosen(mapping, table=table, single=location is not None)
    for name, rule in mapping.tables.items():
        check_rules(rule, contract_of(name))
    tables = [
        _table_plan(name, mapping.tables[name], root=root, location=location) for name in names
    ]
    return Plan(mapping=mapping, tables=tables)


def _chosen(mapping: SourceMapping, *, table: str | None, single: bool) -> list[str]:
    names = list(mapping.tables)
    if table is not None:
        if table not in names:
            raise ParameterError(
                f"The mapping of `{mapping.source}` has no table `{table}`; tables are {names}."
                + suggest(table, names)
            )
        return [table]
    if single and len(names) > 1:
        raise ParameterError(
            f"The mapping of `{mapping.source}` fills {names}; say which of them the source is "
            "(`--as`)."
        )
    return names


def _table_plan(name: str, rule: TableRule, *, root: Path, location: str | None) -> TablePlan:
    place = location or rule.location or "."
    here = Path.cwd() if location else root
    files = open_location(place, root=here, delimiter=rule.delimiter)
    joined = [
        (join, _single(open_location(join.location, root=root, delimiter=rule.delimiter), join))
        for join in rule.join
    ]
    plan = TablePlan(contract=contract_of(name), rule=rule, files=files, joined=joined)
    for join, file in joined:
        require_columns(file.columns, [*join.on, *join.columns], name=file.label)
        twice = [column for column in join.columns if column in files[0].columns]
        if twice:
            raise ParameterError(
                f"`{file.label}` is joined for {twice}, which `{files[0].label}` has as well; "
                "take each column from one of them."
            )
    return plan


def _single(files: Sequence[SourceFile], rule: JoinRule) -> SourceFile:
    if len(files) != 1 or files[0].digest is None:
        raise ParameterError(
            f"`join` from `{Path(rule.location).name}` must name one file, neither a folder nor a "
            "database server."
        )
    return files[0]


def _read_whole(rule: JoinRule, file: SourceFile) -> pl.DataFrame:
    wanted = [*rule.on, *rule.columns]
    batches = [batch.frame.drop(LINE) for batch in file.read(wanted)]
    frame = pl.concat(batches)
    keys = [casts.text(name, frame.schema[name], label=file.label).alias(name) for name in rule.on]
    found = frame.with_columns(keys)
    repeated = found.select(pl.struct(rule.on).is_duplicated().sum()).item()
    if repeated:
        raise SchemaError(
            f"`{file.label}` is joined on {rule.on}, but {repeated:,} of its rows share their key "
            "with another; each must be there once."
        )
    return found
