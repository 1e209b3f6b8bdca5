"""The `analytics` command: one file lists every subcommand, each in a module of its own."""

import typer

from analytics_lib.cli import (
    alerts,
    dataset,
    delivery,
    doctor,
    evidence,
    ingest,
    inspect,
    lint,
    metrics,
    privacy,
    report,
    run,
    schedule,
)
from analytics_lib.cli.output import fail
from analytics_lib.core.errors import AnalyticsError

INTERRUPTED = 130

app = typer.Typer(
    name="analytics",
    help="Answers to product, impact and privacy questions, published as reports.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    epilog="Exit codes: 0 done, 2 wrong question, 3 wrong input, 4 unsafe output, "
    "5 no privacy budget, 6 no access, 7 a run failed, 8 its kernel died, "
    "9 it took too long, 10 it could not be written, 11 it was not whole (nothing was published).",
)
app.command("ingest")(ingest.ingest_source)
app.command("run")(run.run_reports)
app.command("backfill")(run.backfill)
app.command("list")(inspect.list_runs)
app.command("show")(inspect.show_run)
app.command("schema")(inspect.print_schema)
app.command("verify")(evidence.verify)
app.command("reproduce")(evidence.reproduce)
app.command("diff")(evidence.diff)
app.add_typer(schedule.app, name="schedule")
app.command("deliver")(delivery.deliver_reports)
app.add_typer(delivery.app, name="outbox")
app.add_typer(alerts.app, name="alerts")
app.add_typer(metrics.app, name="metrics")
app.add_typer(privacy.app, name="privacy")
app.add_typer(report.app, name="report")
app.command("lint")(lint.lint_notebooks)
app.add_typer(dataset.app, name="dataset")
app.command("doctor")(doctor.check_environment)


def main() -> None:
    """Run the command and end with the exit code of the error's class."""
    try:
        app()
    except AnalyticsError as error:
        fail(str(error), exit_code=error.exit_code)
    except KeyboardInterrupt:
        fail("Interrupted; nothing half-written was published.", exit_code=INTERRUPTED)
