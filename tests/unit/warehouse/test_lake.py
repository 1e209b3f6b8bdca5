import datetime as dt
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import deltalake
import polars as pl
import pytest

from analytics_lib.core.errors import AccessError, ParameterError
from analytics_lib.warehouse import Lake, ingest, open_lake

Csv = Callable[..., Path]
Mapping = Callable[..., Path]


@pytest.fixture
def filled(csv: Csv, lake: Path, now: dt.datetime) -> Lake:
    ingest(csv("a", "b", day="2024-05-01"), lake=lake, table="events", now=now)
    ingest(csv("c", name="2.csv", day="2024-05-03"), lake=lake, table="events", now=now)
    return open_lake(lake)


def test_newest_versions_are_read(filled: Lake) -> None:
    assert filled.tables() == ["events"]
    assert filled.version("events") == 1
    assert filled.versions() == {"events": 1}
    assert repr(filled) == "Lake(events@1)"
    assert filled.table("events").collect().height == 3
    assert filled.last_complete_day == dt.date(2024, 5, 2)


def test_pinned_version_is_read_as_it_was(filled: Lake, lake: Path) -> None:
    old = open_lake(lake, versions={"events": 0})
    assert old.table("events").collect().height == 2
    assert old.events().frame.collect().shape == (2, 17)
    assert old.last_complete_day == dt.date(2024, 4, 30)
    assert len(old.history("events")) == 1
    assert old.identity("events") != filled.identity("events")


def test_open_lake_does_not_move(filled: Lake, csv: Csv, lake: Path, now: dt.datetime) -> None:
    ingest(csv("d", name="3.csv"), lake=lake, table="events", now=now)
    assert filled.table("events").collect().height == 3
    assert open_lake(lake).table("events").collect().height == 4


def test_history_tells_what_each_version_did(filled: Lake) -> None:
    newest, oldest = filled.history("events")
    assert (newest["version"], newest["operation"]) == (1, "WRITE")
    assert dt.datetime.fromisoformat(newest["timestamp"]).tzinfo is not None
    assert [version["report"]["stored"] for version in (newest, oldest)] == [1, 2]
    assert oldest["report"]["version_after"] == 0


def test_lake_made_again_has_the_same_identity(
    filled: Lake, csv: Csv, tmp_path: Path, now: dt.datetime
) -> None:
    later = now + dt.timedelta(days=9)
    other = tmp_path / "other"
    ingest(csv("a", "b", name="x.csv", day="2024-05-01"), lake=other, table="events", now=later)
    ingest(csv("c", name="y.csv", day="2024-05-03"), lake=other, table="events", now=later)
    assert open_lake(other).identity("events") == filled.identity("events")


def test_identity_follows_the_content_not_the_housekeeping(
    filled: Lake, csv: Csv, lake: Path, now: dt.datetime
) -> None:
    table = deltalake.DeltaTable(str(lake / "events"))
    table.optimize.compact()
    packed = open_lake(lake)
    assert packed.version("events") == 2
    assert packed.identity("events") == filled.identity("events")
    table.delete("day = 19844")
    erased = open_lake(lake)
    assert erased.identity("events") != filled.identity("events")
    assert erased.history("events")[0]["report"] is None
    assert erased.table("events").collect().height == 1
    assert erased.zone == "UTC"
    report = ingest(csv("e", name="e.csv"), lake=lake, table="events", now=now)
    assert report.tables[0].version_after == 4
    assert open_lake(lake).table("events").collect().height == 2


def test_sources_are_told_with_their_words(
    csv: Csv, lake: Path, mapping: Mapping, now: dt.datetime
) -> None:
    csv("a", day="2024-05-05")
    words = {
        "citation": "Shop (2024)",
        "kind": "sample",
        "assumptions": ["Clicks are counted once."],
    }
    ingest(mapping(**words), lake=lake, now=now)
    ingest(csv("b", name="b.csv", day="2024-05-03"), lake=lake, table="events", now=now)
    shop, loose = open_lake(lake).sources()
    assert (shop.source, shop.title, shop.licence, shop.citation) == (
        "shop",
        "Shop",
        "CC0",
        "Shop (2024)",
    )
    assert (shop.kind, shop.assumptions, shop.zone) == (
        "sample",
        ("Clicks are counted once.",),
        "UTC",
    )
    assert (shop.tables, shop.last_complete_day) == (("events",), dt.date(2024, 5, 4))
    assert (loose.source, loose.licence, loose.kind) == ("undeclared", "not stated", "real")
    # The source that is behind decides.
    assert open_lake(lake).last_complete_day == dt.date(2024, 5, 2)


def test_lake_without_events_knows_no_complete_day(
    tmp_path: Path, lake: Path, now: dt.datetime
) -> None:
    (tmp_path / "users.csv").write_text("user_id,created_day\nu,2024-01-01\n")
    ingest(tmp_path / "users.csv", lake=lake, table="users", now=now)
    opened = open_lake(lake)
    with pytest.raises(AccessError, match="no day is known to be complete"):
        _ = opened.last_complete_day
    with pytest.raises(ParameterError, match=r"no table `events`; tables are \['users'\]"):
        opened.events()


def test_missing_lake_is_an_access_error(tmp_path: Path) -> None:
    for path in (tmp_path / "none", tmp_path):
        with pytest.raises(AccessError, match="run `analytics ingest` first") as caught:
            open_lake(path)
        assert caught.value.exit_code == 6


def test_unknown_table_is_suggested(filled: Lake) -> None:
    with pytest.raises(ParameterError, match=r"no table `event`.*Did you mean 'events'\?"):
        filled.table("event")


@pytest.mark.parametrize(("version", "known"), [(-1, False), (0, True), (1, True), (2, False)])
def test_version_must_exist(filled: Lake, lake: Path, version: int, *, known: bool) -> None:
    del filled
    if known:
        assert open_lake(lake, versions={"events": version}).version("events") == version
    else:
        with pytest.raises(ParameterError, match=r"`events` has no version -?\d; versions are 0"):
            open_lake(lake, versions={"events": version})


def test_pinned_table_must_exist(filled: Lake, lake: Path) -> None:
    del filled
    with pytest.raises(ParameterError, match=r"`versions` names `evnts`.*Did you mean 'events'"):
        open_lake(lake, versions={"evnts": 0})


def test_lake_is_found_from_below(
    filled: Lake, lake: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = tmp_path / "project"
    (project / "parameters").mkdir(parents=True)
    (project / "outputs").mkdir()
    (project / "notebooks" / "explore").mkdir(parents=True)
    monkeypatch.chdir(project / "notebooks" / "explore")
    with pytest.raises(AccessError, match="no lake at `warehouse`"):
        open_lake()
    lake.rename(project / "outputs" / "warehouse")
    assert open_lake().versions() == filled.versions()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ANALYTICS_LAKE", str(project / "outputs" / "warehouse"))
    assert open_lake().versions() == filled.versions()


def test_no_project_no_lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(AccessError, match="No lake is named"):
        open_lake()


def test_opening_loads_no_storage_library() -> None:
    slow = ["deltalake", "duckdb", "pandera", "pyarrow", "pandas", "adbc_driver_postgresql"]
    code = (
        "import sys, analytics_lib.warehouse;"
        f"print([name for name in {slow} if name in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


@pytest.mark.parametrize("name", ["my lake", "l'été", "湖"])
def test_folder_with_a_difficult_name(
    csv: Csv, tmp_path: Path, now: dt.datetime, name: str
) -> None:
    lake = tmp_path / name
    ingest(csv("a"), lake=lake, table="events", now=now)
    report = ingest(csv("a", "b", name="2.csv"), lake=lake, table="events", now=now)
    assert (report.stored, report.tables[0].duplicates) == (1, 1)
    assert open_lake(lake).table("events").collect().height == 2


@pytest.mark.parametrize("name", ["lake[1]", "lake%20", "a*b"])
def test_folder_the_storage_library_misreads_is_refused(
    csv: Csv, tmp_path: Path, now: dt.datetime, name: str
) -> None:
    with pytest.raises(ParameterError, match="which the storage library cannot take"):
        ingest(csv("a"), lake=tmp_path / name, table="events", now=now)


def test_table_with_every_row_erased_is_empty(filled: Lake, lake: Path) -> None:
    del filled
    deltalake.DeltaTable(str(lake / "events")).delete()
    table = open_lake(lake).table("events").collect()
    assert table.height == 0
    assert table.schema["day"] == pl.Int32


def test_deletion_vectors_are_refused_rather_than_overlooked(filled: Lake, lake: Path) -> None:
    log = lake / "events" / "_delta_log" / f"{2:020d}.json"
    features = {"readerFeatures": ["deletionVectors"], "writerFeatures": ["deletionVectors"]}
    protocol = {"protocol": {"minReaderVersion": 3, "minWriterVersion": 7, **features}}
    log.write_text(json.dumps(protocol) + "\n")
    assert filled.table("events").collect().height == 3
    with pytest.raises(AccessError, match=r"`events` was changed by another engine and needs \['"):
        open_lake(lake).table("events")
