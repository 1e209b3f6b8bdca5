"""Reading a PostgreSQL table in batches, through ADBC. Messages never show credentials."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit, urlunsplit

import polars as pl

from analytics_lib.core.checks import suggest
from analytics_lib.core.errors import AccessError, ParameterError
from analytics_lib.warehouse.source_files import BATCH_ROWS, RawBatch, SourceFile, numbered

SCHEMES = ("postgresql://", "postgres://")
# Types that arrive as themselves; everything else is read as text.
_NATIVE = (
    *("boolean", "smallint", "integer", "bigint", "real", "double precision"),
    *("text", "character varying", "character", "date"),
    *("timestamp without time zone", "timestamp with time zone"),
)
_CAUSES = {
    "password": "the password is missing or wrong",
    "authentication": "the login was refused",
    "does not exist": "the database or role does not exist",
    "refused": "nothing listens there",
    "could not translate": "the host is unknown",
    "No such file": "nothing listens there",
    "timeout": "no answer in time",
}


def open_postgres(address: str) -> SourceFile:
    """Open `postgresql://host/database#schema.table`.

    The content can only be named after a full reading, so a table that did not
    change is read again; nothing of it is stored twice.

    Raises:
        ParameterError: No table is named, or there is no such table.
        AccessError: The driver is not installed, or the server refuses.
    """
    parts = urlsplit(address)
    schema, _, table = parts.fragment.rpartition(".")
    if not table:
        raise ParameterError(
            "The PostgreSQL address names no table; end it with `#table` or `#schema.table`."
        )
    schema = schema or "public"
    uri = urlunsplit(parts._replace(fragment=""))
    types = _column_types(uri, schema=schema, table=table)

    def read(columns: Sequence[str]) -> Iterator[RawBatch]:
        listed = ", ".join(_selected(name, types[name]) for name in columns)
        query = f"SELECT {listed} FROM {_quoted(schema)}.{_quoted(table)}"  # noqa: S608 - quoted
        return _batches(uri, query)

    return SourceFile(
        label=f"{schema}.{table}", columns=tuple(types), rows=None, digest=None, read=read
    )


def _column_types(uri: str, *, schema: str, table: str) -> dict[str, str]:
    with _cursor(uri) as cursor:
        cursor.execute(
            "SELECT column_name::text, data_type::text FROM information_schema.columns "
            "WHERE table_schema = $1 AND table_name = $2 ORDER BY ordinal_position",
            (schema, table),
        )
        types = {str(name): str(kind) for name, kind in cursor.fetchall()}
        if types:
            return types
        cursor.execute(
            "SELECT table_schema || '.' || table_name FROM information_schema.tables "
            "WHERE table_schema NOT IN ('pg_catalog', 'information_schema') ORDER BY 1"
        )
        tables = [str(row[0]) for row in cursor.fetchall()]
    raise ParameterError(
        f"There is no table `{schema}.{table}` in the database; tables are {tables}."
        + suggest(f"{schema}.{table}", tables)
    )


def _batches(uri: str, query: str) -> Iterator[RawBatch]:
    first = 1
    with _cursor(uri) as cursor:
        cursor.execute(query)
        for chunk in cursor.fetch_record_batch():
            frame = pl.DataFrame(pl.from_arrow(chunk))
            for start in range(0, frame.height, BATCH_ROWS):
                part = frame.slice(start, BATCH_ROWS)
                yield RawBatch(frame=numbered(part, first=first))
                first += part.height


@contextmanager
def _cursor(uri: str) -> Iterator[Any]:
    try:
        from adbc_driver_manager import Error  # noqa: PLC0415 - an extra, not needed by most
        from adbc_driver_postgresql import dbapi  # noqa: PLC0415
    except ImportError:
        raise AccessError(
            "Reading PostgreSQL needs the package `adbc-driver-postgresql`; install "
            "`analytics-lib[postgres]`."
        ) from None
    try:
        with dbapi.connect(uri) as connection, connection.cursor() as cursor:
            yield cursor
    except Error as error:
        raise AccessError(f"PostgreSQL at `{_place(uri)}`: {_cause(str(error))}.") from None


def _place(uri: str) -> str:
    """Host and database, without user and password."""
    parts = urlsplit(uri)
    host = parts.hostname or parse_qs(parts.query).get("host", ["local socket"])[0]
    return f"{host}{f':{parts.port}' if parts.port else ''}{parts.path}"


def _cause(words: str) -> str:
    """The driver's message may hold the login; only its kind is passed on."""
    for mark, cause in _CAUSES.items():
        if mark in words:
            return cause
    state = re.search(r"SQLSTATE:? ?([0-9A-Z]{5})", words)
    return f"the query failed (SQLSTATE {state[1]})" if state else "the connection failed"


def _selected(name: str, kind: str) -> str:
    quoted = _quoted(name)
    return quoted if kind in _NATIVE else f"{quoted}::text AS {quoted}"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
