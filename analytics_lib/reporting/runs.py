"""One run from question to published page; a failed one is filed apart and changes nothing."""

import hashlib
import json
import os
import time
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict

from analytics_lib.core.errors import (
    AccessError,
    KernelDiedError,
    TimeLimitError,
)
from analytics_lib.reporting.checks.verdict import check_page
from analytics_lib.reporting.contents import judge, manifest_of, page_files
from analytics_lib.reporting.evidence.audit_log import record
from analytics_lib.reporting.evidence.earlier import EarlierPage, earlier_pages, pages_named
from analytics_lib.reporting.execution import execute, require_complete
from analytics_lib.reporting.executors.elsewhere import Elsewhere
from analytics_lib.reporting.exports.files import readable
from analytics_lib.reporting.gate.policy import load_policy
from analytics_lib.reporting.gate.release import require_clean_bytes
from analytics_lib.reporting.outcomes import Outcome, Status, file_failure, remember
from analytics_lib.reporting.planning import Plan
from analytics_lib.reporting.project import Project
from analytics_lib.reporting.publication import manifest_text, publish_version
from analytics_lib.reporting.secrets import hide_secrets, secret_values
from analytics_lib.reporting.turns import Turn
from analytics_lib.reporting.versions import Version, newest_of, next_version, published_versions
from analytics_lib.reporting.warm.press import COLD, Press
from analytics_lib.warehouse.whole_files import checksums

if TYPE_CHECKING:
    from nbformat import NotebookNode

FIRST_PAUSE_S = 5.0
_MAY_PASS = (AccessError.exit_code, KernelDiedError.exit_code, TimeLimitError.exit_code)


class _Said(TypedDict):
    """What earlier pages and the checks of the data add to the page and to its manifest."""

    compared_with: list[EarlierPage]
    data_checks: list[dict[str, str]]


def run_plan(
    project: Project,
    plan: Plan,
    *,
    timeout_s: float,
    press: Press = COLD,
    turn: Turn | None = None,
    elsewhere: Elsewhere | None = None,
) -> Outcome:
    """Run one question and publish its page; never raises for a failed run.

    A failure that may be gone next time (a killed kernel, a lock, a lake that
    is away) is tried again as often as the question's `retries` say, each time
    after twice the pause.

    Args:
        project: The project.
        plan: What to run.
        timeout_s: Longest time for one cell.
        press: The warm processes, where there are any.
        turn: Its place among the plans of the same run; it publishes when that has come.
        elsewhere: Where the notebook is executed; here without it.

    Returns:
        What became of it. On failure the published pages are untouched, the
        executed notebook and the log lie in `log`, and the site says so.
    """
    project = project.for_audience(plan.question.spec.audience)
    away = elsewhere or Elsewhere(
        execute=partial(execute_plan, press=press), publishing=nullcontext()
    )
    try:
        outcome = _try(project, plan, timeout_s=timeout_s, away=away, turn=turn)
        for attempt in range(plan.question.spec.retries):
            if outcome.exit_code not in _MAY_PASS:
                break
            time.sleep(FIRST_PAUSE_S * 2**attempt)
            outcome = _try(project, plan, timeout_s=timeout_s, away=away, turn=turn)
    finally:
        if turn is not None:
            turn.done()
    return outcome


def _try(
    project: Project, plan: Plan, *, timeout_s: float, away: Elsewhere, turn: Turn | None
) -> Outcome:
    started = time.monotonic()
    folder = _run_folder(project, plan)
    known = [os.environ.get(name, "") for name in plan.question.spec.secrets]
    secrets = [secret for secret in known if secret]
    try:
        notebook = away.execute(project, plan, folder=folder, timeout_s=timeout_s)
        if turn is not None:
            turn.wait()
        with away.publishing:
            version, status = _publish(project, plan, notebook, folder=folder, started=started)
    except Exception as error:  # noqa: BLE001 - whatever goes wrong is filed, nothing is published
        seconds = time.monotonic() - started
        return file_failure(project, plan, error, secrets, log=folder, seconds=seconds)
    finally:
        hide_secrets(folder, secrets)
    remember(project, plan.question.name, {"status": status, "as_of": plan.as_of.isoformat()})
    return Outcome(
        name=plan.question.name,
        as_of=plan.as_of,
        status=status,
        reasons=plan.reasons,
        seconds=time.monotonic() - started,
        folder=version.relative_to(project.site).as_posix(),
        log=folder.relative_to(project.root).as_posix(),
    )


def execute_plan(
    project: Project, plan: Plan, *, folder: Path, timeout_s: float, press: Press = COLD
) -> "NotebookNode":
    """Execute the notebook of a plan on this machine.

    Args:
        project: The project.
        plan: What to run.
        folder: Where the executed notebook and the kernel's log are kept.
        timeout_s: Longest time for one cell.
        press: The warm processes, where there are any.

    Raises:
        AccessError: A secret of the run is not set.
        RunError: See `execute`.
    """
    secret_values(plan.question.spec.secrets, run=plan.question.name)
    minutes = plan.question.spec.timeout_minutes
    return execute(
        project,
        plan.question,
        parameters=_parameters(plan),
        executed=folder / "executed.ipynb",
        timeout_s=timeout_s,
        run_timeout_s=None if minutes is None else minutes * 60,
        press=press,
    )


def _parameters(plan: Plan) -> dict[str, Any]:
    """Every parameter, those of the press among them."""
    return {
        **plan.question.parameters,
        "as_of": plan.as_of.isoformat(),
        "table_versions": plan.table_versions,
    }


def _publish(
    project: Project, plan: Plan, notebook: "NotebookNode", *, folder: Path, started: float
) -> tuple[Path, Status]:
    question = plan.question
    policy = load_policy(project)
    secrets = secret_values(question.spec.secrets, run=question.name)
    payloads = require_complete(question, notebook)
    verdict = judge(project, plan, notebook, payloads, policy=policy)
    newest = newest_of(published_versions(project, question.name), as_of=plan.as_of)
    pages = _compared_with(project, plan, newest)
    found = check_page(project, plan, payloads, newest=newest, folder=folder)
    said: _Said = {"compared_with": pages, "data_checks": found}
    contents = page_files(project, plan, notebook, payloads, verdict=verdict, **said)
    require_clean_bytes(readable(contents), secrets=secrets, name=question.name)
    if newest is not None and _is_same(newest.manifest(), plan, contents):
        return newest.path, "identical"
    manifest = manifest_of(project, plan, payloads, parameters=_parameters(plan), **said)
    manifest["gate"] = verdict.to_dict(policy)
    require_clean_bytes({"manifest.json": _spoken(manifest)}, secrets=secrets, name=question.name)
    manifest["seconds"] = round(time.monotonic() - started, 3)
    version = next_version(project, question.name, as_of=plan.as_of)
    facts = _facts(plan, f"{question.name}/{version.folder}")
    sealed = hashlib.sha256(manifest_text(contents, manifest).encode()).hexdigest()
    record(project, "publishing", **facts, manifest_sha256=sealed, gate=manifest["gate"])
    path = publish_version(version, contents, manifest=manifest)
    record(project, "published", **facts)
    return path, "published"


def _compared_with(project: Project, plan: Plan, newest: Version | None) -> list[EarlierPage]:
    """The pages to compare with; for a page that is only made again, those of the first time."""
    name = plan.question.name
    if newest is not None and newest.manifest()["fingerprint"] == plan.fingerprint:
        return pages_named(project, name, newest.manifest()["compared_with"])
    return earlier_pages(project, name, as_of=plan.as_of)


def _spoken(manifest: dict[str, Any]) -> str:
    """The manifest without its digests, which look like pseudonyms."""
    digests = ("fingerprint", "files", "git")
    return json.dumps({key: value for key, value in manifest.items() if key not in digests})


def _facts(plan: Plan, folder: str) -> dict[str, Any]:
    return {"name": plan.question.name, "as_of": plan.as_of.isoformat(), "folder": folder}


def _is_same(manifest: dict[str, Any], plan: Plan, contents: dict[str, str | bytes]) -> bool:
    return (manifest["fingerprint"], manifest["files"]) == (plan.fingerprint, checksums(contents))


def _run_folder(project: Project, plan: Plan) -> Path:
    base = project.runs / plan.question.name / plan.as_of.isoformat()
    number = 1 + sum(1 for _ in base.glob("*")) if base.is_dir() else 1
    folder = base / f"{number:03d}"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
