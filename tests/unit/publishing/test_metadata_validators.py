"""The metadata of a package before the validators of those who wrote the specifications."""

import json
import logging
import warnings
from dataclasses import replace

import polars as pl
import pytest

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # what the validators import is not ours to mend
    import frictionless
    import mlcroissant


def croissant_of(package):
    with warnings.catch_warnings():
        # mlcroissant reads JSON-LD through an old name of rdflib.
        warnings.filterwarnings("ignore", category=DeprecationWarning)
        return mlcroissant.Dataset(jsonld=package / "croissant.json")


def test_frictionless_finds_the_data_package_and_its_data_valid(package):
    found = frictionless.validate(package / "datapackage.json")
    assert found.flatten(["type", "message"]) == []
    assert found.valid
    rows = {task.name: task.stats.get("rows") for task in found.tasks}
    assert rows == {"data-csv": pl.read_csv(package / "data.csv").height, "data-parquet": None}


@pytest.mark.parametrize("name", ["data.csv", "data.parquet"])
def test_frictionless_finds_a_changed_byte(package, name):
    content = bytearray((package / name).read_bytes())
    content[-20] ^= 1
    (package / name).write_bytes(content)
    found = frictionless.validate(package / "datapackage.json")
    assert "hash-count" in [kind for (kind,) in found.flatten(["type"])]


def test_mlcroissant_accepts_the_croissant_file_without_a_remark(package, caplog):
    with caplog.at_level(logging.WARNING):
        issues = croissant_of(package).metadata.ctx.issues
    assert (issues.errors, issues.warnings) == (set(), set())
    assert [record.message for record in caplog.records] == []


def test_without_an_address_in_the_policy_no_file_claims_one(package):
    for name in ("croissant.json", "datapackage.json"):
        assert {"url", "homepage"} & set(json.loads((package / name).read_text())) == set()
    assert "url:" not in (package / "CITATION.cff").read_text()


@pytest.mark.parametrize("base", ["https://a.example/sets", "https://a.example/sets/"])
def test_the_address_comes_from_the_policy_and_validates(room, release_on, base, caplog):
    policy = room.policy.model_copy(update={"published_at": base})
    package = release_on(replace(room.platform, policy=policy))
    address = "https://a.example/sets/results/1/"
    assert json.loads((package / "croissant.json").read_text())["url"] == address
    assert json.loads((package / "datapackage.json").read_text())["homepage"] == address
    assert f'url: "{address}"' in (package / "CITATION.cff").read_text()
    with caplog.at_level(logging.WARNING):
        issues = croissant_of(package).metadata.ctx.issues
    assert (issues.errors, issues.warnings, caplog.records) == (set(), set(), [])
    assert frictionless.validate(package / "datapackage.json").valid


def test_mlcroissant_reads_the_rows_that_the_file_describes(package):
    read = [
        {key.removeprefix("rows/"): value.decode() for key, value in row.items()}
        for row in croissant_of(package).records("rows")
    ]
    assert read == pl.read_parquet(package / "data.parquet").to_dicts()


def test_mlcroissant_refuses_a_file_of_no_known_format(package):
    content = json.loads((package / "croissant.json").read_text())
    content["distribution"][0].pop("encodingFormat")
    (package / "croissant.json").write_text(json.dumps(content))
    with pytest.raises(mlcroissant.ValidationError):
        croissant_of(package)
