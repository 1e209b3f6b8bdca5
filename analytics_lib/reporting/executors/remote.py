"""What a worker of a cluster does: execute one notebook and hand it back, publish nothing.

The project and its lake are on a folder that every machine sees at the same
path; the notebook with its outputs goes back over the network.
"""

import json
import os
import platform
from importlib import metadata
from pathlib import Path
from threading import Lock

from packaging.requirements import Requirement

from analytics_lib.core.errors import AccessError, KernelDiedError, RunError
from analytics_lib.reporting.digests import package_digest
from analytics_lib.reporting.execution import environment
from analytics_lib.reporting.planning import Plan
from analytics_lib.reporting.project import Project
from analytics_lib.reporting.runs import execute_plan
from analytics_lib.reporting.secrets import hide_secrets
from analytics_lib.reporting.warm.press import press_of_this_process

PACKAGE = "analytics-lib"
TAKEN = "worker.txt"
_ONE_AT_A_TIME = Lock()  # the kernel inherits this process's environment


def execute_there(
    project: Project,
    plan: Plan,
    *,
    folder: Path,
    timeout_s: float,
    lake: Path,
    versions: dict[str, str],
) -> str:
    """Execute the notebook of a plan and return it as text.

    A scheduler gives the work of a lost worker to another one, though nobody
    knows whether the first has really stopped. So an attempt is taken once: the
    second worker refuses, and the machine that asked decides whether to try again.

    Args:
        project: The project, on the shared folder.
        plan: What to run.
        folder: The run's folder, on the shared folder.
        timeout_s: Longest time for one cell.
        lake: The default lake of the machine that asked.
        versions: Its versions of the libraries.

    Raises:
        AccessError: The shared folder is not there.
        KernelDiedError: A worker had taken this attempt and did not come back.
        RunError: The notebook failed, or this worker is not like the machine that asked.
    """
    with _ONE_AT_A_TIME, environment({"ANALYTICS_LAKE": str(lake)}):
        _take(plan, folder)
        _require_alike(plan, versions)
        try:
            notebook = execute_plan(
                project, plan, folder=folder, timeout_s=timeout_s, press=press_of_this_process()
            )
        finally:
            named = [os.environ.get(name, "") for name in plan.question.spec.secrets]
            hide_secrets(folder, [secret for secret in named if secret])
    return json.dumps(notebook)


def library_versions() -> dict[str, str]:
    """Versions of Python and of the libraries that every page is made with."""
    try:
        wanted = [Requirement(line) for line in metadata.requires(PACKAGE) or []]
    except metadata.PackageNotFoundError:
        wanted = []
    names = sorted({need.name for need in wanted if need.marker is None})
    return {"python": platform.python_version()} | {name: _version(name) for name in names}


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "absent"


def _take(plan: Plan, folder: Path) -> None:
    try:
        with (folder / TAKEN).open("x", encoding="utf-8") as file:
            file.write(f"{platform.node()} {os.getpid()}\n")
    except FileNotFoundError:
        raise AccessError(
            f"`{plan.question.name}`: a worker does not see the folder of the project; every "
            "machine needs it at the same path."
        ) from None
    except FileExistsError:
        raise KernelDiedError(
            f"`{plan.question.name}`: the worker that ran it died (killed, or out of memory)."
        ) from None


def _require_alike(plan: Plan, versions: dict[str, str]) -> None:
    own = library_versions()
    differ = sorted(name for name in versions | own if versions.get(name) != own.get(name))
    if plan.fingerprint["package"] != package_digest():
        differ.insert(0, PACKAGE)
    if differ:
        raise RunError(
            f"`{plan.question.name}`: a worker has other versions than the machine that asked: "
            f"{differ}. Install the same lock on both."
        )
