"""Index, search, feed and catalogue, from one report to five thousand; branding; audiences."""

import datetime as dt
import json
import re
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest

from analytics_lib.core.errors import ParameterError
from analytics_lib.reporting.batch import run_batch
from analytics_lib.reporting.catalogue.branding import contrast, load_branding
from analytics_lib.reporting.catalogue.index import build_site
from analytics_lib.reporting.catalogue.listing import published_entries
from analytics_lib.reporting.catalogue.search import search_pages
from analytics_lib.reporting.dictionary import metric_cards
from analytics_lib.reporting.evidence.verification import verify_site
from analytics_lib.reporting.planning import plan_due
from analytics_lib.reporting.project import Project
from analytics_lib.reporting.publication import publish_version
from analytics_lib.reporting.questions import select_questions
from analytics_lib.reporting.refresh import refresh_site
from analytics_lib.reporting.versions import Version

DAY = dt.date(2024, 6, 30)
ATOM = {"a": "http://www.w3.org/2005/Atom"}


def manifest(number=0):
    return {
        "title": f"How many are <there> {number}?", "run_title": "Monthly", "audience": "public",
        "answer": f"Forty, said Zoë & co. {number}", "data": ["Simulated data"], "results": {},
        "as_of": DAY.isoformat(), "published_at": f"2024-07-01T00:00:{number % 60:02}+00:00",
    }  # fmt: skip


def put(site, name, *, date=DAY, number=0):
    path = site / name / date.isoformat()
    path.mkdir(parents=True)
    content = manifest(number) | {"files": {"index.html": "x"}, "as_of": date.isoformat()}
    (path / "manifest.json").write_text(json.dumps(content))


@pytest.fixture
def site(tmp_path):
    """Three dates of one run, by hand."""
    project = Project(root=tmp_path)
    for month in (4, 5, 6):
        put(project.site, "tiny/monthly", date=dt.date(2024, month, 28), number=month)
    return project


def test_the_catalogue_holds_what_the_index_shows(site):
    build_site(site, expected={"tiny/monthly": dt.date(2024, 6, 28)})
    (run,) = json.loads((site.site / "catalog.json").read_text())["runs"]
    assert run["latest"] == "tiny/monthly/2024-06-28/index.html"
    assert run["freshness"] == "up to date"
    assert run["versions"] == ["2024-04-28", "2024-05-28", "2024-06-28"]
    index = (site.site / "index.html").read_text()
    for link in ("search.html", "feed.xml", "catalog.json", run["latest"]):
        assert f'href="{link}"' in index


def test_the_feed_is_atom_newest_first(site):
    build_site(site, expected={})
    feed = ET.fromstring((site.site / "feed.xml").read_text())
    titles = [entry.findtext("a:title", namespaces=ATOM) for entry in feed.findall("a:entry", ATOM)]
    assert titles[0] == "How many are <there> 6?: Monthly, 2024-06-28"
    assert len(titles) == 3
    assert feed.findtext("a:updated", namespaces=ATOM) == "2024-07-01T00:00:06+00:00"
    ids = [entry.findtext("a:id", namespaces=ATOM) for entry in feed.findall("a:entry", ATOM)]
    assert len(set(ids)) == 3


def items_of(page):
    data = re.search(r'<script type="application/json" id="items">(.*?)</script>', page).group(1)
    return json.loads(data)


def test_the_search_page_holds_reports_and_metrics_and_one_named_script(site):
    found = search_pages(site, published_entries(site, expected={}), metrics=metric_cards())
    (page,) = found.values()
    paths = [path for path, _, _ in items_of(page)]
    assert "tiny/monthly/2024-06-28/index.html" in paths
    assert "metrics.html#active_users" in paths
    assert page.count("<script") == 2
    assert "script-src 'sha256-" in page
    assert "<there>" not in page


def times(folder):
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}


def test_building_it_again_moves_no_byte(site):
    build_site(site, expected={})
    before = {path: path.stat().st_mtime_ns for path in site.site.rglob("*") if path.is_file()}
    build_site(site, expected={})
    assert before == {
        path: path.stat().st_mtime_ns for path in site.site.rglob("*") if path.is_file()
    }


def test_five_thousand_reports_are_found_on_small_pages(tmp_path):
    project = Project(root=tmp_path)
    for number in range(5000):
        date = DAY - dt.timedelta(days=number // 100)
        put(project.site, f"report{number % 7}/run{number % 100:04}", date=date, number=number)
    build_site(project, expected={})
    pages = list(project.site.glob("*.html")) + list(project.site.glob("report*/*.html"))
    assert max(page.stat().st_size for page in pages) < 300_000
    found = {
        path
        for page in project.site.glob("search*.html")
        for path, _, _ in items_of(page.read_text())
        if path.startswith("report")
    }
    assert len(found) == 5000
    linked = {
        f"{page.parent.name}/{link}"
        for page in project.site.glob("report*/*.html")
        for link in re.findall(r'href="(run[^"]+/index.html)"', page.read_text())
    }
    assert {link.rpartition("/")[0].rpartition("/")[0] for link in linked} == {
        path.rpartition("/")[0].rpartition("/")[0] for path in found
    }
    index = (project.site / "index.html").read_text()
    assert 'href="report0/index.html"' in index


BRAND = "name: Leftovers & Co\naccent: '#7a1f5c'\naccent_dark: '#f2a9d8'\nlogo: logo.svg\n"
LOGO = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><circle r="4"/></svg>'


@pytest.fixture
def branded(lake_project):
    lake_project.branding.write_text(BRAND)
    lake_project.branding.with_name("logo.svg").write_text(LOGO)
    return lake_project


def run(project, now):
    (outcome,) = run_batch(
        project, plan_due(project, select_questions(project, []), now=now), workers=1
    )
    assert outcome.status == "published", outcome.error
    refresh_site(project)
    return outcome


def test_every_page_carries_the_branding(branded, now):
    outcome = run(branded, now)
    pages = [outcome.folder + "/index.html", "index.html", "search.html", "metrics.html",
             "tiny/monthly/index.html"]  # fmt: skip
    for path in pages:
        page = (branded.site / path).read_text()
        assert "Leftovers &amp; Co" in page
        assert "--accent:#7a1f5c" in page
        assert "data:image/svg+xml;base64," in page
    branded.branding.write_text(BRAND.replace("Leftovers", "Seconds"))
    (plan,) = plan_due(branded, select_questions(branded, []), now=now)
    assert plan.reasons == ("the branding changed",)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name: X\naccent: '#999999'\n", "it must be at least 4.5"),
        ("name: X\naccent_dark: '#333333'\n", "it must be at least 4.5"),
        ("name: X\naccent: red\n", "accent"),
        ("nam: X\n", "Did you mean 'name'?"),
        ("name: X\nlogo: no.svg\n", "SVG or PNG"),
        ("name: X\nlogo: ../logo.svg\n", "SVG or PNG"),
        ("name: X\nlogo: bad.svg\n", "runs or loads"),
        ("name: X\nlogo: large.svg\n", "at most 20000"),
    ],
)
def test_a_branding_that_cannot_be_read_or_runs_is_refused(project, text, said):
    project.branding.write_text(text)
    project.branding.with_name("bad.svg").write_text('<svg onload="x()"/>')
    project.branding.with_name("large.svg").write_text("x" * 20_001)
    with pytest.raises(ParameterError) as caught:
        load_branding(project)
    assert said in str(caught.value)


def test_contrast_is_that_of_wcag():
    # origin: WCAG's own example pairs; #767676 on white is the darkest grey below 4.55
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.005)
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


def test_an_internal_run_is_on_no_public_page(lake_project, now):
    path = lake_project.parameters / "tiny" / "monthly.yaml"
    path.with_name("secret.yaml").write_text(path.read_text() + "audience: internal\n")
    plans = plan_due(lake_project, select_questions(lake_project, []), now=now)
    outcomes = run_batch(lake_project, plans, workers=1)
    assert {made.status for made in outcomes} == {"published"}
    refresh_site(lake_project)
    inside = lake_project.for_audience("internal")
    assert (inside.site / "tiny/secret/2014-01-31/index.html").is_file()
    assert not list(lake_project.site.rglob("*secret*"))
    pages = [page.read_text() for page in lake_project.site.rglob("*") if page.is_file()]
    assert not any("tiny/secret" in page for page in pages)
    assert "tiny/secret" in (inside.site / "index.html").read_text()
    assert verify_site(lake_project, []).versions == 2
    assert verify_site(lake_project, []).problems == ()
    again = plan_due(lake_project, select_questions(lake_project, []), now=now)
    assert all(not plan.reasons for plan in again)


def test_a_failed_internal_run_is_no_notice_outside(lake_project, now):
    path = lake_project.parameters / "tiny" / "monthly.yaml"
    path.write_text(path.read_text() + "audience: internal\nsecrets: [TINY_NOT_SET]\n")
    plans = plan_due(lake_project, select_questions(lake_project, []), now=now)
    assert run_batch(lake_project, plans, workers=1)[0].status == "failed"
    refresh_site(lake_project)
    assert "Not published" not in (lake_project.site / "index.html").read_text()


def test_versions_of_a_tree_stay_in_it(project):
    inside = replace(project, audience="internal")
    version = Version(as_of=DAY, revision=1, path=inside.site / "tiny/monthly/2024-06-30")
    publish_version(version, {"index.html": "x"}, manifest=manifest())
    assert [tree.audience for tree in project.trees()] == ["public", "internal"]
    assert not (project.site / "tiny").exists()
