"""Bringing the index up to date with everything that is published and everything expected."""

import datetime as dt

from analytics_lib.core.errors import AnalyticsError
from analytics_lib.reporting.catalogue.index import build_site
from analytics_lib.reporting.evidence.front import seal_front
from analytics_lib.reporting.matrix import run_names
from analytics_lib.reporting.project import Project
from analytics_lib.reporting.questions import RunSpec, load_spec
from analytics_lib.reporting.schedule import logical_date
from analytics_lib.reporting.withdrawal import withdraw_expired
from analytics_lib.warehouse import open_lake


def refresh_site(project: Project, *, now: dt.datetime | None = None) -> tuple[str, ...]:
    """Write what stands around the reports anew, for each audience its own.

    A run whose parameters file cannot be read is shown to insiders, with what
    is published of it, as no longer scheduled. A page that has expired is taken
    off the site.

    Args:
        project: The project.
        now: The time, with a zone; the clock's where None.

    Returns:
        What cannot be read any more of what was published, in words.
    """
    now = now or dt.datetime.now(dt.UTC)
    specs = _specs_of(project)
    expected = {
        name: date
        for name, spec in specs.items()
        if spec and (date := expected_date(project, spec, now=now))
    }
    audiences = {name: spec.audience if spec else "internal" for name, spec in specs.items()}
    asked = [project.for_audience(audience) for audience in sorted(set(audiences.values()))]
    problems: list[str] = []
    for tree in dict.fromkeys([*project.trees(), *asked]):
        withdraw_expired(tree, today=now.date())
        own = [name for name, audience in audiences.items() if audience == tree.audience]
        problems += build_site(
            tree, expected={name: expected[name] for name in own if name in expected}, known=own
        )
        seal_front(tree)
    return tuple(dict.fromkeys(problems))


def expected_date(project: Project, spec: RunSpec, *, now: dt.datetime) -> dt.date | None:
    """The logical date a run should have reached by `now`; none where its lake cannot be read."""
    try:
        last_complete_day = open_lake(project.lake_of(spec.lake)).last_complete_day
    except AnalyticsError:
        return None
    return logical_date(spec.schedule, zone=spec.zone, now=now, last_complete_day=last_complete_day)


def _specs_of(project: Project) -> dict[str, RunSpec | None]:
    """What each run's file says of it; nothing for a file that cannot be read."""
    specs: dict[str, RunSpec | None] = {}
    for name in run_names(project):
        try:
            specs[name] = load_spec(project, name)
        except AnalyticsError:
            specs[name] = None
    return specs
