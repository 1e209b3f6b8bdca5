from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml

from analytics_lib.core.errors import ParameterError, SchemaError
from analytics_lib.warehouse import ingest, open_lake

Mapping = Callable[..., Path]
Csv = Callable[..., Path]

BASIC: dict[str, Any] = {
    "event_id": "event_id",
    "user_id": "user_id",
    "event_type": "event_type",
    "t_us": {"timestamp": "timestamp"},
}


def refuse(path: Path, *, lake: Path, match: str, **options: Any) -> None:
    with pytest.raises(ParameterError, match=match) as caught:
        ingest(path, lake=lake, **options)
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    ("entries", "match"),
    [
        pytest.param(
            {"licens": "CC0"},
            r"source.yaml: `licens` is unknown.*Did you mean 'licence'\?",
            id="unknown name",
        ),
        pytest.param({"kind": "fake"}, "`kind` is 'fake'", id="unknown kind"),
        pytest.param({"zone": "Europe/Londn"}, "Did you mean 'Europe/London'", id="unknown zone"),
        pytest.param({"source": "My Shop"}, "`source` is 'My Shop'", id="bad id"),
        pytest.param({"complete_through": "2024-02-30"}, "there is no such day", id="bad date"),
        pytest.param({"complete_through": 20240201}, "must be a valid string", id="unquoted date"),
        pytest.param({"tables": {}}, "`tables`", id="no tables"),
        pytest.param(
            {"tables": {"events": {"columns": 3}}}, "`tables.events.columns`", id="no map"
        ),
    ],
)
def test_wrong_mapping_is_refused(
    mapping: Mapping, lake: Path, entries: dict[str, Any], match: str
) -> None:
    refuse(mapping(**entries), lake=lake, match=match)


@pytest.mark.parametrize(
    ("rule", "match"),
    [
        ({"constant": 1, "column": "x"}, r"must have one of \['column', 'constant'\], not several"),
        ({}, "must say where its values come from"),
        ({"constant": "x", "map": {"a": "b"}}, "must name the `column` that `map` is applied to"),
        ({"column": "x", "days_after": "y"}, "must name the `origin` that `days_after` counts"),
        ({"colum": "x"}, "`tables.events.columns.platform.colum` is unknown"),
        ({"timestamp": "x", "zone": "Mars"}, "must be an IANA zone"),
        ({"date": "x"}, r"`date` cannot fill `platform`, which is string"),
        ({"digest": ["x"]}, "`digest` names rows; it cannot fill `platform`"),
        ({"origin": {"column": "x", "dates": {"a": "2013-02-30"}}}, "`a` is '2013-02-30'"),
        ({"coarse_region": "x", "parts": 3}, "`tables.events.columns.platform.parts` is 3"),
        ({"column": "x", "map": {True: "a"}}, "`tables.events.columns.platform.map"),
        ({"column": "x", "map": ["a"]}, "`tables.events.columns.platform.map"),
    ],
)
def test_wrong_column_rule_is_refused(
    mapping: Mapping, lake: Path, rule: dict[str, Any], match: str
) -> None:
    refuse(mapping({**BASIC, "platform": rule}), lake=lake, match=match)


def test_text_rule_cannot_fill_a_number(mapping: Mapping, lake: Path) -> None:
    columns = {**BASIC, "quantity": {"join": ["a", "b"]}}
    refuse(
        mapping(columns),
        lake=lake,
        match=r"`join` cannot fill `quantity`, which is int64 \(events\)",
    )


def test_identifying_property_is_refused(mapping: Mapping, lake: Path) -> None:
    columns = {**BASIC, "properties": {"properties": ["plan", "IP_address"]}}
    refuse(mapping(columns), lake=lake, match=r"must not list \['IP_address'\]")


def test_unknown_column_is_suggested(mapping: Mapping, lake: Path) -> None:
    columns = {**BASIC, "plattform": "x"}
    refuse(
        mapping(columns),
        lake=lake,
        match=r"`events` has no column `plattform`.*Did you mean 'platform'\?",
    )


def test_unknown_table_is_suggested(mapping: Mapping, lake: Path) -> None:
    refuse(mapping(table="event"), lake=lake, match=r"no table `event`.*Did you mean 'events'\?")


def test_required_column_must_be_mapped(mapping: Mapping, lake: Path) -> None:
    refuse(
        mapping({"event_id": "event_id", "user_id": "user_id", "t_us": {"timestamp": "t"}}),
        lake=lake,
        match=r"says nothing about \['event_type'\], which every row must have",
    )


@pytest.mark.parametrize(
    ("consent", "match"),
    [
        (None, "has no `consent`, but its rows are about people"),
        ({}, "must have either `column` or `declared`"),
        ({"column": "x", "declared": "y"}, "must have either `column` or `declared`"),
    ],
)
def test_consent_must_be_settled(
    mapping: Mapping, lake: Path, consent: dict[str, str] | None, match: str
) -> None:
    refuse(mapping(rule={"consent": consent}), lake=lake, match=match)


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("a: [1", r"broken.yaml is not readable YAML \(line"),
        ("- a\n", "broken.yaml is empty or no mapping"),
    ],
)
def test_broken_yaml_is_refused(tmp_path: Path, lake: Path, text: str, match: str) -> None:
    path = tmp_path / "broken.yaml"
    path.write_text(text)
    refuse(path, lake=lake, match=match)


def test_missing_mapping_is_suggested(mapping: Mapping, lake: Path) -> None:
    path = mapping()
    refuse(
        path.with_name("sourc.yaml"),
        lake=lake,
        match=r"no mapping `sourc.yaml`; mappings here are \['source.yaml'\].*'source.yaml'\?",
    )


def test_source_takes_the_place_of_from(csv: Csv, mapping: Mapping, lake: Path) -> None:
    given = csv("a", "b", name="elsewhere/other.csv")
    path = mapping(rule={"from": "missing.csv"})
    report = ingest(given, lake=lake, mapping=path)
    assert (report.source, report.stored) == ("shop", 2)


def test_from_is_relative_to_a_source_folder(csv: Csv, mapping: Mapping, lake: Path) -> None:
    given = csv("a", name="drop/events.csv")
    assert ingest(given.parent, lake=lake, mapping=mapping(), table="events").stored == 1
    whole = ingest(given.parent, lake=lake, mapping=mapping(rule={"from": None}))
    assert whole.tables[0].duplicates == 1


def test_from_is_relative_to_the_project_of_the_mapping(
    tmp_path: Path, csv: Csv, mapping: Mapping, lake: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    csv("a", name="data/events.csv")
    folder = tmp_path / "parameters" / "sources"
    folder.mkdir(parents=True)
    mapping(rule={"from": "data/events.csv"}).rename(folder / "shop.yaml")
    monkeypatch.chdir(folder)
    assert ingest("shop.yaml", lake=lake).stored == 1


def test_table_of_a_mapping_can_be_chosen(csv: Csv, mapping: Mapping, lake: Path) -> None:
    csv("a")
    refuse(
        mapping(),
        lake=lake,
        table="event",
        match=r"mapping of `shop` has no table `event`; tables are \['events'\]",
    )
    assert ingest(mapping(), lake=lake, table="events").stored == 1


def two_tables(mapping: Mapping) -> Path:
    path = mapping()
    data = yaml.safe_load(path.read_text())
    data["tables"]["content"] = {
        "from": "content.csv",
        "columns": {"content_id": "id", "kind": {"constant": "page"}},
    }
    path.write_text(yaml.safe_dump(data))
    return path


def test_one_file_cannot_be_two_tables(csv: Csv, mapping: Mapping, lake: Path) -> None:
    source = csv("a")
    refuse(
        source,
        lake=lake,
        mapping=two_tables(mapping),
        match=r"fills \['content', 'events'\]; say which of them the source is \(`--as`\)",
    )


def test_tables_without_people_need_no_consent(
    tmp_path: Path, csv: Csv, mapping: Mapping, lake: Path
) -> None:
    csv("a")
    (tmp_path / "content.csv").write_text("id\np1\np2\n")
    report = ingest(two_tables(mapping), lake=lake)
    assert {t.table: (t.stored, t.consent) for t in report.tables} == {
        "content": (2, ""),
        "events": (1, "test data"),
    }


def joined(mapping: Mapping, **join: Any) -> Path:
    rule = {"from": "plans.csv", "on": ["user_id"], "columns": ["plan"], **join}
    return mapping({**BASIC, "category": "plan"}, rule={"join": [rule]})


def test_second_file_is_looked_up(tmp_path: Path, csv: Csv, mapping: Mapping, lake: Path) -> None:
    csv("a", "b", "c")
    plans = tmp_path / "plans.csv"
    plans.write_text("user_id,plan\nuser-a,free\nuser-c,paid\nuser-z,paid\n")
    ingest(joined(mapping), lake=lake)
    table = open_lake(lake).table("events").collect()
    assert sorted(table["category"].to_list(), key=str) == [None, "free", "paid"]
    # Another lookup is another content: the file is read again, its rows are there already.
    plans.write_text("user_id,plan\nuser-a,free\n")
    assert ingest(joined(mapping), lake=lake).tables[0].duplicates == 3


def test_lookup_of_numbers_finds_texts(tmp_path: Path, mapping: Mapping, lake: Path) -> None:
    pl.DataFrame(
        {
            "event_id": ["a"],
            "user_id": [7.0],
            "event_type": ["x"],
            "timestamp": ["2024-05-01 10:00"],
        }
    ).write_parquet(tmp_path / "events.parquet")
    (tmp_path / "plans.csv").write_text("user_id,plan\n7,free\n")
    path = joined(mapping)
    path.write_text(path.read_text().replace("events.csv", "events.parquet"))
    ingest(path, lake=lake)
    assert open_lake(lake).table("events").collect()["category"].to_list() == ["free"]


def test_ambiguous_lookup_is_refused(
    tmp_path: Path, csv: Csv, mapping: Mapping, lake: Path
) -> None:
    csv("a")
    (tmp_path / "plans.csv").write_text("user_id,plan\nuser-a,free\nuser-a,paid\n")
    with pytest.raises(SchemaError, match=r"`plans.csv` is joined on \['user_id'\], but 2 of its"):
        ingest(joined(mapping), lake=lake)


def test_lookup_must_bring_new_columns_from_one_file(
    tmp_path: Path, csv: Csv, mapping: Mapping, lake: Path
) -> None:
    csv("a")
    (tmp_path / "plans.csv").write_text("user_id,event_type\nuser-a,free\n")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "1.csv").write_text("user_id,plan\nuser-a,free\n")
    (tmp_path / "folder" / "2.csv").write_text("user_id,plan\nuser-b,free\n")
    with pytest.raises(ParameterError, match=r"joined for \['event_type'\], which `events.csv`"):
        ingest(joined(mapping, columns=["event_type"]), lake=lake)
    with pytest.raises(ParameterError, match=r"`join` from `folder` must name one file"):
        ingest(joined(mapping, **{"from": "folder"}), lake=lake)
    with pytest.raises(SchemaError, match=r"`plans.csv` is missing column 'plan'"):
        ingest(joined(mapping), lake=lake)
