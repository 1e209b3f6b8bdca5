"""One run from question to published page; a failed one is filed apart and changes nothing."""

import datetime as dt
import hashlib
import json
import os
import time
import traceback
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from analytics_lib.core.errors import AnalyticsError, RunError
from analytics_lib.reporting.contents import judge, manifest_of, page_files
from analytics_lib.reporting.evidence.audit_log import record
from analytics_lib.reporting.evidence.earlier import EarlierPage, earlier_pages, pages_named
from analytics_lib.reporting.execution import execute, require_complete
from analytics_lib.reporting.exports.files import readable
from analytics_lib.reporting.gate.policy import load_policy
from analytics_lib.reporting.gate.release import require_clean_bytes
from analytics_lib.reporting.planning import Plan
from analytics_lib.reporting.project import Project
from analytics_lib.reporting.publication import manifest_text, publish_version
from analytics_lib.reporting.secrets import hide_secrets, secret_values, without_secrets
from analytics_lib.reporting.versions import Version, newest_of, next_version, published_versions
from analytics_lib.warehouse.whole_files import checksums, replace_file

Status = Literal["published", "identical", "unchanged", "failed"]
STATE = "state.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one planned run.

    Attributes:
        name: `report/run`.
        as_of: Logical date.
        status: `published`; `identical` (it ran and gave the published bytes again);
            `unchanged` (it did not have to run); or `failed`.
        reasons: Why it ran.
        seconds: How long it took.
        folder: The published folder, relative to the site.
        log: The folder of the executed notebook and the log, relative to the project.
        error: What went wrong, without personal values.
        exit_code: 0, or the exit code of the error's class.
    """

    name: str
    as_of: dt.date
    status: Status
    reasons: tuple[str, ...] = ()
    seconds: float = 0.0
    folder: str = ""
    log: str = ""
    error: str = ""
    exit_code: int = 0

    def to_dict(self) -> dict[str, Any]:
        """Plain values for `--json`."""
        return {
            "name": self.name,
            "as_of": self.as_of.isoformat(),
            "status": self.status,
            "reasons": list(self.reasons),
            "seconds": round(self.seconds, 3),
            "folder": self.folder,
            "log": self.log,
            "error": self.error,
            "exit_code": self.exit_code,
        }


def run_plan(project: Project, plan: Plan, *, timeout_s: float) -> Outcome:
    """Run one question and publish its page; never raises for a failed run.

    Args:
        project: The project.
        plan: What to run.
        timeout_s: Longest time for one cell.

    Returns:
        What became of it. On failure the published pages are untouched, the
        executed notebook and the log lie in `log`, and the site says so.
    """
    started = time.monotonic()
    folder = _run_folder(project, plan)
    known = [os.environ.get(name, "") for name in plan.question.spec.secrets]
    secrets = [secret for secret in known if secret]
    try:
        version, status = _run(project, plan, folder=folder, timeout_s=timeout_s, started=started)
    except Exception as error:  # noqa: BLE001 - whatever goes wrong is filed, nothing is published
        seconds = time.monotonic() - started
        return _file_failure(project, plan, error, secrets, log=folder, seconds=seconds)
    finally:
        hide_secrets(folder, secrets)
    _remember(project, plan.question.name, {"status": status, "as_of": plan.as_of.isoformat()})
    return Outcome(
        name=plan.question.name,
        as_of=plan.as_of,
        status=status,
        reasons=plan.reasons,
        seconds=time.monotonic() - started,
        folder=version.relative_to(project.site).as_posix(),
        log=folder.relative_to(project.root).as_posix(),
    )


def _run(
    project: Project, plan: Plan, *, folder: Path, timeout_s: float, started: float
) -> tuple[Path, Status]:
    question = plan.question
    policy = load_policy(project)
    secrets = secret_values(question.spec.secrets, run=question.name)
    parameters = {
        **question.parameters,
        "as_of": plan.as_of.isoformat(),
        "table_versions": plan.table_versions,
    }
    notebook = execute(
        project,
        question,
        parameters=parameters,
        executed=folder / "executed.ipynb",
        timeout_s=timeout_s,
    )
    payloads = require_complete(question, notebook)
    verdict = judge(project, plan, payloads, policy=policy)
    newest = newest_of(published_versions(project, question.name), as_of=plan.as_of)
    pages = _compared_with(project, plan, newest)
    contents = page_files(project, plan, notebook, payloads, verdict=verdict, compared_with=pages)
    require_clean_bytes(readable(contents), secrets=secrets, name=question.name)
    if newest is not None and _is_same(newest.manifest(), plan, contents):
        return newest.path, "identical"
    manifest = manifest_of(project, plan, payloads, parameters=parameters, compared_with=pages)
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


def _file_failure(
    project: Project,
    plan: Plan,
    error: Exception,
    secrets: list[str],
    *,
    log: Path,
    seconds: float,
) -> Outcome:
    known = error if isinstance(error, AnalyticsError) else None
    words = str(known) if known else f"`{plan.question.name}` failed with {type(error).__name__}."
    words = without_secrets(words, secrets)
    state = {
        "status": "failed",
        "as_of": plan.as_of.isoformat(),
        "kind": type(error).__name__,
        "message": words,
        "log": log.relative_to(project.root).as_posix(),
    }
    with suppress(OSError):  # the disk may be full: the outcome still says what happened
        (log / "error.log").write_text("".join(traceback.format_exception(error)), encoding="utf-8")
    with suppress(RunError):  # likewise
        record(project, "failed", name=plan.question.name, **state)
    _remember(project, plan.question.name, state)
    return Outcome(
        name=plan.question.name,
        as_of=plan.as_of,
        status="failed",
        reasons=plan.reasons,
        seconds=seconds,
        log=state["log"],
        error=words,
        exit_code=known.exit_code if known else RunError.exit_code,
    )


def _remember(project: Project, name: str, state: dict[str, Any]) -> None:
    """Record the state where the disk allows it; the outcome itself is told in any case."""
    with suppress(OSError, RunError):
        record_state(project, name, state)


def record_state(project: Project, name: str, state: dict[str, Any]) -> None:
    """Remember how the last attempt of `report/run` ended."""
    path = project.runs / name / STATE
    path.parent.mkdir(parents=True, exist_ok=True)
    replace_file(path, json.dumps(state, indent=2, sort_keys=True) + "\n")


def last_state(project: Project, name: str) -> dict[str, Any] | None:
    """How the last attempt of `report/run` ended; `None` where there was none."""
    path = project.runs / name / STATE
    if not path.is_file():
        return None
    state: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return state
