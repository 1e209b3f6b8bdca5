"""`analytics deliver` and `analytics outbox`: pages to stakeholders, notices to owners."""

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from analytics_lib.cli.output import print_json, say
from analytics_lib.core.errors import RunError

if TYPE_CHECKING:
    from analytics_lib.reporting.delivery.outbox import Item

app = typer.Typer(help="What is to be sent, and what was.", no_args_is_help=True)
AsJson = Annotated[bool, typer.Option("--json", help="Print as JSON.")]


def deliver_reports(
    *,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would be sent.")
    ] = False,
    preview: Annotated[
        Path | None,
        typer.Option(help="Write what would be sent to this empty folder; send nothing."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Send what is due: new pages to their stakeholders, notices to owners.

    Nobody gets a page twice, and nothing of a run whose last attempt failed. Ends with 7 where
    something that was due could not be delivered.
    """
    from analytics_lib.reporting.delivery.sending import deliver, undelivered  # noqa: PLC0415
    from analytics_lib.reporting.project import find_project  # noqa: PLC0415 - start-up time

    if dry_run or preview is not None:
        _preview(preview, as_json=as_json)
        return
    sent = deliver(find_project(), now=dt.datetime.now(dt.UTC))
    if as_json:
        print_json([one.item.to_dict() | {"state": one.state, "error": one.error} for one in sent])
    else:
        for one in sent:
            say(f"{one.state:>10}  {_line(one.item)}  {one.error}".rstrip())
        say(f"{sum(one.state == 'delivered' for one in sent)} of {len(sent)} delivered.")
    failed = undelivered(sent)
    if failed:
        raise RunError(
            f"{len(failed)} messages were not delivered; `analytics outbox list` says which are "
            "tried again."
        )


@app.command("list")
def list_outbox(
    *,
    waiting: Annotated[
        bool, typer.Option("--open", help="Only what is not delivered yet.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """List every message with its state, its attempts and when it is tried next."""
    from analytics_lib.reporting.delivery.outbox import items  # noqa: PLC0415 - start-up time
    from analytics_lib.reporting.project import find_project  # noqa: PLC0415

    done = ("delivered", "superseded", "cancelled")
    found = [item for item in items(find_project()) if not (waiting and item.state in done)]
    if as_json:
        print_json([item.to_dict() for item in found])
        return
    for item in found:
        tried = f"tried {item.attempts}x, next {item.due_at}" if item.state == "waiting" else ""
        say(f"{item.state:>10}  {_line(item)}  {tried}  {item.error}".rstrip())
    say(f"{len(found)} messages.")


@app.command("retry")
def retry_message(
    key: Annotated[str, typer.Argument(help="Key of the message, from `analytics outbox list`.")],
) -> None:
    """Let a message that was given up, or may not have arrived, be sent once more."""
    from analytics_lib.reporting.delivery.outbox import try_again  # noqa: PLC0415 - start-up time
    from analytics_lib.reporting.project import find_project  # noqa: PLC0415

    item = try_again(find_project(), key, now=dt.datetime.now(dt.UTC))
    say(f"{_line(item)} is sent again by the next `analytics deliver`.")


def _preview(folder: Path | None, *, as_json: bool) -> None:
    from analytics_lib.reporting.delivery.preview import would_send, write_preview  # noqa: PLC0415
    from analytics_lib.reporting.project import find_project  # noqa: PLC0415 - start-up time

    project, now = find_project(), dt.datetime.now(dt.UTC)
    found = would_send(project, now=now)
    if folder is not None:
        write_preview(project, folder, now=now)
    if as_json:
        print_json([item.to_dict() for item in found])
        return
    for item in found:
        say(f"would send  {_line(item)}")
    say(f"{len(found)} messages would be sent.")


def _line(item: "Item") -> str:
    return f"{item.key}  {item.kind} {item.run} {item.about} to {item.target}"
