"""The front door: an index of the latest report of each run, and an archive page for each."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from analytics_lib.display import stylesheet
from analytics_lib.reporting.matrix import run_names
from analytics_lib.reporting.page import date_words, templates
from analytics_lib.reporting.page_checks import require_safe_page
from analytics_lib.reporting.project import Project
from analytics_lib.reporting.runs import last_state
from analytics_lib.reporting.versions import Version, published_versions
from analytics_lib.warehouse.whole_files import replace_file


def build_site(project: Project, *, expected: Mapping[str, dt.date]) -> None:
    """Write the index and the archive pages anew from what is published.

    Args:
        project: The project.
        expected: Logical date each known run should have reached, for its freshness.

    Raises:
        RunError: A page could not be written or is not safe; the old one stays.
    """
    names = sorted({*run_names(project), *expected, *_published_names(project)})
    entries = []
    for name in names:
        versions = published_versions(project, name)
        entry = _entry(project, name, versions, expected=expected.get(name))
        if entry is None:
            continue
        entries.append(entry)
        if versions:
            _write(project, f"{name}/index.html", "archive.html.j2", _archive(entry, versions))
    _write(project, "index.html", "index.html.j2", {"entries": entries})


def _published_names(project: Project) -> list[str]:
    return [f"{path.parent.name}/{path.name}" for path in project.site.glob("*/*") if path.is_dir()]


def _entry(
    project: Project, name: str, versions: list[Version], *, expected: dt.date | None
) -> dict[str, Any] | None:
    failure = _failure(project, name)
    if not versions and failure is None:
        return None
    latest = versions[-1] if versions else None
    manifest = latest.manifest() if latest else {}
    return {
        "anchor": name.replace("/", "-"),
        "path": name,
        "title": manifest.get("title", name),
        "run_title": manifest.get("run_title", ""),
        "answer": manifest.get("answer", ""),
        "data": manifest.get("data", []),
        "latest": _version_words(latest) if latest else None,
        "count": len({version.as_of for version in versions}),
        "failure": failure,
        "freshness": _freshness(latest, expected, failed=failure is not None),
    }


def _failure(project: Project, name: str) -> dict[str, str] | None:
    state = last_state(project, name)
    if state is None or state["status"] != "failed":
        return None
    as_of = dt.date.fromisoformat(state["as_of"])
    return {"as_of_words": date_words(as_of), "kind": state["kind"]}


def _freshness(latest: Version | None, expected: dt.date | None, *, failed: bool) -> str:
    """In words; only a latest page that has reached its date is up to date."""
    if latest is None or expected is None:
        return "no longer scheduled" if latest else "not published"
    if failed or latest.as_of < expected:
        return f"stale since {date_words(expected)}"
    return "up to date"


def _version_words(version: Version) -> dict[str, Any]:
    return {
        "folder": version.folder,
        "revision": version.revision,
        "as_of_words": date_words(version.as_of),
    }


def _archive(entry: dict[str, Any], versions: list[Version]) -> dict[str, Any]:
    return {
        "title": entry["title"],
        "run_title": entry["run_title"],
        "versions": [_version_words(version) for version in reversed(versions)],
    }


def _write(project: Project, path: str, template: str, values: dict[str, Any]) -> None:
    page = templates().get_template(template).render(stylesheet=stylesheet(), **values)
    require_safe_page(page, name=path)
    target = project.site / path
    target.parent.mkdir(parents=True, exist_ok=True)
    replace_file(target, page)
