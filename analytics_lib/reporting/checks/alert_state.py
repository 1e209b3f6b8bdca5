"""What is known of each alert: since when, who took note of it, until when it rests."""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from analytics_lib.core.checks import suggest
from analytics_lib.core.errors import ParameterError
from analytics_lib.reporting.evidence.audit_log import record
from analytics_lib.reporting.project import Project
from analytics_lib.reporting.sqlite_files import transaction

_SCHEMA = """CREATE TABLE IF NOT EXISTS alerts (
    name TEXT PRIMARY KEY, active INTEGER NOT NULL, since TEXT, words TEXT NOT NULL,
    cool_down_hours REAL NOT NULL, told_at TEXT, times_told INTEGER NOT NULL,
    acknowledged_at TEXT, acknowledged_by TEXT, acknowledged_because TEXT, paused_until TEXT)"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """Something that is wrong now.

    Attributes:
        run: The run, `report/run`.
        check: Name of the check, or of a built-in alert: `run`, `late`, `question`, `delivery`.
        words: What is wrong, without a value of the data.
        cool_down_hours: After it was told, how long it is not told again.
    """

    run: str
    check: str
    words: str
    cool_down_hours: float = 24

    @property
    def name(self) -> str:
        """Name of the alert, `report/run:check`."""
        return f"{self.run}:{self.check}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """What is known of one alert; times are UTC.

    Attributes:
        name: `report/run:check`.
        active: Whether it is wrong now.
        since: When it went wrong.
        words: What is wrong.
        cool_down_hours: How long it rests after it was told.
        told_at: When the owner was told last.
        times_told: How often, over all the time.
        acknowledged_at: When somebody took note of it; until it is in order nobody is told again.
        acknowledged_by: Who.
        acknowledged_because: What they said.
        paused_until: Before this time nobody is told.
    """

    name: str
    active: bool
    since: dt.datetime | None
    words: str
    cool_down_hours: float
    told_at: dt.datetime | None
    times_told: int
    acknowledged_at: dt.datetime | None
    acknowledged_by: str | None
    acknowledged_because: str | None
    paused_until: dt.datetime | None

    @property
    def run(self) -> str:
        """The run it belongs to."""
        return self.name.rpartition(":")[0]

    def is_quiet(self, now: dt.datetime) -> bool:
        """Whether it is in order, acknowledged or paused."""
        paused = self.paused_until is not None and now < self.paused_until
        return not self.active or self.acknowledged_at is not None or paused

    def is_due(self, now: dt.datetime) -> bool:
        """Whether the owner is to be told now: it is not quiet and its cool-down has passed."""
        if self.is_quiet(now):
            return False
        rest = dt.timedelta(hours=self.cool_down_hours)
        return self.told_at is None or now - self.told_at >= rest

    def to_dict(self) -> dict[str, Any]:
        """The fields as plain values."""
        return {
            key: value.isoformat() if isinstance(value, dt.datetime) else value
            for key, value in asdict(self).items()
        }


def alerts(project: Project) -> list[Alert]:
    """Every alert that ever was, or was paused, by name."""
    if not project.alerts.is_file():
        return []
    with transaction(project.alerts, _SCHEMA) as database:
        rows = database.execute("SELECT * FROM alerts ORDER BY name").fetchall()
    return [_alert(dict(row)) for row in rows]


def update_alerts(
    project: Project, conditions: Sequence[Condition], *, now: dt.datetime
) -> list[Alert]:
    """Bring the alerts up to what is wrong now.

    What is in order again loses its acknowledgement; when it was last told stays, so that what
    comes and goes is not told each time.

    Returns:
        The alerts that are to be told now.
    """
    with transaction(project.alerts, _SCHEMA) as database:
        database.executemany(
            "INSERT INTO alerts (name, active, since, words, cool_down_hours, times_told) "
            "VALUES (?, 1, ?, ?, ?, 0) ON CONFLICT (name) DO UPDATE SET active = 1, "
            "since = CASE WHEN active THEN since ELSE excluded.since END, "
            "words = excluded.words, cool_down_hours = excluded.cool_down_hours",
            [(item.name, _text(now), item.words, item.cool_down_hours) for item in conditions],
        )
        wrong = {item.name for item in conditions}
        known = database.execute("SELECT name FROM alerts WHERE active").fetchall()
        database.executemany(
            "UPDATE alerts SET active = 0, since = NULL, acknowledged_at = NULL, "
            "acknowledged_by = NULL, acknowledged_because = NULL WHERE name = ?",
            [(row["name"],) for row in known if row["name"] not in wrong],
        )
    return [alert for alert in alerts(project) if alert.is_due(now)]


def mark_told(project: Project, alert: Alert, *, now: dt.datetime) -> None:
    """Remember that the owner was told."""
    record(project, "alert", name=alert.run, alert=alert.name, words=alert.words)
    with transaction(project.alerts, _SCHEMA) as database:
        database.execute(
            "UPDATE alerts SET told_at = ?, times_told = times_told + 1 WHERE name = ?",
            (_text(now), alert.name),
        )


def acknowledge(project: Project, name: str, *, by: str, reason: str, now: dt.datetime) -> None:
    """Take note of an alert: until it is in order again, nobody is told of it.

    Raises:
        ParameterError: There is no such active alert, or who and why is not said.
    """
    _require_words(by=by, reason=reason)
    active = [alert.name for alert in alerts(project) if alert.active]
    if name not in active:
        raise ParameterError(
            f"`{name}` is no active alert; active are {active}." + suggest(name, active)
        )
    record(project, "acknowledged", name=name.rpartition(":")[0], alert=name, by=by, reason=reason)
    with transaction(project.alerts, _SCHEMA) as database:
        database.execute(
            "UPDATE alerts SET acknowledged_at = ?, acknowledged_by = ?, "
            "acknowledged_because = ? WHERE name = ? AND active",
            (_text(now), by, reason, name),
        )


def pause(
    project: Project,
    name: str,
    *,
    until: dt.datetime,
    by: str,
    known: Collection[str],
    now: dt.datetime,
) -> None:
    """Tell nobody of an alert before a time, whether it is active or not.

    Args:
        project: The project.
        name: The alert, `report/run:check`.
        until: From then on it is told again.
        by: Who says so.
        known: Every alert there can be.
        now: The clock.

    Raises:
        ParameterError: There is no such alert, or the time has passed.
    """
    _require_words(by=by)
    if name not in known:
        raise ParameterError(
            f"`{name}` is no alert; alerts are {sorted(known)}." + suggest(name, known)
        )
    if until <= now:
        raise ParameterError(f"`until` is {until:%Y-%m-%d %H:%M} UTC; it must lie in the future.")
    record(project, "paused", name=name.rpartition(":")[0], alert=name, until=_text(until), by=by)
    with transaction(project.alerts, _SCHEMA) as database:
        database.execute(
            "INSERT INTO alerts (name, active, words, cool_down_hours, times_told, paused_until) "
            "VALUES (?, 0, '', 24, 0, ?) "
            "ON CONFLICT (name) DO UPDATE SET paused_until = excluded.paused_until",
            (name, _text(until)),
        )


def _require_words(**given: str) -> None:
    empty = [name for name, text in given.items() if not text.strip()]
    if empty:
        raise ParameterError(f"`{empty[0]}` is empty; say it in words.")


def _alert(row: dict[str, Any]) -> Alert:
    times = ("since", "told_at", "acknowledged_at", "paused_until")
    read = {key: dt.datetime.fromisoformat(row[key]) if row[key] else None for key in times}
    return Alert(**{**row, **read, "active": bool(row["active"])})


def _text(time: dt.datetime) -> str:
    return time.astimezone(dt.UTC).isoformat(timespec="seconds")
