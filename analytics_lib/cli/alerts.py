"""`analytics alerts`: what is wrong, who knows, and what may rest."""

import datetime as dt
from typing import TYPE_CHECKING, Annotated

import typer

from analytics_lib.cli.output import print_json, say
from analytics_lib.core.errors import RunError
from analytics_lib.core.periods import parse_date

if TYPE_CHECKING:
    from analytics_lib.reporting.checks.alert_state import Alert

app = typer.Typer(help="Alerts of checks, failed runs and missing reports.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(help="An alert, such as `retention/monthly:late`.")]
By = Annotated[str, typer.Option(help="Who says so.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print as JSON.")]


@app.command("check")
def check_alerts(*, as_json: AsJson = False) -> None:
    """Look for everything that is wrong, for cron; a missing report is found here.

    Notices to owners are put into the outbox; `analytics deliver` sends them. Ends with 7 where an
    alert is active that is neither acknowledged nor paused.
    """
    from analytics_lib.reporting.delivery.owed import raise_alerts  # noqa: PLC0415 - start-up time
    from analytics_lib.reporting.project import find_project  # noqa: PLC0415

    now = dt.datetime.now(dt.UTC)
    active = raise_alerts(find_project(), now=now)
    _show(active, as_json=as_json, now=now)
    loud = [alert.name for alert in active if not alert.is_quiet(now)]
    if loud:
        raise RunError(f"{len(loud)} alerts need attention: {', '.join(loud)}.")


@app.command("list")
def list_alerts(*, as_json: AsJson = False) -> None:
    """List every alert that is active, acknowledged or paused, as it was found last."""
    from analytics_lib.reporting.checks.alert_state import alerts  # noqa: PLC0415 - start-up time
    from analytics_lib.reporting.project import find_project  # noqa: PLC0415

    now = dt.datetime.now(dt.UTC)
    known = alerts(find_project())
    _show([alert for alert in known if _is_of_interest(alert, now)], as_json=as_json, now=now)


@app.command("ack")
def acknowledge_alert(
    name: Name, *, by: By, reason: Annotated[str, typer.Option(help="Why.")]
) -> None:
    """Take note of an active alert: nobody is told again until it is in order and fails anew."""
    from analytics_lib.reporting.checks.alert_state import acknowledge  # noqa: PLC0415 - start-up
    from analytics_lib.reporting.project import find_project  # noqa: PLC0415

    acknowledge(find_project(), name, by=by, reason=reason, now=dt.datetime.now(dt.UTC))
    say(f"{name} is acknowledged by {by}.")


@app.command("pause")
def pause_alert(
    name: Name,
    *,
    until: Annotated[str, typer.Option(help="ISO date; told again from its first moment, UTC.")],
    by: By,
) -> None:
    """Let an alert rest until a date, whether it is active or not."""
    from analytics_lib.reporting.checks.alert_state import pause  # noqa: PLC0415 - start-up time
    from analytics_lib.reporting.checks.alerts import alert_names  # noqa: PLC0415
    from analytics_lib.reporting.project import find_project  # noqa: PLC0415

    project = find_project()
    day = parse_date(until, name="--until")
    pause(
        project,
        name,
        until=dt.datetime.combine(day, dt.time.min, tzinfo=dt.UTC),
        by=by,
        known=alert_names(project),
        now=dt.datetime.now(dt.UTC),
    )
    say(f"{name} rests until {day}.")


def _is_of_interest(alert: "Alert", now: dt.datetime) -> bool:
    return alert.active or (alert.paused_until is not None and now < alert.paused_until)


def _show(found: "list[Alert]", *, as_json: bool, now: dt.datetime) -> None:
    if as_json:
        print_json([alert.to_dict() for alert in found])
        return
    for alert in found:
        say(f"{_state(alert, now):>12}  {alert.name}  {alert.words}")
    say(f"{sum(alert.active for alert in found)} active alerts.")


def _state(alert: "Alert", now: dt.datetime) -> str:
    if alert.paused_until is not None and now < alert.paused_until:
        return "paused"
    if not alert.active:
        return "in order"
    return "acknowledged" if alert.acknowledged_at else "active"
