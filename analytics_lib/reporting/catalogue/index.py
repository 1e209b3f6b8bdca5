"""The front door: an index of the latest report of each run, and an archive page for each."""

import datetime as dt
import json
from collections.abc import Collection, Mapping, Sequence
from itertools import groupby
from typing import Any

from analytics_lib.display import stylesheet
from analytics_lib.reporting.catalogue.branding import load_branding
from analytics_lib.reporting.catalogue.feed import atom_feed
from analytics_lib.reporting.catalogue.listing import Entry, published_entries
from analytics_lib.reporting.catalogue.search import search_pages
from analytics_lib.reporting.dictionary import build_dictionary
from analytics_lib.reporting.page_checks import require_safe_page
from analytics_lib.reporting.page_templates import date_words, templates
from analytics_lib.reporting.project import Project
from analytics_lib.reporting.versions import Version
from analytics_lib.warehouse.whole_files import replace_file

MOST_IN_FULL = 60
MOST_ON_A_PAGE = 500


def build_site(
    project: Project, *, expected: Mapping[str, dt.date], known: Collection[str] = ()
) -> tuple[str, ...]:
    """Write everything around the reports anew from what is published.

    The index, an archive page for each run, the metric dictionary, the search
    pages, the feed and the catalogue for programs. Where there are many runs
    the index shows the newest of each report and lists the others briefly on
    pages of their own.

    Args:
        project: The project.
        expected: Logical date each known run should have reached, for its freshness.
        known: Runs that belong on this site, published or not.

    Returns:
        What cannot be read any more of what was published, in words; it is called damaged in the
        lists, and all else is shown.

    Raises:
        RunError: A page could not be written or is not safe; the old one stays.
    """
    entries = published_entries(project, expected=expected, known=known)
    for entry in entries:
        if entry.versions or entry.damaged:
            _write(project, f"{entry.name}/index.html", "archive.html.j2", _archive(entry))
    _write_index(project, entries)
    searched = search_pages(project, entries, metrics=build_dictionary(project))
    for path, page in searched.items():
        replace_file(project.site / path, page)
    for left in project.site.glob("search-*.html"):
        if left.name not in searched:
            left.unlink()
    replace_file(project.site / "feed.xml", atom_feed(entries))
    catalogue = {"runs": [entry.to_dict() for entry in entries]}
    text = json.dumps(catalogue, indent=1, sort_keys=True, ensure_ascii=False)
    replace_file(project.site / "catalog.json", text + "\n")
    return tuple(words for entry in entries for words in entry.problems)


def _write_index(project: Project, entries: Sequence[Entry]) -> None:
    if len(entries) <= MOST_IN_FULL:
        shown = [_in_full(entry) for entry in entries]
        _write(project, "index.html", "index.html.j2", {"entries": shown, "reports": []})
        return
    reports = []
    for report, found in groupby(entries, key=lambda entry: entry.name.partition("/")[0]):
        runs = list(found)
        pages = _write_runs(project, report, runs)
        newest = max(runs, key=lambda entry: entry.latest.as_of if entry.latest else dt.date.min)
        title = newest.manifest.get("title", report)
        reports.append({"title": title, "path": pages[0], "count": len(runs)})
    failed = [_in_full(entry) for entry in entries if entry.failure or entry.problems][
        :MOST_IN_FULL
    ]
    _write(project, "index.html", "index.html.j2", {"entries": failed, "reports": reports})


def _write_runs(project: Project, report: str, runs: list[Entry]) -> list[str]:
    """Pages that list the runs of a report; their paths."""
    parts = [runs[at : at + MOST_ON_A_PAGE] for at in range(0, len(runs), MOST_ON_A_PAGE)]
    paths = [
        f"{report}/index.html" if at == 0 else f"{report}/runs-{at + 1}.html"
        for at in range(len(parts))
    ]
    for part, path in zip(parts, paths, strict=True):
        values = {
            "title": part[0].manifest.get("title", report),
            "runs": [_in_brief(entry) for entry in part],
            "pages": [name.rpartition("/")[2] for name in paths],
            "here": path.rpartition("/")[2],
        }
        _write(project, path, "runs.html.j2", values)
    return paths


def _in_full(entry: Entry) -> dict[str, Any]:
    manifest = entry.manifest
    return {
        "anchor": entry.name.replace("/", "-"),
        "path": entry.name,
        "title": manifest.get("title", entry.name),
        "run_title": manifest.get("run_title", ""),
        "answer": manifest.get("answer", ""),
        "data": manifest.get("data", []),
        "latest": _version_words(entry.latest) if entry.latest else None,
        "count": len({version.as_of for version in entry.versions}),
        "failure": entry.failure,
        "is_damaged": bool(entry.problems),
        "freshness": entry.freshness,
    }


def _in_brief(entry: Entry) -> dict[str, Any]:
    run = entry.name.partition("/")[2]
    return {
        "run": run,
        "run_title": entry.manifest.get("run_title", run),
        "latest": _version_words(entry.latest) if entry.latest else None,
        "freshness": entry.freshness,
    }


def _version_words(version: Version) -> dict[str, Any]:
    return {
        "folder": version.folder,
        "revision": version.revision,
        "as_of_words": date_words(version.as_of),
    }


def _archive(entry: Entry) -> dict[str, Any]:
    return {
        "title": entry.manifest.get("title", entry.name),
        "run_title": entry.manifest.get("run_title", entry.name),
        "damaged": entry.damaged,
        "versions": [_version_words(version) for version in reversed(entry.versions)],
    }


def _write(project: Project, path: str, template: str, values: dict[str, Any]) -> None:
    brand = load_branding(project)
    page = templates().get_template(template).render(stylesheet=stylesheet(), brand=brand, **values)
    require_safe_page(page, name=path)
    target = project.site / path
    target.parent.mkdir(parents=True, exist_ok=True)
    replace_file(target, page)
