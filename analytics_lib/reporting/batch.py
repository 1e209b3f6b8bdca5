"""Running many questions, in parallel worker processes, one lock for all of it."""

import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from filelock import FileLock, Timeout

from analytics_lib.core.errors import AccessError, RunError
from analytics_lib.reporting.outcomes import Outcome, record_state
from analytics_lib.reporting.planning import Plan
from analytics_lib.reporting.project import Project
from analytics_lib.reporting.runs import run_plan
from analytics_lib.reporting.turns import turns_of
from analytics_lib.reporting.warm.press import Press, warm_press

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
    workers: int,
    timeout_s: float = DEFAULT_TIMEOUT_S,
    force: bool = False,
    on_outcome: OnOutcome | None = None,
) -> list[Outcome]:
    """Run what has to run; a failed run does not stop the others.

    Args:
        project: The project.
        plans: What was planned.
        workers: Worker processes; with one the runs happen in this process.
        timeout_s: Longest time for one cell.
        force: Run also what is unchanged.
        on_outcome: Called with each outcome as it is known.

    Returns:
        An outcome for each plan, in the order of the plans.
    """
    tell = on_outcome or (lambda _: None)
    outcomes: dict[str, Outcome] = {}
    waiting = []
    for plan in plans:
        if plan.reasons or force:
            waiting.append(plan)
        else:
            outcomes[plan.label] = _unchanged(plan)
            tell(outcomes[plan.label])
    for outcome, plan in _run_all(project, waiting, workers=workers, timeout_s=timeout_s):
        outcomes[plan.label] = outcome
        tell(outcome)
    return [outcomes[plan.label] for plan in plans]


def _run_all(
    project: Project, plans: list[Plan], *, workers: int, timeout_s: float
) -> Iterator[tuple[Outcome, Plan]]:
    if len(plans) <= 1:  # loading everything would cost more than it saves
        for plan in plans:
            yield run_plan(project, plan, timeout_s=timeout_s), plan
        return
    ordered = sorted(plans, key=lambda plan: plan.as_of)
    with warm_press() as press:
        if workers <= 1:
            for plan in ordered:
                yield run_plan(project, plan, timeout_s=timeout_s, press=press), plan
            return
        yield from _run_at_once(project, ordered, workers=workers, timeout_s=timeout_s, press=press)


def _run_at_once(
    project: Project, plans: list[Plan], *, workers: int, timeout_s: float, press: Press
) -> Iterator[tuple[Outcome, Plan]]:
    context = multiprocessing.get_context("spawn")
    with (
        TemporaryDirectory(prefix="turns-") as folder,
        ProcessPoolExecutor(max_workers=workers, mp_context=context) as pool,
    ):
        turns = turns_of(plans, folder=Path(folder))
        futures = {
            pool.submit(
                run_plan, project, plan, timeout_s=timeout_s, press=press, turn=turns[plan.label]
            ): plan
            for plan in plans
        }
        for future in as_completed(futures):
            plan = futures[future]
            turns[plan.label].done()  # a worker that was killed did not say so itself
            yield _outcome(project, future, plan), plan


def _outcome(project: Project, future: "Future[Outcome]", plan: Plan) -> Outcome:
    try:
        return future.result()
    except Exception as error:  # noqa: BLE001 - a worker that was killed cannot tell its error
        words = f"`{plan.question.name}`: its worker process died ({type(error).__name__})."
        state = {
            "status": "failed",
            "as_of": plan.as_of.isoformat(),
            "kind": RunError.__name__,
            "message": words,
            "log": "",
        }
        record_state(project, plan.question.name, state)
        return Outcome(
            name=plan.question.name,
            as_of=plan.as_of,
            status="failed",
            reasons=plan.reasons,
            error=words,
            exit_code=RunError.exit_code,
        )


def _unchanged(plan: Plan) -> Outcome:
    return Outcome(name=plan.question.name, as_of=plan.as_of, status="unchanged")
