"""What was published can be held against itself: altered bytes are found, pages come out again."""

import datetime as dt
import hashlib
import json
import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from scipy import stats

from analytics_lib.core.errors import ParameterError, RunError
from analytics_lib.reporting.batch import run_batch
from analytics_lib.reporting.checks.alert_state import Condition, mark_told, update_alerts
from analytics_lib.reporting.delivery.sending import deliver
from analytics_lib.reporting.evidence.audit_log import broken_seals, entries, record
from analytics_lib.reporting.evidence.comparison import compare_results, named_results
from analytics_lib.reporting.evidence.earlier import (
    comparisons,
    earlier_pages,
    published_payloads,
    rows_of,
)
from analytics_lib.reporting.evidence.reproduction import find_version, reproduce
from analytics_lib.reporting.evidence.verification import verify_site
from analytics_lib.reporting.outcomes import last_state
from analytics_lib.reporting.payloads import Payload
from analytics_lib.reporting.planning import plan_due, plan_for
from analytics_lib.reporting.publication import publish_version
from analytics_lib.reporting.questions import select_questions
from analytics_lib.reporting.refresh import refresh_site
from analytics_lib.reporting.versions import Version, published_versions
from analytics_lib.statistics import estimate_share


@pytest.fixture
def published(lake_project, now):
    """A project with one page up, and its folder."""
    (plan,) = plan_due(lake_project, select_questions(lake_project, []), now=now)
    (outcome,) = run_batch(lake_project, [plan], workers=1)
    assert outcome.status == "published", outcome.error
    return lake_project, lake_project.site / outcome.folder


def test_an_untouched_site_verifies(published):
    project, _ = published
    found = verify_site(project, [])
    assert (found.versions, found.problems) == (1, ())
    assert [entry["event"] for entry in entries(project)] == ["publishing", "published"]


def one_byte(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def edit_manifest(folder):
    """Change a page and make its manifest agree."""
    one_byte(folder / "index.html")
    manifest = json.loads((folder / "manifest.json").read_text())
    digest = hashlib.sha256((folder / "index.html").read_bytes()).hexdigest()
    manifest["files"]["index.html"] = digest
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=2, sort_keys=True) + "\n")


def edit_log(project, old, new):
    text = project.audit_log.read_text()
    project.audit_log.write_text(text.replace(old, new, 1))


TAMPERED = {
    "index.html was changed": lambda _, folder: one_byte(folder / "index.html"),
    "data.json was changed": lambda _, folder: one_byte(folder / "data.json"),
    "data.json is missing": lambda _, folder: (folder / "data.json").unlink(),
    "x.csv was added": lambda _, folder: (folder / "x.csv").write_text("x"),
    "manifest.json is not the one": lambda _, folder: edit_manifest(folder),
    "cannot be read": lambda _, folder: (folder / "manifest.json").write_text("{"),
    "is gone": lambda _, folder: folder.rename(folder.with_name("away")),
    "does not know it": lambda project, _: project.audit_log.unlink(),
    "line 2 of the audit log": lambda project, _: edit_log(project, "tiny/mon", "tiny/mun"),
    "line 1 of the audit log": lambda project, _: edit_log(project, '{"as_of', 'x{"as_of'),
}


@pytest.mark.parametrize("said", TAMPERED)
def test_whatever_was_altered_is_found(published, said):
    project, folder = published
    TAMPERED[said](project, folder)
    problems = verify_site(project, []).problems
    assert any(said in problem for problem in problems), problems


AROUND = {
    "site/index.html was changed": lambda project: one_byte(project.site / "index.html"),
    "site/catalog.json was changed": lambda project: one_byte(project.site / "catalog.json"),
    "site/feed.xml is missing": lambda project: (project.site / "feed.xml").unlink(),
    "site/tiny/monthly/index.html was changed": lambda project: one_byte(
        project.site / "tiny" / "monthly" / "index.html"
    ),
    "site/new.html was added": lambda project: (project.site / "new.html").write_text("x"),
    "front.json is not the list": lambda project: project.front_list.write_text("{}"),
    "front.json is not the list that": lambda project: project.front_list.unlink(),
}


@pytest.mark.parametrize("said", AROUND)
def test_whatever_was_altered_around_the_reports_is_found(published, said, now):
    project, _ = published
    refresh_site(project, now=now)
    assert verify_site(project, []).problems == ()
    AROUND[said](project)
    (problem,) = verify_site(project, []).problems
    assert said in problem
    assert verify_site(project, ["tiny/monthly"]).problems == ()
    refresh_site(project, now=now)


def test_a_front_that_did_not_change_is_sealed_once(published, now):
    project, _ = published
    refresh_site(project, now=now)
    refresh_site(project, now=now)
    events = [entry["event"] for entry in entries(project)]
    assert events == ["publishing", "published", "indexed"]


def test_a_line_that_is_no_event_is_found_and_stops_nothing(published):
    project, _ = published
    with project.audit_log.open("ab") as file:
        file.write(b'{"a": 1}\n{"event": "published"}\n')
    assert verify_site(project, []).problems == (
        "line 3 of the audit log was altered",
        "line 4 of the audit log was altered",
    )


@pytest.mark.parametrize("content", ["{", "[]", ""])
def test_a_manifest_that_cannot_be_read_is_named_not_traced(published, now, content):
    project, folder = published
    (folder / "manifest.json").write_text(content)
    (problem,) = refresh_site(project, now=now)
    assert problem.startswith(f"`tiny/monthly/{folder.name}`: its manifest.json cannot be read")
    assert any("cannot be read" in problem for problem in verify_site(project, []).problems)


def test_a_folder_of_no_day_is_no_version(published):
    project, folder = published
    other = folder.with_name("2023-02-30")
    other.mkdir()
    (other / "manifest.json").write_text("{}")
    assert [version.path for version in published_versions(project, "tiny/monthly")] == [folder]


def test_a_state_that_cannot_be_read_is_named(published):
    project, _ = published
    (project.runs / "tiny" / "monthly" / "state.json").write_text("{")
    with pytest.raises(RunError, match=r"`tiny/monthly`: its state.json cannot be read"):
        last_state(project, "tiny/monthly")


def test_a_line_that_was_never_whole_is_cut_off(published):
    project, _ = published
    with project.audit_log.open("ab") as file:
        file.write(b'{"event": "half')
    assert len(list(entries(project))) == 2
    record(project, "note")
    assert [entry["event"] for entry in entries(project)][-1] == "note"
    assert not broken_seals(project)


def cut_last_line(project, *, of=b""):
    lines = project.audit_log.read_bytes().splitlines(keepends=True)
    assert of in lines[-1]
    project.audit_log.write_bytes(b"".join(lines[:-1]))


def test_a_half_line_at_the_end_is_found_until_the_next_event(published):
    project, _ = published
    whole = project.audit_log.read_bytes()
    project.audit_log.write_bytes(whole[:-1])
    words = "the last line of the audit log is not whole"
    assert verify_site(project, []).problems == (words,)
    project.audit_log.write_bytes(whole + b'{"event": "half')
    assert verify_site(project, ["tiny/monthly"]).problems == (words,)
    record(project, "note")
    assert verify_site(project, []).problems == ()


def test_front_pages_whose_line_was_cut_off_are_found(published, now):
    project, _ = published
    refresh_site(project, now=now)
    cut_last_line(project, of=b'"indexed"')
    assert not broken_seals(project)
    assert verify_site(project, []).problems == (
        "front.json is there, and the audit log does not name it",
    )


def test_a_delivery_whose_line_was_cut_off_is_found(published, now):
    project, _ = published
    path = project.parameters / "tiny" / "monthly.yaml"
    path.write_text(path.read_text() + "deliver:\n  - {name: copy, drop: {folder: copies}}\n")
    (sent,) = deliver(project, now=now)
    assert sent.state == "delivered"
    assert verify_site(project, []).problems == ()
    cut_last_line(project, of=b'"delivered"')
    assert not broken_seals(project)
    assert verify_site(project, []).problems == (
        "tiny/monthly: the audit log does not name 1 of its deliveries",
    )
    assert verify_site(project, ["tiny/monthly"]).problems == ()


def test_an_alert_whose_line_was_cut_off_is_found(published, now):
    project, _ = published
    wrong = Condition(run="tiny/monthly", check="late", words="it is late")
    for at in (now, now + dt.timedelta(days=2)):
        (alert,) = update_alerts(project, [wrong], now=at)
        mark_told(project, alert, now=at)
    assert verify_site(project, []).problems == ()
    cut_last_line(project, of=b'"alert"')
    assert verify_site(project, []).problems == (
        "tiny/monthly:late: the audit log names 1 of the 2 times it was told",
    )


def test_a_witness_that_cannot_be_read_is_a_problem_and_no_end(published):
    project, _ = published
    for path in (project.outbox, project.alerts):
        path.write_bytes(b"no database" * 100)
    problems = verify_site(project, []).problems
    assert ["outbox.sqlite" in problems[0], "alerts.sqlite" in problems[1]] == [True, True]
    assert len(problems) == 2


def test_many_writers_keep_one_chain(project):
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: record(project, "note", number=number), range(40)))
    assert sorted(entry["number"] for entry in entries(project)) == list(range(40))
    assert not broken_seals(project)


def test_nothing_is_published_without_the_log(published, now):
    project, folder = published
    project.audit_log.unlink()
    project.audit_log.mkdir()
    path = project.notebooks / "tiny.ipynb"
    path.write_text(path.read_text().replace("Forty users.", "Still forty."))
    (plan,) = plan_due(project, select_questions(project, []), now=now)
    (outcome,) = run_batch(project, [plan], workers=1)
    assert "The audit log could not be written" in outcome.error
    assert [version.path for version in published_versions(project, "tiny/monthly")] == [folder]


def test_a_page_comes_out_again_to_the_byte(published):
    project, _ = published
    made = reproduce(project, "tiny/monthly", timeout_s=60)
    assert (made.different, made.changed) == ((), ())
    assert made.same == ("data.json", "index.html")


def test_a_page_that_differs_says_what_changed_since(published):
    project, _ = published
    path = project.notebooks / "tiny.ipynb"
    path.write_text(path.read_text().replace("Forty users.", "Still forty."))
    made = reproduce(project, "tiny/monthly/2014-01-31", timeout_s=60)
    assert made.different == ("data.json", "index.html")
    assert made.changed == ("the notebook changed",)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("tiny/montly", "Did you mean 'tiny/monthly'?"),
        ("tiny/monthly/2014-01-30", "Did you mean '2014-01-31'?"),
    ],
)
def test_a_version_that_is_not_there_is_named(published, name, said):
    with pytest.raises(ParameterError) as caught:
        find_version(published[0], name)
    assert said in str(caught.value)


def share(numerator, n):
    return estimate_share(numerator, n).to_dict()


def mean(value, half, n=50, unit="points"):
    return {
        "value": value, "ci_lower": value - half, "ci_upper": value + half,
        "confidence_level": 0.95, "n": n, "unit": unit,
    }  # fmt: skip


def test_shares_are_compared_with_newcombes_interval():
    # origin: Newcombe (1998), method 10, case (a): 56/70 less 48/80 is 0.2, 0.0524 to 0.3339
    (change,) = compare_results({"x": share(56, 70)}, {"x": share(48, 80)})
    assert change.effect_size == pytest.approx(0.2)
    assert (change.ci_lower, change.ci_upper) == (
        pytest.approx(0.0524, abs=5e-5),
        pytest.approx(0.3339, abs=5e-5),
    )
    assert change.judgement == "more than chance"


def test_other_estimates_are_compared_as_normal():
    (change,) = compare_results({"x": mean(12, 3)}, {"x": mean(10, 4)})
    # origin: scipy's normal distribution on the standard errors 3 and 4 over 1.96, so 5 over 1.96
    error = 5 / stats.norm.ppf(0.975)
    assert change.ci_lower == pytest.approx(2 - 5)
    assert change.ci_upper == pytest.approx(2 + 5)
    assert change.pvalue == pytest.approx(2 * stats.norm.sf(2 / error))
    assert change.judgement == "within chance"


@pytest.mark.parametrize(
    ("now", "before", "judgement"),
    [
        ({"value": 5, "unit": "users"}, {"value": 4, "unit": "users"}, "not tested"),
        ({"value": None, "unit": "users"}, {"value": 4, "unit": "users"}, "no comparison"),
        ({}, {"value": 4, "unit": "users"}, "no comparison"),
        (mean(1, 0.5), mean(1, 0.5, unit="days"), "not tested"),
        (mean(1, 0.5), mean(1, 0.5) | {"confidence_level": 0.9}, "not tested"),
        (mean(1, 0), mean(1, 0), "not tested"),
    ],
)
def test_what_cannot_be_tested_is_not(now, before, judgement):
    (change,) = compare_results({"x": now}, {"x": before})
    assert change.judgement == judgement
    assert change.pvalue is None


EMPTY = Payload(kind="answer", id="a", title="A.", columns=[], rows=[], results={})


def page(project, as_of, value, *, revision=1, folder=None):
    """A published page by hand, with one result."""
    result = {"value": value, "unit": "users", "label": "Active"}
    made = {"kind": "answer", "id": "a", "title": "A.", "results": {"active": result}}
    name = folder or as_of.isoformat()
    version = Version(as_of=as_of, revision=revision, path=project.site / "tiny/monthly" / name)
    publish_version(version, {"data.json": json.dumps({"objects": [made]})}, manifest={})
    return Payload(
        kind="answer", id="a", title="A.", columns=[], rows=[], results={"active": result}
    )


def test_a_page_is_compared_with_the_date_before_a_year_before_and_its_own(project):
    dates = [dt.date(2013, 1, 31), dt.date(2013, 2, 14), dt.date(2013, 12, 31)]
    for value, date in enumerate(dates, start=40):
        page(project, date, value)
    now = dt.date(2014, 1, 31)
    page(project, now, 50)
    found = {made.kind: made.version.as_of for made in earlier_pages(
        project, "tiny/monthly", as_of=now
    )}  # fmt: skip
    assert found == {"previous": dates[2], "year_before": dates[0], "revised": now}


# origin: a fortnight around 365 days, its ends included
@pytest.mark.parametrize(
    ("days", "is_year"), [(349, False), (350, True), (380, True), (381, False)]
)
def test_a_year_before_is_within_a_fortnight(project, days, is_year):
    now = dt.date(2014, 1, 31)
    page(project, now - dt.timedelta(days=days), 40)
    kinds = [made.kind for made in earlier_pages(project, "tiny/monthly", as_of=now)]
    assert ("year_before" in kinds) == (days in (350, 380))


def test_a_revision_lists_what_differs_and_nothing_else(project):
    date = dt.date(2014, 1, 31)
    same = page(project, date, 50)
    pages = earlier_pages(project, "tiny/monthly", as_of=date)
    assert comparisons([same], pages) == {}
    result = {"active": {"value": 45, "unit": "users", "label": "Active"}}
    changed = comparisons([replace(same, results=result)], pages)
    (row,) = rows_of(changed["revised"][1])
    assert row == {
        "label": "Active", "now": "45 users", "before": "50 users",
        "change": "\N{MINUS SIGN}5 users", "judgement": "not tested",
    }  # fmt: skip


def test_changes_of_shares_are_in_points_with_their_interval():
    (row,) = rows_of(compare_results({"x": share(56, 70)}, {"x": share(48, 80)}))
    assert row["change"] == "+20.0 points (+5.2 points to +33.4 points)"


def test_results_are_named_with_all_that_is_said_of_them():
    bare = {"value": 0.5, "n": None, "unit": ""}
    full = {"value": 0.5, "n": 10, "unit": "share", "label": "Kept"}
    objects = [
        Payload(kind="answer", id="a", title="", columns=[], rows=[], results={"x": bare}),
        Payload(kind="tiles", id="b", title="", columns=[], rows=[], results={"x": full}),
    ]
    assert named_results(objects) == {"x": full}
    assert named_results(objects[::-1]) == {"x": full}


def test_the_page_shows_its_changes_and_its_revision(lake_project, now):
    notebook = json.loads((lake_project.notebooks / "tiny.ipynb").read_text())
    made = 'display.tiles([display.Tile(name="users", label="Users", value=40)], id="tiles")'
    last = notebook["cells"][-1]
    notebook["cells"].append(last | {"id": "tiles", "source": made})
    (lake_project.notebooks / "tiny.ipynb").write_text(json.dumps(notebook))
    questions = select_questions(lake_project, [])
    dates = [dt.date(2014, 1, 30), dt.date(2014, 1, 31)]
    for date in dates:
        (outcome,) = run_batch(
            lake_project, plan_for(lake_project, questions, dates=[date]), workers=1
        )
        assert outcome.status == "published", outcome.error
    html = (lake_project.site / outcome.folder / "index.html").read_text()
    assert 'Against <a href="../2014-01-30/index.html">30 January 2014</a>' in html
    assert '<p class="change">The same as 30 January 2014</p>' in html
    assert "<!-- year_before" not in html
    path = lake_project.notebooks / "tiny.ipynb"
    text = path.read_text().replace('\\"users\\": 40', '\\"users\\": 60')
    path.write_text(text.replace("value=40", "value=60"))
    questions = select_questions(lake_project, [])
    (plan,) = plan_for(lake_project, questions, dates=dates[1:])
    (outcome,) = run_batch(lake_project, [plan], workers=1)
    revised = (lake_project.site / outcome.folder / "index.html").read_text()
    assert "<strong>Revised.</strong>" in revised
    assert "Users 40, now 60" in revised
    (again,) = run_batch(lake_project, [plan], workers=1, force=True)
    assert again.status == "identical"
    assert reproduce(lake_project, "tiny/monthly", timeout_s=60).different == ()
    newest = published_versions(lake_project, "tiny/monthly")[-1]
    assert math.isclose(published_payloads(newest)[0].results["users"]["value"], 60)


def test_the_log_that_cannot_be_written_is_an_error(project):
    project.audit_log.mkdir(parents=True)
    with pytest.raises(RunError, match="The audit log"):
        record(project, "note")
