"""Whether the audit log still says everything that others know it has said."""

from collections import Counter
from collections.abc import Iterator

from analytics_lib.core.errors import RunError
from analytics_lib.reporting.checks.alert_state import alerts
from analytics_lib.reporting.delivery.outbox import items
from analytics_lib.reporting.evidence.audit_log import entries
from analytics_lib.reporting.project import Project


def lost_lines(project: Project) -> Iterator[str]:
    """What the outbox and the alerts have written into the audit log and is not there.

    The trap: each line of the log seals the line before, so nobody can alter a line or take one
    out of the middle; but a log whose last lines were cut off is whole in itself. Whoever acts
    writes into the log first and into a place of their own after that, so what such a place
    knows and the log does not was cut off. What only the log knows (failed runs, refusals, notes)
    has no other witness; published pages and the pages around them are held against the log by
    `verify_site`.

    Args:
        project: The project.

    Returns:
        What is missing, in words; no address and no value of the data.
    """
    yield from _deliveries(project)
    yield from _alerts(project)


def _deliveries(project: Project) -> Iterator[str]:
    said = {entry.get("key") for entry in entries(project) if entry.get("event") == "delivered"}
    try:
        known = items(project)
    except RunError as error:
        yield str(error)
        return
    lost = Counter(item.run for item in known if item.state == "delivered" and item.key not in said)
    for run, number in sorted(lost.items()):
        yield f"{run}: the audit log does not name {number} of its deliveries"


def _alerts(project: Project) -> Iterator[str]:
    said = Counter(
        str(entry.get("alert")) for entry in entries(project) if entry.get("event") == "alert"
    )
    try:
        known = alerts(project)
    except RunError as error:
        yield str(error)
        return
    for alert in known:
        if alert.times_told > said[alert.name]:
            yield (
                f"{alert.name}: the audit log names {said[alert.name]} of the "
                f"{alert.times_told} times it was told"
            )
