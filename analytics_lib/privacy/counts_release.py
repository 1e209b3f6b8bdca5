"""The other way out: tables of noisy counts, charged and counted here, and sealed."""

import hashlib
import hmac
import io
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from analytics_lib.core.errors import DisclosureError, ParameterError
from analytics_lib.privacy.differential import Terms, private_counts

_COUNTS_KEY = secrets.token_bytes(32)  # of this process alone: no seal outlives it


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NoisyTable:
    """One table of noisy counts of people, as it is published.

    Attributes:
        name: Name of its file, without ending.
        by: Columns whose values make the cells.
        rows: One row a cell: the values, `value`, `ci_lower` and `ci_upper`.
        facts: Epsilon, mechanism, accuracy and the receipt of the ledger; no count without noise.
    """

    name: str
    by: tuple[str, ...]
    rows: pl.DataFrame
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CountsRelease:
    """Tables of noisy counts that were paid for. Made by `release_counts` only.

    Attributes:
        tables: The tables, in the order they were asked for.
        report: What was done and what it cost: techniques, epsilon, delta, unit, tables.
        seal: Proof that they came from `release_counts` and have not been changed since.
    """

    tables: tuple[NoisyTable, ...]
    report: Mapping[str, Any]
    seal: str = field(repr=False)

    def __post_init__(self) -> None:
        """Refuse what `release_counts` did not make.

        Raises:
            DisclosureError: The seal is not that of the tables and the report.
        """
        require_sealed_counts(self)


def require_sealed_counts(made: object) -> None:
    """Refuse anything but an unchanged `CountsRelease`.

    Raises:
        DisclosureError: It is something else, or was changed after it was counted.
    """
    if type(made) is not CountsRelease:
        raise DisclosureError(
            f"A {type(made).__name__} cannot be published as tables of counts; only what "
            "`privacy.counts_release` made can."
        )
    if not hmac.compare_digest(made.seal, _counts_seal(made.tables, made.report)):
        raise DisclosureError(
            "The seal of the tables of counts is broken: they are not those that were paid for. "
            "Nothing is published."
        )


def release_counts(
    people: pl.DataFrame, *, keys: Sequence[Mapping[str, Sequence[str]]], terms: Terms
) -> CountsRelease:
    """How many people are there in each cell of some tables, with differential privacy?

    The trap: a table of counts without noise, or one that nobody paid for, would look the same in
    a package. So only this function makes the object that can be written: each table is charged to
    the ledger before it is counted, and the report is made of the receipts. It says of the people
    nothing but the noisy counts, not even how many they are.

    Args:
        people: One row a person; missing values are values.
        keys: For each table the declared values of each column that makes its cells.
        terms: Privacy loss of each table, who asks and who pays.

    Returns:
        The tables, sealed.

    Raises:
        ParameterError: No table is asked for.
        BudgetError: The ledger has not enough left.
    """
    if not keys:
        raise ParameterError("`keys` is empty; ask for at least one table.")
    tables = tuple(
        _counted(people, name=f"table_{number}", keys=cells, terms=terms)
        for number, cells in enumerate(keys, start=1)
    )
    report = {
        "kind": "tables",
        "techniques": [
            "counts of people with differential privacy",
            "cells declared beforehand, none read from the rows",
        ],
        "epsilon": round(sum(table.facts["epsilon"] for table in tables), 12),
        "delta": sum(table.facts["delta"] for table in tables),
        "unit": tables[0].facts["unit"],
        "tables": {f"{table.name}.csv": dict(table.facts) for table in tables},
    }
    return CountsRelease(tables=tables, report=report, seal=_counts_seal(tables, report))


def _counted(
    people: pl.DataFrame, *, name: str, keys: Mapping[str, Sequence[str]], terms: Terms
) -> NoisyTable:
    found = private_counts(people, terms=terms, by=list(keys), keys=keys)
    return NoisyTable(
        name=name,
        by=tuple(keys),
        rows=found.rows,
        facts={
            "counted": "people",
            "by": list(keys),
            "epsilon": found.epsilon,
            "delta": found.delta,
            "mechanism": found.mechanism,
            "half_width_of_interval": found.accuracy,
            "confidence": found.confidence,
            "unit": found.unit,
            "ledger_entry": found.receipt.number,
            "ledger_digest": found.receipt.digest,
        },
    )


def _counts_seal(tables: Sequence[NoisyTable], report: Mapping[str, Any]) -> str:
    digest = hmac.new(_COUNTS_KEY, json.dumps(report, sort_keys=True).encode(), "sha256")
    for table in tables:
        content = io.BytesIO()
        table.rows.rechunk().write_ipc(content)
        said = json.dumps([table.name, table.by, dict(table.facts)], sort_keys=True)
        digest.update(hashlib.sha256(content.getvalue()).digest())
        digest.update(hashlib.sha256(said.encode()).digest())
    return digest.hexdigest()
