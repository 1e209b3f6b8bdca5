"""Packages: written whole, true to what they say, expired in time."""

import csv
import dataclasses
import datetime as dt
import errno
import hashlib
import io
import json
import re
import shutil

import numpy as np
import polars as pl
import pytest
import yaml

from analytics_lib.core.errors import AccessError, DisclosureError, ParameterError, RunError
from analytics_lib.publishing.decisions import approve, review, submit
from analytics_lib.publishing.definition import dataset_definition
from analytics_lib.publishing.policy import research_policy
from analytics_lib.publishing.request import dataset_request
from analytics_lib.publishing.verification import name_and_version, verify_package
from analytics_lib.publishing.writing import write_package
from analytics_lib.warehouse import whole_files


def approved(room, **changed):
    content = {**room.request, **changed}
    request = dataset_request(content, policy=room.policy, definition=room.definition)
    register, name = room.platform.register, request.name
    submit(register, request, at=room.now)
    review(register, name, policy=room.policy, by="Manager", at=room.now, note="")
    approve(register, name, policy=room.policy, by="Officer", at=room.now, note="")
    return room


def put_out(room, name="results", **changed):
    known = {"definition": room.definition, "source": room.source, "by": "Manager", "at": room.now}
    return room.platform.release(name, **{**known, **changed})


FILES = {
    "CITATION.cff", "LICENCE.md", "README.md", "croissant.json", "data.csv", "data.parquet",
    "data_dictionary.json", "data_dictionary.md", "datapackage.json", "manifest.json",
    "privacy_report.html", "privacy_report.json",
}  # fmt: skip


def read(package, name):
    return json.loads((package / name).read_text())


def test_a_package_holds_everything_and_is_true(package, room):
    assert {path.name for path in package.iterdir()} == FILES
    rows = pl.read_parquet(package / "data.parquet")
    assert rows.columns == ["gender", "region", "outcome"]
    assert rows.group_by("gender", "region").len()["len"].min() >= 5
    text = (package / "data.csv").read_text()
    assert list(csv.reader(io.StringIO(text)))[1:] == [list(row) for row in rows.iter_rows()]
    found = room.platform.verify("results", today=dt.date(2026, 3, 2))
    assert found.problems == ()
    assert found.k >= 5


def test_a_package_names_no_contact_no_seed_and_no_person(package, room):
    everything = b"".join(path.read_bytes() for path in package.iterdir())
    assert b"secret@" not in everything
    assert b'"seed' not in everything
    assert room.source.key not in everything
    assert not any(name.encode() in everything for name in room.source.table["user_id"][:50])


def test_the_data_package_describes_its_files(package):
    found = read(package, "datapackage.json")
    assert re.fullmatch(r"[-a-z0-9._/]+", found["name"])
    assert found["version"] == "1.0.0"
    assert found["licenses"][0]["path"] == "LICENCE.md"
    for resource in found["resources"]:
        content = (package / resource["path"]).read_bytes()
        assert resource["bytes"] == len(content)
        assert resource["hash"] == f"sha256:{hashlib.sha256(content).hexdigest()}"
        assert [field["name"] for field in resource["schema"]["fields"]] == [
            "gender", "region", "outcome",
        ]  # fmt: skip
        assert {field["type"] for field in resource["schema"]["fields"]} == {"string"}


def test_the_data_package_validates(package):
    frictionless = pytest.importorskip("frictionless")
    report = frictionless.validate(str(package / "datapackage.json"))
    assert report.valid


def test_croissant_describes_its_files(package):
    found = read(package, "croissant.json")
    assert found["@type"] == "sc:Dataset"
    assert found["conformsTo"] == "http://mlcommons.org/croissant/1.0"
    for file in found["distribution"]:
        content = (package / file["contentUrl"]).read_bytes()
        assert file["sha256"] == hashlib.sha256(content).hexdigest()
    ids = {file["@id"] for file in found["distribution"]}
    fields = found["recordSet"][0]["field"]
    assert {field["source"]["fileObject"]["@id"] for field in fields} <= ids
    assert [field["source"]["extract"]["column"] for field in fields] == [
        "gender", "region", "outcome",
    ]  # fmt: skip


def test_the_citation_file_is_yaml_with_what_it_must_have(package):
    found = yaml.safe_load((package / "CITATION.cff").read_text())
    assert {"cff-version", "message", "title", "authors"} <= set(found)
    assert found["type"] == "dataset"


def test_the_pages_load_nothing_and_the_datasheet_has_its_parts(package):
    page = (package / "privacy_report.html").read_text()
    assert "<script" not in page
    assert "default-src 'none'" in page
    assert "src=" not in page.replace("default-src", "")
    sheet = (package / "README.md").read_text()
    for part in ("Motivation", "Composition", "Collection", "What was done", "Limitations",
                 "Suggested methods of analysis", "Quality score"):  # fmt: skip
        assert part in sheet


def test_what_a_requester_writes_is_no_markup(room):
    put_out(approved(room, title="<img src=x onerror=alert(1)>"))
    page = (room.platform.folder / "results/1/privacy_report.html").read_text()
    assert "<img" not in page


def test_the_same_data_and_key_give_the_same_bytes(room, tmp_path):
    put_out(approved(room))
    first = {p.name: p.read_bytes() for p in (room.platform.folder / "results/1").iterdir()}
    again = type(room.platform)(folder=tmp_path / "again", policy=room.policy)
    room.platform = again
    put_out(approved(room))
    assert first == {p.name: p.read_bytes() for p in (again.folder / "results/1").iterdir()}


@pytest.mark.parametrize("name", sorted(FILES))
def test_a_changed_byte_is_found(package, room, name):
    path = package / name
    path.write_bytes(path.read_bytes() + b"\n")
    assert room.platform.verify("results", today=dt.date(2026, 3, 2)).problems


def test_a_missing_an_added_and_a_forged_file_are_found(package, room):
    (package / "more.csv").write_text("x")
    (package / "README.md").unlink()
    found = room.platform.verify("results/1", today=dt.date(2026, 3, 2))
    assert found.problems == ("README.md is missing", "more.csv was added")
    (package / "more.csv").unlink()
    manifest = read(package, "manifest.json")
    del manifest["files"]["README.md"]
    (package / "manifest.json").write_text(json.dumps(manifest))
    assert verify_package(package, today=dt.date(2026, 3, 2)).problems == ()
    found = room.platform.verify("results", today=dt.date(2026, 3, 2))
    assert found.problems == ("manifest.json is not the one in the register",)


def test_a_copy_is_held_against_the_register_wherever_it_lies(package, room, tmp_path):
    day = dt.date(2026, 3, 2)
    copy = tmp_path / "elsewhere"
    shutil.copytree(package, copy)
    found = room.platform.verify_folder(copy, today=day)
    assert (found.problems, found.registered) == ((), True)

    rows = pl.read_parquet(copy / "data.parquet")
    (copy / "data.csv").write_text(pl.concat([rows, rows.head(1)]).write_csv())
    manifest = read(copy, "manifest.json")
    manifest["files"]["data.csv"] = hashlib.sha256((copy / "data.csv").read_bytes()).hexdigest()
    (copy / "manifest.json").write_text(json.dumps(manifest))
    found = room.platform.verify_folder(copy, today=day)
    assert found.problems == ("manifest.json is not the one in the register",)

    (copy / "manifest.json").write_text(json.dumps({**manifest, "version": 7}))
    found = room.platform.verify_folder(copy, today=day)
    assert (found.problems, found.registered) == ((), False)  # nobody here knows of it


def test_a_copy_of_what_was_ended_early_is_refused(package, room):
    room.platform.expire("results", by="Manager", at=room.now, note="ended")
    found = room.platform.verify_folder(package, today=dt.date(2026, 3, 2))
    assert (found.problems, found.k) == (("it has expired",), None)


def test_a_manifest_that_cannot_be_read_is_a_problem(package):
    (package / "manifest.json").write_text("[]")
    assert verify_package(package, today=dt.date(2026, 3, 2)).problems == (
        "manifest.json is not readable",
    )
    assert name_and_version(package) is None
    with pytest.raises(ParameterError, match="is no package"):
        verify_package(package.parent, today=dt.date(2026, 3, 2))


def test_a_package_expires_after_a_year(package, room):
    last, gone = dt.date(2027, 2, 28), dt.date(2027, 3, 1)  # origin: 2026-03-01 + 365 days
    assert room.platform.verify("results", today=last).problems == ()
    assert [row["name"] for row in room.platform.listed(today=last)] == ["results"]
    assert room.platform.verify("results", today=gone).problems == ("it expired on 2027-03-01",)
    assert room.platform.listed(today=gone) == []
    assert [row["state"] for row in room.platform.listed(today=gone, everything=True)] == [
        "expired"
    ]
    assert [entry.name for entry in room.platform.due(today=gone)] == ["results"]


def test_a_package_is_ended_before_its_day_by_an_officer_only(package, room):
    with pytest.raises(AccessError):
        room.platform.expire("results", by="Dr Example", at=room.now, note="")
    room.platform.expire("results", by="Officer", at=room.now, note="consent withdrawn")
    found = room.platform.verify("results", today=dt.date(2026, 3, 2))
    assert found.problems == ("it has expired",)
    assert room.platform.listed(today=dt.date(2026, 3, 2)) == []


def test_a_list_shows_no_contact(package, room):
    assert "secret" not in str(room.platform.listed(today=dt.date(2026, 3, 2)))


def test_only_a_release_is_written(room, tmp_path):
    with pytest.raises(DisclosureError, match="A DataFrame cannot be published"):
        write_package(room.source.table, card=None, folder=tmp_path)
    assert list(tmp_path.iterdir()) == []


def nothing_is_out(room):
    entry = room.platform.register.entry("results")
    assert entry.state == "approved"
    assert entry.package is None
    assert not list(room.platform.folder.rglob("data.*"))
    assert not list(room.platform.folder.rglob(".staging*"))


def test_a_full_disk_leaves_nothing(room, monkeypatch):
    approved(room)

    def full(handle):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(whole_files.os, "fsync", full)
    with pytest.raises(RunError, match="nothing was published"):
        put_out(room)
    monkeypatch.undo()
    nothing_is_out(room)
    assert put_out(room).version == 1


@pytest.mark.parametrize("rows", [4, 5])
def test_a_table_smaller_than_k_releases_nothing(room, rows):
    approved(room)
    source = type(room.source)(
        table=room.source.table.head(rows), identity="x", sources=(), key=b"k" * 32
    )
    with pytest.raises((ParameterError, DisclosureError)):
        put_out(room, source=source)
    nothing_is_out(room)


def test_a_value_without_a_label_releases_nothing(room):
    approved(room)
    table = room.source.table.with_columns(
        region=pl.when(pl.int_range(pl.len()) == 3).then(pl.lit("France")).otherwise("region")
    )
    source = type(room.source)(table=table, identity="x", sources=(), key=b"k" * 32)
    with pytest.raises(ValueError, match="hierarchy of `region` lacks 1 distinct value"):
        put_out(room, source=source)
    nothing_is_out(room)


def test_only_who_may_releases_and_only_what_is_approved(room):
    approved(room)
    with pytest.raises(AccessError):
        put_out(room, by="Dr Example")
    nothing_is_out(room)
    put_out(room)
    with pytest.raises(ParameterError, match="is released; only what is approved"):
        put_out(room)


def test_synthetic_rows_need_room(room):
    approved(room, synthetic_rate=0.1)
    with pytest.raises(ParameterError, match="No synthetic row is possible of 36"):
        put_out(room)
    nothing_is_out(room)


@pytest.fixture
def with_disability(room):
    """A second sensitive column, so that rows are possible that are no copies."""
    rng = np.random.default_rng(3)
    content = {**room.definition_content["columns"], "disability": {"role": "sensitive"}}
    room.definition = dataset_definition(
        {**room.definition_content, "columns": content}, name="learners.yaml"
    )
    table = pl.concat([room.source.table] * 8).head(3_000)
    table = table.with_columns(
        user_id=pl.Series([f"{number:064x}" for number in range(3_000)]),
        disability=pl.Series(rng.random(3_000) < 0.1),
        outcome=pl.Series(rng.choice([f"grade {n}" for n in range(900)], size=3_000)),
    )
    room.source = dataclasses.replace(room.source, table=table)
    return room


FIELDS = ["gender", "region", "outcome", "disability"]


@pytest.mark.parametrize(("rate", "rows"), [("default", 270), (0.2, 540)])
def test_a_package_with_synthetic_rows_says_so_everywhere(with_disability, rate, rows):
    room = with_disability
    put_out(approved(room, fields=FIELDS, synthetic_rate=rate))
    package = room.platform.folder / "results" / "1"
    table = pl.read_parquet(package / "data.parquet")
    # origin: 3,000 people, a tenth kept out, the rate of the rest
    assert table["is_synthetic"].sum() == rows
    report = read(package, "privacy_report.json")
    assert report["synthetic"]["synthetic_rows"] == report["rows"]["synthetic"] == rows
    assert read(package, "data_dictionary.json")[-1]["column"] == "is_synthetic"
    fields = read(package, "datapackage.json")["resources"][0]["schema"]["fields"]
    assert fields[-1]["type"] == "boolean"
    sheet = (package / "README.md").read_text()
    assert f"{rows} rows are synthetic ({rows} asked for" in sheet
    assert "none is a copy of a real row" in sheet
    assert "Synthetic rows" in (package / "privacy_report.html").read_text()
    found = room.platform.verify("results", today=dt.date(2026, 3, 2))
    assert found.problems == ()
    real = table.filter(~pl.col("is_synthetic")).group_by("gender", "region").len()
    assert found.k == real["len"].min()  # counted without the synthetic rows


def test_a_policy_may_leave_synthetic_rows_unmarked(with_disability):
    room = with_disability
    policy = research_policy({**room.policy_content, "synthetic_mark": "unmarked"})
    room.platform = type(room.platform)(folder=room.platform.folder, policy=policy)
    put_out(approved(room, fields=FIELDS, synthetic_rate=0.1))
    package = room.platform.folder / "results" / "1"
    assert pl.read_parquet(package / "data.parquet").columns == FIELDS
    assert "not told apart" in (package / "README.md").read_text()
    assert [row["column"] for row in read(package, "data_dictionary.json")] == FIELDS


def test_an_earlier_package_is_held_against_by_its_real_rows(with_disability):
    room = with_disability
    put_out(approved(room, fields=FIELDS, synthetic_rate=0.1))
    put_out(approved(room, name="again", fields=FIELDS), name="again")
    report = read(room.platform.folder / "again" / "1", "privacy_report.json")
    assert "intersection of two releases, outcome" in {
        attack["attack"] for attack in report["attacks"]
    }


@pytest.mark.parametrize(
    ("harm", "problem"),
    [
        (shutil.rmtree, "it is gone"),
        (lambda place: (place / "data.parquet").unlink(), "data.parquet is missing"),
        (lambda place: (place / "data.parquet").write_bytes(b"x"), "data.parquet was changed"),
    ],
)
def test_nothing_is_released_beside_an_earlier_package_that_cannot_be_read(room, harm, problem):
    put_out(approved(room))
    harm(room.platform.folder / "results" / "1")
    approved(room, name="again")
    with pytest.raises(DisclosureError, match=f"`results` version 1 cannot .*{problem}"):
        put_out(room, name="again")
    assert not (room.platform.folder / "again").exists()


def test_an_expired_package_is_still_held_against(room):
    put_out(approved(room))
    room.platform.expire("results", by="Manager", at=room.now, note="ended")
    put_out(approved(room, name="again"), name="again")
    report = read(room.platform.folder / "again" / "1", "privacy_report.json")
    assert "intersection (no earlier release)" not in report["attacks_not_run"]


def test_an_unknown_package_is_told(room):
    with pytest.raises(ParameterError, match="There is no package 'x'"):
        room.platform.verify("x", today=dt.date(2026, 3, 2))


def test_a_trial_writes_nothing(room):
    approved(room)
    report = room.platform.trial("results", definition=room.definition, source=room.source)
    assert report["achieved"]["k"] >= 5
    nothing_is_out(room)


def test_what_a_power_cut_left_unregistered_is_replaced(room):
    approved(room)
    orphan = room.platform.folder / "results" / "1"
    orphan.mkdir(parents=True)
    (orphan / "data.csv").write_text("half")
    assert put_out(room).version == 1
    assert room.platform.verify("results", today=dt.date(2026, 3, 2)).problems == ()


def test_a_second_release_of_the_same_people_is_held_against_the_first(room):
    put_out(approved(room))
    put_out(approved(room, name="again"), name="again")
    report = read(room.platform.folder / "again" / "1", "privacy_report.json")
    assert "intersection of two releases, outcome" in {
        attack["attack"] for attack in report["attacks"]
    }


def test_a_policy_that_became_stricter_is_what_counts(room):
    approved(room)
    content = {**room.policy_content, "areas": ["sustainable consumption"]}
    stricter = type(room.platform)(folder=room.platform.folder, policy=research_policy(content))
    with pytest.raises(ParameterError, match="`area`"):
        stricter.release(
            "results", definition=room.definition, source=room.source, by="Manager", at=room.now
        )
    nothing_is_out(room)


def test_whoever_decided_is_named_in_the_register_and_not_in_the_package(room, package):
    entry = room.platform.register.entry("results")
    assert entry.taken_by("approved") == "Officer"
    sheet = (package / "README.md").read_text()
    assert f"Approved by: the approver named in the register, entry {entry.number}." in sheet
    decided = ("Officer", "Manager", "Dr Example")
    for path in package.rglob("*"):
        assert not [name for name in decided if name.encode() in path.read_bytes()], path.name
