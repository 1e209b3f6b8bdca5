"""What is wrong now: failed runs and checks, old data, and reports that should be there."""

import datetime as dt
import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from analytics_lib.core.errors import AnalyticsError, RunError
from analytics_lib.reporting.checks.alert_state import Condition
from analytics_lib.reporting.checks.rules import judge_freshness
from analytics_lib.reporting.checks.spec import RESERVED
from analytics_lib.reporting.checks.verdict import (
    FILED,
    MANIFEST_KEY,
    HeldError,
    freshness_today,
)
from analytics_lib.reporting.matrix import run_names
from analytics_lib.reporting.outcomes import last_state
from analytics_lib.reporting.project import Project
from analytics_lib.reporting.questions import Question, load_question, load_spec
from analytics_lib.reporting.refresh import expected_date
from analytics_lib.reporting.research_packages import why_it_rests
from analytics_lib.reporting.versions import published_versions


def conditions(project: Project, *, now: dt.datetime) -> list[Condition]:
    """Everything that is wrong now, for every run.

    A failed run and a page with failed checks are read from what the run left behind; the age of
    the data and missing pages are looked at against the clock, for they go wrong when nothing runs.
    """
    found: list[Condition] = []
    for name in run_names(project):
        try:
            question = load_question(project, name)
        except AnalyticsError:
            words = "its parameters file holds a mistake, so it cannot run; run `analytics list`"
            found.append(Condition(run=name, check="question", words=words))
            continue
        try:
            found += _of_run(project, question, now=now)
        except RunError as error:  # what is kept of it is damaged
            found.append(Condition(run=name, check="run", words=str(error)))
    return found


def alert_names(project: Project) -> list[str]:
    """Every alert there can be: the checks of each run, and the built-in ones."""
    names = []
    for run in run_names(project):
        try:
            checks = [check.name for check in load_spec(project, run).checks]
        except AnalyticsError:
            checks = []
        names += [f"{run}:{name}" for name in (*checks, *RESERVED)]
    return names


def _of_run(project: Project, question: Question, *, now: dt.datetime) -> list[Condition]:
    state = last_state(project, question.name) or {}
    failed = state.get("status") == "failed"
    found = list(_failure(project, question, state) if failed else _warned(project, question))
    known = {condition.check for condition in found}
    found += [item for item in _old_data(project, question, now) if item.check not in known]
    if not failed:
        found += _late(project, question, now=now)
    return found


def _failure(project: Project, question: Question, state: Mapping[str, Any]) -> Iterator[Condition]:
    """The last run failed: each check that held the page, or the run itself."""
    log = f"; log: {state['log']}" if state["log"] else ""
    where = f"nothing was published for {state['as_of']}{log}"
    if state["kind"] == HeldError.__name__:
        filed = project.root / state["log"] / FILED
        with suppress(OSError, ValueError):  # it is gone or damaged: the run failed all the same
            results = json.loads(filed.read_text(encoding="utf-8"))
            yield from _failed_checks(question, results, where=where)
            return
    yield Condition(
        run=question.name, check="run", words=f"the run failed ({state['kind']}), {where}"
    )


def _warned(project: Project, question: Question) -> Iterator[Condition]:
    """The newest page was published with failed checks."""
    versions = published_versions(project.for_audience(question.spec.audience), question.name)
    if versions:
        results = versions[-1].manifest().get(MANIFEST_KEY, [])
        where = f"{versions[-1].folder} was published with a notice"
        yield from _failed_checks(question, results, where=where)


def _failed_checks(
    question: Question, results: list[dict[str, str]], *, where: str
) -> Iterator[Condition]:
    rest = {check.name: check.cool_down_hours for check in question.spec.checks}
    for result in results:
        if result["status"] == "failed" and result["severity"] != "info":
            yield Condition(
                run=question.name,
                check=result["name"],
                words=f"the {result['kind']} check `{result['name']}` "
                f"({result['severity']}) failed; {where}",
                cool_down_hours=rest.get(result["name"], 24),
            )


def _old_data(project: Project, question: Question, now: dt.datetime) -> Iterator[Condition]:
    """Data that have become too old since the page was made, or before any was."""
    for check in question.spec.checks:
        if check.freshness is None or check.severity == "info":
            continue
        try:
            last, today = freshness_today(project, lake=question.spec.lake, now=now)
        except AnalyticsError:
            status, words = "failed", "there are no data"
        else:
            status, words = judge_freshness(last, today, check.freshness)
        if status == "failed":
            yield Condition(
                run=question.name,
                check=check.name,
                words=words,
                cool_down_hours=check.cool_down_hours,
            )


def _late(project: Project, question: Question, *, now: dt.datetime) -> Iterator[Condition]:
    """The dead man's handle: the page of a logical date that has passed is not there."""
    grace = dt.timedelta(hours=question.spec.grace_hours)
    expected = expected_date(project, question.spec, now=now - grace)
    if expected is None:
        words = "its warehouse cannot be read, so it cannot run; run `analytics doctor`"
        yield Condition(run=question.name, check="late", words=words)
        return
    versions = published_versions(project.for_audience(question.spec.audience), question.name)
    if versions and versions[-1].as_of >= expected:
        return
    if why_it_rests(question.parameters, project=project, today=now.date()):
        return
    if question.spec.schedule is None and not _is_past(expected, question, now):
        return
    last = f"the last is {versions[-1].folder}" if versions else "there is none at all"
    words = (
        f"the page for {expected} should have been there {question.spec.grace_hours:g} hours ago "
        f"or earlier; {last}"
    )
    yield Condition(run=question.name, check="late", words=words)


def _is_past(expected: dt.date, question: Question, now: dt.datetime) -> bool:
    """Without a schedule a day is due when it has ended; whether its grace has passed, in UTC."""
    ended = dt.datetime.combine(expected + dt.timedelta(days=1), dt.time.min, tzinfo=dt.UTC)
    return now - ended > dt.timedelta(hours=question.spec.grace_hours)
