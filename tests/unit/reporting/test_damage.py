"""What cannot be read any more of one run: it is called damaged, and stops no other."""

import datetime as dt
import json

import pytest
from typer.testing import CliRunner

from analytics_lib.cli.app import app
from analytics_lib.core.errors import RunError
from analytics_lib.reporting.catalogue.index import build_site
from analytics_lib.reporting.catalogue.listing import published_entries
from analytics_lib.reporting.checks.alerts import conditions
from analytics_lib.reporting.delivery.owed import owed_pages
from analytics_lib.reporting.outcomes import last_state
from analytics_lib.reporting.refresh import refresh_site
from analytics_lib.reporting.withdrawal import withdraw_expired

DAMAGE = {
    "nothing": "",
    "zeros": "\0" * 40,
    "half": '{"title": "How ma',
    "a list": "[]",
    "says nothing": "{}",
    "an expiry that is no day": '{"title": "t", "run_title": "r", "as_of": "2014-01-31", '
    '"fingerprint": {}, "expires_on": "2024-13-45"}',
}


def call(*words):
    return CliRunner().invoke(app, list(words))


def entries_of(project):
    expected = {"tiny/monthly": dt.date(2014, 1, 31), "tiny/other": dt.date(2014, 1, 31)}
    return {entry.name: entry for entry in published_entries(project, expected=expected)}


@pytest.fixture
def two(project, publish):
    """Two runs with two dates each."""
    for name in ("tiny/monthly", "tiny/other"):
        for as_of in ("2013-12-31", "2014-01-31"):
            publish(as_of, name=name, answer=f"Forty of {name}.")
    return project


@pytest.mark.parametrize("text", DAMAGE.values(), ids=DAMAGE)
def test_a_damaged_page_is_not_shown_as_good_and_the_others_are_shown(two, text):
    path = two.site / "tiny/monthly/2014-01-31/manifest.json"
    path.write_text(text)
    (problem,) = build_site(two, expected={"tiny/other": dt.date(2014, 1, 31)})
    assert "`tiny/monthly/2014-01-31`: its manifest.json cannot be read" in problem
    found = entries_of(two)
    assert (found["tiny/other"].freshness, found["tiny/monthly"].freshness) == (
        "up to date", "damaged"
    )  # fmt: skip
    assert found["tiny/monthly"].damaged == ("2014-01-31",)
    index = (two.site / "index.html").read_text()
    assert "Forty of tiny/other." in index
    assert "<strong>Damaged.</strong>" in index
    assert index.count("<strong>Damaged.</strong>") == 1
    for page in ("index.html", "search.html", "feed.xml", "catalog.json"):
        assert "tiny/monthly/2014-01-31/index.html" not in (two.site / page).read_text(), page
        assert "tiny/monthly/2013-12-31/index.html" in (two.site / page).read_text(), page
    archive = (two.site / "tiny/monthly/index.html").read_text()
    assert 'href="2014-01-31' not in archive
    assert '2014-01-31 <span class="badge">damaged</span>' in archive
    assert "newest that can be read" in archive
    assert path.read_text() == text


def test_a_run_of_which_nothing_can_be_read_is_named(two):
    for path in (two.site / "tiny/monthly").glob("*/manifest.json"):
        path.write_text("")
    assert len(build_site(two, expected={})) == 2
    index = (two.site / "index.html").read_text()
    assert "tiny/monthly</h2>" in index
    assert "2014-01-31" not in (two.site / "tiny/monthly/index.html").read_text().replace(
        '2014-01-31 <span class="badge">damaged</span>', ""
    )
    (run,) = [
        run for run in json.loads((two.site / "catalog.json").read_text())["runs"] if run["damaged"]
    ]
    assert (run["name"], run["latest"]) == ("tiny/monthly", None)


STATES = {
    "half": '{"status": "fai',
    "a list": "[]",
    "no day": '{"status": "published", "as_of": "2024-13-45"}',
    "a failure without words": '{"status": "failed", "as_of": "2014-01-31"}',
}


@pytest.mark.parametrize("text", STATES.values(), ids=STATES)
def test_a_damaged_state_is_named_and_the_page_is_not_called_up_to_date(two, text, now):
    (two.runs / "tiny/monthly/state.json").write_text(text)
    with pytest.raises(RunError, match=r"`tiny/monthly`: its state.json cannot be read"):
        last_state(two, "tiny/monthly")
    (problem,) = refresh_site(two, now=now)
    assert "`tiny/monthly`: its state.json" in problem
    found = entries_of(two)
    assert found["tiny/monthly"].freshness == "damaged"
    assert len(found["tiny/monthly"].versions) == 2
    assert found["tiny/other"].freshness == "up to date"


def test_a_folder_that_is_no_day_is_no_version(two):
    (two.site / "tiny/monthly/2014-01-31").rename(two.site / "tiny/monthly/2024-13-45")
    assert build_site(two, expected={}) == ()
    (latest,) = [entry.latest for entry in entries_of(two).values() if entry.name == "tiny/monthly"]
    assert latest.folder == "2013-12-31"


def test_damage_is_an_alert_of_that_run_and_holds_back_its_page_only(lake_project, publish, now):
    target = "deliver:\n  - {name: copy, drop: {folder: copies}}\n"
    for name in ("monthly", "other"):
        publish("2014-01-31", name=f"tiny/{name}")
        path = lake_project.parameters / "tiny" / f"{name}.yaml"
        path.write_text(f'title: Monthly\nschedule: "0 6 1 * *"\nparameters: {{n: 3}}\n{target}')
    assert {item.run for item in owed_pages(lake_project)} == {"tiny/monthly", "tiny/other"}
    (lake_project.runs / "tiny/monthly/state.json").write_text("{")
    (found,) = conditions(lake_project, now=now)
    assert found.name == "tiny/monthly:run"
    assert "its state.json cannot be read" in found.words
    assert {item.run for item in owed_pages(lake_project)} == {"tiny/other"}


def test_a_page_that_may_have_expired_but_cannot_be_read_stops_no_other(two):
    path = two.site / "tiny/monthly/2014-01-31/manifest.json"
    path.write_text('{"expires_on": "2014-02')
    other = two.site / "tiny/other/2014-01-31/manifest.json"
    other.write_text(json.dumps(json.loads(other.read_text()) | {"expires_on": "2014-02-10"}))
    taken = withdraw_expired(two, today=dt.date(2014, 2, 15))
    assert taken == ["tiny/other/2014-01-31"]


def test_the_command_runs_the_others_says_what_is_damaged_and_ends_with_7(
    lake_project, monkeypatch
):
    monkeypatch.chdir(lake_project.root)
    assert call("run", "--due", "--workers", "1").exit_code == 0
    path = lake_project.site / "tiny/monthly/2014-01-31/manifest.json"
    path.write_text("")
    (lake_project.parameters / "tiny/second.yaml").write_text("title: Second\n")
    result = call("run", "--due", "--json", "--workers", "1")
    assert result.exit_code == RunError.exit_code
    rows = {row["name"]: row["status"] for row in json.loads(result.stdout)}
    assert rows == {"tiny/monthly": "failed", "tiny/second": "published"}
    assert "damaged  `tiny/monthly/2014-01-31`" in result.stderr
    assert path.read_text() == ""
    assert sorted(folder.name for folder in path.parents[1].iterdir()) == [
        "2014-01-31", "index.html"
    ]  # fmt: skip
    listed = call("list")
    assert listed.exit_code == RunError.exit_code
    assert "tiny/second  How many?" in listed.output
    assert "tiny/monthly  refused: `tiny/monthly/2014-01-31`" in listed.output


def test_a_damaged_state_alone_ends_with_7_though_nothing_had_to_run(lake_project, monkeypatch):
    monkeypatch.chdir(lake_project.root)
    assert call("run", "--due", "--workers", "1").exit_code == 0
    (lake_project.runs / "tiny/monthly/state.json").write_text("{")
    result = call("run", "--due")
    assert "1 unchanged." in result.output
    assert result.exit_code == RunError.exit_code
    (lake_project.runs / "tiny/monthly/state.json").unlink()
    assert call("run", "--due").exit_code == 0
