import datetime as dt
import gzip
import json
from collections.abc import Callable
from pathlib import Path

import duckdb
import polars as pl
import pytest
from filelock import FileLock

from analytics_lib.core.errors import AccessError, ParameterError, RunError, SchemaError
from analytics_lib.warehouse import IngestReport, accounts, ingest, open_lake
from analytics_lib.warehouse.commit_log import last_ingest

Csv = Callable[..., Path]
Mapping = Callable[..., Path]


def balance(report: IngestReport) -> list[tuple[int, int, int, int, int]]:
    return [
        (t.rows_in, t.stored, t.duplicates, t.quarantined_rows, t.without_consent)
        for t in report.tables
    ]


def test_file_without_mapping_becomes_events(csv: Csv, lake: Path, now: dt.datetime) -> None:
    report = ingest(csv("a", "b"), lake=lake, table="events", now=now)
    log = open_lake(lake).events()
    rows = log.frame.collect().to_native().sort("t_us")
    assert balance(report) == [(2, 2, 0, 0, 0)]
    assert (log.zone, log.resolution) == ("UTC", "microsecond")
    # origin: `date -u -d 2024-05-01T10:00:00Z +%s` is 1714557600, 19844 whole days
    assert rows["t_us"].to_list() == [1_714_557_600_000_000] * 2
    assert rows["day"].to_list() == [19_844] * 2
    assert rows["quantity"].to_list() == [1, 1]
    assert rows["user_id"].str.len_chars().to_list() == [64, 64]


def test_no_raw_identifier_is_written_anywhere(csv: Csv, lake: Path, now: dt.datetime) -> None:
    source = csv("secret-1", "secret-2")
    text = source.read_text(encoding="utf-8").replace(
        "user-secret-2,click,2024-05-01T10", "user-secret-2,click,2024-05-41T10"
    )
    source.write_text(text + "".join(f"e{n},u{n},click,2024-05-01T10:00:00Z\n" for n in range(40)))
    ingest(source, lake=lake, table="events", now=now)
    written = [path for path in lake.rglob("*") if path.is_file()]
    for path in written:
        frame = pl.read_parquet(path) if path.suffix == ".parquet" else pl.DataFrame()
        assert b"secret" not in path.read_bytes() + frame.write_csv().encode()
    assert sorted(found.name for found in lake.parent.iterdir()) == [
        ".lake.lock",
        "events.csv",
        "lake",
    ]


def test_same_file_again_changes_nothing(csv: Csv, lake: Path, now: dt.datetime) -> None:
    source = csv("a", "b")
    ingest(source, lake=lake, table="events", now=now)
    before = sorted((path, path.stat().st_mtime_ns) for path in lake.rglob("*"))
    again = ingest(source, lake=lake, table="events", now=now)
    renamed = ingest(source.rename(source.with_name("x.csv")), lake=lake, table="events", now=now)
    assert balance(again) == balance(renamed) == [(2, 0, 2, 0, 0)]
    assert again.unchanged
    assert sorted((path, path.stat().st_mtime_ns) for path in lake.rglob("*")) == before


def test_known_file_is_not_read_again(
    csv: Csv, lake: Path, now: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = csv("a", "b")
    ingest(source, lake=lake, table="events", now=now)
    monkeypatch.setattr("analytics_lib.warehouse.csv_files._batches", None)
    assert ingest(source, lake=lake, table="events", now=now).unchanged


def test_retry_with_the_same_id_is_a_duplicate(csv: Csv, lake: Path, now: dt.datetime) -> None:
    first = ingest(csv("a", "b", "a"), lake=lake, table="events", now=now)
    second = ingest(csv("b", "c", name="more.csv"), lake=lake, table="events", now=now)
    assert balance(first) == [(3, 2, 1, 0, 0)]
    assert balance(second) == [(2, 1, 1, 0, 0)]
    assert open_lake(lake).table("events").collect().height == 3


def test_another_file_of_nothing_but_duplicates_changes_no_version(
    csv: Csv, lake: Path, now: dt.datetime
) -> None:
    ingest(csv("a", "b"), lake=lake, table="events", now=now)
    report = ingest(csv("b", "a", name="turned.csv"), lake=lake, table="events", now=now)
    assert balance(report) == [(2, 0, 2, 0, 0)]
    assert report.unchanged


def test_of_duplicates_the_first_received_stays(tmp_path: Path, lake: Path) -> None:
    source = tmp_path / "e.jsonl"
    rows = [("late", 9), ("first", 5), ("unknown", None), ("tie", 5)]
    source.write_text(
        "".join(
            json.dumps(
                {
                    "event_id": "e",
                    "user_id": "u",
                    "event_type": name,
                    "timestamp": "2024-05-01 10:00",
                    "received_us": at,
                }
            )
            + "\n"
            for name, at in rows
        ),
        encoding="utf-8",
    )
    report = ingest(source, lake=lake, table="events")
    assert balance(report) == [(4, 1, 3, 0, 0)]
    assert open_lake(lake).table("events").collect()["event_type"].to_list() == ["first"]


def test_equal_rows_are_added_up_when_the_id_is_a_digest(
    tmp_path: Path, lake: Path, mapping: Mapping, now: dt.datetime
) -> None:
    columns = {
        "event_id": {"digest": ["who", "what", "on"]},
        "user_id": "who",
        "event_type": "what",
        "day": {"date": "on"},
    }
    path = mapping(columns)
    source = tmp_path / "events.csv"
    source.write_text("who,what,on\n" + "ann,click,2024-05-01\n" * 3 + "ann,buy,2024-05-01\n")
    first = ingest(path, lake=lake, now=now)
    # One more equal click in a later export of the same file, and one that is not equal.
    source.write_text(
        "who,what,on\n" + "ann,click,2024-05-01\n" * 4 + "ann,buy,2024-05-01\nbob,buy,2024-05-01\n"
    )
    second = ingest(path, lake=lake, now=now)
    log = open_lake(lake)
    rows = log.table("events").collect()
    assert balance(first) == [(4, 4, 0, 0, 0)]
    assert balance(second) == [(6, 2, 4, 0, 0)]
    assert rows["event_id"].n_unique() == 6
    assert log.events().resolution == "day"


def test_occurrences_count_as_duplicates_where_the_mapping_says_so(
    tmp_path: Path, lake: Path, mapping: Mapping, now: dt.datetime
) -> None:
    path = mapping(
        {
            "event_id": {"digest": ["who", "on"], "occurrence": False},
            "user_id": "who",
            "event_type": {"constant": "click"},
            "day": {"date": "on"},
        }
    )
    (tmp_path / "events.csv").write_text("who,on\nann,2024-05-01\nann,2024-05-01\n")
    assert balance(ingest(path, lake=lake, now=now)) == [(2, 1, 1, 0, 0)]


def test_rows_without_consent_are_left_out_and_counted(
    tmp_path: Path, lake: Path, mapping: Mapping, events: Callable[..., pl.DataFrame]
) -> None:
    frame = events("a", "b", "c", "d").with_columns(
        agreed=pl.Series(["yes", "no", None, "TRUE"]),
        timestamp=pl.Series(["2024-05-01 10:00", "no date at all", "x", "2024-05-01 10:00"]),
    )
    frame.write_csv(tmp_path / "events.csv")
    report = ingest(mapping(rule={"consent": {"column": "agreed"}}), lake=lake)
    assert balance(report) == [(4, 2, 0, 0, 2)]
    assert report.tables[0].consent == "column `agreed`"
    assert "2 without consent" in report.lines()[0]


def test_consent_that_says_neither_is_quarantined(
    tmp_path: Path, lake: Path, events: Callable[..., pl.DataFrame]
) -> None:
    consent = pl.Series("consent", ["maybe", *["1"] * 30])
    frame = events(*(f"e{n}" for n in range(31))).with_columns(consent)
    frame.write_csv(tmp_path / "events.csv")
    report = ingest(tmp_path / "events.csv", lake=lake, table="events")
    assert balance(report) == [(31, 30, 0, 1, 0)]
    assert dict(report.tables[0].quarantined) == {"`consent` says neither yes nor no": 1}


def test_nothing_is_stored_where_nobody_consents(
    tmp_path: Path, lake: Path, events: Callable[..., pl.DataFrame]
) -> None:
    events("a").with_columns(consent=pl.lit("no")).write_csv(tmp_path / "events.csv")
    report = ingest(tmp_path / "events.csv", lake=lake, table="events")
    assert balance(report) == [(1, 0, 0, 0, 1)]
    assert report.tables[0].version_after is None
    assert not lake.exists()


def many(bad: str, *, good: int = 40) -> str:
    """A CSV with one bad row on line 4."""
    rows = [f"e{n},u{n},click,2024-05-01T10:00:00Z,1" for n in range(good)]
    rows.insert(2, bad)
    return "event_id,user_id,event_type,timestamp,quantity\n" + "\n".join(rows) + "\n"


@pytest.mark.parametrize(
    ("bad", "column", "reason"),
    [
        pytest.param(
            "x,u,click,2024-02-30T10:00:00Z,1",
            "t_us",
            "is no date with a time of day that exists",
            id="date that does not exist",
        ),
        pytest.param(
            "x,u,click,2024-05-01T10:00:00Z,abc", "quantity", "is no whole number", id="no number"
        ),
        pytest.param(
            "x,u,click,2024-05-01T10:00:00Z,0", "quantity", "must be at least 1", id="too small"
        ),
        pytest.param(
            "x,,click,2024-05-01T10:00:00Z,1", "user_id", "is missing", id="null in required"
        ),
        pytest.param(
            "x,u,click,2024-06-03T00:00:00Z,1", "day", "lies in the future", id="in the future"
        ),
        pytest.param("x,u,click", None, "has 3 fields, but the header has 5", id="cut-off row"),
    ],
)
def test_bad_row_is_quarantined_with_reason_and_line(
    tmp_path: Path, lake: Path, now: dt.datetime, bad: str, column: str | None, reason: str
) -> None:
    source = tmp_path / "events.csv"
    source.write_text(many(bad), encoding="utf-8")
    report = ingest(source, lake=lake, table="events", now=now)
    again = ingest(source, lake=lake, table="events", now=now)
    kept = open_lake(lake).table("quarantine").collect()
    assert balance(report) == [(41, 40, 0, 1, 0)]
    assert balance(again) == [(41, 0, 41, 0, 0)]
    assert ", 1 quarantined; now version 0." in report.lines()[0]
    assert kept.drop("ingest_id").rows() == [
        ("undeclared", "events", "events.csv", 4, column, reason)
    ]


@pytest.mark.parametrize(
    ("day", "stored"), [("2024-06-01", True), ("2024-06-02", True), ("2024-06-03", False)]
)
def test_tomorrow_is_the_last_day_an_event_can_have(
    csv: Csv, lake: Path, mapping: Mapping, now: dt.datetime, day: str, *, stored: bool
) -> None:
    source = csv("a", day=day)
    if stored:
        assert balance(ingest(source, lake=lake, table="events", now=now)) == [(1, 1, 0, 0, 0)]
    else:
        with pytest.raises(SchemaError, match="`day` lies in the future"):
            ingest(source, lake=lake, table="events", now=now)
    simulated = ingest(mapping(kind="simulated"), lake=lake, now=now)
    assert simulated.tables[0].rows_in == 1


@pytest.mark.parametrize(("bad", "refused"), [(4, False), (5, False), (6, True)])
def test_more_bad_rows_than_the_limit_refuse_all(
    tmp_path: Path, lake: Path, now: dt.datetime, bad: int, *, refused: bool
) -> None:
    days = ["2024-05-01"] * (100 - bad) + ["2024-13-01"] * bad
    source = tmp_path / "events.csv"
    source.write_text(
        "event_id,user_id,event_type,day\n"
        + "".join(f"e{n},u{n},click,{day}\n" for n, day in enumerate(days)),
        encoding="utf-8",
    )
    if not refused:
        assert balance(ingest(source, lake=lake, table="events", now=now)) == [
            (100, 100 - bad, 0, bad, 0)
        ]
        return
    with pytest.raises(
        SchemaError,
        match=(
            r"`events`: 6 of 100 rows \(6.0%\) would be quarantined, more than the limit of 5%; "
            r"nothing was stored. Reasons: `day` is neither a day number nor an ISO date that "
            r"exists \(6\). First at events.csv line 96, "
        ),
    ):
        ingest(source, lake=lake, table="events", now=now)
    assert not lake.exists()


def test_quarantine_of_a_repeated_file_is_not_doubled(
    tmp_path: Path, lake: Path, mapping: Mapping, now: dt.datetime
) -> None:
    (tmp_path / "events.csv").write_text("event_id,user_id,event_type,timestamp\nx,u,click,never\n")
    path = mapping(rule={"quarantine_limit": 0.99})
    with pytest.raises(SchemaError, match=r"1 of 1 rows \(100.0%\)"):
        ingest(path, lake=lake, now=now)
    (tmp_path / "events.csv").write_text(
        "event_id,user_id,event_type,timestamp\nx,u,click,never\ny,u,click,2024-05-01 10:00\n"
    )
    for _ in range(2):
        ingest(path, lake=lake, now=now)
    # A bad row in a file whose good rows are all there already is noted all the same, and once.
    (tmp_path / "events.csv").write_text(
        "event_id,user_id,event_type,timestamp\ny,u,click,2024-05-01 10:00\nx,u,click,never\n"
    )
    for _ in range(2):
        assert balance(ingest(path, lake=lake, now=now)) == [(2, 0, 1, 1, 0)]
    assert open_lake(lake).versions() == {"events": 0, "quarantine": 1}


def test_folder_reads_every_kind_and_only_new_files(
    tmp_path: Path, csv: Csv, lake: Path, now: dt.datetime, events: Callable[..., pl.DataFrame]
) -> None:
    folder = tmp_path / "in"
    csv("a", "b", name="in/1.csv")
    events("c").write_parquet(folder / "2.parquet")
    events("d").write_ndjson(folder / "3.jsonl")
    with gzip.open(folder / "4.csv.gz", "wb") as packed:
        packed.write(events("e").write_csv().encode())
    with gzip.open(folder / "5.jsonl.gz", "wb") as packed:
        packed.write(events("f").write_ndjson().encode())
    (folder / "README.md").write_text("not data")
    (folder / "_old.csv").write_text("not this one")
    first = ingest(folder, lake=lake, table="events", now=now)
    csv("a", "g", name="in/6.csv")
    second = ingest(folder, lake=lake, table="events", now=now)
    assert balance(first) == [(6, 6, 0, 0, 0)]
    assert balance(second) == [(8, 1, 7, 0, 0)]


def test_duckdb_table_is_read(
    tmp_path: Path, lake: Path, now: dt.datetime, events: Callable[..., pl.DataFrame]
) -> None:
    frame = events("a", "b").with_columns(pl.col("timestamp").str.to_datetime(time_zone="UTC"))
    with duckdb.connect(str(tmp_path / "shop.duckdb")) as connection:
        connection.register("frame", frame)
        connection.execute('CREATE TABLE "click stream" AS FROM frame')
    source = f"{tmp_path / 'shop.duckdb'}#click stream"
    report = ingest(source, lake=lake, table="events", now=now)
    again = ingest(source, lake=lake, table="events", now=now)
    assert balance(report) == [(2, 2, 0, 0, 0)]
    assert again.unchanged
    assert open_lake(lake).events().resolution == "microsecond"


def test_columns_nobody_asked_for_stay_outside(
    tmp_path: Path, lake: Path, events: Callable[..., pl.DataFrame], now: dt.datetime
) -> None:
    frame = events("a").with_columns(ip_address=pl.lit("10.1.2.3"), email=pl.lit("a@b.c"))
    frame.write_csv(tmp_path / "events.csv")
    report = ingest(tmp_path / "events.csv", lake=lake, table="events", now=now)
    assert report.tables[0].dropped_columns == ("ip_address", "email")
    assert report.lines()[1] == "  columns not taken over: ip_address, email"


def test_progress_is_told(
    tmp_path: Path, csv: Csv, lake: Path, now: dt.datetime, events: Callable[..., pl.DataFrame]
) -> None:
    told: list[tuple[int, int | None, str]] = []
    events("a", "b").write_parquet(tmp_path / "p.parquet")
    for source in (tmp_path / "p.parquet", csv("c", "d", "e")):
        ingest(
            source,
            lake=lake,
            table="events",
            now=now,
            on_progress=lambda done, total, label: told.append((done, total, label)),
        )
    assert told == [(2, 2, "events"), (3, None, "events")]


def test_lake_has_one_zone(csv: Csv, lake: Path, mapping: Mapping, now: dt.datetime) -> None:
    csv("a")
    ingest(mapping(zone="Asia/Tokyo"), lake=lake, now=now)
    with pytest.raises(ParameterError, match=r"`zone` of `shop` is 'UTC'.*in 'Asia/Tokyo'"):
        ingest(mapping(), lake=lake, now=now)
    # A file without a mapping follows the lake.
    report = ingest(csv("b", name="b.csv"), lake=lake, table="events", now=now)
    assert balance(report) == [(1, 1, 0, 0, 0)]
    assert open_lake(lake).zone == "Asia/Tokyo"


def test_other_key_is_refused(
    csv: Csv, lake: Path, now: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    ingest(csv("a"), lake=lake, table="events", now=now)
    monkeypatch.setenv("ANALYTICS_PSEUDONYM_KEY", "cd" * 32)
    with pytest.raises(AccessError, match="filled with the pseudonym key") as caught:
        ingest(csv("b"), lake=lake, table="events", now=now)
    assert caught.value.exit_code == 6
    state = last_ingest(lake / "events")
    assert state is not None
    assert "cd" * 32 not in json.dumps(state)


def test_new_words_about_a_source_are_kept_without_new_rows(
    csv: Csv, lake: Path, mapping: Mapping, now: dt.datetime
) -> None:
    csv("a", "b", day="2024-05-20")
    ingest(mapping(), lake=lake, now=now)
    assert open_lake(lake).last_complete_day == dt.date(2024, 5, 19)
    report = ingest(mapping(complete_through="2024-05-25"), lake=lake, now=now)
    again = ingest(mapping(complete_through="2024-05-25"), lake=lake, now=now)
    assert balance(report) == [(2, 0, 2, 0, 0)]
    assert (report.tables[0].version_before, report.tables[0].version_after) == (0, 1)
    assert again.unchanged
    assert open_lake(lake).last_complete_day == dt.date(2024, 5, 25)
    assert open_lake(lake, versions={"events": 0}).last_complete_day == dt.date(2024, 5, 19)


def test_second_writer_waits_and_gives_up(
    csv: Csv, lake: Path, now: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("analytics_lib.warehouse.staging.LOCK_SECONDS", 0.05)
    with (
        FileLock(lake.parent / ".lake.lock"),
        pytest.raises(AccessError, match="Another ingest is writing to the lake `lake`"),
    ):
        ingest(csv("a"), lake=lake, table="events", now=now)


def test_account_that_does_not_balance_is_refused() -> None:
    with pytest.raises(RunError, match=r"does not balance: 3 rows in, but 1 stored \+ 0 duplic"):
        accounts.TableReport(
            table="events",
            rows_in=3,
            stored=1,
            duplicates=0,
            quarantined={"`day` is missing": 1},
            without_consent=0,
            dropped_columns=(),
            consent="",
            version_before=None,
            version_after=0,
        )


def test_report_reads_as_words_and_as_plain_values(csv: Csv, lake: Path, now: dt.datetime) -> None:
    report = ingest(csv("a", "b", "b"), lake=lake, table="events", now=now)
    plain = json.loads(json.dumps(report.to_dict()))
    assert report.stored == 2
    assert report.lines()[0] == "events: 3 rows in, 2 stored, 1 duplicates; now version 0."
    assert report.lines()[-1].startswith("`undeclared` ingested in ")
    assert plain["tables"][0]["version_after"] == 0
    assert plain["unchanged"] is False
    again = ingest(csv("a", "b", "b"), lake=lake, table="events", now=now)
    assert again.lines()[-1] == "Nothing new in `undeclared`; the lake is unchanged."


def test_defect_behind_the_door_is_found_before_anything_is_stored(
    csv: Csv, lake: Path, now: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("analytics_lib.warehouse.door.pseudonymise", lambda values, **_: values)
    with pytest.raises(RunError, match=r"`events` breaks its contract after the door") as caught:
        ingest(csv("ann"), lake=lake, table="events", now=now)
    assert "ann" not in str(caught.value)
    assert not lake.exists()
