"""Alerts: what raises them, who is told and when not."""

import datetime as dt
import json
import sqlite3

import pytest

from analytics_lib.core.errors import ParameterError, RunError
from analytics_lib.reporting.checks.alert_state import (
    Condition,
    acknowledge,
    alerts,
    mark_told,
    pause,
    update_alerts,
)
from analytics_lib.reporting.checks.alerts import alert_names, conditions
from analytics_lib.reporting.evidence.audit_log import broken_seals, entries

NOW = dt.datetime(2014, 3, 10, 12, tzinfo=dt.UTC)
SECOND = dt.timedelta(seconds=1)
MINUTE = dt.timedelta(minutes=1)
WRONG = Condition(run="tiny/monthly", check="low", words="too low", cool_down_hours=6)
NAME = "tiny/monthly:low"


def tell(project, found, now):
    due = update_alerts(project, found, now=now)
    for alert in due:
        mark_told(project, alert, now=now)
    return [alert.name for alert in due]


@pytest.mark.parametrize(
    ("later", "told"),
    [
        (dt.timedelta(hours=6) - SECOND, []),
        (dt.timedelta(hours=6), [NAME]),
        (dt.timedelta(hours=6) + SECOND, [NAME]),
    ],
)
def test_an_alert_rests_for_its_cool_down(project, later, told):
    assert tell(project, [WRONG], NOW) == [NAME]
    assert tell(project, [WRONG], NOW + later) == told
    assert alerts(project)[0].since == NOW


def test_what_comes_and_goes_is_not_told_each_time(project):
    assert tell(project, [WRONG], NOW) == [NAME]
    assert tell(project, [], NOW + SECOND) == []
    assert not alerts(project)[0].active
    assert tell(project, [WRONG], NOW + 2 * SECOND) == []
    assert tell(project, [WRONG], NOW + dt.timedelta(hours=6)) == [NAME]
    assert alerts(project)[0].times_told == 2


UNTIL = dt.datetime(2014, 3, 12, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("when", "told"), [(UNTIL - SECOND, []), (UNTIL, [NAME]), (UNTIL + SECOND, [NAME])]
)
def test_a_paused_alert_is_told_from_the_end_of_its_pause(project, when, told):
    pause(project, NAME, until=UNTIL, by="Ann", known=[NAME], now=NOW)
    assert tell(project, [WRONG], NOW) == []
    assert tell(project, [WRONG], when) == told


def test_an_acknowledged_alert_is_quiet_until_it_was_in_order(project):
    tell(project, [WRONG], NOW)
    acknowledge(project, NAME, by="Ann", reason="known holiday", now=NOW)
    day = dt.timedelta(days=1)
    assert tell(project, [WRONG], NOW + 9 * day) == []
    assert tell(project, [], NOW + 10 * day) == []
    assert tell(project, [WRONG], NOW + 11 * day) == [NAME]
    assert alerts(project)[0].acknowledged_by is None


def test_who_did_what_is_in_the_audit_log(project):
    tell(project, [WRONG], NOW)
    acknowledge(project, NAME, by="Ann", reason="known", now=NOW)
    pause(project, NAME, until=UNTIL, by="Bob", known=[NAME], now=NOW)
    found = [(entry["event"], entry["alert"], entry.get("by")) for entry in entries(project)]
    assert found == [("alert", NAME, None), ("acknowledged", NAME, "Ann"), ("paused", NAME, "Bob")]
    assert broken_seals(project) == []


def test_mistakes_are_refused(project):
    tell(project, [WRONG], NOW)
    with pytest.raises(ParameterError, match="Did you mean 'tiny/monthly:low'"):
        acknowledge(project, "tiny/monthly:lo", by="Ann", reason="x", now=NOW)
    with pytest.raises(ParameterError, match="`reason` is empty"):
        acknowledge(project, NAME, by="Ann", reason=" ", now=NOW)
    with pytest.raises(ParameterError, match="is no alert"):
        pause(project, "tiny/monthly:x", until=UNTIL, by="Ann", known=[NAME], now=NOW)
    for until in (NOW - SECOND, NOW):
        with pytest.raises(ParameterError, match="in the future"):
            pause(project, NAME, until=until, by="Ann", known=[NAME], now=NOW)


def test_a_broken_file_of_alerts_is_an_error_and_not_silence(project):
    project.alerts.parent.mkdir(parents=True)
    project.alerts.write_bytes(b"no database at all" * 100)
    with pytest.raises(RunError, match=r"alerts\.sqlite"):
        update_alerts(project, [WRONG], now=NOW)


def test_a_transaction_that_fails_leaves_nothing(project):
    update_alerts(project, [], now=NOW)
    twice = [WRONG, Condition(run="a", check="b", words=None)]
    with pytest.raises(RunError):
        update_alerts(project, twice, now=NOW)
    assert alerts(project) == []
    assert sqlite3.connect(project.alerts).execute("PRAGMA integrity_check").fetchone()[0] == "ok"


# The schedule fires at 06:00 on the first of the month; the data end on 31 January, so the page
# for that day is due on 1 February at 06:00, and with two hours of grace it is late after 08:00.
DUE = dt.datetime(2014, 2, 1, 8, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("when", "late"), [(DUE - SECOND, False), (DUE, False), (DUE + MINUTE, True)]
)
def test_a_page_that_is_not_there_after_its_grace_is_an_alert(
    lake_project, ask, publish, when, late
):
    ask("grace_hours: 2\n")
    publish("2013-12-31")
    found = conditions(lake_project, now=when)
    assert [item.name for item in found] == (["tiny/monthly:late"] if late else [])
    publish("2014-01-31")
    assert conditions(lake_project, now=when) == []


def test_a_report_that_never_ran_is_late(lake_project):
    (found,) = conditions(lake_project, now=NOW)
    assert found.name == "tiny/monthly:late"
    assert "2014-01-31" in found.words
    assert "none at all" in found.words


@pytest.mark.parametrize(("hours", "late"), [(23, False), (24, False), (25, True)])
def test_without_a_schedule_a_day_is_due_when_it_has_ended(lake_project, hours, late):
    (lake_project.parameters / "tiny/monthly.yaml").write_text("title: Daily\n")
    now = dt.datetime(2014, 2, 1, tzinfo=dt.UTC) + dt.timedelta(hours=hours)
    assert bool(conditions(lake_project, now=now)) is late


def test_a_failed_run_is_told_once_and_not_as_late_too(lake_project, publish, fail):
    publish("2013-12-31")
    fail(as_of="2014-01-31", kind="DisclosureError")
    (found,) = conditions(lake_project, now=NOW)
    assert found.name == "tiny/monthly:run"
    assert "DisclosureError" in found.words
    fail(kind="HeldError")  # its findings are gone
    assert [item.name for item in conditions(lake_project, now=NOW)] == ["tiny/monthly:run"]


def test_data_that_grow_old_while_nothing_runs_are_an_alert(lake_project, ask, publish):
    ask("checks:\n  - {name: old, freshness: {max_age_days: 3}}\n")
    publish("2014-01-31")
    for day, wrong in ((4, []), (5, ["tiny/monthly:old"])):
        now = dt.datetime(2014, 2, day, 12, tzinfo=dt.UTC)
        assert [item.name for item in conditions(lake_project, now=now)] == wrong
    ask("checks:\n  - {name: old, severity: info, freshness: {max_age_days: 3}}\n")
    assert conditions(lake_project, now=NOW) == []


def test_a_file_or_a_lake_that_cannot_be_read_is_an_alert(project, ask):
    ask("checks:\n  - {name: old, freshness: {max_age_days: 3}}\n")
    assert [item.check for item in conditions(project, now=NOW)] == ["old", "late"]  # no lake
    ask("grace: 3\n")
    (found,) = conditions(project, now=NOW)
    assert found.check == "question"
    assert "tiny/monthly:question" in alert_names(project)


def test_a_held_page_names_its_checks(lake_project, ask, publish, fail):
    ask("checks:\n  - {name: low, severity: hold, result: users, bounds: {min: 1}}\n")
    publish("2014-01-31")
    log = fail(kind="HeldError")
    log.mkdir(parents=True)
    results = [
        {"name": "low", "kind": "bounds", "severity": "hold", "status": "failed", "words": "40"},
        {"name": "b", "kind": "bounds", "severity": "info", "status": "failed", "words": "40"},
        {"name": "c", "kind": "bounds", "severity": "warn", "status": "passed", "words": "40"},
    ]
    (log / "checks.json").write_text(json.dumps(results))
    (found,) = conditions(lake_project, now=NOW)
    assert found.name == NAME
    assert "40" not in found.words
