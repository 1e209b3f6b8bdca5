"""What is due when something was missed or cannot be planned, and how a scheduler is told."""

import ast
import datetime as dt
import json
import re
import shlex
import subprocess

import pytest
from typer.testing import CliRunner

from analytics_lib.cli.app import app
from analytics_lib.core.errors import AccessError, ParameterError
from analytics_lib.reporting.evidence.audit_log import entries
from analytics_lib.reporting.outcomes import last_state, record_state
from analytics_lib.reporting.planning import plan_due, plan_on
from analytics_lib.reporting.project import Project
from analytics_lib.reporting.publication import publish_version
from analytics_lib.reporting.questions import select_questions
from analytics_lib.reporting.refusals import end_refusal
from analytics_lib.reporting.timetable import timetable
from analytics_lib.reporting.versions import next_version
from analytics_lib.warehouse import Lake


def call(*words):
    return CliRunner().invoke(app, list(words))


@pytest.fixture
def gap(lake_project):
    """Pages up to October; the data go to the end of January."""
    path = lake_project.parameters / "tiny" / "monthly.yaml"
    path.write_text(path.read_text() + "catch_up: 2\n")
    version = next_version(lake_project, "tiny/monthly", as_of=dt.date(2013, 10, 31))
    publish_version(version, {"index.html": "x"}, manifest={"fingerprint": {}})
    return lake_project


def test_missed_dates_are_due_oldest_first(gap, now):
    plans = plan_due(gap, select_questions(gap, []), now=now)
    assert [str(plan.as_of) for plan in plans] == ["2013-11-30", "2013-12-31", "2014-01-31"]


def test_without_a_page_nothing_was_missed(gap, now):
    question = select_questions(gap, [])
    for path in (gap.site / "tiny/monthly").iterdir():
        path.rename(gap.root / "away")
    assert len(plan_due(gap, question, now=now)) == 1


def test_a_run_without_its_lake_stops_itself_only(lake_project, now, monkeypatch):
    away = lake_project.parameters / "tiny" / "away.yaml"
    away.write_text("title: Away\nlake: away\n")
    with pytest.raises(AccessError):
        plan_due(lake_project, select_questions(lake_project, []), now=now)
    monkeypatch.chdir(lake_project.root)
    result = call("run", "--due", "--json", "--workers", "1")
    rows = {row["name"]: row for row in json.loads(result.stdout)}
    assert rows["tiny/monthly"]["status"] == "published"
    assert rows["tiny/away"]["status"] == "failed"
    assert result.exit_code == AccessError.exit_code
    assert "refused" in [entry["event"] for entry in entries(lake_project)]
    assert "Not published" in (lake_project.site / "index.html").read_text()
    assert call("run", "--due", "--explain").exit_code == 0


def break_file(project, name, text="title: Wrong\nperod: 2014\n"):
    (project.parameters / f"{name}.yaml").write_text(text)


def test_a_wrong_file_stops_itself_only(lake_project, monkeypatch):
    break_file(lake_project, "tiny/wrong")
    monkeypatch.chdir(lake_project.root)
    result = call("run", "--due", "--json", "--workers", "1")
    rows = {row["name"]: row for row in json.loads(result.stdout)}
    assert rows["tiny/monthly"]["status"] == "published"
    assert rows["tiny/wrong"]["status"] == "failed"
    assert "`perod` is unknown" in rows["tiny/wrong"]["error"]
    assert result.exit_code == ParameterError.exit_code
    assert "refused  tiny/wrong" in result.stderr
    (refused,) = [entry for entry in entries(lake_project) if entry["event"] == "refused"]
    assert (refused["name"], refused["kind"]) == ("tiny/wrong", "ParameterError")
    assert "tiny/wrong:question" in call("alerts", "check").output
    again = call("run", "--due", "--workers", "1")
    assert "1 executed; 1 unchanged, 1 failed." in again.output
    assert again.exit_code == ParameterError.exit_code


@pytest.mark.parametrize("words", [("run", "tiny"), ("run", "tiny/wrong", "--due"),
                                   ("run", "--due", "-p", "nn=3"),
                                   ("run", "--due", "--as-of", "2014-01-31")])  # fmt: skip
def test_a_wrong_file_stops_everything_that_was_asked_for(lake_project, monkeypatch, words):
    break_file(lake_project, "tiny/wrong")
    monkeypatch.chdir(lake_project.root)
    result = call(*words)
    assert isinstance(result.exception, ParameterError)
    assert not lake_project.runs.exists()


def test_explain_and_list_show_the_refused_beside_the_others(lake_project, monkeypatch):
    break_file(lake_project, "tiny/wrong")
    monkeypatch.chdir(lake_project.root)
    explained = call("run", "--due", "--explain")
    assert explained.exit_code == 0
    assert "tiny/monthly 2014-01-31: would run" in explained.output
    assert "refused  tiny/wrong" in explained.output
    assert not lake_project.runs.exists()
    rows = json.loads(call("run", "--due", "--explain", "--json").stdout)
    assert [(row["name"], "perod" in row["refused"]) for row in rows] == [
        ("tiny/wrong", True), ("tiny/monthly", False)
    ]  # fmt: skip
    listed = call("list")
    assert listed.exit_code == ParameterError.exit_code
    assert "tiny/monthly  How many?" in listed.output
    assert "tiny/wrong  refused: parameters/tiny/wrong.yaml" in listed.output
    rows = {row["run"]: row["refused"] for row in json.loads(call("list", "--json").stdout)}
    assert (rows["tiny/monthly"], "perod" in rows["tiny/wrong"]) == ("", True)


def test_a_run_that_is_mended_is_not_called_failed_any_more(lake_project, monkeypatch):
    monkeypatch.chdir(lake_project.root)
    path = lake_project.parameters / "tiny" / "monthly.yaml"
    right = path.read_text()
    assert call("run", "--due", "--workers", "1").exit_code == 0
    break_file(lake_project, "tiny/monthly")
    assert call("run", "--due").exit_code == ParameterError.exit_code
    assert last_state(lake_project, "tiny/monthly")["status"] == "failed"
    path.write_text(right)
    assert call("run", "--due").exit_code == 0
    assert last_state(lake_project, "tiny/monthly")["status"] == "unchanged"
    assert "The run for" not in (lake_project.site / "index.html").read_text()


def test_a_failure_while_it_ran_stays_though_nothing_has_to_run(lake_project):
    state = {"status": "failed", "as_of": "2014-01-31", "kind": "RunError", "message": "m",
             "log": "outputs/runs/tiny/monthly/x"}  # fmt: skip
    record_state(lake_project, "tiny/monthly", state)
    end_refusal(lake_project, "tiny/monthly", as_of=dt.date(2014, 1, 31))
    assert last_state(lake_project, "tiny/monthly") == state


def test_a_backfill_twice_runs_nothing_the_second_time(lake_project, monkeypatch):
    monkeypatch.chdir(lake_project.root)
    words = ("backfill", "tiny", "--from", "2013-11-30", "--to", "2014-01-31", "--workers", "1")
    first = call(*words, "--json")
    assert [row["status"] for row in json.loads(first.stdout)] == ["published"] * 3
    second = call(*words, "--json")
    assert [row["status"] for row in json.loads(second.stdout)] == ["unchanged"] * 3


def crontab_command(text):
    """The only command of a crontab, as cron gives it to the shell, and when it is called."""
    (line,) = [line for line in text.splitlines() if not line.startswith("#")]
    *times, command = line.split(" ", 5)
    assert not re.search(r"(?<!\\)%", command)
    return " ".join(times), command.replace("\\%", "%")


def test_a_crontab_needs_no_zone_and_asks_every_hour(project):
    (project.parameters / "tiny" / "west.yaml").write_text(
        'title: West\nschedule: "30 4 1 * *"\nzone: America/Los_Angeles\n'
    )
    text = timetable(project, select_questions(project, []), style="crontab")
    times, command = crontab_command(text)
    assert times == "7 * * * *"
    assert ".venv/bin/analytics run --due --wait 60 2>&1" in command
    assert "CRON_TZ" not in "".join(re.findall(r"(?m)^[^#].*", text))
    assert "CRON_TZ, which cron on Debian and Ubuntu ignores" in text


@pytest.mark.parametrize("code", [0, 2])
@pytest.mark.parametrize("name", ["plain", "a b", "it's 100% ($HOME)"])
def test_a_crontab_finds_any_folder_and_speaks_of_failures_only(tmp_path, name, code):
    program = tmp_path / name / ".venv" / "bin" / "analytics"
    program.parent.mkdir(parents=True)
    program.write_text(f'#!/bin/sh\necho "ran $*" >&2\npwd > called\nexit {code}\n')
    program.chmod(0o755)
    text = timetable(Project(root=tmp_path / name), [], style="crontab")
    _, command = crontab_command(text)
    done = subprocess.run(["/bin/sh", "-c", command], capture_output=True, text=True, check=False)
    assert (tmp_path / name / "called").read_text().strip() == str(tmp_path / name)
    assert done.stdout == ("ran run --due --wait 60\n" if code else "")
    assert done.stderr == ""


def test_systemd_and_airflow_find_a_folder_with_a_space(project):
    root = project.root / 'a "b" 5%'
    unit = timetable(Project(root=root), [], style="systemd").splitlines()
    folder = f'{project.root}/a "b" 5%%'
    assert f"WorkingDirectory={folder}" in unit
    program = folder.replace('"', '\\"')
    assert f'ExecStart="{program}/.venv/bin/analytics" run --due --wait 60' in unit
    (question,) = select_questions(project, [])
    dag = timetable(Project(root=project.root / "a b"), [question], style="airflow")
    (command,) = [
        word.value.value
        for node in ast.walk(ast.parse(dag)) if isinstance(node, ast.Call)
        for word in node.keywords if word.arg == "bash_command"
    ]  # fmt: skip
    assert shlex.split(command)[:3] == ["cd", f"{project.root}/a b", "&&"]


def test_other_schedulers_get_what_they_read(project):
    questions = select_questions(project, [])
    dag = timetable(project, questions, style="airflow")
    assert "tiny.monthly" in dag
    ast.parse(dag)
    assert "Persistent=true" in timetable(project, questions, style="systemd")
    assert "make reports" in timetable(project, questions, style="ci")
    with pytest.raises(ParameterError, match="Did you mean 'crontab'"):
        timetable(project, questions, style="crontap")


def test_the_command_prints_and_lists(project, monkeypatch):
    monkeypatch.chdir(project.root)
    assert "\n7 * * * * cd " in call("schedule", "print").stdout
    (row,) = json.loads(call("schedule", "list", "--json", "--number", "2").stdout)
    assert (row["run"], len(row["next"])) == ("tiny/monthly", 2)
    assert "tiny/monthly  0 6 1 * * (UTC)" in call("schedule", "list").output


def test_without_days_in_its_tables_a_report_goes_back_to_1900(lake_project, monkeypatch):
    monkeypatch.setattr(Lake, "first_day", lambda *_: None)
    questions = select_questions(lake_project, [])
    with pytest.raises(ParameterError, match="1899-12-31; it must be 1900-01-01 or later"):
        plan_on(lake_project, questions, day=dt.date(1899, 12, 31))
    (plan,) = plan_on(lake_project, questions, day=dt.date(1900, 1, 1))
    assert plan.as_of == dt.date(1900, 1, 1)
