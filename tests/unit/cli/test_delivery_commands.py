"""`analytics deliver`, `outbox` and `alerts` as a scheduler and a program see them."""

import datetime as dt
import json

import pytest
from typer.testing import CliRunner

from analytics_lib.cli.app import app, main
from analytics_lib.core.errors import AnalyticsError
from analytics_lib.reporting.outcomes import record_state
from analytics_lib.reporting.publication import publish_version
from analytics_lib.reporting.versions import next_version

QUESTION = """title: Monthly
schedule: "0 6 1 * *"
owner: {name: Ann}
deliver:
  - {name: share, drop: {folder: shared}}
"""


@pytest.fixture
def inside(lake_project, monkeypatch):
    """The tiny project with a published page as the current folder."""
    monkeypatch.chdir(lake_project.root)
    (lake_project.parameters / "tiny/monthly.yaml").write_text(QUESTION)
    version = next_version(lake_project, "tiny/monthly", as_of=dt.date(2014, 1, 31))
    data = {"objects": [], "changes": {}}
    manifest = {"title": "T", "run_title": "M", "answer": "Yes.", "data": [], "data_checks": []}
    publish_version(
        version, {"index.html": "<p>", "data.json": json.dumps(data)}, manifest=manifest
    )
    return lake_project


def call(*words):
    result = CliRunner().invoke(app, list(words))
    if isinstance(result.exception, AnalyticsError):
        return result.exception.exit_code, result.output + str(result.exception)
    return result.exit_code, result.output


def fail(project):
    state = {"status": "failed", "as_of": "2014-01-31", "kind": "RunError", "log": "x"}
    record_state(project, "tiny/monthly", state)


@pytest.mark.parametrize(
    "words",
    [
        ["deliver"], ["outbox"], ["outbox", "list"], ["outbox", "retry"], ["alerts"],
        ["alerts", "check"], ["alerts", "list"], ["alerts", "ack"], ["alerts", "pause"],
    ],
    ids=" ".join,
)  # fmt: skip
def test_every_command_has_help(words):
    code, said = call(*words, "--help")
    assert code == 0
    assert "Usage" in said


def test_deliver_says_what_it_would_send_and_sends_it_once(inside, tmp_path):
    code, said = call("deliver", "--dry-run")
    assert (code, "1 messages would be sent." in said) == (0, True)
    code, said = call("deliver", "--preview", str(tmp_path / "preview"), "--json")
    assert code == 0
    assert json.loads(said)[0]["target"] == "share"
    assert len(list((tmp_path / "preview").iterdir())) == 1
    assert not inside.outbox.exists()
    code, said = call("deliver", "--json")
    assert code == 0
    assert [row["state"] for row in json.loads(said)] == ["delivered"]
    assert (inside.root / "shared/tiny/monthly/2014-01-31/index.html").is_file()
    assert "0 of 0 delivered." in call("deliver")[1]
    assert json.loads(call("outbox", "list", "--json")[1])[0]["state"] == "delivered"
    assert json.loads(call("outbox", "list", "--open", "--json")[1]) == []


def test_a_delivery_that_fails_ends_with_seven_and_can_be_sent_again(inside):
    (inside.site / "tiny/monthly/2014-01-31/index.html").write_text("touched")
    code, said = call("deliver")
    assert code == 7
    assert "analytics verify" in said
    (row,) = json.loads(call("outbox", "list", "--open", "--json")[1])
    assert row["state"] == "given up"
    assert "given up" in call("outbox", "list")[1]
    assert call("outbox", "retry", row["key"])[0] == 0
    assert "tried 0x" in call("outbox", "list")[1]
    assert call("outbox", "retry", "nonsense")[0] == 2


def test_alerts_are_found_acknowledged_and_paused(inside):
    assert call("alerts", "check") == (0, "0 active alerts.\n")
    fail(inside)
    code, said = call("alerts", "check")
    assert code == 7
    assert "tiny/monthly:run" in said
    assert json.loads(call("alerts", "list", "--json")[1])[0]["active"] is True
    words = ["alerts", "ack", "tiny/monthly:run", "--by", "Ann", "--reason", "known"]
    assert call(*words)[0] == 0
    code, said = call("alerts", "check")
    assert (code, "acknowledged" in said) == (0, True)
    words = ["alerts", "pause", "tiny/monthly:late", "--by", "Ann", "--until"]
    assert call(*words, "2999-01-01")[0] == 0
    assert "paused" in call("alerts", "list")[1]
    assert call(*words, "2014-01-01")[0] == 2
    assert call("alerts", "ack", "tiny/monthly:lat", "--by", "A", "--reason", "b")[0] == 2
    code, said = call("alerts", "check", "--json")
    assert code == 0
    assert [row["acknowledged_by"] for row in json.loads(said)] == ["Ann"]


def test_a_missing_report_is_found_where_nothing_runs(inside):
    (inside.site / "tiny/monthly/2014-01-31/manifest.json").unlink()
    code, said = call("alerts", "check")
    assert code == 7
    assert "tiny/monthly:late" in said


def test_the_exit_code_reaches_the_shell(inside, monkeypatch):
    fail(inside)
    monkeypatch.setattr("sys.argv", ["analytics", "alerts", "check"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 7
