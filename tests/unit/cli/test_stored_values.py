"""`analytics metrics store` and `values`, as a scheduler and a program see them."""

import json

import pytest
from typer.testing import CliRunner

from analytics_lib.cli.app import app
from analytics_lib.core.errors import AccessError, ParameterError


@pytest.fixture
def inside(lake_project, monkeypatch):
    """The tiny project as the current folder: Ann on 1 and 31 January 2014, Bob on the 2nd."""
    monkeypatch.chdir(lake_project.root)
    return lake_project


def call(*words):
    return CliRunner().invoke(app, ["metrics", *words])


def test_store_then_nothing_new(inside):
    first = call("store")
    assert first.exit_code == 0, first.output
    assert "3 events, 0 of robots left out; 1 data files read." in first.output
    assert "2 ids, 0 merged: 2 users." in first.output
    assert "as of 2014-01-31" in first.output
    again = json.loads(call("store", "--json").stdout)
    assert again["unchanged"] is True
    assert again["events_files_read"] == 0
    earlier = json.loads(call("store", "--json", "--as-of", "2014-01-30").stdout)
    assert (earlier["as_of"], earlier["unchanged"]) == ("2014-01-30", True)
    whole = json.loads(call("store", "--json", "--history-complete").stdout)
    assert whole["new"] > 0


def test_values_say_what_they_mean(inside):
    call("store", "--history-complete")
    rows = json.loads(call("values", "active_users", "--json").stdout)
    month = next(row for row in rows if row["grain"] == "month")
    # origin: by hand
    assert month["value"] == month["n"] == 2
    assert (month["period_start"], month["period_end"]) == ("2014-01-01", "2014-02-01")
    assert (month["through"], month["as_of"]) == ("2014-01-31", "2014-01-31")
    assert month["computed_from"] == {"events": 0, "user_days": 0}
    assert month["semantics"]["zone"] == "UTC"
    assert len([row for row in rows if row["grain"] == "day"]) == 31
    words = call("values", "lifecycle").output
    assert "lifecycle, month (history_complete True; identities none" in words
    assert "2014-01-01..2014-02-01: 2 users, state new" in words
    assert "revision 1" in call("values", "lifecycle", "--revisions").output


def test_revisions_and_withdrawals_are_shown(inside):
    from deltalake import DeltaTable  # noqa: PLC0415

    call("store")
    DeltaTable(str(inside.lake / "events")).delete("day = 16071")
    call("store")
    words = call("values", "active_users").output
    assert "2014-01-01..2014-01-02: withdrawn, revision 2" in words


@pytest.mark.parametrize(
    ("words", "error", "said"),
    [
        (["values", "active_users"], AccessError, "run `analytics metrics store` first"),
        (["store", "--as-of", "2014-02-30"], ParameterError, "there is no such day"),
        (["store", "--lake", "elsewhere"], AccessError, "There is no lake at"),
    ],
)
def test_what_cannot_be_done_is_said(inside, words, error, said):
    result = call(*words)
    assert isinstance(result.exception, error)
    assert said in str(result.exception)
