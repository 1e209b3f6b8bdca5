"""Finding duplicates within a source and against the lake, in bounded memory.

DuckDB compares 64-bit hashes first and whole keys only where hashes meet, and
spills to disk what does not fit.
"""

import glob
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analytics_lib.warehouse.source_files import LINE

if TYPE_CHECKING:
    import duckdb

    from analytics_lib.events.contract import TableContract

FILE = "__file"
MEMORY_LIMIT = "1GB"
_ARROW_ROWS = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Fresh:
    """The rows that are new.

    Attributes:
        rows: How many there are.
        duplicates: How many were there already, in the source or in the lake.
        reader: The rows as a stream of Arrow batches; to be read once.
    """

    rows: int
    duplicates: int
    reader: Any


@contextmanager
def fresh_rows(
    staged: Path,
    *,
    contract: "TableContract",
    stored: Sequence[str],
    tell_apart: bool,
    spill: Path,
) -> Iterator[Fresh]:
    """The staged rows without those whose key is there already.

    Of rows with one key the one received first stays, or the first of the
    source where that is unknown.

    Args:
        staged: Folder of staged Parquet files with `__file` and `__line`.
        contract: The table, whose key names a row.
        stored: Data files of the lake's version, empty for a new table.
        tell_apart: Whether equal ids of one file name different rows
            (ids made from a digest of columns): the second gets an id of its
            own, made from the first's and the number of the occurrence.
        spill: Folder for what does not fit in memory.
    """
    import duckdb  # noqa: PLC0415 - start-up time

    with duckdb.connect(
        config={"memory_limit": MEMORY_LIMIT, "temp_directory": str(spill)}
    ) as connection:
        connection.execute(
            f"CREATE VIEW staged AS {_files(map(str, sorted(staged.glob('*.parquet'))))}"
        )
        _name(connection, contract.key[0], tell_apart=tell_apart)
        _drop(connection, contract, stored=stored)
        total = _count(connection, "staged")
        dropped = _count(connection, "dropped")
        columns = ", ".join(contract.names)
        rest = f"ANTI JOIN dropped USING ({FILE}, {LINE})" if dropped else ""
        rows = connection.sql(f"SELECT {columns} FROM named {rest}")  # noqa: S608 - own names
        yield Fresh(
            rows=total - dropped, duplicates=dropped, reader=rows.to_arrow_reader(_ARROW_ROWS)
        )


def _name(connection: "duckdb.DuckDBPyConnection", key: str, *, tell_apart: bool) -> None:
    if not tell_apart:
        connection.execute("CREATE VIEW named AS FROM staged")
        return
    # The first id is keyed; who lacks the key cannot make the second from guesses either.
    connection.execute(f"""
        CREATE TEMP TABLE renamed AS
        WITH repeated AS (
            SELECT hash({key}, {FILE}) AS h FROM staged GROUP BY ALL HAVING count(*) > 1
        ), counted AS (
            SELECT {FILE}, {LINE}, {key} AS id,
                row_number() OVER (PARTITION BY {FILE}, {key} ORDER BY {LINE}) AS n
            FROM staged WHERE hash({key}, {FILE}) IN (SELECT h FROM repeated)
        )
        SELECT {FILE}, {LINE}, sha256(id || '/' || n) AS other_id FROM counted WHERE n > 1
    """)  # noqa: S608 - own names
    connection.execute(f"""
        CREATE VIEW named AS
        SELECT staged.* REPLACE (coalesce(other_id, {key}) AS {key})
        FROM staged LEFT JOIN renamed USING ({FILE}, {LINE})
    """)  # noqa: S608 - own names


def _drop(
    connection: "duckdb.DuckDBPyConnection", contract: "TableContract", *, stored: Sequence[str]
) -> None:
    key = ", ".join(contract.key)
    first = "received_us NULLS LAST, " if "received_us" in contract.names else ""
    connection.execute(f"""
        CREATE TEMP TABLE dropped AS
        WITH repeated AS (
            SELECT hash({key}) AS h FROM named GROUP BY ALL HAVING count(*) > 1
        )
        SELECT {FILE}, {LINE} FROM named WHERE hash({key}) IN (SELECT h FROM repeated)
        QUALIFY row_number() OVER (PARTITION BY {key} ORDER BY {first}{FILE}, {LINE}) > 1
    """)  # noqa: S608 - own names
    if stored:
        connection.execute(f"""
            CREATE TEMP TABLE there AS
            SELECT DISTINCT {key} FROM ({_files(stored)})
            WHERE hash({key}) IN (SELECT hash({key}) FROM named)
        """)  # noqa: S608 - own names
        connection.execute(f"""
            INSERT INTO dropped
            SELECT {FILE}, {LINE} FROM named SEMI JOIN there USING ({key})
            ANTI JOIN dropped USING ({FILE}, {LINE})
        """)  # noqa: S608 - own names


def _files(paths: Iterable[str]) -> str:
    # A folder may be called `my [new] lake`, which DuckDB would take for a pattern.
    listed = ", ".join("'" + glob.escape(path).replace("'", "''") + "'" for path in paths)
    return f"SELECT * FROM read_parquet([{listed}])"  # noqa: S608 - own names


def _count(connection: "duckdb.DuckDBPyConnection", name: str) -> int:
    return int(connection.sql(f"SELECT count(*) FROM {name}").fetchall()[0][0])  # noqa: S608 - own names
