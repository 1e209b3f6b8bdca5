"""One run from question to published page; a failed one is filed apart and changes nothing."""

import datetime as dt
import json
import time
import traceback
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from analytics_lib.core.errors import AnalyticsError, RunError
from analytics_lib.reporting.disclosure import load_policy, require_safe_counts
from analytics_lib.reporting.execution import execute, require_complete
from analytics_lib.reporting.page import PageContext, answer_of, kinds_in_words, render_page
from analytics_lib.reporting.page_checks import require_no_identifier, require_safe_page
from analytics_lib.reporting.payloads import Payload, results_of
from analytics_lib.reporting.planning import Plan
from analytics_lib.reporting.project import Project
from analytics_lib.reporting.provenance import code_version, git_state
from analytics_lib.reporting.publication import checksums, publish_version, replace_file
from analytics_lib.reporting.versions import newest_of, next_version, published_versions
from analytics_lib.reporting.warm.press import COLD, Press
from analytics_lib.warehouse import open_lake

if TYPE_CHECKING:
    from nbformat import NotebookNode

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


def run_plan(project: Project, plan: Plan, *, timeout_s: float, press: Press = COLD) -> Outcome:
    """Run one question and publish its page; never raises for a failed run.

    Args:
        project: The project.
        plan: What to run.
        timeout_s: Longest time for one cell.
        press: The warm processes, where there are any.

    Returns:
        What became of it. On failure the published pages are untouched, the
        executed notebook and the log lie in `log`, and the site says so.
    """
    started = time.monotonic()
    folder = _run_folder(project, plan)
    try:
        notebook = _execute(project, plan, folder=folder, timeout_s=timeout_s, press=press)
        version, status = _publish(project, plan, notebook, started=started)
    except Exception as error:  # noqa: BLE001 - whatever goes wrong is filed, nothing is published
        return _file_failure(project, plan, error, log=folder, seconds=time.monotonic() - started)
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


def _execute(
    project: Project, plan: Plan, *, folder: Path, timeout_s: float, press: Press
) -> "NotebookNode":
    return execute(
        project,
        plan.question,
        parameters=_parameters(plan),
        executed=folder / "executed.ipynb",
        timeout_s=timeout_s,
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
    project: Project, plan: Plan, notebook: "NotebookNode", *, started: float
) -> tuple[Path, Status]:
    question = plan.question
    policy = load_policy(project)
    payloads = require_complete(question, notebook)
    require_safe_counts(payloads, policy=policy, name=question.name)
    files = _data_files(question.spec.exports, payloads)
    context = _context(project, plan)
    downloads = [{"path": path, "title": title} for path, (title, _) in files.items()]
    page = render_page(question, notebook, payloads, context=context, downloads=downloads)
    require_safe_page(page, name=question.name)
    texts = {path: text for path, (_, text) in files.items()}
    for path, text in texts.items():
        require_no_identifier(text, name=f"{question.name} {path}")
    manifest = _manifest(project, plan, payloads)
    manifest["data"] = kinds_in_words(context)
    manifest["seconds"] = round(time.monotonic() - started, 3)
    contents = {"index.html": page, **texts}
    newest = newest_of(published_versions(project, question.name), as_of=plan.as_of)
    if newest is not None and _is_same(newest.manifest(), plan, contents):
        return newest.path, "identical"
    version = next_version(project, question.name, as_of=plan.as_of)
    return publish_version(version, contents, manifest=manifest), "published"


def _is_same(manifest: dict[str, Any], plan: Plan, contents: dict[str, str]) -> bool:
    return (manifest["fingerprint"], manifest["files"]) == (plan.fingerprint, checksums(contents))


def _data_files(exports: list[Any], payloads: list[Payload]) -> dict[str, tuple[str, str]]:
    """Title and text of each data file, by path."""
    if "csv" not in exports:
        return {}
    return {
        f"data/{payload.id}.csv": (payload.title, payload.to_csv())
        for payload in payloads
        if payload.columns
    }


def _context(project: Project, plan: Plan) -> PageContext:
    lake = open_lake(project.lake_of(plan.question.spec.lake), versions=plan.table_versions)
    sources = lake.sources()
    return PageContext(
        as_of=plan.as_of,
        zone=lake.zone,
        sources=sources,
        versions=plan.table_versions,
        code_version=code_version(),
    )


def _manifest(project: Project, plan: Plan, payloads: list[Payload]) -> dict[str, Any]:
    question = plan.question
    return {
        "report": question.report,
        "run": question.run,
        "title": question.notebook.title,
        "run_title": question.spec.title,
        "audience": question.spec.audience,
        "as_of": plan.as_of.isoformat(),
        "status": "published",
        "answer": answer_of(payloads),
        "results": results_of(payloads),
        "parameters": _parameters(plan),
        "table_versions": plan.table_versions,
        "fingerprint": plan.fingerprint,
        "code_version": code_version(),
        "git": git_state(project.root),
        "checks": [
            "every cell ran",
            "declared results present",
            "no small count",
            "page safe",
            "no identifier",
        ],
        "published_at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
    }


def _run_folder(project: Project, plan: Plan) -> Path:
    base = project.runs / plan.question.name / plan.as_of.isoformat()
    number = 1 + sum(1 for _ in base.glob("*")) if base.is_dir() else 1
    folder = base / f"{number:03d}"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _file_failure(
    project: Project, plan: Plan, error: Exception, *, log: Path, seconds: float
) -> Outcome:
    known = error if isinstance(error, AnalyticsError) else None
    words = str(known) if known else f"`{plan.question.name}` failed with {type(error).__name__}."
    state = {
        "status": "failed",
        "as_of": plan.as_of.isoformat(),
        "kind": type(error).__name__,
        "message": words,
        "log": log.relative_to(project.root).as_posix(),
    }
    with suppress(OSError):  # the disk may be full: the outcome still says what happened
        (log / "error.log").write_text("".join(traceback.format_exception(error)), encoding="utf-8")
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
