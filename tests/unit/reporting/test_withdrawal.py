"""A page whose package has expired leaves the site, with all its files and every list of it."""

import datetime as dt
import hashlib
import json
import shutil

import pytest

from analytics_lib.core.errors import RunError, StorageError
from analytics_lib.publishing.entries import Package
from analytics_lib.publishing.register import Register
from analytics_lib.reporting.batch import run_batch
from analytics_lib.reporting.checks.alerts import conditions
from analytics_lib.reporting.contents import package_shown
from analytics_lib.reporting.evidence.audit_log import record
from analytics_lib.reporting.evidence.verification import verify_site
from analytics_lib.reporting.planning import plan_due
from analytics_lib.reporting.publication import manifest_text
from analytics_lib.reporting.questions import load_question
from analytics_lib.reporting.refresh import refresh_site
from analytics_lib.reporting.research_packages import package_digest, why_it_rests
from analytics_lib.reporting.versions import (
    ever_published,
    next_version,
    published_versions,
    withdrawn_versions,
)
from analytics_lib.reporting.withdrawal import withdraw_expired

RELEASED = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
LAST_DAY = dt.date(2027, 2, 28)
DAY = dt.date(2027, 3, 1)
RUN = "tiny/monthly"
ABOUT = {"research_package": "a"}
LISTS = ("index.html", "search.html", "feed.xml", "catalog.json")


def at(day):
    return dt.datetime.combine(day, dt.time(12), tzinfo=dt.UTC)


def put_out(project, *, version=1, expires_on=DAY):
    register = Register(project.datasets / "register.sqlite")
    register.add("a", {"requester": "x"}, by="x", at=RELEASED)
    register.move("a", to="approved", allowed_from=("requested",), by="y", at=RELEASED)
    made = Package(
        name="a", version=version, manifest_sha256="0", expires_on=expires_on.isoformat()
    )
    register.put_out("a", by="y", at=RELEASED, check=lambda _: None, write=lambda _: made)
    return register


def end(register, day):
    register.move("a", to="expired", allowed_from=("released",), by="y", at=at(day))


def show(project, *, name=RUN, as_of="2026-02-28", version=1, **said):
    """A page about a version of the package `a`, published by hand as the press does it."""
    date = dt.date.fromisoformat(as_of)
    place = next_version(project, name, as_of=date)
    files = {"index.html": "<h1>Secret page</h1>", "data.json": '{"objects": []}'}
    manifest = {
        "title": "What is in it?", "run_title": "Monthly", "as_of": as_of, "audience": "public",
        "answer": "Nobody is told apart.", "data": [], "results": {}, "published_at": "2026-03-01",
        "fingerprint": {}, "research_package": {"name": "a", "version": version},
        "expires_on": DAY.isoformat(), **said,
    }  # fmt: skip
    text = manifest_text(files, {key: said for key, said in manifest.items() if said is not None})
    place.path.mkdir(parents=True)
    for path, content in {**files, "manifest.json": text}.items():
        (place.path / path).write_text(content)
    facts = {"name": name, "as_of": as_of, "folder": f"{name}/{place.folder}"}
    sealed = hashlib.sha256(text.encode()).hexdigest()
    record(project, "publishing", **facts, manifest_sha256=sealed, gate={})
    record(project, "published", **facts)
    return place.path


def lists(project):
    return "".join((project.site / name).read_text() for name in LISTS)


def test_a_page_is_shown_to_the_last_day_and_on_no_list_from_the_next_on(project):
    put_out(project)
    place = show(project)
    refresh_site(project, now=at(LAST_DAY))
    for name in LISTS:
        assert "What is in it?" in (project.site / name).read_text(), name
    assert "Secret page" in (place / "index.html").read_text()

    refresh_site(project, now=at(DAY))
    assert "What is in it?" not in lists(project)
    assert "Nobody is told apart" not in lists(project)
    assert "2026-02-28" not in lists(project)
    assert [path.name for path in place.iterdir()] == ["index.html"]
    note = (place / "index.html").read_text()
    assert "This package expired on 1 March 2027." in note
    assert 'href="../../../index.html"' in note
    assert "Secret page" not in note
    archive = (place.parent / "index.html").read_text()
    assert "This package expired on 1 March 2027." in archive
    assert 'href="../../index.html"' in archive


def test_a_package_ended_before_its_day_takes_its_page_with_it(project):
    register = put_out(project)
    place = show(project)
    end(register, dt.date(2026, 5, 5))
    assert withdraw_expired(project, today=dt.date(2026, 5, 6)) == [f"{RUN}/2026-02-28"]
    assert "expired on 5 May 2026" in (place / "index.html").read_text()


def test_the_page_of_the_next_package_stays_and_has_an_address_of_its_own(project):
    end(put_out(project), dt.date(2026, 5, 5))
    show(project)
    withdraw_expired(project, today=DAY)
    put_out(project, version=2, expires_on=dt.date(2028, 1, 1))
    second = show(project, version=2, expires_on="2028-01-01")
    assert second.name == "2026-02-28-r2"
    refresh_site(project, now=at(DAY))
    catalogue = json.loads((project.site / "catalog.json").read_text())
    assert [run["versions"] for run in catalogue["runs"]] == [["2026-02-28-r2"]]
    archive = (second.parent / "index.html").read_text()
    assert "2026-02-28-r2" in archive
    assert 'href="2026-02-28/' not in archive
    assert "Secret page" in (second / "index.html").read_text()


def test_any_page_that_names_a_day_expires_and_one_that_names_none_does_not(project):
    note = show(project, research_package=None)
    stays = show(project, name="tiny/other", research_package=None, expires_on=None)
    assert withdraw_expired(project, today=DAY) == [f"{RUN}/2026-02-28"]
    assert "This page expired on 1 March 2027" in (note / "index.html").read_text()
    assert "Secret page" in (stays / "index.html").read_text()


def test_a_page_that_only_speaks_of_the_word_stays(project):
    stays = show(project, research_package=None, expires_on=None, answer='It has "expires_on".')
    assert withdraw_expired(project, today=DAY) == []
    assert "Secret page" in (stays / "index.html").read_text()


def test_what_was_withdrawn_is_kept_verified_and_still_known_to_the_gate(project):
    put_out(project)
    show(project)
    withdraw_expired(project, today=DAY)
    (version,) = withdrawn_versions(project, RUN)
    assert published_versions(project, RUN) == []
    assert ever_published(project, RUN) == [version]
    found = verify_site(project, [])
    assert (found.versions, found.problems) == (1, ())
    (version.path / "data.json").write_text("changed")
    assert verify_site(project, []).problems == (f"{RUN}/2026-02-28: data.json was changed",)


def test_a_page_put_aside_without_a_word_in_the_log_is_a_problem(project):
    place = show(project)
    aside = project.withdrawn / RUN / place.name
    aside.parent.mkdir(parents=True)
    shutil.move(place, aside)
    (problem,) = verify_site(project, []).problems
    assert problem == f"{RUN}/2026-02-28: was withdrawn, and the audit log does not say so"


def test_a_run_cut_short_between_the_two_steps_is_finished_by_the_next(project):
    place = show(project)
    withdraw_expired(project, today=DAY)
    shutil.rmtree(place)
    assert withdraw_expired(project, today=DAY) == []
    assert "expired on 1 March 2027" in (place / "index.html").read_text()


def test_the_note_stays_as_it_is_where_the_register_is_gone(project):
    end(put_out(project), dt.date(2026, 5, 5))
    place = show(project)
    withdraw_expired(project, today=dt.date(2026, 6, 1))
    (project.datasets / "register.sqlite").unlink()
    withdraw_expired(project, today=dt.date(2026, 6, 1))
    assert "expired on 5 May 2026" in (place / "index.html").read_text()


def test_doing_it_again_moves_no_byte(project):
    show(project)
    refresh_site(project, now=at(DAY))
    before = {path: path.stat().st_mtime_ns for path in project.site.rglob("*") if path.is_file()}
    refresh_site(project, now=at(DAY))
    after = {path: path.stat().st_mtime_ns for path in project.site.rglob("*") if path.is_file()}
    assert before == after


def test_search_pages_that_are_not_needed_any_more_are_removed(project):
    show(project)
    refresh_site(project, now=at(LAST_DAY))
    left = project.site / "search-2.html"
    left.write_text("What is in it?")
    refresh_site(project, now=at(DAY))
    assert not left.exists()


def test_the_internal_site_has_a_place_of_its_own(project):
    inside = project.for_audience("internal")
    place = show(inside)
    withdraw_expired(inside, today=DAY)
    assert "expired" in (place / "index.html").read_text()
    assert (project.root / "outputs/withdrawn_internal" / RUN / "2026-02-28").is_dir()
    assert withdrawn_versions(project, RUN) == []


def test_a_folder_that_cannot_be_moved_is_an_error(project):
    show(project)
    project.withdrawn.write_text("in the way")
    with pytest.raises(StorageError, match="could not be taken off the site"):
        withdraw_expired(project, today=DAY)


@pytest.mark.parametrize(
    ("ended", "today", "found"),
    [
        (None, LAST_DAY, None),
        (None, DAY, DAY),
        (dt.date(2026, 5, 5), dt.date(2026, 5, 5), dt.date(2026, 5, 5)),
        (dt.date(2027, 4, 1), dt.date(2027, 4, 2), DAY),  # noted a month late
        (dt.date(2026, 5, 5), dt.date(2026, 5, 4), dt.date(2026, 5, 5)),  # a clock put back
    ],
)
def test_the_day_a_package_ended(project, ended, today, found):
    register = put_out(project)
    if ended:
        end(register, ended)
    assert register.entry("a").ended_on(today=today) == found


def test_a_request_without_a_package_has_not_ended(project):
    register = Register(project.datasets / "register.sqlite")
    entry = register.add("a", {"requester": "x"}, by="x", at=RELEASED)
    assert entry.ended_on(today=DAY) is None


def test_the_manifest_names_the_package_and_its_last_day(project):
    put_out(project)
    digest = package_digest("a", project=project)
    shown = package_shown(ABOUT, project=project, today=LAST_DAY, digest=digest)
    assert shown == {"research_package": {"name": "a", "version": 1}, "expires_on": "2027-03-01"}
    assert package_shown({}, project=project, today=LAST_DAY, digest=None) == {}


def test_no_page_is_made_about_what_has_expired_or_changed_meanwhile(project):
    put_out(project)
    digest = package_digest("a", project=project)
    with pytest.raises(RunError, match="expired on 2027-03-01; release another"):
        package_shown(ABOUT, project=project, today=DAY, digest=digest)
    with pytest.raises(RunError, match="changed while its page was made"):
        package_shown(ABOUT, project=project, today=LAST_DAY, digest="another")


def test_a_run_about_an_expired_package_rests_and_alarms_nobody(lake_project):
    path = lake_project.notebooks / "tiny.ipynb"
    content = json.loads(path.read_text())
    content["metadata"]["analytics"]["reads"] = []
    content["cells"][1]["source"] += '\nresearch_package: str = "a"  # Name.'
    path.write_text(json.dumps(content))
    question = load_question(lake_project, RUN)
    put_out(lake_project)
    (before,) = plan_due(lake_project, [question], now=at(LAST_DAY))
    assert (before.reasons, before.rests) == (("it was never published",), "")
    (after,) = plan_due(lake_project, [question], now=at(DAY))
    assert after.reasons == ()
    assert after.rests == (
        "its research package `a` expired on 2027-03-01; release another, or remove the run"
    )
    assert [after.must_run(force=force) for force in (False, True)] == [False, False]
    assert [before.must_run(force=force) for force in (False, True)] == [True, True]
    (outcome,) = run_batch(lake_project, [after], force=True)
    assert (outcome.status, outcome.error) == ("unchanged", "")
    assert why_it_rests({}, project=lake_project, today=DAY) == ""
    late = [found for found in conditions(lake_project, now=at(LAST_DAY)) if found.check == "late"]
    assert len(late) == 1
    assert [found for found in conditions(lake_project, now=at(DAY)) if found.check == "late"] == []
