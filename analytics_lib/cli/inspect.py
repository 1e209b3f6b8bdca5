"""`analytics list` and `analytics show`: what there is, without running anything."""

import datetime as dt
from typing import TYPE_CHECKING, Annotated, Any

import typer

from analytics_lib.cli.output import print_json, say

if TYPE_CHECKING:
    from collections.abc import Mapping

    from analytics_lib.core.errors import AnalyticsError


def list_runs(
    *, as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False
) -> None:
    """List every run with its question, its last page and whether it has to run.

    A run that cannot be planned is listed with the reason; the exit code is that of its error.
    """
    from analytics_lib.reporting.planning import plan_due  # noqa: PLC0415 - start-up time
    from analytics_lib.reporting.project import find_project  # noqa: PLC0415
    from analytics_lib.reporting.questions import select_questions  # noqa: PLC0415
    from analytics_lib.reporting.versions import published_versions  # noqa: PLC0415

    project = find_project()
    rows: list[dict[str, Any]] = []
    refused: dict[str, AnalyticsError] = {}
    questions = select_questions(project, [], on_refusal=refused.__setitem__)
    now = dt.datetime.now(dt.UTC)
    for plan in plan_due(project, questions, now=now, on_refusal=refused.__setitem__):
        published = published_versions(
            project.for_audience(plan.question.spec.audience), plan.question.name
        )
        rows.append(
            {
                "run": plan.question.name,
                "question": plan.question.notebook.title,
                "schedule": plan.question.spec.schedule,
                "as_of": plan.as_of.isoformat(),
                "last_published": published[-1].folder if published else None,
                "reasons": list(plan.reasons),
                "rests": plan.rests,
                "refused": "",
            }
        )
    _show_runs([*rows, *_refused_rows(refused)], as_json=as_json)
    if refused:
        raise typer.Exit(max(error.exit_code for error in refused.values()))


def _refused_rows(refused: "Mapping[str, AnalyticsError]") -> list[dict[str, Any]]:
    empty = dict.fromkeys(("question", "schedule", "as_of", "last_published"))
    return [
        {"run": name, **empty, "reasons": [], "rests": "", "refused": str(error)}
        for name, error in refused.items()
    ]


def _show_runs(rows: list[dict[str, Any]], *, as_json: bool) -> None:
    if as_json:
        print_json(rows)
        return
    for row in rows:
        if row["refused"]:
            say(f"{row['run']}  refused: {row['refused']}")
            continue
        state = "; ".join(row["reasons"]) or row["rests"] or "up to date"
        say(f"{row['run']}  {row['question']}")
        say(f"  schedule {row['schedule'] or 'follows the data'}, due for {row['as_of']}: {state}")


def show_run(
    name: Annotated[str, typer.Argument(help="A run, such as `retention/monthly`.")],
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """Show a run's parameters, what they mean, and its published versions."""
    from analytics_lib.reporting.outcomes import last_state  # noqa: PLC0415
    from analytics_lib.reporting.project import find_project  # noqa: PLC0415 - start-up time
    from analytics_lib.reporting.questions import load_question  # noqa: PLC0415
    from analytics_lib.reporting.versions import published_versions  # noqa: PLC0415

    project = find_project()
    question = load_question(project, name)
    helps = {slot.name: slot.help for slot in question.notebook.slots}
    shown: dict[str, Any] = {
        "run": question.name,
        "question": question.notebook.title,
        "title": question.spec.title,
        "schedule": question.spec.schedule,
        "parameters": {
            key: {"value": value, "help": helps.get(key, "")}
            for key, value in question.parameters.items()
        },
        "reads": question.notebook.card.reads,
        "results": question.notebook.card.results,
        "versions": [
            version.folder
            for version in published_versions(project.for_audience(question.spec.audience), name)
        ],
        "last_attempt": last_state(project, name),
    }
    if as_json:
        print_json(shown)
        return
    say(f"{shown['run']}: {shown['question']} ({shown['title']})")
    say(f"Schedule: {shown['schedule'] or 'follows the data'}")
    for key, item in shown["parameters"].items():
        say(f"  {key} = {item['value']}  {item['help']}")
    say(f"Reads {', '.join(shown['reads'])}; answers {', '.join(shown['results'])}.")
    say(f"Published: {', '.join(shown['versions']) or 'nothing yet'}")
    if shown["last_attempt"] and shown["last_attempt"]["status"] == "failed":
        say(f"Last attempt failed: {shown['last_attempt']['message']}")


def print_schema(
    report: Annotated[str, typer.Argument(help="A report, such as `retention`.")],
) -> None:
    """Print the JSON Schema of a report's parameters files, for an editor."""
    from analytics_lib.reporting.project import find_project  # noqa: PLC0415 - start-up time
    from analytics_lib.reporting.schema import parameters_schema  # noqa: PLC0415

    print_json(parameters_schema(find_project(), report))
