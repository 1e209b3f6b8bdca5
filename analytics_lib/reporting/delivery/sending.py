"""Sending what is due: marked before, sent, and written down after; nobody gets anything twice.

Between sending and writing down a process can be killed. What it left as `sending` is looked at by
the next one (`recover`): a webhook is sent again, because its receiver sees the same `webhook-id`,
and so is a copy, because the second changes nothing (at least once). A mail or a text to a service
is not sent again by itself (at most once): it is `uncertain`, the owner hears of it, and
`analytics outbox retry` sends it.
"""

import datetime as dt
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from filelock import FileLock, Timeout

from analytics_lib.core.errors import AccessError, AnalyticsError
from analytics_lib.reporting.delivery.drop import drop_copy
from analytics_lib.reporting.delivery.mail import mail_of, mail_server, send_mail
from analytics_lib.reporting.delivery.message import Message, notice_message, report_message
from analytics_lib.reporting.delivery.outbox import (
    Item,
    State,
    begin,
    cancel,
    due_items,
    finish,
    items,
    set_again,
)
from analytics_lib.reporting.delivery.outcomes import (
    PermanentError,
    TransientError,
    UncertainError,
)
from analytics_lib.reporting.delivery.owed import (
    collect,
    drop_folder,
    is_held_back,
    owner_of,
    page_of,
    target_of,
)
from analytics_lib.reporting.delivery.service import send_to_service
from analytics_lib.reporting.delivery.spec import Target
from analytics_lib.reporting.delivery.webhook import send_webhook
from analytics_lib.reporting.evidence.audit_log import entries, record
from analytics_lib.reporting.project import Project

_SAFE_TO_REPEAT = ("webhook", "drop")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What became of one message.

    Attributes:
        item: The message.
        state: Where it stands now.
        error: Why it was not delivered; empty where it was.
    """

    item: Item
    state: State
    error: str = ""


def deliver(project: Project, *, now: dt.datetime) -> list[Sent]:
    """Put what is owed into the outbox and send what is due.

    Args:
        project: The project.
        now: The clock.

    Returns:
        What became of each message that was due; one that failed does not stop the others.

    Raises:
        AccessError: Another process delivers right now.
        RunError: The outbox or the audit log cannot be written.
    """
    with _exclusive(project):
        recover(project, now=now)
        collect(project, now=now)
        due = [item for item in due_items(project, now=now) if not is_held_back(project, item)]
        return [_send(project, item, now=now) for item in due]


def recover(project: Project, *, now: dt.datetime) -> None:
    """Decide about what a killed process left as `sending`."""
    left = [item for item in items(project) if item.state == "sending"]
    if not left:
        return
    known = {entry["key"] for entry in entries(project) if entry.get("event") == "delivered"}
    for item in left:
        found = target_of(project, item)
        if item.key in known:
            state: State = "delivered"
        elif found is None or found[0].kind in _SAFE_TO_REPEAT:
            state = "waiting"
        else:
            state = "uncertain"
            _record(project, "delivery failed", item, state=state, error="the process was killed")
        set_again(project, item, state=state, now=now)


def message_for(project: Project, item: Item, target: Target) -> Message:
    """What a message says.

    Raises:
        PermanentError: The page is gone or not what was published.
    """
    if item.kind == "notice":
        owner = owner_of(project, item.run)
        return notice_message(item, owner=owner.name if owner else "Owner")
    version = page_of(project, item)
    if version is None:
        raise PermanentError(f"the page {item.about} is not there any more")
    return report_message(version, item, mail=target.mail)


@contextmanager
def _exclusive(project: Project) -> Iterator[None]:
    project.outbox.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(f"{project.outbox}.lock", timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise AccessError(
            "Another process delivers right now; try again when it has ended."
        ) from None
    try:
        yield
    finally:
        lock.release()


def _send(project: Project, item: Item, *, now: dt.datetime) -> Sent:
    found = target_of(project, item)
    if found is None:
        words = "its target is no longer in the parameters file"
        cancel(project, item, error=words, now=now)
        return Sent(item=item, state="cancelled", error=words)
    target, address = found
    with _told(TransientError, "the message could not be made") as problems:
        message = message_for(project, item, target)
    if problems:
        return _not_delivered(project, item, problems[0], now=now)
    begin(project, item, now=now)
    with _told(UncertainError, "sending broke off") as problems:
        _hand_over(project, item, target, message, address=address, now=now)
    if problems:
        return _not_delivered(project, item, problems[0], now=now)
    _record(project, "delivered", item)
    finish(project, item, state="delivered", now=now)
    return Sent(item=item, state="delivered")


@contextmanager
def _told(unforeseen: type[AnalyticsError], words: str) -> Iterator[list[AnalyticsError]]:
    """Collect the error of a step, whatever it is: the other messages must not wait for it."""
    problems: list[AnalyticsError] = []
    try:
        yield problems
    except AnalyticsError as error:
        problems.append(error)
    except Exception as error:  # noqa: BLE001 - see above
        problems.append(unforeseen(f"{words} ({type(error).__name__})"))


def _hand_over(
    project: Project,
    item: Item,
    target: Target,
    message: Message,
    *,
    address: str,
    now: dt.datetime,
) -> None:
    if target.mail is not None:
        server = mail_server()
        mail = mail_of(message, sender=server.sender, recipient=address, key=item.key, now=now)
        send_mail(server, mail)
    elif target.webhook is not None:
        stamp = int(time.time())  # receivers refuse an old one, and a long queue takes its time
        send_webhook(target.webhook, message.content, message_id=item.key, timestamp=stamp)
    elif target.service is not None:
        send_to_service(target.service, title=message.subject, text=message.text)
    elif target.drop is not None:
        version = page_of(project, item)
        assert version is not None, "message_for has looked"  # noqa: S101 - for the type checker
        drop_copy(version, drop_folder(project, target.drop.folder), run=item.run)


def _not_delivered(
    project: Project, item: Item, error: AnalyticsError, *, now: dt.datetime
) -> Sent:
    """An unknown outcome and a refusal for good end it; everything else is tried again."""
    words = str(error)
    if isinstance(error, UncertainError):
        state: State = "uncertain"
    elif isinstance(error, PermanentError):
        state = "given up"
    else:
        state = "waiting"
    state = finish(project, item, state=state, error=words, now=now)
    _record(project, "delivery failed", item, state=state, error=words)
    return Sent(item=item, state=state, error=words)


def _record(project: Project, event: str, item: Item, **facts: str) -> None:
    """Who got what, without an address."""
    record(
        project,
        event,
        name=item.run,
        key=item.key,
        kind=item.kind,
        about=item.about,
        target=item.target,
        recipient=item.recipient,
        **facts,
    )


def undelivered(sent: Sequence[Sent]) -> list[Sent]:
    """Those that were due and not delivered."""
    return [one for one in sent if one.state not in ("delivered", "cancelled", "superseded")]
