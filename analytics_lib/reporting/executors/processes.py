"""Running plans in worker processes of this machine, around one warm press."""

import multiprocessing
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from analytics_lib.core.errors import RunError
from analytics_lib.reporting.outcomes import Outcome, record_state
from analytics_lib.reporting.planning import Plan
from analytics_lib.reporting.project import Project
from analytics_lib.reporting.runs import run_plan
from analytics_lib.reporting.turns import turns_of
from analytics_lib.reporting.warm.press import Press, warm_press


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessExecutor:
    """Executes on this machine.

    Attributes:
        workers: Worker processes; with one the runs happen in this process.
    """

    workers: int

    def run(
        self, project: Project, plans: Sequence[Plan], *, timeout_s: float
    ) -> Iterator[tuple[Outcome, Plan]]:
        """Each plan with its outcome as soon as that is known."""
        if len(plans) <= 1:  # loading everything would cost more than it saves
            for plan in plans:
                yield run_plan(project, plan, timeout_s=timeout_s), plan
            return
        ordered = sorted(plans, key=lambda plan: plan.as_of)
        with warm_press() as press:
            if self.workers <= 1:
                for plan in ordered:
                    yield run_plan(project, plan, timeout_s=timeout_s, press=press), plan
                return
            yield from self._at_once(project, ordered, timeout_s=timeout_s, press=press)

    def _at_once(
        self, project: Project, plans: list[Plan], *, timeout_s: float, press: Press
    ) -> Iterator[tuple[Outcome, Plan]]:
        context = multiprocessing.get_context("spawn")
        with (
            TemporaryDirectory(prefix="turns-") as folder,
            ProcessPoolExecutor(max_workers=self.workers, mp_context=context) as pool,
        ):
            turns = turns_of(plans, folder=Path(folder))
            futures = {
                pool.submit(
                    run_plan,
                    project,
                    plan,
                    timeout_s=timeout_s,
                    press=press,
                    turn=turns[plan.label],
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
