"""A PostgreSQL table, through a real server that the test starts and stops."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from analytics_lib.core.errors import AccessError, ParameterError, SchemaError
from analytics_lib.warehouse import ingest, open_lake
from analytics_lib.warehouse.postgres import _cause, _place, open_postgres

SECRET = "hunter2"


def binaries() -> Path | None:
    found = shutil.which("initdb")
    places = [Path(found).parent] if found else []
    places += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((place for place in places if (place / "initdb").exists()), None)


def run(command: list[str], *, folder: str) -> None:
    """Run a server program; PostgreSQL refuses to run as root."""
    owner = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    subprocess.run([*owner, *command], check=True, capture_output=True, cwd=folder)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    programs = binaries()
    if programs is None:
        pytest.skip("no PostgreSQL server programs on this machine (install `postgresql`)")
    pytest.importorskip("adbc_driver_postgresql", reason="needs `analytics-lib[postgres]`")
    if os.geteuid() == 0 and shutil.which("runuser") is None:
        pytest.skip("PostgreSQL does not run as root, and there is no `runuser`")
    # A short path of its own: the name of a socket may have 107 characters at most.
    with tempfile.TemporaryDirectory(prefix="pg-") as folder:
        home, port = Path(folder), free_port()
        if os.geteuid() == 0:
            shutil.chown(home, "postgres")
        (home / "password").write_text(SECRET)
        (home / "password").chmod(0o644)
        setup = ["-U", "shop", "-N", "-A", "scram-sha-256", "-E", "UTF8", "--locale=C"]
        run(
            [f"{programs}/initdb", "-D", f"{folder}/data", f"--pwfile={folder}/password", *setup],
            folder=folder,
        )
        control = [f"{programs}/pg_ctl", "-D", f"{folder}/data", "-w"]
        options = f"-c listen_addresses=127.0.0.1 -p {port} -k {folder} -F"
        run([*control, "-o", options, "-l", f"{folder}/log", "start"], folder=folder)
        try:
            uri = f"postgresql://shop:{SECRET}@127.0.0.1:{port}/postgres"
            fill(uri)
            yield uri
        finally:
            run([*control, "-m", "immediate", "stop"], folder=folder)


def fill(uri: str) -> None:
    dbapi = pytest.importorskip("adbc_driver_postgresql.dbapi")

    with dbapi.connect(uri, autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute('CREATE SCHEMA "web"')
        cursor.execute(
            'CREATE TABLE "web"."events" (event_id uuid, user_id bigint, event_type varchar(20), '
            '"timestamp" timestamptz, quantity numeric, ip inet)'
        )
        cursor.execute(
            'INSERT INTO "web"."events" SELECT md5(n::text)::uuid, n % 10, \'click\', '
            "timestamptz '2024-05-01 10:00+00' + n * interval '1 minute', "
            "CASE WHEN n = 100 THEN 1.5 ELSE 1 END, '10.1.2.3'::inet "
            "FROM generate_series(1, 100) AS n"
        )
        cursor.execute("CREATE TABLE public.nothing (event_id text)")


@pytest.mark.postgres
def test_table_is_read_and_read_again(
    server: str, lake: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("analytics_lib.warehouse.postgres.BATCH_ROWS", 30)
    source = f"{server}#web.events"
    first = ingest(source, lake=lake, table="events")
    again = ingest(source, lake=lake, table="events")
    opened = open_lake(lake)
    table = opened.table("events").collect()
    account = first.tables[0]
    assert (account.rows_in, account.stored, account.quarantined_rows) == (100, 99, 1)
    assert dict(account.quarantined) == {"`quantity` is no whole number": 1}
    assert account.dropped_columns == ("ip",)
    assert again.unchanged
    assert again.tables[0].duplicates == 100
    assert opened.versions() == {"events": 0, "quarantine": 0}
    assert opened.events().resolution == "microsecond"
    # origin: 2024-05-01T10:01:00Z, the first row of the table
    assert table["t_us"].min() == 1_714_557_660_000_000
    assert table["user_id"].n_unique() == 10
    for path in lake.rglob("*.json"):
        assert SECRET not in path.read_text()
    assert opened.table("quarantine").collect()["file"].to_list() == ["web.events"]


@pytest.mark.postgres
def test_mapping_can_name_the_table(server: str, lake: Path, mapping: object) -> None:
    path = mapping(rule={"from": f"{server}#web.events"})  # type: ignore[operator]
    report = ingest(path, lake=lake)
    assert report.stored == 100


@pytest.mark.postgres
def test_unknown_table_is_suggested(server: str, lake: Path) -> None:
    with pytest.raises(
        ParameterError, match=r"no table `web.event`.*'web.events'\].* Did you mean 'web.events'\?"
    ):
        ingest(f"{server}#web.event", lake=lake, table="events")


@pytest.mark.postgres
def test_missing_column_is_named(server: str, lake: Path) -> None:
    with pytest.raises(SchemaError, match=r"`public.nothing` is missing columns 'user_id', "):
        ingest(f"{server}#nothing", lake=lake, table="events")


@pytest.mark.postgres
@pytest.mark.parametrize(
    ("old", "new", "cause"),
    [
        (f":{SECRET}@", ":wrong-secret@", "the password is missing or wrong"),
        ("/postgres", "/nowhere", "the database or role does not exist"),
    ],
)
def test_refusal_shows_no_credentials(
    server: str, lake: Path, old: str, new: str, cause: str
) -> None:
    source = server.replace(old, new) + "#web.events"
    with pytest.raises(AccessError, match=rf"PostgreSQL at `127.0.0.1:\d+/\w+`: {cause}") as caught:
        ingest(source, lake=lake, table="events")
    assert caught.value.exit_code == 6
    assert "secret" not in str(caught.value)
    assert "shop" not in str(caught.value)


def test_no_server_is_an_access_error(lake: Path) -> None:
    pytest.importorskip("adbc_driver_postgresql", reason="needs `analytics-lib[postgres]`")
    source = f"postgresql://me:{SECRET}@127.0.0.1:{free_port()}/db#events"
    with pytest.raises(AccessError, match="nothing listens there") as caught:
        ingest(source, lake=lake, table="events")
    assert SECRET not in str(caught.value)


def test_missing_driver_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "adbc_driver_postgresql", None)
    with pytest.raises(AccessError, match=r"install `analytics-lib\[postgres\]`"):
        open_postgres("postgresql://host/db#events")


def test_address_must_name_a_table() -> None:
    with pytest.raises(ParameterError, match="names no table; end it with `#table`"):
        open_postgres("postgresql://host/db")


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("postgresql://me:pw@db.example:5432/shop", "db.example:5432/shop"),
        ("postgresql:///shop?host=/run/pg&user=me&password=pw", "/run/pg/shop"),
        ("postgresql:///shop", "local socket/shop"),
    ],
)
def test_place_has_no_credentials(address: str, place: str) -> None:
    assert _place(address) == place


@pytest.mark.parametrize(
    ("words", "cause"),
    [
        ("[libpq] oops for me:pw SQLSTATE: 42P01", "the query failed (SQLSTATE 42P01)"),
        ("[libpq] oops for me:pw", "the connection failed"),
    ],
)
def test_unknown_failure_passes_no_words_on(words: str, cause: str) -> None:
    assert _cause(words) == cause
