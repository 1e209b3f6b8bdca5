"""A question that cannot even be planned: filed like a failed run; the others go on."""

import datetime as dt
from contextlib import suppress

from analytics_lib.core.errors import AnalyticsError, RunError
from analytics_lib.reporting.evidence.audit_log import record
from analytics_lib.reporting.outcomes import Outcome, last_state, record_state, remember
from analytics_lib.reporting.project import Project
from analytics_lib.reporting.questions import load_spec
from analytics_lib.reporting.schedule import logical_date


def refuse(project: Project, name: str, error: AnalyticsError, *, now: dt.datetime) -> Outcome:
    """File what could not be planned, for the date it was due by the clock.

    Args:
        project: The project.
        name: The run, `report/run`.
        error: Why it cannot be answered, such as a mistake in its file or a lake that is not
            there.
        now: The clock, with a time zone.

    Returns:
        A failed outcome; what was published before stays, and the index says so.
    """
    as_of = _date_by_the_clock(project, name, now=now)
    state = {
        "status": "failed",
        "as_of": as_of.isoformat(),
        "kind": type(error).__name__,
        "message": str(error),
        "log": "",
    }
    record(project, "refused", name=name, **state)
    record_state(project, name, state)
    return Outcome(
        name=name, as_of=as_of, status="failed", error=str(error), exit_code=error.exit_code
    )


def end_refusal(project: Project, name: str, *, as_of: dt.date) -> None:
    """Forget that a run was refused, now that it can be planned and its page still holds.

    The trap: a mistake in a file that is mended again leaves nothing to run, so no run would ever
    replace the failure that is remembered, and the page would be called stale for ever. A run
    that failed while it ran stays failed.

    Args:
        project: The project.
        name: The run, `report/run`.
        as_of: The date of the page that still holds.
    """
    state = None
    with suppress(RunError):  # it cannot be read: whoever lists what is published says so
        state = last_state(project, name)
    if state and state["status"] == "failed" and not state["log"]:
        remember(project, name, {"status": "unchanged", "as_of": as_of.isoformat()})


def _date_by_the_clock(project: Project, name: str, *, now: dt.datetime) -> dt.date:
    """The day before the last firing; of a file that cannot be read, today."""
    try:
        spec = load_spec(project, name)
    except AnalyticsError:
        return now.date()
    return logical_date(spec.schedule, zone=spec.zone, now=now, last_complete_day=now.date())
