"""The register of requests: who asked, who decided, what was released, until when."""

import datetime as dt
import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

from analytics_lib.core.checks import suggest
from analytics_lib.core.errors import ParameterError, RunError
from analytics_lib.publishing.entries import OVER, Entry, Package, State

REGISTER = "register.sqlite"  # in the folder of all packages
_LOCK_TIMEOUT_S = 60
_SCHEMA = """
CREATE TABLE IF NOT EXISTS requests (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    state TEXT NOT NULL,
    content TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS steps (
    request INTEGER NOT NULL REFERENCES requests (number),
    step TEXT NOT NULL,
    by_whom TEXT NOT NULL,
    at TEXT NOT NULL,
    note TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS packages (
    request INTEGER PRIMARY KEY REFERENCES requests (number),
    name TEXT NOT NULL,
    version INTEGER NOT NULL,
    manifest_sha256 TEXT NOT NULL,
    expires_on TEXT NOT NULL,
    UNIQUE (name, version)
);
"""


class Register:
    """The register, in one SQLite file; every change is one transaction of its own.

    A change takes the lock before it looks, so of two approvals at once the second sees the
    first and is refused.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def add(self, name: str, content: Mapping[str, Any], *, by: str, at: dt.datetime) -> Entry:
        """Add a request.

        Raises:
            ParameterError: One of that name is under way or released.
        """
        with self._change() as database:
            open_one = _newest(database, name)
            if open_one is not None and open_one.state not in OVER:
                raise ParameterError(
                    f"`{name}` is {open_one.state} already; take another name, or wait until it "
                    "has been rejected or has expired."
                )
            added = database.execute(
                "INSERT INTO requests (name, state, content) VALUES (?, 'requested', ?)",
                (name, json.dumps(dict(content), sort_keys=True)),
            )
            _note(database, int(added.lastrowid or 0), "requested", by=by, at=at, note="")
            return _required(database, name)

    def move(
        self,
        name: str,
        *,
        to: State,
        allowed_from: tuple[State, ...],
        by: str,
        at: dt.datetime,
        note: str = "",
        check: Callable[[Entry], None] = lambda _entry: None,
    ) -> Entry:
        """Take a request from one state to the next, if it still is where it was.

        Args:
            name: The request.
            to: The state it goes to.
            allowed_from: The states it may be in.
            by: Who takes the step.
            at: When.
            note: What they noted.
            check: Raises where the step may not be taken; it sees the request under the lock.

        Raises:
            ParameterError: There is no such request, or it is in another state.
        """
        with self._change() as database:
            entry = _required(database, name)
            _require_state(entry, allowed_from, step=to)
            check(entry)
            database.execute("UPDATE requests SET state = ? WHERE number = ?", (to, entry.number))
            _note(database, entry.number, to, by=by, at=at, note=note)
            return _required(database, name)

    def append(
        self,
        name: str,
        *,
        step: str,
        allowed_in: tuple[State, ...],
        by: str,
        at: dt.datetime,
        note: str,
        check: Callable[[Entry], None],
    ) -> Entry:
        """Note something about a request, which stays in its state.

        Raises:
            ParameterError: There is no such request, or it is in another state.
        """
        with self._change() as database:
            entry = _required(database, name)
            _require_state(entry, allowed_in, step=f"noted with a {step}")
            check(entry)
            _note(database, entry.number, step, by=by, at=at, note=note)
            return _required(database, name)

    def put_out(
        self,
        name: str,
        *,
        by: str,
        at: dt.datetime,
        check: Callable[[Entry], None],
        write: Callable[[int], Package],
    ) -> Entry:
        """Write a package and note it, under one lock.

        Args:
            name: The request; it must be approved.
            by: Who releases.
            at: When.
            check: Raises where it may not be released.
            write: Writes the package of the version it is given, whole or not at all.

        Raises:
            ParameterError: There is no such request, or it is not approved.
        """
        with self._change() as database:
            entry = _required(database, name)
            _require_state(entry, ("approved",), step="released")
            check(entry)
            last = database.execute(
                "SELECT COALESCE(MAX(version), 0) FROM packages WHERE name = ?", (name,)
            ).fetchone()[0]
            made = write(int(last) + 1)
            database.execute(
                "INSERT INTO packages VALUES (?, ?, ?, ?, ?)",
                (entry.number, made.name, made.version, made.manifest_sha256, made.expires_on),
            )
            database.execute(
                "UPDATE requests SET state = 'released' WHERE number = ?", (entry.number,)
            )
            _note(database, entry.number, "released", by=by, at=at, note=f"v{made.version}")
            return _required(database, name)

    def entry(self, name: str) -> Entry:
        """The newest request of a name.

        Raises:
            ParameterError: There is none.
        """
        with self._read() as database:
            return _required(database, name)

    def entries(self) -> list[Entry]:
        """Every request, oldest first."""
        with self._read() as database:
            rows = database.execute("SELECT * FROM requests ORDER BY number").fetchall()
            return [_entry(database, row) for row in rows]

    def newest(self, name: str, *, version: int | None = None) -> Entry | None:
        """The request of the newest package of a name, or of one version; None without one."""
        released = [
            entry
            for entry in self.entries()
            if entry.package is not None
            and entry.package.name == name
            and version in {None, entry.package.version}
        ]
        return released[-1] if released else None

    def packages(self) -> list[Package]:
        """Every package that was ever released, by name and version."""
        with self._read() as database:
            rows = database.execute("SELECT * FROM packages ORDER BY name, version").fetchall()
            return [_package(row) for row in rows]

    @contextmanager
    def _read(self) -> Iterator[sqlite3.Connection]:
        with self._open() as database:
            yield database

    @contextmanager
    def _change(self) -> Iterator[sqlite3.Connection]:
        with self._open() as database:
            database.execute("BEGIN IMMEDIATE")
            try:
                yield database
            except BaseException:
                database.execute("ROLLBACK")
                raise
            database.execute("COMMIT")

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            database = sqlite3.connect(self._path, timeout=_LOCK_TIMEOUT_S, isolation_level=None)
        except (OSError, sqlite3.Error) as error:
            _unusable(error)
        try:
            database.row_factory = sqlite3.Row
            database.executescript(_SCHEMA)
            yield database
        except sqlite3.Error as error:
            _unusable(error)
        finally:
            database.close()


def _unusable(error: Exception) -> NoReturn:
    raise RunError(f"The register of requests could not be used ({error}).") from error


def _require_state(entry: Entry, allowed: tuple[State, ...], *, step: str) -> None:
    if entry.state not in allowed:
        raise ParameterError(
            f"`{entry.name}` is {entry.state}; only what is {' or '.join(allowed)} can be {step}."
        )


def _note(
    database: sqlite3.Connection, request: int, step: str, *, by: str, at: dt.datetime, note: str
) -> None:
    database.execute(
        "INSERT INTO steps VALUES (?, ?, ?, ?, ?)",
        (request, step, by, at.isoformat(timespec="seconds"), note),
    )


def _newest(database: sqlite3.Connection, name: str) -> Entry | None:
    row = database.execute(
        "SELECT * FROM requests WHERE name = ? ORDER BY number DESC LIMIT 1", (name,)
    ).fetchone()
    return None if row is None else _entry(database, row)


def _required(database: sqlite3.Connection, name: str) -> Entry:
    found = _newest(database, name)
    if found is None:
        names = [row["name"] for row in database.execute("SELECT DISTINCT name FROM requests")]
        raise ParameterError(
            f"There is no request {name!r}; requests are {sorted(names)}." + suggest(name, names)
        )
    return found


def _entry(database: sqlite3.Connection, row: sqlite3.Row) -> Entry:
    steps = database.execute(
        "SELECT * FROM steps WHERE request = ? ORDER BY rowid", (row["number"],)
    ).fetchall()
    package = database.execute(
        "SELECT * FROM packages WHERE request = ?", (row["number"],)
    ).fetchone()
    return Entry(
        number=row["number"],
        name=row["name"],
        state=row["state"],
        content=json.loads(row["content"]),
        steps=tuple(
            {"step": s["step"], "by": s["by_whom"], "at": s["at"], "note": s["note"]} for s in steps
        ),
        package=None if package is None else _package(package),
    )


def _package(row: sqlite3.Row) -> Package:
    return Package(
        name=row["name"],
        version=row["version"],
        manifest_sha256=row["manifest_sha256"],
        expires_on=row["expires_on"],
    )
