"""Running a notebook through papermill, and the proof that all of it ran.

papermill marks cells as completed that never ran when a kernel dies, and
nbconvert renders a failed notebook without complaint. So completeness is
checked here, on the cells themselves.
"""

import os
import time
from collections.abc import Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from traitlets.config import Config

from analytics_lib.core import errors
from analytics_lib.core.errors import (
    AnalyticsError,
    IncompleteError,
    KernelDiedError,
    RunError,
    TimeLimitError,
)
from analytics_lib.reporting.payloads import Payload, payloads_of, results_of
from analytics_lib.reporting.project import Project
from analytics_lib.reporting.questions import Question
from analytics_lib.reporting.warm.press import COLD, KERNEL_ENVIRONMENT, Press

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbformat import NotebookNode

KERNEL = "python3"
KERNEL_LOG = "kernel.log"
START_TIMEOUT_S = 120
_NO_LAKE = "no-lake"  # what reads no table finds none: an empty list of versions means the newest


def execute(
    project: Project,
    question: Question,
    *,
    parameters: Mapping[str, Any],
    executed: Path,
    timeout_s: float,
    run_timeout_s: float | None = None,
    press: Press = COLD,
) -> "NotebookNode":
    """Run the notebook of `question` and return it with its outputs.

    Args:
        project: The project; the kernel's working folder is its root.
        question: What is asked.
        parameters: Every parameter, those of the press among them.
        executed: Where the executed notebook is kept, failed or not.
        timeout_s: Longest time for one cell.
        run_timeout_s: Longest time for the whole run; none without it.
        press: The warm processes; the cold press means an ordinary kernel.

    Raises:
        RunError: A cell failed, the kernel died or took too long. An error of
            this package raised inside the notebook keeps its class, and so its
            exit code.
    """
    import papermill  # noqa: PLC0415 - costs a second: only when something runs
    from nbclient.exceptions import CellTimeoutError, DeadKernelError  # noqa: PLC0415

    from analytics_lib.reporting.warm import engine  # noqa: PLC0415 - imports papermill

    deadline = None if run_timeout_s is None else time.monotonic() + run_timeout_s
    limits = _limits(deadline, timeout_s)
    lake = project.lake_of(question.spec.lake) if question.notebook.card.reads else _NO_LAKE
    given = {**KERNEL_ENVIRONMENT, "ANALYTICS_LAKE": str(lake)}
    with environment(given), TemporaryDirectory(prefix="kernel-") as sockets:
        try:
            notebook: NotebookNode = papermill.execute_notebook(
                str(question.notebook.path),
                str(executed),
                parameters=dict(parameters),
                engine_name=engine.register() if press.zygote else None,
                kernel_name=KERNEL,
                language="python",
                cwd=str(project.root),
                progress_bar=False,
                log_output=False,
                request_save_on_cell_execute=False,
                start_timeout=START_TIMEOUT_S,
                execution_timeout=timeout_s,
                config=_kernel_settings(
                    sockets, log=executed.with_name(KERNEL_LOG), press=press, limits=limits
                ),
            )
        except papermill.PapermillExecutionError as error:
            raise _failure(question, error) from error
        except CellTimeoutError as error:
            raise _too_long(question, deadline, timeout_s) from error
        except (DeadKernelError, RuntimeError) as error:
            raise KernelDiedError(
                f"`{question.name}`: the kernel died (killed, or out of memory)."
            ) from error
    return notebook


def _limits(deadline: float | None, timeout_s: float) -> dict[str, Any]:
    """How long a cell may take, and that an output which does not arrive whole is an error."""
    limits: dict[str, Any] = {"raise_on_iopub_timeout": True, "iopub_timeout": 30}
    if deadline is not None:

        def left(_: object) -> float:
            return max(0.01, min(timeout_s, deadline - time.monotonic()))

        limits["timeout_func"] = left
    return limits


def _too_long(question: Question, deadline: float | None, timeout_s: float) -> TimeLimitError:
    if deadline is not None and time.monotonic() >= deadline:
        return TimeLimitError(f"`{question.name}`: the run took longer than it may.")
    return TimeLimitError(f"`{question.name}`: a cell took longer than {timeout_s:g} seconds.")


def _kernel_settings(folder: str, *, log: Path, press: Press, limits: Mapping[str, Any]) -> Config:
    """Sockets in a private folder instead of TCP ports: none is taken twice, nobody listens in.

    What the kernel itself has to say goes to a log of the run, not to the terminal.
    """
    from analytics_lib.reporting.warm.kernels import WarmKernelManager  # noqa: PLC0415 - see execute

    return Config(
        {
            "KernelManager": {"transport": "ipc", "ip": f"{folder}/kernel"},
            "NotebookClient": {"kernel_manager_class": WarmKernelManager, **limits},
            "WarmKernelManager": {
                "zygote": press.zygote,
                "charts": press.charts,
                "log_file": str(log),
            },
        }
    )


def require_complete(question: Question, notebook: "NotebookNode") -> list[Payload]:
    """Return everything the notebook shows, once it is proved to have run whole.

    Raises:
        IncompleteError: A cell did not run or holds an error, a cell shows something
            that did not come from `display`, or a declared result is missing.
    """
    for number, cell in enumerate(notebook.cells, start=1):
        if cell.cell_type != "code" or not cell.source.strip():
            continue
        if cell.execution_count is None:
            raise IncompleteError(f"`{question.name}`: cell {number} never ran.")
        if any(output.output_type == "error" for output in cell.outputs):
            raise IncompleteError(f"`{question.name}`: cell {number} holds an error.")
    payloads = payloads_of(notebook, name=question.name)
    found = results_of(payloads)
    missing = [name for name in question.notebook.card.results if name not in found]
    if missing:
        raise IncompleteError(
            f"`{question.name}` is incomplete: declared results {missing} are missing; "
            f"it gave {sorted(found)}."
        )
    return payloads


def _failure(question: Question, error: Any) -> AnalyticsError:  # noqa: ANN401 - papermill is untyped
    """The notebook's error as one of ours; its message only where it is one of ours."""
    kind = getattr(errors, str(error.ename), None)
    where = f"`{question.name}` failed in cell {error.cell_index + 1}"
    if isinstance(kind, type) and issubclass(kind, AnalyticsError):
        return kind(f"{where}: {error.evalue}")
    if error.ename == "MemoryError":
        return KernelDiedError(f"{where}: the memory was exhausted.")
    return RunError(f"{where} with {error.ename}; the executed notebook holds the traceback.")


@contextmanager
def environment(values: Mapping[str, str]) -> "Iterator[None]":
    """Set variables of this process for a while, for its kernels to inherit, and put them back."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
