"""Bringing the index up to date with everything that is published and everything expected."""

import datetime as dt

from analytics_lib.core.errors import AnalyticsError
from analytics_lib.reporting.dictionary import build_dictionary
from analytics_lib.reporting.matrix import run_names
from analytics_lib.reporting.project import Project
from analytics_lib.reporting.questions import load_question
from analytics_lib.reporting.schedule import logical_date
from analytics_lib.reporting.site import build_site
from analytics_lib.warehouse import open_lake


def refresh_site(project: Project) -> None:
    """Write the index and the archive pages anew.

    A run whose parameters file is broken is shown with what is published of
    it, as no longer scheduled.
    """
    build_dictionary(project)
    build_site(project, expected=expected_dates(project, now=dt.datetime.now(dt.UTC)))


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
