"""Taking a page off the site when what it shows has expired, with a note in its place."""

import datetime as dt
from collections.abc import Iterator

from analytics_lib.core.errors import RunError, StorageError
from analytics_lib.display import stylesheet
from analytics_lib.reporting.catalogue.branding import load_branding
from analytics_lib.reporting.evidence.audit_log import record
from analytics_lib.reporting.page_checks import require_safe_page
from analytics_lib.reporting.page_templates import date_words, templates
from analytics_lib.reporting.project import Project
from analytics_lib.reporting.research_packages import newest_package
from analytics_lib.reporting.versions import (
    EXPIRES,
    MANIFEST,
    Version,
    published_versions,
    withdrawn_versions,
)
from analytics_lib.warehouse.whole_files import replace_file, sync_folder

_TEMPLATE = "expired.html.j2"


def withdraw_expired(project: Project, *, today: dt.date) -> list[str]:
    """Take every page that has expired off the site, whole, and leave a note in its place.

    The trap: a page that is only left out of the index is still read by whoever has its address,
    and so are the numbers beside it. So its folder leaves the site with all its files; it is kept
    beside it, where it can still be verified, and what was said in it still counts for the
    release gate. A page expires on the day its manifest names, or when the research package that
    it shows was ended before that. What a run that was cut short left undone is done again.

    Args:
        project: The project, for one audience.
        today: Today; from the day of its expiry on a page is no longer shown.

    Returns:
        The folders that were taken off now, `report/run/version`.

    Raises:
        StorageError: A folder could not be moved.
    """
    taken = []
    for name in _runs_in(project, "site"):
        for version in published_versions(project, name):
            day = _expired_on(project, version, today=today)
            if day is not None:
                _take_off(project, name, version, day=day)
                taken.append(f"{name}/{version.folder}")
    for name in _runs_in(project, "withdrawn"):
        _leave_notes(project, name, today=today)
    return taken


def _runs_in(project: Project, place: str) -> list[str]:
    folders = getattr(project, place).glob("*/*")
    return sorted(f"{path.parent.name}/{path.name}" for path in folders if path.is_dir())


def _expired_on(project: Project, version: Version, *, today: dt.date) -> dt.date | None:
    """The first day it must not be shown; None while it may be, and where nobody can tell.

    A damaged manifest stays where it is: whoever lists what is published says that it is damaged.
    """
    content = (version.path / MANIFEST).read_bytes()
    if EXPIRES.encode() not in content:  # most pages: thousands of manifests need no parsing
        return None
    try:
        manifest = version.manifest()
    except RunError:
        return None
    if EXPIRES not in manifest:
        return None
    days = [dt.date.fromisoformat(manifest[EXPIRES]), *_ended(project, manifest, today=today)]
    return min(days) if min(days) <= today else None


def _ended(project: Project, manifest: dict[str, object], *, today: dt.date) -> Iterator[dt.date]:
    """The day its package was ended, as the register says."""
    shown = manifest.get("research_package")
    if not isinstance(shown, dict):
        return
    entry = newest_package(shown["name"], project=project, version=shown["version"])
    day = None if entry is None else entry.ended_on(today=today)
    if day is not None:
        yield min(day, today)


def _take_off(project: Project, name: str, version: Version, *, day: dt.date) -> None:
    folder = f"{name}/{version.folder}"
    record(project, "withdrawn", name=name, folder=folder, expired_on=day.isoformat())
    place = project.withdrawn / folder
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        version.path.rename(place)
        sync_folder(place.parent)
        sync_folder(version.path.parent)
    except OSError as error:
        raise StorageError(
            f"`{folder}` has expired and could not be taken off the site "
            f"({error.strerror or error})."
        ) from error
    for page in version.path.parent.parent.glob("*.html"):  # lists of its runs; written anew
        page.unlink()


def _leave_notes(project: Project, name: str, *, today: dt.date) -> None:
    """A note where each page was, and where their list was if none is left."""
    gone = withdrawn_versions(project, name)
    for version in gone:
        _write_note(project, f"{name}/{version.folder}", version, up=3, today=today)
    if gone and not published_versions(project, name):
        _write_note(project, name, gone[-1], up=2, today=today)


def _write_note(
    project: Project, folder: str, version: Version, *, up: int, today: dt.date
) -> None:
    day = _expired_on(project, version, today=today)
    if day is None:  # the register is gone: the note that is there stays
        return
    manifest = version.manifest()
    page = (
        templates()
        .get_template(_TEMPLATE)
        .render(
            stylesheet=stylesheet(),
            brand=load_branding(project),
            title=manifest["title"],
            run_title=manifest["run_title"],
            expired_words=date_words(day),
            package=manifest.get("research_package"),
            home="../" * up + "index.html",
        )
    )
    require_safe_page(page, name=folder)
    target = project.site / folder / "index.html"
    target.parent.mkdir(parents=True, exist_ok=True)
    replace_file(target, page)
