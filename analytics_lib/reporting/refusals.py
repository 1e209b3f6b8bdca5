"""A question that cannot even be planned: filed like a failed run; the others go on."""

import datetime as dt

from analytics_lib.core.errors import AnalyticsError
from analytics_lib.reporting.evidence.audit_log import record
from analytics_lib.reporting.outcomes import Outcome, record_state
from analytics_lib.reporting.project import Project
from analytics_lib.reporting.questions import Question
from analytics_lib.reporting.schedule import logical_date


def refuse(
    project: Project, question: Question, error: AnalyticsError, *, now: dt.datetime
) -> Outcome:
    """File what could not be planned, for the date it was due by the clock.

    Args:
        project: The project.
        question: What was asked.
        error: Why it cannot be answered, such as a lake that is not there.
        now: The clock, with a time zone.

    Returns:
        A failed outcome; what was published before stays, and the index says so.
    """
    as_of = logical_date(
        question.spec.schedule, zone=question.spec.zone, now=now, last_complete_day=now.date()
    )
    state = {
        "status": "failed",
        "as_of": as_of.isoformat(),
        "kind": type(error).__name__,
        "message": str(error),
        "log": "",
    }
    record(project, "refused", name=question.name, **state)
    record_state(project, question.name, state)
    return Outcome(
        name=question.name,
        as_of=as_of,
        status="failed",
        error=str(error),
        exit_code=error.exit_code,
    )
