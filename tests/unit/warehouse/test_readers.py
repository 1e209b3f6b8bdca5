"""Line numbers and batches: what the quarantine says must lead to the row."""

import json
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from analytics_lib.warehouse import csv_files, ingest, json_files, open_lake
from analytics_lib.warehouse.csv_files import open_csv
from analytics_lib.warehouse.json_files import open_json_lines
from analytics_lib.warehouse.source_files import SourceFile


def read(
    file: SourceFile, columns: list[str]
) -> tuple[list[tuple[object, ...]], list[tuple[int, str]]]:
    batches = list(file.read(columns))
    rows = pl.concat([batch.frame for batch in batches]).rows()
    return rows, [bad for batch in batches for bad in batch.malformed]


@pytest.mark.parametrize("block", [1 << 20, 16, 40])
def test_lines_of_a_difficult_csv_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    lines = [
        "a,b",  # 1
        "1,one",  # 2
        '2,"two',  # 3: a field with two line breaks
        "and",
        'more"',
        "too,many,fields",  # 6
        "",  # 7: blank
        "3,three",  # 8
        "few",  # 9
        '4,"fo""ur"',  # 10
        "5,",  # 11
        "last,bad,one",  # 12
    ]
    path = tmp_path / "x.csv"
    path.write_text("\ufeff" + "\n".join(lines) + "\n", encoding="utf-8")
    monkeypatch.setattr(csv_files, "_BLOCK_BYTES", block)
    rows, bad = read(open_csv(path, delimiter=","), ["b", "a"])
    # origin: the numbers beside the lines above
    assert rows == [
        ("one", "1", 2),
        ("two\nand\nmore", "2", 3),
        ("three", "3", 8),
        ('fo"ur', "4", 10),
        (None, "5", 11),
    ]
    assert sorted(bad) == [
        (6, "has 3 fields, but the header has 2"),
        (9, "has 1 field, but the header has 2"),
        (12, "has 3 fields, but the header has 2"),
    ]


def test_many_bad_rows_keep_their_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_files, "_BLOCK_BYTES", 512)
    monkeypatch.setattr(csv_files, "BATCH_ROWS", 7)
    bad_lines = {line for line in range(2, 1_002) if line % 3 == 0 or line > 990}
    path = tmp_path / "x.csv"
    path.write_text(
        "a;b\n" + "".join("x\n" if n in bad_lines else f"{n};y\n" for n in range(2, 1_002))
    )
    rows, bad = read(open_csv(path, delimiter=";"), ["a"])
    assert all(int(str(value)) == line for value, line in rows)
    assert len(rows) == 1_000 - len(bad_lines)
    assert {line for line, _ in bad} == bad_lines


def test_json_lines_with_mixed_values(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_files, "BATCH_ROWS", 2)
    path = tmp_path / "x.jsonl"
    rows = ['{"a": 1, "b": {"c": [1]}}', "", '{"a": "1", "b": true}', "[]", '{"a": 1.5}', '{"a":']
    path.write_text("\n".join(rows))
    found, bad = read(open_json_lines(path), ["a", "b"])
    assert found == [("1", '{"c":[1]}', 1), ("1", "true", 3), ("1.5", None, 5)]
    assert bad == [(4, "is no JSON object"), (6, "is no JSON object")]


def test_deeply_nested_json_is_quarantined(
    tmp_path: Path, lake: Path, events: Callable[..., pl.DataFrame]
) -> None:
    good = events(*(f"e{n}" for n in range(30))).write_ndjson()
    (tmp_path / "e.jsonl").write_text(good + "[" * 200_000 + "\n")
    report = ingest(tmp_path / "e.jsonl", lake=lake, table="events")
    assert dict(report.tables[0].quarantined) == {"row is no JSON object": 1}
    assert open_lake(lake).table("quarantine").collect()["line"].to_list() == [31]


@pytest.mark.parametrize(
    ("properties", "reason"),
    [
        ('{"plan": "free"}', None),
        ("plan", "`properties` is no JSON object"),
        ('{"plan": 1, "IP": "10.0.0.1"}', "`properties` names a direct identifier"),
        ('{"user": {"email" : "a@b.c"}}', "`properties` names a direct identifier"),
    ],
)
def test_properties_are_looked_at(
    tmp_path: Path,
    lake: Path,
    events: Callable[..., pl.DataFrame],
    properties: str,
    reason: str | None,
) -> None:
    frame = events(*(f"e{n}" for n in range(30)))
    values = [properties, *[None] * 29]
    frame.with_columns(properties=pl.Series(values)).write_csv(tmp_path / "e.csv")
    report = ingest(tmp_path / "e.csv", lake=lake, table="events")
    assert dict(report.tables[0].quarantined) == ({reason: 1} if reason else {})


def test_batches_of_one_file_are_one_file(
    tmp_path: Path, lake: Path, monkeypatch: pytest.MonkeyPatch, events: Callable[..., pl.DataFrame]
) -> None:
    monkeypatch.setattr("analytics_lib.warehouse.columnar_files.BATCH_ROWS", 10)
    told: list[int] = []
    events(*(f"e{n % 35}" for n in range(45))).write_parquet(tmp_path / "e.parquet")
    report = ingest(
        tmp_path / "e.parquet",
        lake=lake,
        table="events",
        on_progress=lambda done, _total, _label: told.append(done),
    )
    assert told == [10, 20, 30, 40, 45]
    assert (report.stored, report.tables[0].duplicates) == (35, 10)


def test_numbers_of_json_keep_their_digits(tmp_path: Path, lake: Path) -> None:
    row = {"event_id": 12345678901234567890, "user_id": 7, "event_type": "x", "day": 19_000}
    (tmp_path / "e.jsonl").write_text(json.dumps(row) + "\n")
    ingest(tmp_path / "e.jsonl", lake=lake, table="events")
    table = open_lake(lake).table("events").collect()
    assert table["day"].to_list() == [19_000]
    assert open_lake(lake).events().resolution == "day"
