"""Everything that can be wrong with a source: the message, the exit code, and nothing stored."""

import datetime as dt
import gzip
from collections.abc import Callable
from pathlib import Path

import duckdb
import polars as pl
import pytest
import yaml

from analytics_lib.core.errors import AccessError, AnalyticsError, ParameterError, SchemaError
from analytics_lib.warehouse import ingest, open_lake

Csv = Callable[..., Path]
Mapping = Callable[..., Path]
Events = Callable[..., pl.DataFrame]


def refuse(
    source: Path | str,
    *,
    lake: Path,
    error: type[AnalyticsError],
    exit_code: int,
    match: str,
    **options: object,
) -> str:
    with pytest.raises(error, match=match) as caught:
        ingest(source, lake=lake, **({"table": "events"} | options))  # type: ignore[arg-type]
    assert caught.value.exit_code == exit_code
    assert not lake.exists()
    return str(caught.value)


def bad_source(source: Path | str, *, lake: Path, match: str) -> str:
    return refuse(source, lake=lake, error=SchemaError, exit_code=3, match=match)


def bad_question(source: Path | str, *, lake: Path, match: str, **options: object) -> str:
    return refuse(source, lake=lake, error=ParameterError, exit_code=2, match=match, **options)


def test_missing_column_is_named_with_the_nearest(tmp_path: Path, lake: Path) -> None:
    source = tmp_path / "e.csv"
    source.write_text("event_id,userid,event_type,timestamp\na,b,c,d\n")
    bad_source(
        source,
        lake=lake,
        match=(
            r"`e.csv` is missing column 'user_id' of `events`; available columns are \['event_id'"
            r".* Did you mean 'userid'\? Columns of other names need a mapping"
        ),
    )


def test_time_column_of_a_near_name_is_suggested(tmp_path: Path, lake: Path) -> None:
    source = tmp_path / "e.csv"
    source.write_text("event_id,user_id,event_type,timestmp\na,b,c,d\n")
    bad_source(source, lake=lake, match=r"missing column 'day'.*Did you mean 'timestamp'\?")


def test_missing_mapped_column_is_named(tmp_path: Path, lake: Path, mapping: Mapping) -> None:
    (tmp_path / "events.csv").write_text("event_id,user_id,event_typ,timestamp\na,b,c,d\n")
    bad_source(
        mapping(),
        lake=lake,
        match=r"`events.csv` is missing column 'event_type'.*Did you mean 'event_typ'\?",
    )


def test_second_file_with_another_schema_is_named(
    tmp_path: Path, lake: Path, csv: Csv, events: Events
) -> None:
    csv("a", name="in/1.csv")
    events("b").rename({"user_id": "member"}).write_parquet(tmp_path / "in" / "2.parquet")
    bad_source(tmp_path / "in", lake=lake, match=r"`2.parquet` is missing column 'user_id'")


@pytest.mark.parametrize(
    ("column", "values", "must"),
    [
        pytest.param("quantity", pl.Series([[1], [2]]), "a whole number", id="list as number"),
        pytest.param("user_id", pl.Series([[1], [2]]), "text or a number", id="list as text"),
        pytest.param("user_id", pl.Series([b"1", b"2"]), "text or a number", id="binary as text"),
        pytest.param(
            "timestamp", pl.Series([True, False]), "a time of day with its date", id="bool as time"
        ),
        pytest.param(
            "timestamp", pl.Series([1, 2]), r".* A number needs its `unit`", id="number as time"
        ),
        pytest.param(
            "timestamp",
            pl.Series([dt.date(2024, 1, 1)] * 2),
            "a time of day with its date",
            id="date as time",
        ),
        pytest.param("quantity", pl.Series([True, False]), "a whole number", id="bool as number"),
    ],
)
def test_wrong_type_is_named(
    tmp_path: Path, lake: Path, events: Events, column: str, values: pl.Series, must: str
) -> None:
    source = tmp_path / "e.parquet"
    events("a", "b").with_columns(values.alias(column)).write_parquet(source)
    bad_source(source, lake=lake, match=rf"`{column}` of `e.parquet` is .*; it must be {must}")


def test_text_in_a_number_column_of_every_row_is_refused(tmp_path: Path, lake: Path) -> None:
    source = tmp_path / "e.csv"
    source.write_text("event_id,user_id,event_type,day,quantity\na,secret,c,2024-05-01,abc\n")
    message = bad_source(source, lake=lake, match=r"`quantity` is no whole number \(1\)")
    assert "abc" not in message
    assert "secret" not in message


@pytest.mark.parametrize(
    ("name", "content", "match"),
    [
        ("e.csv", b"", r"`e.csv` is empty; it must have a header line"),
        ("e.csv", b"event_id,user_id,event_type,timestamp\n", r"`e.csv` has no rows"),
        ("e.csv.gz", gzip.compress(b"", mtime=0), r"`e.csv.gz` is empty"),
        ("e.csv.gz", b"no gzip", r"`e.csv.gz` is no readable CSV"),
        ("e.csv", b"a,b,a\n1,2,3\n", r"`e.csv` has columns \['a'\] more than once"),
        ("e.csv", b"\xff\xfea\x00", r"`e.csv` is no readable CSV file in UTF-8"),
        (
            "e.csv",
            b"event_id,user_id,event_type,day\n\xff,b,c,2024-01-01\n",
            r"`e.csv` is not in UTF-8|`e.csv` is no readable CSV file in UTF-8",
        ),
        ("e.jsonl", b"", r"`e.jsonl` is empty; it must have one JSON object a line"),
        ("e.jsonl", b"[1]\nnonsense\n", r"`e.jsonl` has no JSON object in its first lines"),
        ("e.jsonl", b"\xff\n", r"`e.jsonl` is no readable text file in UTF-8"),
        ("e.jsonl.gz", b"no gzip", r"`e.jsonl.gz` is no readable text file"),
        ("e.parquet", b"", r"`e.parquet` is empty"),
        ("e.parquet", b"PAR1 but not really", r"`e.parquet` is truncated or no Parquet file"),
        ("e.duckdb#events", b"not a database, but long enough " * 500, r"`e.duckdb` is no "),
    ],
)
def test_unreadable_file_is_named(
    tmp_path: Path, lake: Path, name: str, content: bytes, match: str
) -> None:
    (tmp_path / name.partition("#")[0]).write_bytes(content)
    bad_source(f"{tmp_path}/{name}", lake=lake, match=match)


@pytest.mark.parametrize("cut", [1, 8, 20, 2_000])
@pytest.mark.parametrize("name", ["e.csv.gz", "e.jsonl.gz"])
def test_truncated_gzip_is_refused(
    tmp_path: Path, lake: Path, events: Events, name: str, cut: int
) -> None:
    frame = events(*(f"e{n}" for n in range(5_000)))
    text = frame.write_csv() if "csv" in name else frame.write_ndjson()
    (tmp_path / name).write_bytes(gzip.compress(text.encode())[:-cut])
    bad_source(tmp_path / name, lake=lake, match=rf"`{name}` is a truncated gzip file")


def test_truncated_gzip_within_the_header_is_refused(tmp_path: Path, lake: Path) -> None:
    (tmp_path / "e.csv.gz").write_bytes(gzip.compress(b"event_id,user_id\n", mtime=0)[:14])
    bad_source(tmp_path / "e.csv.gz", lake=lake, match="`e.csv.gz` is a truncated gzip file")


def test_csv_that_stops_being_utf_8_is_refused(tmp_path: Path, lake: Path, events: Events) -> None:
    text = events(*(f"e{n}" for n in range(5_000))).write_csv().encode()
    (tmp_path / "e.csv").write_bytes(text + b"\xff,u,click,2024-05-01T10:00:00Z\n")
    bad_source(tmp_path / "e.csv", lake=lake, match="`e.csv` is not in UTF-8")


def test_damaged_gzip_is_refused(tmp_path: Path, lake: Path, events: Events) -> None:
    text = events(*(f"e{n}" for n in range(50_000))).write_csv().encode()
    packed = bytearray(gzip.compress(text, mtime=0))
    middle = len(packed) // 2
    packed[middle : middle + 2_000] = b"\xff" * 2_000
    (tmp_path / "e.csv.gz").write_bytes(bytes(packed))
    bad_source(tmp_path / "e.csv.gz", lake=lake, match="`e.csv.gz` cannot be read as CSV")


def test_parquet_damaged_in_the_middle_is_refused(
    tmp_path: Path, lake: Path, events: Events
) -> None:
    source = tmp_path / "e.parquet"
    events(*(f"e{n}" for n in range(3_000))).write_parquet(source, compression="snappy")
    content = bytearray(source.read_bytes())
    content[4:4_000] = b"\xff" * 3_996
    source.write_bytes(bytes(content))
    bad_source(source, lake=lake, match=r"`e.parquet` is damaged after row 0")


def test_parquet_without_rows_is_refused(tmp_path: Path, lake: Path, events: Events) -> None:
    events("a").head(0).write_parquet(tmp_path / "e.parquet")
    bad_source(tmp_path / "e.parquet", lake=lake, match="`e.parquet` has no rows")


def test_folder_without_data_is_refused(tmp_path: Path, lake: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "notes.txt").write_text("x")
    bad_source(tmp_path / "in", lake=lake, match="The folder `in` has no data")


def test_good_table_is_not_stored_beside_a_bad_one(
    tmp_path: Path, lake: Path, csv: Csv, mapping: Mapping
) -> None:
    csv("a")
    (tmp_path / "users.csv").write_text("user_id,created_day\nu,2024-02-30\n")
    users = {
        "from": "users.csv",
        "consent": {"declared": "x"},
        "columns": {"user_id": "user_id", "created_day": {"date": "created_day"}},
    }
    text = mapping().read_text(encoding="utf-8")
    data = yaml.safe_load(text)
    data["tables"]["users"] = users
    (tmp_path / "source.yaml").write_text(yaml.safe_dump(data))
    refuse(
        tmp_path / "source.yaml",
        lake=lake,
        error=SchemaError,
        exit_code=3,
        match=r"`created_day` is no ISO date that exists \(1\)",
        table=None,
    )


def test_missing_file_is_named_with_the_nearest(lake: Path, csv: Csv) -> None:
    path = csv("a")
    bad_question(
        path.with_name("event.csv"),
        lake=lake,
        match=r"no file or folder `event.csv` in `.*`. Did you mean 'events.csv'\?",
    )
    bad_question(path.parent / "no" / "such.csv", lake=lake, match="`such.csv` in `no`")


def test_unknown_kind_of_file_is_refused(tmp_path: Path, lake: Path) -> None:
    (tmp_path / "e.xlsx").write_bytes(b"x")
    bad_question(tmp_path / "e.xlsx", lake=lake, match=r"`e.xlsx` is of no kind that can be read")


def test_unknown_table_is_refused(csv: Csv, lake: Path) -> None:
    match = r"no table `event`; tables are \[.*\]. Did you mean 'events'\?"
    bad_question(csv("a"), lake=lake, match=match, table="event")


def test_table_must_be_named_without_a_mapping(csv: Csv, lake: Path) -> None:
    bad_question(
        csv("a"), lake=lake, match=r"the table must be named \(`--as events`\)", table=None
    )


def test_unknown_duckdb_table_is_refused(tmp_path: Path, lake: Path) -> None:
    path = tmp_path / "shop.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE TABLE events (a INTEGER)")
    bad_question(
        f"{path}#event",
        lake=lake,
        match=r"no table `event` in `shop.duckdb`; tables are \['events'\].*Did you mean 'events'",
    )
    bad_question(path, lake=lake, match=r"No table is named of `shop.duckdb`")


def test_duckdb_file_in_use_is_an_access_error(
    tmp_path: Path, lake: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "shop.duckdb"
    path.write_bytes(b"x")

    def locked(*_: object, **__: object) -> None:
        raise duckdb.IOException("IO Error: Could not set lock on file: Conflicting lock is held")

    monkeypatch.setattr(duckdb, "connect", locked)
    refuse(
        f"{path}#events",
        lake=lake,
        error=AccessError,
        exit_code=6,
        match="`shop.duckdb` is open for writing in another program",
    )


def test_lake_survives_a_bad_source(tmp_path: Path, lake: Path, csv: Csv) -> None:
    ingest(csv("a"), lake=lake, table="events")
    (tmp_path / "bad.csv").write_text("event_id,user_id,event_type,day\nx,y,z,2023-02-29\n")
    with pytest.raises(SchemaError, match="would be quarantined"):
        ingest(tmp_path / "bad.csv", lake=lake, table="events")
    assert open_lake(lake).versions() == {"events": 0}
