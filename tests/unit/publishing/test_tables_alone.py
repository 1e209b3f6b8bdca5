"""A package of tables of noisy counts alone: no rows, no exact count, and the same door."""

import datetime as dt
import json
import logging
import re
import warnings

import polars as pl
import pytest

from analytics_lib.core.errors import BudgetError, DisclosureError, ParameterError
from analytics_lib.privacy.counts_release import (
    CountsRelease,
    NoisyTable,
    release_counts,
    require_sealed_counts,
)
from analytics_lib.privacy.differential import Terms
from analytics_lib.publishing.reading import read_package
from analytics_lib.publishing.request import dataset_request
from analytics_lib.publishing.writing import tables_files, write_tables
from analytics_lib.warehouse.privacy_ledger import create_ledger

pytest.importorskip("opendp")
with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # what the validators import is not ours to mend
    import frictionless
    import mlcroissant

ALONE = {"fields": [], "tables": [["region", "outcome"], ["region"]], "epsilon": 20.0}


@pytest.fixture
def budget(room, tmp_path):
    return create_ledger(
        tmp_path / "privacy", table="learners", epsilon=20, delta=0, who="Officer", when=room.now
    )


@pytest.fixture
def account(room, budget):
    return budget.account(who="Manager", clock=lambda: room.now)


@pytest.fixture
def alone(room, release_on, account):
    """The folder of a package of two tables and no rows."""
    return release_on(room.platform, account=account, **ALONE)


def read(package, name):
    return json.loads((package / name).read_text())


def test_it_holds_the_tables_and_no_rows(room, budget, alone):
    assert sorted(path.name for path in alone.iterdir()) == [
        "CITATION.cff", "LICENCE.md", "README.md", "croissant.json", "data_dictionary.json",
        "data_dictionary.md", "datapackage.json", "manifest.json", "privacy_report.html",
        "privacy_report.json", "table_1.csv", "table_2.csv", "tables.json",
    ]  # fmt: skip
    counted = dict(room.source.table.group_by("region").len().rows())
    regions = pl.read_csv(alone / "table_2.csv")
    assert regions["region"].to_list() == ["Wales", "Scotland", "(missing)"]
    for region, value, low, high in regions.iter_rows():
        # origin: at epsilon 10 a count is off by 4 in one of 10^17 cases
        assert abs(value - counted.get(region, 0)) <= 4
        assert low <= value <= high
    assert [entry.charge.epsilon for entry in budget.state().entries] == [10.0, 10.0]


def test_what_it_says_of_itself_is_what_was_paid(budget, alone):
    report = read(alone, "privacy_report.json")
    assert (report["kind"], report["epsilon"], report["delta"]) == ("tables", 20.0, 0.0)
    assert report["tables"] == read(alone, "tables.json")
    paid = [entry.receipt.digest for entry in budget.state().entries]
    assert [fact["ledger_digest"] for fact in report["tables"].values()] == paid
    assert [row["column"] for row in read(alone, "data_dictionary.json")] == [
        "region", "outcome", "value", "ci_lower", "ci_upper",
    ]  # fmt: skip
    for name in ("README.md", "privacy_report.html"):
        words = (alone / name).read_text()
        assert "no rows of people" in words
        assert "region and outcome" in words.replace("region by outcome", "region and outcome")
        assert "smallest class" not in words


def test_no_file_gives_the_exact_number_of_people_away(alone):
    """400 people are in the table; a count without noise would be a way round the budget."""
    for path in alone.iterdir():
        if path.suffix != ".csv":
            words = re.sub(r"<style>.*?</style>", "", path.read_text(), flags=re.DOTALL)
            assert not re.search(r"\b400\b", words), path.name


def test_it_verifies_until_it_expires_or_is_changed(room, alone):
    today = room.now.date()
    found = room.platform.verify("results", today=today)
    assert (found.problems, found.k, found.files) == ((), None, 13)
    over = room.platform.verify("results", today=today + dt.timedelta(days=365))
    assert over.problems == ("it expired on 2027-03-01",)
    (alone / "table_1.csv").write_text("changed")
    assert room.platform.verify("results", today=today).problems == ("table_1.csv was changed",)


def test_the_validators_accept_it_and_read_the_tables(alone, caplog):
    found = frictionless.validate(alone / "datapackage.json")
    assert found.flatten(["type", "message"]) == []
    assert [task.name for task in found.tasks] == ["table-1", "table-2"]
    with warnings.catch_warnings(), caplog.at_level(logging.WARNING):
        warnings.filterwarnings("ignore", category=DeprecationWarning)
        described = mlcroissant.Dataset(jsonld=alone / "croissant.json")
    issues = described.metadata.ctx.issues
    assert (issues.errors, issues.warnings, caplog.records) == (set(), set(), [])
    rows = list(described.records("table_2"))
    expected = pl.read_csv(alone / "table_2.csv").to_dicts()
    assert [row["table_2/region"].decode() for row in rows] == [row["region"] for row in expected]
    assert [row["table_2/value"] for row in rows] == [row["value"] for row in expected]


def test_the_page_about_a_package_refuses_one_without_rows(room, alone):
    assert alone.is_dir()
    with pytest.raises(ParameterError, match="holds tables of noisy counts and no rows"):
        read_package(room.platform.folder, "results")


def test_a_later_release_of_rows_is_not_troubled_by_it(room, release_on, alone):
    rows = release_on(room.platform, name="rows")
    assert (
        "intersection (no earlier release)" in read(rows, "privacy_report.json")["attacks_not_run"]
    )


def test_a_trial_counts_nothing_and_costs_nothing(room, budget):
    asked = dataset_request(room.request | ALONE, policy=room.policy, definition=room.definition)
    room.platform.register.add(
        asked.name, asked.model_dump(by_alias=True), by=asked.requester, at=room.now
    )
    report = room.platform.trial("results", definition=room.definition, source=room.source)
    # origin: three regions with the missing one, five outcomes with the missing one
    cells = 3 * (len(room.definition.declared_values("outcome")) + 1)
    assert report == {
        "kind": "tables",
        "epsilon": 20.0,
        "tables": [{"by": ["region", "outcome"], "cells": cells}, {"by": ["region"], "cells": 3}],
    }
    assert budget.state().entries == ()


def test_beyond_the_budget_nothing_is_written(room, release_on, budget, account):
    with pytest.raises(BudgetError, match="has 20 left"):
        release_on(room.platform, account=account, **ALONE | {"epsilon": 21.0})
    assert budget.state().entries == ()
    assert not list(room.platform.folder.rglob("table_*"))


def test_without_a_ledger_nothing_is_written(room, release_on):
    with pytest.raises(ParameterError, match="has no privacy budget"):
        release_on(room.platform, **ALONE)
    assert not list(room.platform.folder.rglob("manifest.json"))


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"tables": [], "epsilon": None}, "no `tables` are asked for"),
        ({"k": 7}, r"\['k'\] mean nothing"),
        ({"synthetic_rate": "default"}, r"\['synthetic_rate'\] mean nothing"),
        ({"l": 2, "t": 0.3}, r"\['l', 't'\] mean nothing"),
        ({"tables": [["nobody"]]}, r"must name one or more of \['gender', 'outcome', 'region'\]"),
        ({"tables": [["user_id"]]}, "must name one or more of"),
        ({"tables": [["gender"]]}, "declared nowhere"),
        ({"epsilon": None}, "belong together"),
    ],
)
def test_a_wrong_request_for_tables_alone_is_told_why(room, changed, message):
    with pytest.raises(ParameterError, match=message):
        dataset_request(
            room.request | ALONE | changed, policy=room.policy, definition=room.definition
        )


def people(room):
    return room.source.table.select("user_id", "region")


def terms(account):
    return Terms(account=account, epsilon=5.0, rows_per_person=1, person="user_id")


def test_what_was_not_counted_here_is_not_sealed(room, account):
    exact = NoisyTable(name="table_1", by=("region",), rows=people(room), facts={"epsilon": 1.0})
    with pytest.raises(DisclosureError, match="not those that were paid for"):
        CountsRelease(tables=(exact,), report={"epsilon": 1.0}, seal="0" * 64)
    made = release_counts(people(room), keys=[{"region": ["Wales"]}], terms=terms(account))
    with pytest.raises(DisclosureError, match="not those that were paid for"):
        CountsRelease(tables=(exact,), report=made.report, seal=made.seal)


@pytest.mark.parametrize("part", ["report", "facts", "rows"])
def test_what_was_changed_after_it_was_counted_is_refused(room, account, part):
    made = release_counts(people(room), keys=[{"region": ["Wales"]}], terms=terms(account))
    require_sealed_counts(made)
    if part == "report":
        made.report["epsilon"] = 0.1
    elif part == "facts":
        made.tables[0].facts["epsilon"] = 0.1
    else:
        made.tables[0].rows.insert_column(0, pl.Series("user_id", ["a"]))
    with pytest.raises(DisclosureError, match="seal of the tables of counts is broken"):
        require_sealed_counts(made)


@pytest.mark.parametrize("write", [tables_files, write_tables])
def test_a_frame_is_not_written_as_tables(room, tmp_path, write):
    given = {"card": None} | ({"folder": tmp_path} if write is write_tables else {})
    with pytest.raises(DisclosureError, match="A DataFrame cannot be published"):
        write(people(room), **given)


def test_no_tables_are_no_release(room, account):
    with pytest.raises(ParameterError, match="`keys` is empty"):
        release_counts(people(room), keys=[], terms=terms(account))
