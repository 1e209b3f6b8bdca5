"""Bringing the index up to date with everything that is published and everything expected."""

import datetime as dt

from analytics_lib.core.errors import AnalyticsError
from analytics_lib.reporting.catalogue.index import build_site
from analytics_lib.reporting.dictionary import build_dictionary
from analytics_lib.reporting.matrix import run_names
from analytics_lib.reporting.project import Project
from analytics_lib.reporting.questions import load_question
from analytics_lib.reporting.schedule import logical_date
from analytics_lib.reporting.withdrawal import withdraw_expired
from analytics_lib.warehouse import open_lake


def refresh_site(project: Project, *, now: dt.datetime | None = None) -> None:
    """Write what stands around the reports anew, for each audience its own.

    A run whose parameters file is broken is shown with what is published of
    it, as no longer scheduled. A page that has expired is taken off the site.

    Args:
        project: The project.
        now: The time, with a zone; the clock's where None.
    """
    now = now or dt.datetime.now(dt.UTC)
    expected = expected_dates(project, now=now)
    audiences = audiences_of(project)
    asked = [project.for_audience(audience) for audience in sorted(set(audiences.values()))]
    for tree in dict.fromkeys([*project.trees(), *asked]):
        withdraw_expired(tree, today=now.date())
        own = [name for name, audience in audiences.items() if audience == tree.audience]
        build_dictionary(tree)
        build_site(
            tree, expected={name: expected[name] for name in own if name in expected}, known=own
        )


def audiences_of(project: Project) -> dict[str, str]:
    """The audience of each run; a run whose file cannot be read is for insiders."""
    found: dict[str, str] = {}
    for name in run_names(project):
        try:
            found[name] = load_question(project, name).spec.audience
        except AnalyticsError:
            found[name] = "internal"
    return found


def expected_dates(project: Project, *, now: dt.datetime) -> dict[str, dt.date]:
    """The logical date each run should have reached by `now`."""
    expected = {}
    for name in run_names(project):
        try:
            spec = load_question(project, name).spec
            last_complete_day = open_lake(project.lake_of(spec.lake)).last_complete_day
        except AnalyticsError:
            continue
        expected[name] = logical_date(
            spec.schedule, zone=spec.zone, now=now, last_complete_day=last_complete_day
        )
    return expected
