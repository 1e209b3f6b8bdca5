"""Running the checks of a page before it is published, and holding it where one says so."""

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from analytics_lib.core.errors import ParameterError, RunError
from analytics_lib.reporting.checks.rules import (
    CheckResult,
    Judgement,
    judge_anomaly,
    judge_bounds,
    judge_change,
    judge_freshness,
    judge_rows,
    result_of,
)
from analytics_lib.reporting.checks.spec import Check, bounds_of_metric
from analytics_lib.reporting.evidence.audit_log import record
from analytics_lib.reporting.evidence.comparison import named_results
from analytics_lib.reporting.evidence.earlier import published_payloads
from analytics_lib.reporting.payloads import Payload
from analytics_lib.reporting.planning import Plan
from analytics_lib.reporting.project import Project
from analytics_lib.reporting.versions import Version, published_versions
from analytics_lib.warehouse import open_lake

MANIFEST_KEY = "data_checks"
FILED = "checks.json"


class HeldError(RunError):
    """A check of the data holds the page. Remedy: look at the data, or change the check.

    It ends with the exit code of a run that did not finish, for that is what a scheduler must
    know: nothing was published and somebody has to look. Its name tells it apart in the state
    of the run and on the index.
    """


class _Page:
    """The page that is checked, and what it is held against; read only where a check asks."""

    def __init__(self, project: Project, plan: Plan, payloads: Sequence[Payload]) -> None:
        self._project, self._plan = project, plan
        self._payloads = list(payloads)

    @cached_property
    def results(self) -> dict[str, dict[str, Any]]:
        """Every named result of the page."""
        return named_results(self._payloads)

    @cached_property
    def earlier(self) -> list[dict[str, dict[str, Any]]]:
        """The results of the newest page of each date before, oldest first."""
        versions = published_versions(self._project, self._plan.question.name)
        newest = {item.as_of: item for item in versions if item.as_of < self._plan.as_of}
        return [named_results(published_payloads(newest[date])) for date in sorted(newest)]

    def rows(self, id_: str) -> int | None:
        """How many rows an object of the page has."""
        found = [payload for payload in self._payloads if payload.id == id_]
        return len(found[0].rows) if found else None


def check_page(
    project: Project,
    plan: Plan,
    payloads: Sequence[Payload],
    *,
    newest: Version | None,
    folder: Path,
) -> list[dict[str, str]]:
    """Run every check of a page that is about to be published.

    A page that is only made again (nothing it depends on has changed) keeps what was found
    when it was first made: the clock and later pages are no part of it.

    Args:
        project: The project.
        plan: What is run.
        payloads: Everything the page shows.
        newest: The newest published page of the same date.
        folder: Folder of the run, where the findings are filed.

    Returns:
        The outcome of each check, for the manifest.

    Raises:
        HeldError: A check with the severity `hold` failed.
        ParameterError: A check names a result that the page does not give.
    """
    checks = plan.question.spec.checks
    if not checks:
        return []
    if newest is not None and newest.manifest()["fingerprint"] == plan.fingerprint:
        kept: list[dict[str, str]] = newest.manifest().get(MANIFEST_KEY, [])
        return kept
    page = _Page(project, plan, payloads)
    now = dt.datetime.now(dt.UTC)
    results = [
        result_of(check, _judge(project, plan, check, page=page, now=now)) for check in checks
    ]
    found = [result.to_dict() for result in results]
    (folder / FILED).write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    _record(project, plan, results)
    held = [result.name for result in results if _holds(result)]
    if held:
        raise HeldError(
            f"`{plan.question.name}` is held and was not published: the checks {held} of its "
            f"data failed; {FILED} in the folder of the run says what was found."
        )
    return found


def freshness_today(
    project: Project, *, lake: str | None, now: dt.datetime
) -> tuple[dt.date, dt.date]:
    """The last complete day of the data, and the day it is now on their calendar."""
    opened = open_lake(project.lake_of(lake))
    return opened.last_complete_day, now.astimezone(ZoneInfo(opened.zone)).date()


def notices(data_checks: Sequence[Mapping[str, str]]) -> list[str]:
    """What the page says of checks that failed and did not hold it."""
    return [
        f"{found['words'][:1].upper()}{found['words'][1:]} (check “{found['name']}”)."
        for found in data_checks
        if found["status"] == "failed" and found["severity"] == "warn"
    ]


def _judge(
    project: Project, plan: Plan, check: Check, *, page: _Page, now: dt.datetime
) -> Judgement:
    if check.freshness is not None:
        last, today = freshness_today(project, lake=plan.question.spec.lake, now=now)
        return judge_freshness(last, today, check.freshness)
    if check.rows is not None:
        return judge_rows(page.rows(check.rows.object), check.rows)
    name = str(check.result)
    if name not in page.results:
        raise ParameterError(
            f"The check `{check.name}` names the result `{name}`; the page gives "
            f"{sorted(page.results)}."
        )
    return _judge_result(check, {**page.results[name], "name": name}, page=page)


def _judge_result(check: Check, now: dict[str, Any], *, page: _Page) -> Judgement:
    if check.change is not None:
        last = page.earlier[-1] if page.earlier else {}
        return judge_change(now, last.get(now["name"]), check.change)
    if check.anomaly is not None:
        history = [results.get(now["name"], {}).get("value") for results in page.earlier]
        return judge_anomaly(now, history, check.anomaly)
    bounds = check.bounds or bounds_of_metric(str(check.metric), name=check.name)
    return judge_bounds(now, bounds)


def _holds(result: CheckResult) -> bool:
    return result.status == "failed" and result.severity == "hold"


def _record(project: Project, plan: Plan, results: Sequence[CheckResult]) -> None:
    """The outcomes without their values: the page may never be published."""
    outcomes = {item.name: f"{item.status} ({item.severity})" for item in results}
    record(
        project,
        "checked",
        name=plan.question.name,
        as_of=plan.as_of.isoformat(),
        data_checks=outcomes,
    )
