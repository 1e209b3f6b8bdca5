"""What every executor can do, and which one a command asks for."""

from typing import TYPE_CHECKING, Protocol

from analytics_lib.core.checks import require_choice
from analytics_lib.core.errors import ParameterError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from analytics_lib.reporting.outcomes import Outcome
    from analytics_lib.reporting.planning import Plan
    from analytics_lib.reporting.project import Project

PROCESSES, DASK = EXECUTORS = ("processes", "dask")


class Executor(Protocol):
    """Executes what is planned and publishes it."""

    def run(
        self, project: "Project", plans: "Sequence[Plan]", *, timeout_s: float
    ) -> "Iterator[tuple[Outcome, Plan]]":
        """Each plan with its outcome as soon as that is known; a failed one does not raise."""
        ...


def processes(workers: int) -> Executor:
    """Worker processes of this machine; with one the runs happen in this process."""
    from analytics_lib.reporting.executors.processes import (  # noqa: PLC0415 - start-up time
        ProcessExecutor,
    )

    return ProcessExecutor(workers=workers)


def choose_executor(kind: str, *, scheduler: str | None, workers: int | None) -> Executor | None:
    """The executor of a command; `None` for processes, as many as the command asks for.

    Args:
        kind: `processes` or `dask`.
        scheduler: Address of the Dask scheduler.
        workers: Worker processes of this machine, where the command names a number.

    Raises:
        ParameterError: There is no such executor, or what was given belongs to the other one.
    """
    require_choice(kind, EXECUTORS, name="executor")
    if kind == PROCESSES:
        if scheduler is not None:
            raise ParameterError("`--scheduler` needs `--executor dask`.")
        return None if workers is None else processes(workers)
    if scheduler is None:
        raise ParameterError(
            "`--executor dask` needs `--scheduler`, an address such as `tcp://10.0.0.5:8786`."
        )
    if workers is not None:
        raise ParameterError(
            "`--workers` is for this machine's processes; a cluster has the workers it has."
        )
    from analytics_lib.reporting.executors.cluster import ClusterExecutor  # noqa: PLC0415 - see above

    return ClusterExecutor(scheduler=scheduler)
