"""The privacy ledger of one protected table: a SQLite file in which nothing is ever changed."""

import datetime as dt
import hashlib
import json
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from analytics_lib.core.checks import suggest
from analytics_lib.core.errors import AccessError, ParameterError, RunError
from analytics_lib.privacy.differential.budget import (
    Account,
    Charge,
    Partition,
    Receipt,
    require_loss,
)
from analytics_lib.privacy.differential.composition import (
    Loss,
    composed_loss,
    exact,
    require_affordable,
)

SUFFIX = ".ledger.sqlite"
WAIT_S = 60.0
_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
_GENESIS = "0" * 64
_LAYOUT = (
    (
        "CREATE TABLE entries (number INTEGER PRIMARY KEY, body TEXT NOT NULL, "
        "digest TEXT NOT NULL UNIQUE) STRICT"
    ),
    (
        "CREATE TRIGGER never_changed BEFORE UPDATE ON entries "
        "BEGIN SELECT RAISE(ABORT, 'entries are never changed'); END"
    ),
    (
        "CREATE TRIGGER never_removed BEFORE DELETE ON entries "
        "BEGIN SELECT RAISE(ABORT, 'entries are never removed'); END"
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerEntry:
    """One entry as it was written.

    Attributes:
        receipt: Number, digest and time.
        charge: What was spent.
    """

    receipt: Receipt
    charge: Charge


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerState:
    """What a ledger says, its chain verified.

    Attributes:
        table: Name of the protected table.
        budget: What anybody may lose at most.
        spent: What the person who lost most has lost.
        entries: All charges, oldest first.
        digest: Digest of the last entry, which stands for all of them.
    """

    table: str
    budget: Loss
    spent: Loss
    entries: tuple[LedgerEntry, ...]
    digest: str

    @property
    def left(self) -> Loss:
        """What is left for a question about everybody."""
        return Loss(
            epsilon=self.budget.epsilon - self.spent.epsilon,
            delta=self.budget.delta - self.spent.delta,
        )


class SqliteLedger:
    """The ledger of one table; made by `create_ledger` and opened by `open_ledger`.

    Safe for several threads, processes and users of one machine: an entry is checked and written
    in one transaction that excludes all others, and is on the disk before the question is
    computed. A crash in between loses budget, never privacy.
    """

    __slots__ = ("_path", "table")

    def __init__(self, path: Path, *, table: str) -> None:
        self._path = path
        self.table = table

    def spend(self, charge: Charge, *, when: dt.datetime) -> Receipt:
        """Write a charge down for good.

        Raises:
            BudgetError: Somebody could lose more than the budget; nothing is written.
            ParameterError: The charge is of another table, or `when` has no zone.
            RunError: The ledger was tampered with.
            AccessError: It is locked, gone or read-only.
        """
        if charge.table != self.table:
            raise ParameterError(
                f"`table` of the charge is {charge.table!r}; this is the ledger of {self.table!r}."
            )
        with _connected(self._path) as store:
            store.execute("BEGIN IMMEDIATE")
            state = _state(store, self.table)
            spent = [entry.charge for entry in state.entries]
            require_affordable(spent, charge, budget=state.budget)
            body = _body_of_charge(charge, when=when)
            receipt = _append(store, body, previous=state.digest, number=len(spent) + 1, when=when)
            store.execute("COMMIT")
        return receipt

    def state(self) -> LedgerState:
        """What the ledger says.

        Raises:
            RunError: It was tampered with.
            AccessError: It is locked or gone.
        """
        with _connected(self._path) as store:
            return _state(store, self.table)

    def account(self, *, who: str, clock: Callable[[], dt.datetime]) -> Account:
        """An account on which questions can be asked of the table."""
        return Account(ledger=self, table=self.table, who=who, clock=clock)


def create_ledger(
    folder: Path, *, table: str, epsilon: float, delta: float, who: str, when: dt.datetime
) -> SqliteLedger:
    """Open the account of a table, once and for ever.

    Raises:
        ParameterError: The name is no name, or the budget none; or there is a ledger already: a
            budget is never raised, since what was published stays published.
    """
    path = _path_of(folder, table)
    require_loss(epsilon, delta)
    folder.mkdir(parents=True, exist_ok=True)
    body = {
        "kind": "budget",
        "table": table,
        "who": who,
        "epsilon": str(exact(epsilon)),
        "delta": str(exact(delta)),
        "when": _instant(when),
    }
    with _connected(path, mode="rwc") as store:
        store.execute("BEGIN IMMEDIATE")
        if store.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
            raise ParameterError(f"`{table}` has a ledger already; its budget cannot be changed.")
        for statement in _LAYOUT:
            store.execute(statement)
        _append(store, body, previous=_GENESIS, number=0, when=when)
        store.execute("COMMIT")
    return SqliteLedger(path, table=table)


def open_ledger(folder: Path, *, table: str) -> SqliteLedger:
    """The ledger of a table.

    Raises:
        ParameterError: The table has none; without one no question is answered.
    """
    path = _path_of(folder, table)
    if not path.is_file():
        known = ledger_names(folder)
        raise ParameterError(
            f"`{table}` has no privacy ledger; ledgers are {known}." + suggest(table, known)
        )
    return SqliteLedger(path, table=table)


def ledger_names(folder: Path) -> list[str]:
    """Tables that have a ledger, sorted."""
    return sorted(path.name.removesuffix(SUFFIX) for path in folder.glob(f"*{SUFFIX}"))


def _path_of(folder: Path, table: str) -> Path:
    if not _NAME.fullmatch(table):
        raise ParameterError(
            f"`table` is {table!r}; it must be lower-case letters, digits and underscores."
        )
    return folder / f"{table}{SUFFIX}"


@contextmanager
def _connected(path: Path, *, mode: str = "rw") -> Iterator[sqlite3.Connection]:
    """A connection of its own for each use, so that threads share none; rolled back on errors."""
    address = f"{path.absolute().as_uri()}?mode={mode}"
    try:
        with closing(
            sqlite3.connect(address, uri=True, timeout=WAIT_S, isolation_level=None)
        ) as store:
            store.execute("PRAGMA synchronous=FULL")
            yield store
    except sqlite3.OperationalError as error:
        raise AccessError(
            f"The privacy ledger `{path.name}` cannot be used ({error}); nothing was computed."
        ) from None
    except sqlite3.DatabaseError:
        raise RunError(
            f"The privacy ledger `{path.name}` is damaged; nothing was computed."
        ) from None


def _state(store: sqlite3.Connection, table: str) -> LedgerState:
    rows = store.execute("SELECT number, body, digest FROM entries ORDER BY number").fetchall()
    previous = _GENESIS
    for place, (number, body, digest) in enumerate(rows):
        if number != place or digest != _digest(previous, body):
            raise RunError(
                f"The privacy ledger of `{table}` was tampered with at entry {place}; nothing was "
                "computed. Restore it from a copy."
            )
        previous = digest
    bodies = [json.loads(body) for _, body, _ in rows]
    if not bodies or bodies[0]["kind"] != "budget" or bodies[0]["table"] != table:
        raise RunError(f"The privacy ledger of `{table}` names no budget; nothing was computed.")
    entries = tuple(
        _entry(body, table=table, number=row[0], digest=row[2])
        for body, row in zip(bodies[1:], rows[1:], strict=True)
    )
    return LedgerState(
        table=table,
        budget=Loss(epsilon=Decimal(bodies[0]["epsilon"]), delta=Decimal(bodies[0]["delta"])),
        spent=composed_loss(entry.charge for entry in entries),
        entries=entries,
        digest=previous,
    )


def _entry(body: dict[str, Any], *, table: str, number: int, digest: str) -> LedgerEntry:
    part = body["partition"]
    charge = Charge(
        table=table,
        who=body["who"],
        question=body["question"],
        mechanism=body["mechanism"],
        epsilon=float(body["epsilon"]),
        delta=float(body["delta"]),
        partition=None if part is None else Partition(column=part[0], value=part[1]),
    )
    when = dt.datetime.fromisoformat(body["when"])
    return LedgerEntry(receipt=Receipt(number=number, digest=digest, when=when), charge=charge)


def _body_of_charge(charge: Charge, *, when: dt.datetime) -> dict[str, Any]:
    part = charge.partition
    return {
        "kind": "charge",
        "who": charge.who,
        "question": charge.question,
        "mechanism": charge.mechanism,
        "epsilon": str(exact(charge.epsilon)),
        "delta": str(exact(charge.delta)),
        "partition": None if part is None else [part.column, part.value],
        "when": _instant(when),
    }


def _append(
    store: sqlite3.Connection,
    body: dict[str, Any],
    *,
    previous: str,
    number: int,
    when: dt.datetime,
) -> Receipt:
    text = json.dumps(body, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    digest = _digest(previous, text)
    store.execute("INSERT INTO entries VALUES (?, ?, ?)", (number, text, digest))
    return Receipt(number=number, digest=digest, when=when)


def _digest(previous: str, body: str) -> str:
    return hashlib.sha256(f"{previous}\n{body}".encode()).hexdigest()


def _instant(when: dt.datetime) -> str:
    if when.tzinfo is None:
        raise ParameterError("`when` has no zone; it must have one.")
    return when.astimezone(dt.UTC).isoformat()
