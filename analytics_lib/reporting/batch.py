"""Running many questions at once, wherever their notebooks are executed; one lock for all of it."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from filelock import FileLock, Timeout

from analytics_lib.core.errors import AccessError
from analytics_lib.reporting.executors.executor import Executor, processes
from analytics_lib.reporting.outcomes import Outcome
from analytics_lib.reporting.planning import Plan
from analytics_lib.reporting.project import Project
from analytics_lib.reporting.refusals import end_refusal

DEFAULT_TIMEOUT_S = 600.0
OnOutcome = Callable[[Outcome], None]


def default_workers(count: int) -> int:
    """As many workers as there are processors or runs, whichever is fewer; at least one."""
    return max(1, min(count, os.cpu_count() or 1))


@contextmanager
def exclusive(project: Project, *, wait_s: float = 0) -> Iterator[None]:
    """Hold the project's publishing lock, waiting for it as long as asked.

    Raises:
        AccessError: Another process publishes right now.
    """
    project.site.mkdir(parents=True, exist_ok=True)
    lock = FileLock(project.root / "outputs" / ".publishing.lock", timeout=wait_s)
    try:
        lock.acquire()
    except Timeout:
        raise AccessError(
            "Another process is publishing reports right now; try again when it has ended."
        ) from None
    try:
        yield
    finally:
        lock.release()


def run_batch(
    project: Project,
    plans: Sequence[Plan],
    *,
    workers: int = 1,
    executor: Executor | None = None,
    timeout_s: float = DEFAULT_TIMEOUT_S,
    force: bool = False,
    on_outcome: OnOutcome | None = None,
) -> list[Outcome]:
    """Run what has to run; a failed run does not stop the others.

    Args:
        project: The project.
        plans: What was planned.
        workers: Worker processes; with one the runs happen in this process.
        executor: Executes the notebooks; worker processes of this machine without it.
        timeout_s: Longest time for one cell.
        force: Run also what is unchanged, though not what rests.
        on_outcome: Called with each outcome as it is known.

    Returns:
        An outcome for each plan, in the order of the plans.
    """
    tell = on_outcome or (lambda _: None)
    outcomes: dict[str, Outcome] = {}
    waiting = []
    for plan in plans:
        if plan.must_run(force=force):
            waiting.append(plan)
        else:
            outcomes[plan.label] = _unchanged(project, plan)
            tell(outcomes[plan.label])
    if not waiting:
        return [outcomes[plan.label] for plan in plans]
    chosen = executor or processes(workers)
    for outcome, plan in chosen.run(project, waiting, timeout_s=timeout_s):
        outcomes[plan.label] = outcome
        tell(outcome)
    return [outcomes[plan.label] for plan in plans]


def _unchanged(project: Project, plan: Plan) -> Outcome:
    end_refusal(project, plan.question.name, as_of=plan.as_of)
    return Outcome(name=plan.question.name, as_of=plan.as_of, status="unchanged")
