"""What has to be sent: the newest page of each run, and a notice for each alert that is due.

It is worked out from what is published and from how the last attempts ended, not from events that
a killed process could have lost.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from pathlib import Path

from analytics_lib.core.errors import AnalyticsError, RunError
from analytics_lib.reporting.checks.alert_state import (
    Alert,
    Condition,
    alerts,
    mark_told,
    update_alerts,
)
from analytics_lib.reporting.checks.alerts import conditions
from analytics_lib.reporting.delivery.outbox import (
    TO_BE_LOOKED_AT,
    Item,
    add_items,
    items,
    new_item,
)
from analytics_lib.reporting.delivery.outcomes import PermanentError
from analytics_lib.reporting.delivery.spec import Owner, Target
from analytics_lib.reporting.matrix import run_names, split_name
from analytics_lib.reporting.outcomes import last_state
from analytics_lib.reporting.project import AUDIENCES, Project
from analytics_lib.reporting.questions import Question, load_question
from analytics_lib.reporting.versions import Version, published_versions


def collect(project: Project, *, now: dt.datetime) -> None:
    """Put everything that is owed into the outbox; what is there already stays as it is."""
    raise_alerts(project, now=now)
    add_items(project, owed_pages(project), now=now)


def owed_pages(project: Project) -> list[Item]:
    """A message for the newest page of each run to each of its recipients.

    Nothing is owed of a run whose last attempt failed: its stakeholders wait.
    """
    return [
        new_item("report", run=question.name, about=version.folder, target=name, address=address)
        for question, version in _deliverable(project)
        for name, address in _recipients(question.spec.deliver)
    ]


def raise_alerts(project: Project, *, now: dt.datetime) -> list[Alert]:
    """Look at everything that can be wrong, and put a notice of each due alert into the outbox.

    The notice is in the outbox before the alert counts as told; its key is made of how often it
    was told before, so that a process killed in between sends one notice and not two.

    Returns:
        Every active alert.
    """
    wrong = [*conditions(project, now=now), *_undelivered(project)]
    for alert in update_alerts(project, wrong, now=now):
        add_items(project, _notices(project, alert), now=now)
        mark_told(project, alert, now=now)
    return [alert for alert in alerts(project) if alert.active]


def owner_of(project: Project, run: str) -> Owner | None:
    """Who answers for a run; nobody where its file cannot be read."""
    try:
        return load_question(project, run).spec.owner
    except AnalyticsError:
        return None


def target_of(project: Project, item: Item) -> tuple[Target, str] | None:
    """The target of a message and the address it goes to, as the parameters file says now."""
    try:
        spec = load_question(project, item.run).spec
    except AnalyticsError:
        return None
    own = spec.owner.notify if spec.owner else []
    for target in own if item.kind == "notice" else spec.deliver:
        for address in target.recipients if target.name == item.target else ():
            named = new_item(
                item.kind, run=item.run, about=item.about, target=target.name, address=address
            )
            if named.key == item.key:
                return target, address
    return None


def page_of(project: Project, item: Item) -> Version | None:
    """The published page a message is about."""
    trees = project.trees()
    versions = {
        version.folder: version for tree in trees for version in published_versions(tree, item.run)
    }
    return versions.get(item.about)


def is_held_back(project: Project, item: Item) -> bool:
    """Whether a message waits: the last attempt of its run failed, or its file holds a mistake."""
    if item.kind == "report" and _failed(project, item.run):
        return True
    try:
        load_question(project, item.run)
    except AnalyticsError:
        return project.parameters_file(split_name(item.run)[0]).is_file()
    return False


def drop_folder(project: Project, folder: str) -> Path:
    """Where a copy goes; a relative path starts at the project.

    Raises:
        PermanentError: It lies in a site, where a copy would be published, to another
            audience perhaps.
    """
    place = (project.root / folder).resolve()
    sites = [project.for_audience(audience).site.resolve() for audience in AUDIENCES]
    if any(place.is_relative_to(site) for site in sites):
        raise PermanentError("the folder lies in a site; copies go elsewhere")
    return place


def _deliverable(project: Project) -> Iterator[tuple[Question, Version]]:
    for name in run_names(project):
        try:
            question = load_question(project, name)
        except AnalyticsError:
            continue
        versions = published_versions(project.for_audience(question.spec.audience), name)
        if question.spec.deliver and versions and not _failed(project, name):
            yield question, versions[-1]


def _failed(project: Project, name: str) -> bool:
    """Whether the last attempt failed; where nobody can tell any more, it counts as failed."""
    try:
        return (last_state(project, name) or {}).get("status") == "failed"
    except RunError:
        return True


def _recipients(targets: Sequence[Target]) -> Iterator[tuple[str, str]]:
    for target in targets:
        for address in target.recipients:
            yield target.name, address


def _notices(project: Project, alert: Alert) -> list[Item]:
    owner = owner_of(project, alert.run)
    about = f"{alert.name}#{alert.times_told + 1}"
    return [
        new_item(
            "notice",
            run=alert.run,
            about=about,
            target=name,
            address=address,
            words=alert.words,
        )
        for name, address in _recipients(owner.notify if owner else [])
    ]


def _undelivered(project: Project) -> list[Condition]:
    """Pages that were not delivered, or nobody knows; a lost notice is no reason for another."""
    stuck: dict[str, int] = {}
    for item in items(project):
        if item.kind == "report" and item.state in TO_BE_LOOKED_AT:
            stuck[item.run] = stuck.get(item.run, 0) + 1
    return [
        Condition(
            run=run,
            check="delivery",
            words=f"{count} of its messages were given up or may not have arrived; run "
            "`analytics outbox list`",
        )
        for run, count in stuck.items()
    ]
