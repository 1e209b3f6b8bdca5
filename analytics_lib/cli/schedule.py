"""`analytics schedule`: when everything runs, and how to tell a scheduler."""

import datetime as dt
import sys
from typing import Annotated

import typer

from analytics_lib.cli.output import print_json, say

app = typer.Typer(help="When everything runs.", no_args_is_help=True)
SHOWN = 3


@app.command("list")
def list_schedule(
    *,
    number: Annotated[int, typer.Option(help="How many coming dates.", min=1)] = SHOWN,
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """List the coming times of every run, each in its zone."""
    from analytics_lib.reporting.project import find_project  # noqa: PLC0415 - start-up time
    from analytics_lib.reporting.questions import select_questions  # noqa: PLC0415
    from analytics_lib.reporting.schedule import coming_times  # noqa: PLC0415

    rows = [
        {
            "run": question.name,
            "schedule": question.spec.schedule,
            "zone": question.spec.zone,
            "next": [
                moment.isoformat()
                for moment in coming_times(
                    question.spec.schedule,
                    zone=question.spec.zone,
                    now=dt.datetime.now(dt.UTC),
                    number=number,
                )
            ],
        }
        for question in select_questions(find_project(), [])
    ]
    if as_json:
        print_json(rows)
        return
    for row in rows:
        say(f"{row['run']}  {row['schedule'] or 'follows the data'} ({row['zone']})")
        for moment in row["next"] or ():
            say(f"  {moment}")


@app.command("print")
def print_schedule(
    style: Annotated[
        str, typer.Argument(help="`crontab`, `systemd`, `airflow` or `ci`.")
    ] = "crontab",
) -> None:
    """Print what a scheduler needs so that every run happens when it is due."""
    from analytics_lib.reporting.project import find_project  # noqa: PLC0415 - start-up time
    from analytics_lib.reporting.questions import select_questions  # noqa: PLC0415
    from analytics_lib.reporting.timetable import timetable  # noqa: PLC0415

    project = find_project()
    sys.stdout.write(timetable(project, select_questions(project, []), style=style))
