"""Small durable state in SQLite files under `outputs`: whole transactions or nothing."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from analytics_lib.core.errors import RunError

_TIMEOUT_S = 30


@contextmanager
def transaction(path: Path, schema: str) -> Iterator[sqlite3.Connection]:
    """One transaction on the database at `path`, which is made where there is none.

    Raises:
        RunError: It cannot be read or written; nothing of the transaction remains.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(path, timeout=_TIMEOUT_S, isolation_level=None)) as database:
            database.row_factory = sqlite3.Row
            database.execute("PRAGMA synchronous = FULL")
            database.execute("BEGIN IMMEDIATE")
            try:
                database.execute(schema)
                yield database
            except BaseException:
                database.execute("ROLLBACK")
                raise
            database.execute("COMMIT")
    except (sqlite3.Error, OSError) as error:
        raise RunError(f"`{path.name}` could not be read or written ({error}).") from error
