"""What became of a run, and what is remembered of its last attempt."""

import datetime as dt
import json
import traceback
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from analytics_lib.core.errors import AnalyticsError, RunError
from analytics_lib.core.periods import is_day
from analytics_lib.reporting.evidence.audit_log import record
from analytics_lib.reporting.planning import Plan
from analytics_lib.reporting.project import Project
from analytics_lib.reporting.secrets import without_secrets
from analytics_lib.warehouse.whole_files import replace_file

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


def file_failure(
    project: Project,
    plan: Plan,
    error: Exception,
    secrets: list[str],
    *,
    log: Path,
    seconds: float,
) -> Outcome:
    """File a failed run: its log, the state of the run, a line of the audit log.

    Args:
        project: The project.
        plan: What was run.
        error: What went wrong; words of errors that are not ours are not repeated.
        secrets: Values that must not stand in the message.
        log: Folder of the run.
        seconds: How long it took.
    """
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
    remember(project, plan.question.name, state)
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


def remember(project: Project, name: str, state: dict[str, Any]) -> None:
    """Record the state where the disk allows it; the outcome itself is told in any case."""
    with suppress(OSError, RunError):
        record_state(project, name, state)


def record_state(project: Project, name: str, state: dict[str, Any]) -> None:
    """Remember how the last attempt of `report/run` ended."""
    path = project.runs / name / STATE
    path.parent.mkdir(parents=True, exist_ok=True)
    replace_file(path, json.dumps(state, indent=2, sort_keys=True) + "\n")


def last_state(project: Project, name: str) -> dict[str, Any] | None:
    """How the last attempt of `report/run` ended; `None` where there was none.

    Raises:
        RunError: What was remembered cannot be read.
    """
    path = project.runs / name / STATE
    if not path.is_file():
        return None
    try:
        state = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        state = None
    if not _is_state(state):
        raise RunError(f"`{name}`: its {STATE} cannot be read; remove it and run the report again.")
    found: dict[str, Any] = state
    return found


def _is_state(state: Any) -> bool:  # noqa: ANN401 - any JSON value
    """Whether it says how an attempt ended and for which day, and of a failure what went wrong."""
    if not isinstance(state, dict) or not is_day(state.get("as_of")):
        return False
    needed = {"kind", "message", "log"} if state.get("status") == "failed" else {"status"}
    return all(isinstance(state.get(key), str) for key in needed)
