"""What would be sent, written to a folder; nothing is sent and nothing is remembered."""

import datetime as dt
import json
import os
from pathlib import Path

from analytics_lib.core.errors import ParameterError
from analytics_lib.reporting.delivery.mail import mail_of
from analytics_lib.reporting.delivery.outbox import Item, due_items, items
from analytics_lib.reporting.delivery.owed import is_held_back, owed_pages, target_of
from analytics_lib.reporting.delivery.sending import message_for
from analytics_lib.reporting.project import Project

_SENDER = "preview@localhost"


def would_send(project: Project, *, now: dt.datetime) -> list[Item]:
    """Everything that sending now would send; new alerts are not looked for."""
    known = {item.key for item in items(project)}
    new = [item for item in owed_pages(project) if item.key not in known]
    due = [item for item in due_items(project, now=now) if not is_held_back(project, item)]
    replaced = {(item.run, item.target, item.recipient) for item in new}
    waiting = [
        item
        for item in due
        if item.kind == "notice" or (item.run, item.target, item.recipient) not in replaced
    ]
    return [item for item in (*waiting, *new) if target_of(project, item) is not None]


def write_preview(project: Project, folder: Path, *, now: dt.datetime) -> list[Path]:
    """Write each message that would be sent: a mail as `.eml`, others as JSON or text.

    Raises:
        ParameterError: The folder is not empty.
        PermanentError: A page is not what was published.
    """
    if folder.is_dir() and any(folder.iterdir()):
        raise ParameterError(f"the folder {folder.name!r} is not empty; name another for a preview")
    folder.mkdir(parents=True, exist_ok=True)
    return [_write(project, item, folder, now=now) for item in would_send(project, now=now)]


def _write(project: Project, item: Item, folder: Path, *, now: dt.datetime) -> Path:
    found = target_of(project, item)
    assert found is not None, "would_send has looked"  # noqa: S101 - for the type checker
    target, address = found
    message = message_for(project, item, target)
    name = f"{item.run.replace('/', '_')}-{item.target}-{item.key[:8]}"
    if target.mail:
        sender = os.environ.get("ANALYTICS_SMTP_FROM") or _SENDER
        mail = mail_of(message, sender=sender, recipient=address, key=item.key, now=now)
        path, content = folder / f"{name}.eml", mail.as_bytes()
    elif target.webhook:
        path = folder / f"{name}.json"
        content = json.dumps(message.content, indent=2, ensure_ascii=False).encode()
    else:
        path, content = folder / f"{name}.txt", f"{message.subject}\n\n{message.text}".encode()
    path.write_bytes(content)
    return path
