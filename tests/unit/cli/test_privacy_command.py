"""`analytics privacy ledger` as a person and a program see it."""

import datetime as dt
import json

import pytest
from typer.testing import CliRunner

from analytics_lib.cli.app import app
from analytics_lib.core.errors import ParameterError
from analytics_lib.privacy.differential import Charge, Partition
from analytics_lib.warehouse.privacy_ledger import open_ledger


@pytest.fixture
def project(tmp_path, monkeypatch):
    (tmp_path / "notebooks" / "reports").mkdir(parents=True)
    (tmp_path / "parameters").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def call(*words):
    return CliRunner().invoke(app, ["privacy", "ledger", *words])


def test_no_ledger(project):
    assert "No table has a privacy budget" in call("list").output
    assert json.loads(call("list", "--json").stdout) == []
    assert isinstance(call("show", "clicks").exception, ParameterError)


def test_from_budget_to_question(project):
    assert call("open", "clicks", "--epsilon", "2", "--delta", "1e-6").exit_code == 0
    charge = Charge(
        table="clicks", who="ann", question="mean of spent", mechanism="noise", epsilon=0.5,
        partition=Partition(column="city", value="Bonn"),
    )  # fmt: skip
    when = dt.datetime(2024, 5, 1, 12, tzinfo=dt.UTC)
    receipt = open_ledger(project / "outputs" / "privacy", table="clicks").spend(charge, when=when)

    assert "epsilon 0.5 of 2.0" in call("list").output
    listed = json.loads(call("list", "--json").stdout)[0]
    assert listed["left"] == {"epsilon": 1.5, "delta": 1e-6}
    shown = call("show", "clicks").output
    assert "ann: mean of spent, people of city = Bonn" in shown
    assert receipt.digest in shown
    entry = json.loads(call("show", "clicks", "--json").stdout)["entries"][0]
    assert (entry["when"], entry["who"]) == ("2024-05-01T12:00:00+00:00", "ann")
    assert isinstance(call("open", "clicks", "--epsilon", "9").exception, ParameterError)
