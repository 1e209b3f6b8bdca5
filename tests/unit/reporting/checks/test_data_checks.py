"""Checks of real runs: severity decides what is published, and a held page changes nothing."""

import json
from dataclasses import replace

import pytest

from analytics_lib.core.errors import ParameterError, RunError
from analytics_lib.metrics.registry import METRICS
from analytics_lib.reporting.batch import run_batch
from analytics_lib.reporting.checks import verdict
from analytics_lib.reporting.checks.alerts import conditions
from analytics_lib.reporting.evidence.audit_log import entries
from analytics_lib.reporting.evidence.reproduction import reproduce
from analytics_lib.reporting.evidence.verification import verify_site
from analytics_lib.reporting.outcomes import last_state
from analytics_lib.reporting.planning import plan_due
from analytics_lib.reporting.questions import load_question, select_questions


def run(project, now):
    plans = plan_due(project, select_questions(project, []), now=now)
    return run_batch(project, plans, workers=1, force=True)[0]


def low(severity):
    return (
        f"checks:\n  - {{name: enough, severity: {severity}, result: users, bounds: {{min: 50}}}}\n"
    )


def manifest_of(project, folder="2014-01-31"):
    return json.loads((project.site / "tiny/monthly" / folder / "manifest.json").read_text())


def test_severity_decides(lake_project, ask, now):
    project = lake_project
    ask(low("hold"))
    outcome = run(project, now)
    assert (outcome.status, outcome.exit_code) == ("failed", RunError.exit_code)
    assert "['enough']" in outcome.error
    assert "40" not in outcome.error
    assert not (project.site / "tiny/monthly").exists()
    assert last_state(project, "tiny/monthly")["kind"] == "HeldError"
    found = [item for item in conditions(project, now=now) if item.check == "enough"]
    assert [item.name for item in found] == ["tiny/monthly:enough"]
    assert "(hold) failed; nothing was published for 2014-01-31" in found[0].words
    assert "40" not in found[0].words

    ask(low("info"))
    assert run(project, now).status == "published"
    (check,) = manifest_of(project)["data_checks"]
    assert (check["status"], check["severity"]) == ("failed", "info")
    assert check["words"] == "users is 40, below 50"
    assert "Look twice" not in (project.site / "tiny/monthly/2014-01-31/index.html").read_text()
    assert conditions(project, now=now) == []

    ask(low("warn"))
    assert run(project, now).status == "published"
    folder = project.site / "tiny/monthly/2014-01-31-r2"
    assert "Users is 40, below 50 (check “enough”)." in (folder / "index.html").read_text()
    assert len(json.loads((folder / "data.json").read_text())["notices"]) == 1
    assert [item.name for item in conditions(project, now=now)] == ["tiny/monthly:enough"]

    assert run(project, now).status == "identical"  # what was found the first time stays
    assert reproduce(project, "tiny/monthly", timeout_s=100).different == ()
    assert verify_site(project, []).problems == ()
    checked = [entry for entry in entries(project) if entry["event"] == "checked"]
    assert [entry["data_checks"]["enough"] for entry in checked] == [
        "failed (hold)", "failed (info)", "failed (warn)",
    ]  # fmt: skip


@pytest.fixture
def checked(lake_project, ask, now, tmp_path):
    """The outcomes of the checks of a page with forty users that is about to be published."""

    def judge(check, *, value=40):
        ask(f"checks:\n  - {check}\n")
        (plan,) = plan_due(lake_project, [load_question(lake_project, "tiny/monthly")], now=now)
        payloads = [
            verdict.Payload(
                kind="table", id="weeks", title="", columns=[], rows=[["a"], ["b"]],
                results={"users": {"value": value, "unit": "users", "label": "Users"}},
            )
        ]  # fmt: skip
        folder = tmp_path / "run"
        folder.mkdir(exist_ok=True)
        (found,) = verdict.check_page(lake_project, plan, payloads, newest=None, folder=folder)
        return found["status"], found["words"]

    return judge


def test_change_is_held_against_the_newest_page_of_the_date_before(checked, publish):
    publish("2013-11-30", value=90)
    publish("2013-12-31", value=10)
    publish("2013-12-31", value=30)  # its revision counts
    publish("2014-02-28", value=100)  # a later date does not
    check = "{name: jump, result: users, change: {max_absolute: 10}}"
    assert checked(check) == ("passed", "Users went from 30 users to 40 users, within its limit")
    assert checked(check, value=41)[0] == "failed"


def test_anomaly_reads_the_history_of_published_pages(checked, publish):
    for month, value in enumerate([38, 39, 40, 41, 42], start=1):
        publish(f"2013-0{month}-28", value=value)
    assert checked("{name: odd, result: users, anomaly: {min_pages: 6}}")[0] == "not judged"
    check = "{name: odd, result: users, anomaly: {min_pages: 5}}"
    assert checked(check)[0] == "passed"
    # origin: by hand: median 40, MAD 1, so the limit is 40 + 3.5 * 1.4826 = 45.19
    assert checked(check, value=45)[0] == "passed"
    assert checked(check, value=46)[0] == "failed"


def test_rows_and_freshness_and_names_the_page_does_not_give(checked):
    assert checked("{name: rows, rows: {object: weeks, min: 2}}")[0] == "passed"
    assert checked("{name: rows, rows: {object: weeks, min: 3}}")[0] == "failed"
    assert checked("{name: rows, rows: {object: week, min: 1}}") == (
        "failed", "`week` is not on the page",
    )  # fmt: skip
    # the data end in 2014 and the clock of a run is the real one
    assert checked("{name: old, freshness: {max_age_days: 30}}")[0] == "failed"
    assert checked("{name: old, freshness: {max_age_days: 36500}}")[0] == "passed"


def test_a_declared_result_that_the_page_does_not_give_is_a_wrong_question(
    lake_project, ask, now, tmp_path
):
    ask("checks:\n  - {name: low, result: users, bounds: {min: 1}}\n")
    (plan,) = plan_due(lake_project, [load_question(lake_project, "tiny/monthly")], now=now)
    with pytest.raises(ParameterError, match="the page gives"):
        verdict.check_page(lake_project, plan, [], newest=None, folder=tmp_path)


def test_bounds_on_the_card_of_a_metric_are_used(checked, monkeypatch):
    card = replace(METRICS["active_users"], alert_below=41)
    monkeypatch.setitem(METRICS, "active_users", card)
    check = "{name: low, result: users, metric: active_users}"
    assert checked(check) == ("failed", "Users is 40 users, below 41 users")
    assert checked(check, value=41)[0] == "passed"
