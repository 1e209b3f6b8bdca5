"""Running plans on the workers of an existing Dask cluster; publishing stays here."""

import importlib
import json
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Lock
from typing import TYPE_CHECKING, Any

from analytics_lib.core.errors import AccessError, KernelDiedError, ParameterError
from analytics_lib.reporting.executors.elsewhere import Elsewhere
from analytics_lib.reporting.executors.remote import execute_there, library_versions
from analytics_lib.reporting.outcomes import Outcome
from analytics_lib.reporting.planning import Plan
from analytics_lib.reporting.project import Project
from analytics_lib.reporting.runs import run_plan
from analytics_lib.reporting.turns import Turn, turns_of

if TYPE_CHECKING:
    from nbformat import NotebookNode

CONNECT_TIMEOUT_S = 15.0
PATIENCE_S = 60.0
"""How long a run waits for a worker while there is none at all."""
MOST_AT_ONCE = 64
_LOOK_EVERY_S = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterExecutor:
    """Executes on the workers of a Dask cluster.

    Attributes:
        scheduler: Address of its scheduler.
        connect_timeout_s: How long to wait for the scheduler and for its first worker.
        patience_s: How long a run waits for a worker while there is none at all.
    """

    scheduler: str
    connect_timeout_s: float = CONNECT_TIMEOUT_S
    patience_s: float = PATIENCE_S

    def run(
        self, project: Project, plans: Sequence[Plan], *, timeout_s: float
    ) -> Iterator[tuple[Outcome, Plan]]:
        """Each plan with its outcome as soon as that is known.

        Raises:
            AccessError: Neither scheduler nor worker answers.
        """
        if not plans:
            return
        ordered = sorted(plans, key=lambda plan: plan.as_of)
        with ExitStack() as stack:
            folder = stack.enter_context(TemporaryDirectory(prefix="turns-"))
            turns = turns_of(ordered, folder=Path(folder))
            pool = ThreadPoolExecutor(max_workers=min(len(ordered), MOST_AT_ONCE))
            stack.callback(pool.shutdown, cancel_futures=True)
            client = stack.enter_context(_connected(self.scheduler, self.connect_timeout_s))
            away = Elsewhere(
                execute=_Cluster(
                    client=client, versions=library_versions(), patience_s=self.patience_s
                ),
                publishing=Lock(),
            )

            def one(plan: Plan, turn: Turn) -> Outcome:
                return run_plan(project, plan, timeout_s=timeout_s, turn=turn, elsewhere=away)

            futures = {pool.submit(one, plan, turns[plan.label]): plan for plan in ordered}
            for future in as_completed(futures):
                yield future.result(), futures[future]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cluster:
    """Executes one notebook on some worker and waits for it."""

    client: Any
    versions: dict[str, str]
    patience_s: float

    def __call__(
        self, project: Project, plan: Plan, *, folder: Path, timeout_s: float
    ) -> "NotebookNode":
        import nbformat  # noqa: PLC0415 - start-up time of commands that run nothing

        future = self.client.submit(
            execute_there,
            project,
            plan,
            folder=folder,
            timeout_s=timeout_s,
            lake=project.lake,
            versions=self.versions,
            key=f"{plan.label} {folder.name}",
            pure=False,
        )
        try:
            notebook: NotebookNode = nbformat.from_dict(  # type: ignore[no-untyped-call]
                json.loads(self._wait(future, plan))
            )
        finally:
            future.release()
        return notebook

    def _wait(self, future: Any, plan: Plan) -> str:  # noqa: ANN401 - distributed is untyped
        distributed = _distributed()
        done = Event()
        future.add_done_callback(lambda _: done.set())
        seen = time.monotonic()
        try:
            while not (done.wait(_LOOK_EVERY_S) or future.done()):
                if self.client.nthreads():
                    seen = time.monotonic()
                elif time.monotonic() - seen > self.patience_s:
                    raise AccessError(
                        f"`{plan.question.name}`: the cluster has no worker left to run it."
                    )
            return str(future.result())
        except distributed.KilledWorker as error:
            raise KernelDiedError(
                f"`{plan.question.name}`: the worker that ran it died (killed, or out of memory)."
            ) from error
        except (distributed.CancelledError, OSError) as error:
            raise AccessError(
                f"`{plan.question.name}`: the scheduler of the cluster went away."
            ) from error


@contextmanager
def _connected(scheduler: str, timeout_s: float) -> Iterator[Any]:
    """A client of the scheduler, with at least one worker behind it."""
    distributed = _distributed()
    try:
        client = distributed.Client(
            scheduler, timeout=timeout_s, set_as_default=False, name="analytics"
        )
    except ValueError as error:
        raise ParameterError(
            f"`--scheduler` is {scheduler!r}; it must be an address such as `tcp://10.0.0.5:8786`."
        ) from error
    except OSError as error:
        raise AccessError(f"No scheduler answers at {scheduler}.") from error
    with client:
        try:
            client.wait_for_workers(1, timeout=timeout_s)
        except TimeoutError as error:
            raise AccessError(f"The scheduler at {scheduler} has no worker.") from error
        yield client


def _distributed() -> Any:  # noqa: ANN401 - an optional package without types
    try:
        return importlib.import_module("distributed")
    except ModuleNotFoundError as error:
        raise AccessError(
            "`--executor dask` needs the package `distributed`; install it with "
            "`pip install 'analytics-lib[distributed]'`."
        ) from error
