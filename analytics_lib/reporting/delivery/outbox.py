"""The outbox: what is to be sent, what was, and how often it was tried; durable, one row a message.

A row is marked `sending`, on the disk, before anything leaves the house. Whatever a killed process
left in that state may have arrived or not (see `sending.recover`).
"""

import datetime as dt
import hashlib
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, Literal

from analytics_lib.core.checks import suggest
from analytics_lib.core.errors import ParameterError
from analytics_lib.reporting.evidence.audit_log import entries
from analytics_lib.reporting.project import Project
from analytics_lib.reporting.sqlite_files import transaction

Kind = Literal["report", "notice"]
State = Literal[
    "waiting", "sending", "delivered", "given up", "uncertain", "superseded", "cancelled"
]
FIRST_DELAY = dt.timedelta(minutes=1)
ATTEMPTS = 10
TO_BE_LOOKED_AT: tuple[State, ...] = ("given up", "uncertain")
_AGAIN = ("given up", "uncertain", "cancelled")
_SCHEMA = """CREATE TABLE IF NOT EXISTS outbox (
    key TEXT PRIMARY KEY, kind TEXT NOT NULL, run TEXT NOT NULL, about TEXT NOT NULL,
    target TEXT NOT NULL, recipient TEXT NOT NULL, words TEXT NOT NULL, state TEXT NOT NULL,
    attempts INTEGER NOT NULL, due_at TEXT NOT NULL, changed_at TEXT NOT NULL,
    error TEXT NOT NULL)"""
_ADD = (
    "INSERT OR IGNORE INTO outbox VALUES "
    "(:key, :kind, :run, :about, :target, :recipient, :words, :state, 0, :now, :now, '')"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One message to one recipient; times are UTC.

    Attributes:
        key: Idempotency key: the same for the same thing, the same target and recipient.
        kind: A published page, or a notice to the owner.
        run: `report/run`.
        about: The version folder, or the alert and how often it had been told.
        target: Name of the target in the parameters file.
        recipient: Digest of the address; empty where the target has one recipient only.
        words: Text of a notice.
        state: Where it stands.
        attempts: How often it was tried.
        due_at: When it is tried next.
        changed_at: When its state changed last.
        error: Why it was not delivered.
    """

    key: str
    kind: Kind
    run: str
    about: str
    target: str
    recipient: str
    words: str = ""
    state: State = "waiting"
    attempts: int = 0
    due_at: str = ""
    changed_at: str = ""
    error: str = ""

    def to_dict(self) -> dict[str, Any]:
        """The fields as plain values."""
        return asdict(self)


def new_item(
    kind: Kind, *, run: str, about: str, target: str, address: str, words: str = ""
) -> Item:
    """A message that is to be sent, with its idempotency key.

    Args:
        kind: A page or a notice.
        run: `report/run`.
        about: What it is about (see `Item`).
        target: Name of the target.
        address: Address of the recipient; kept as a digest only.
        words: Text of a notice.
    """
    recipient = address_digest(address)
    essence = f"{kind}\n{run}\n{about}\n{target}\n{recipient}"
    return Item(
        key=hashlib.sha256(essence.encode()).hexdigest()[:32],
        kind=kind,
        run=run,
        about=about,
        target=target,
        recipient=recipient,
        words=words,
    )


def address_digest(address: str) -> str:
    """What stands for an address in the outbox; nothing where there is none."""
    return hashlib.sha256(address.encode()).hexdigest()[:12] if address else ""


def add_items(project: Project, items: Iterable[Item], *, now: dt.datetime) -> None:
    """Put messages into the outbox; one that is there stays as it is.

    Only what was cancelled, because its target was gone, waits again when the target is back.
    A page that waits is superseded by a newer one of its run to the same recipient.
    """
    rows = [item.to_dict() | {"now": time_text(now)} for item in items]
    _require_seeded(project, now=now)
    with transaction(project.outbox, _SCHEMA) as database:
        database.executemany(_ADD, rows)
        database.executemany(
            "UPDATE outbox SET state = 'waiting', attempts = 0, due_at = :now, changed_at = :now "
            "WHERE key = :key AND state = 'cancelled'",
            rows,
        )
        database.executemany(
            "UPDATE outbox SET state = 'superseded', changed_at = :now WHERE kind = 'report' "
            "AND :kind = 'report' AND run = :run AND target = :target AND recipient = :recipient "
            "AND about <> :about AND state = 'waiting'",
            rows,
        )


def items(project: Project) -> list[Item]:
    """Everything in the outbox, by run and what it is about."""
    if not project.outbox.is_file():
        return []
    with transaction(project.outbox, _SCHEMA) as database:
        rows = database.execute("SELECT * FROM outbox ORDER BY run, about, target, key").fetchall()
    return [Item(**dict(row)) for row in rows]


def due_items(project: Project, *, now: dt.datetime) -> list[Item]:
    """What waits and whose time has come."""
    text = time_text(now)
    return [item for item in items(project) if item.state == "waiting" and item.due_at <= text]


def begin(project: Project, item: Item, *, now: dt.datetime) -> None:
    """Mark a message as being sent, before it is."""
    _set(project, item, state="sending", attempts=item.attempts + 1, now=now)


def finish(
    project: Project, item: Item, *, state: State, error: str = "", now: dt.datetime
) -> State:
    """Write down how sending ended; what waits again is due after a delay that doubles.

    The delays are 1, 2, 4 … minutes; after ten attempts, some eight and a half hours, it is given
    up.

    Returns:
        The state it has now.
    """
    attempts = item.attempts + 1
    if state == "waiting" and attempts >= ATTEMPTS:
        state = "given up"
    due = now + FIRST_DELAY * 2 ** (attempts - 1)
    _set(project, item, state=state, attempts=attempts, error=error, due=due, now=now)
    return state


def cancel(project: Project, item: Item, *, error: str, now: dt.datetime) -> None:
    """Leave a message unsent: its target is gone from the parameters file."""
    _set(project, item, state="cancelled", attempts=item.attempts, error=error, now=now)


def set_again(project: Project, item: Item, *, state: State, now: dt.datetime) -> None:
    """Put a message into a state with its attempts as they are."""
    _set(project, item, state=state, attempts=item.attempts, error=item.error, now=now)


def try_again(project: Project, key: str, *, now: dt.datetime) -> Item:
    """Let a message that was given up, cancelled or may have arrived be sent once more.

    Raises:
        ParameterError: There is no such message, or it is in another state.
    """
    found = {item.key: item for item in items(project)}
    possible = [item.key for item in found.values() if item.state in _AGAIN]
    if key not in possible:
        raise ParameterError(
            f"{key!r} is no message that could be sent again; those are {possible}."
            + suggest(key, possible)
        )
    _set(project, found[key], state="waiting", attempts=0, now=now)
    return found[key]


def _set(
    project: Project,
    item: Item,
    *,
    state: State,
    attempts: int,
    now: dt.datetime,
    error: str = "",
    due: dt.datetime | None = None,
) -> None:
    with transaction(project.outbox, _SCHEMA) as database:
        database.execute(
            "UPDATE outbox SET state = ?, attempts = ?, error = ?, due_at = ?, changed_at = ? "
            "WHERE key = ?",
            (state, attempts, error, time_text(due or now), time_text(now), item.key),
        )


def _require_seeded(project: Project, *, now: dt.datetime) -> None:
    """A new outbox knows what the audit log says was delivered: a lost file sends nothing twice."""
    if project.outbox.is_file():
        return
    fields = ("key", "kind", "about", "target", "recipient")
    sent = [entry for entry in entries(project) if entry.get("event") == "delivered"]
    rows = [
        {field: entry[field] for field in fields}
        | {"run": entry["name"], "words": "", "state": "delivered", "now": time_text(now)}
        for entry in sent
    ]
    with transaction(project.outbox, _SCHEMA) as database:
        database.executemany(_ADD, rows)


def time_text(time: dt.datetime) -> str:
    """A time as the outbox keeps it: UTC, whole seconds, sortable as text."""
    return time.astimezone(dt.UTC).isoformat(timespec="seconds")
