"""`analytics run`: run reports and publish them."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer
import yaml

from analytics_lib.cli.output import print_json, progress_bar, say, say_damage
from analytics_lib.core.errors import AnalyticsError, ParameterError, RunError
from analytics_lib.core.periods import parse_date

if TYPE_CHECKING:
    from analytics_lib.reporting.executors.executor import Executor
    from analytics_lib.reporting.outcomes import Outcome
    from analytics_lib.reporting.planning import Plan
    from analytics_lib.reporting.project import Project
    from analytics_lib.reporting.questions import Question

Refusal = tuple[str, AnalyticsError]


def run_reports(
    names: Annotated[
        list[str] | None,
        typer.Argument(help="Reports (`retention`) or runs (`retention/monthly`)."),
    ] = None,
    *,
    due: Annotated[
        bool, typer.Option("--due", help="Every run whose logical date has come.")
    ] = False,
    as_of: Annotated[
        str | None, typer.Option(help="Run for this last complete day of data (ISO date).")
    ] = None,
    first: Annotated[
        str | None, typer.Option("--from", help="Back-fill: first logical date.")
    ] = None,
    last: Annotated[str | None, typer.Option("--to", help="Back-fill: last logical date.")] = None,
    parameter: Annotated[
        list[str] | None, typer.Option("--parameter", "-p", help="Another value: name=value.")
    ] = None,
    force: Annotated[bool, typer.Option(help="Run also what is unchanged.")] = False,
    explain: Annotated[
        bool, typer.Option("--explain", help="Only say what would run, and why.")
    ] = False,
    workers: Annotated[
        int | None, typer.Option(help="Worker processes; as many as processors by default.", min=1)
    ] = None,
    executor: Annotated[
        str, typer.Option(help="Where notebooks run: `processes` of this machine, or `dask`.")
    ] = "processes",
    scheduler: Annotated[
        str | None, typer.Option(help="Address of the Dask scheduler: tcp://HOST:8786.")
    ] = None,
    override: Annotated[
        str | None,
        typer.Option(help="Release what the gate holds, signed: `Name: reason`."),
    ] = None,
    wait: Annotated[
        float, typer.Option(help="Minutes to wait while another process publishes.", min=0)
    ] = 0,
    timeout: Annotated[float, typer.Option(help="Longest time for one cell, in seconds.")] = 600,
    as_json: Annotated[bool, typer.Option("--json", help="Print the outcome as JSON.")] = False,
) -> None:
    """Run reports and publish them to outputs/site.

    What has not changed is not run again. A failed run leaves the last good
    page up, and the exit code says what kind of failure it was.
    """
    from analytics_lib.reporting.executors.executor import choose_executor  # noqa: PLC0415
    from analytics_lib.reporting.gate.override import parse_override  # noqa: PLC0415 - start-up time
    from analytics_lib.reporting.project import find_project  # noqa: PLC0415
    from analytics_lib.reporting.questions import select_questions  # noqa: PLC0415

    if not names and not due:
        raise ParameterError("Name a report or a run, or give `--due` for all that are due.")
    chosen = choose_executor(executor, scheduler=scheduler, workers=workers)
    project = find_project()
    overrides = _overrides(parameter or [])
    refusals: list[Refusal] = []
    whatever_is_due = not (names or overrides or as_of or first or last)
    questions = select_questions(
        project,
        names or [],
        overrides=overrides,
        on_refusal=partial(_refuse, refusals) if whatever_is_due else None,
    )
    signed = parse_override(override)
    plans = [
        replace(plan, override=signed)
        for plan in _plans(
            project, questions, as_of=as_of, first=first, last=last, refusals=refusals
        )
    ]
    if explain:
        _explain(plans, refusals, as_json=as_json)
        return
    refused = _filed(project, refusals)
    outcomes, damage = _run(
        project, plans, executor=chosen, timeout_s=timeout, force=force, wait_s=wait * 60
    )
    say_damage(damage)
    _report(project, [*refused, *outcomes], as_json=as_json, is_damaged=bool(damage))


def backfill(
    names: Annotated[list[str], typer.Argument(help="Reports or runs.")],
    *,
    first: Annotated[str, typer.Option("--from", help="First logical date (ISO).")],
    last: Annotated[str, typer.Option("--to", help="Last logical date (ISO).")],
    workers: Annotated[int | None, typer.Option(help="Worker processes.", min=1)] = None,
    executor: Annotated[
        str, typer.Option(help="Where notebooks run: `processes` of this machine, or `dask`.")
    ] = "processes",
    scheduler: Annotated[
        str | None, typer.Option(help="Address of the Dask scheduler: tcp://HOST:8786.")
    ] = None,
    timeout: Annotated[float, typer.Option(help="Longest time for one cell, in seconds.")] = 600,
    as_json: Annotated[bool, typer.Option("--json", help="Print the outcome as JSON.")] = False,
) -> None:
    """Publish the past: every logical date of the schedule that has no page that still holds."""
    run_reports(
        names,
        first=first,
        last=last,
        workers=workers,
        executor=executor,
        scheduler=scheduler,
        timeout=timeout,
        as_json=as_json,
    )


def _plans(
    project: "Project",
    questions: "Sequence[Question]",
    *,
    as_of: str | None,
    first: str | None,
    last: str | None,
    refusals: list[Refusal],
) -> "list[Plan]":
    from analytics_lib.reporting import planning  # noqa: PLC0415 - start-up time

    if first or last:
        if as_of or not (first and last):
            raise ParameterError("A back-fill takes both `--from` and `--to`, and no `--as-of`.")
        return planning.plan_backfill(
            project,
            questions,
            first=parse_date(first, name="--from"),
            last=parse_date(last, name="--to"),
        )
    if as_of:
        return planning.plan_on(project, questions, day=parse_date(as_of, name="--as-of"))
    now = dt.datetime.now(dt.UTC)
    return planning.plan_due(project, questions, now=now, on_refusal=partial(_refuse, refusals))


def _refuse(refusals: list[Refusal], name: str, error: AnalyticsError) -> None:
    say(f"  refused  {name}  {error}")
    refusals.append((name, error))


def _filed(project: "Project", refusals: Sequence[Refusal]) -> "list[Outcome]":
    if not refusals:
        return []
    from analytics_lib.reporting.refusals import refuse  # noqa: PLC0415 - start-up time

    now = dt.datetime.now(dt.UTC)
    return [refuse(project, name, error, now=now) for name, error in refusals]


def _overrides(given: Sequence[str]) -> dict[str, Any]:
    """`name=value` pairs; values are read as YAML, as in the parameters file."""
    overrides = {}
    for pair in given:
        name, equals, value = pair.partition("=")
        if not equals or not name:
            raise ParameterError(f"`--parameter` is {pair!r}; it must look like `name=value`.")
        if name in overrides:
            raise ParameterError(f"`--parameter` gives `{name}` twice; give it once.")
        try:
            overrides[name] = yaml.safe_load(value)
        except (yaml.YAMLError, ValueError):
            raise ParameterError(f"`--parameter` is {pair!r}; its value is no YAML.") from None
    return overrides


def _explain(plans: "Sequence[Plan]", refusals: Sequence[Refusal], *, as_json: bool) -> None:
    if as_json:
        planned = [
            {
                "name": plan.question.name,
                "as_of": str(plan.as_of),
                "reasons": list(plan.reasons),
                "rests": plan.rests,
                "refused": "",
            }
            for plan in plans
        ]
        refused: list[dict[str, object]] = [
            {"name": name, "as_of": None, "reasons": [], "rests": "", "refused": str(error)}
            for name, error in refusals
        ]
        print_json([*refused, *planned])
        return
    for plan in plans:
        why = f"would run: {'; '.join(plan.reasons)}" if plan.reasons else plan.rests or "unchanged"
        say(f"{plan.label}: {why}")


def _run(
    project: "Project",
    plans: "Sequence[Plan]",
    *,
    executor: "Executor | None",
    timeout_s: float,
    force: bool,
    wait_s: float,
) -> "tuple[list[Outcome], tuple[str, ...]]":
    from analytics_lib.reporting.batch import default_workers, exclusive, run_batch  # noqa: PLC0415
    from analytics_lib.reporting.refresh import refresh_site  # noqa: PLC0415

    needed = [plan for plan in plans if plan.must_run(force=force)]
    for plan in plans:
        if plan.rests:
            say(f"    rests  {plan.label}  {plan.rests}")
    with exclusive(project, wait_s=wait_s), progress_bar() as bar:
        task = bar.add_task("Running reports", total=len(plans))

        def tell(outcome: "Outcome") -> None:
            bar.advance(task)
            if outcome.status != "unchanged":
                say(_line(outcome))

        outcomes = run_batch(
            project,
            plans,
            workers=default_workers(len(needed)),
            executor=executor,
            timeout_s=timeout_s,
            force=force,
            on_outcome=tell,
        )
        damage = refresh_site(project, now=dt.datetime.now(dt.UTC))
    return outcomes, damage


def _line(outcome: "Outcome") -> str:
    line = f"{outcome.status:>9}  {outcome.name} {outcome.as_of}  {outcome.seconds:.1f} s"
    return f"{line}  {outcome.error} Log: {outcome.log}" if outcome.status == "failed" else line


def _report(
    project: "Project", outcomes: "Sequence[Outcome]", *, as_json: bool, is_damaged: bool
) -> None:
    if as_json:
        print_json([outcome.to_dict() for outcome in outcomes])
    else:
        count = {
            status: sum(outcome.status == status for outcome in outcomes)
            for status in ("published", "identical", "unchanged", "failed")
        }
        parts = [f"{number} {status}" for status, number in count.items() if number]
        ran = len(outcomes) - count["unchanged"]
        say(f"{ran} executed; {', '.join(parts) or 'nothing was asked for'}.")
        index = (project.site / "index.html").relative_to(project.root)
        say(f"Open {index.as_posix()} in a browser.")
    worst = max([outcome.exit_code for outcome in outcomes], default=0)
    if is_damaged:
        worst = max(worst, RunError.exit_code)
    if worst:
        raise typer.Exit(worst)
