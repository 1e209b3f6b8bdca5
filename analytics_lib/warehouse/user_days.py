"""`user_days` in the lake: what new versions of the events add, and nothing read twice."""

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl

from analytics_lib.events.log import EventLog
from analytics_lib.events.preparation import prepare_events
from analytics_lib.events.robots import RobotRule
from analytics_lib.events.user_days import user_days
from analytics_lib.warehouse.commit_log import content_identity, last_ingest, newest_version
from analytics_lib.warehouse.delta_tables import append, data_files, replace
from analytics_lib.warehouse.lake import EVENTS, USER_DAYS
from analytics_lib.warehouse.staging import note_writing

_FORMAT = 1
_ROBOTS = RobotRule()
_COUNTS = ("events_in", "robots", "events_kept")


@dataclass(frozen=True, slots=True, kw_only=True)
class UserDaysUpdate:
    """What an update of `user_days` did.

    Attributes:
        version: Version of `user_days` after it.
        events_version: Version of `events` it covers.
        files_read: Data files of `events` that were read; 0 where nothing was new.
        rows_added: Rows stored.
        rebuilt: Whether all was computed again: the first time, and after rows of `events` were
            deleted or rewritten.
        account: Events in, of robots, and kept, all updates together.
    """

    version: int
    events_version: int
    files_read: int
    rows_added: int
    rebuilt: bool
    account: dict[str, int]


def update_user_days(lake: Path, *, staging: Path, zone: str) -> UserDaysUpdate:
    """Bring `user_days` up to the newest version of `events`, in one atomic commit.

    Only the data files that came since are read: a file is what an ingest
    added, and user-days add up, so events of a day long past find their place
    by themselves. Where a file is gone (people were erased, or the table was
    rewritten) all is computed again.

    Args:
        lake: Folder of the lake, held for writing.
        staging: The writer's staging folder.
        zone: Report zone of the lake.
    """
    table, events = lake / USER_DAYS, lake / EVENTS
    newest = newest_version(events) or 0
    state = (last_ingest(table) if newest_version(table) is not None else None) or {}
    rules = {"robots": list(_ROBOTS.device_types), "zone": zone, "format": _FORMAT}
    covered = state.get("events_version")
    there = data_files(events, version=newest)
    before = [] if covered is None else data_files(events, version=covered)
    rebuilt = covered is None or state.get("rules") != rules or not set(before) <= set(there)
    fresh = there if rebuilt else [file for file in there if file not in set(before)]
    if not rebuilt and not fresh:
        return UserDaysUpdate(
            version=newest_version(table) or 0,
            events_version=newest,
            files_read=0,
            rows_added=0,
            rebuilt=False,
            account=state["account"],
        )
    rows, counts = _added(fresh, version=newest, zone=zone)
    said = {} if rebuilt else state["account"]
    account = {name: counts[name] + said.get(name, 0) for name in _COUNTS}
    note_writing(staging, table=USER_DAYS)
    write = replace if rebuilt else append
    write(
        table,
        rows,
        description="What one version of the events added for a user on a day; rows add up.",
        ingest={
            "identity": _identity(events, version=newest, rules=rules),
            "files": [],
            "events_version": newest,
            "rules": rules,
            "account": account,
        },
    )
    return UserDaysUpdate(
        version=newest_version(table) or 0,
        events_version=newest,
        files_read=len(fresh),
        rows_added=rows.height,
        rebuilt=rebuilt,
        account=account,
    )


def _added(files: list[str], *, version: int, zone: str) -> tuple[pl.DataFrame, dict[str, int]]:
    """User-days of data files, robots left out, and the account of it."""
    schema = {"user_id": pl.String, "day": pl.Int32, "quantity": pl.Int64, "device_type": pl.String}
    native = (
        pl.scan_parquet(files, glob=False).select(list(schema))
        if files
        else pl.DataFrame(schema=schema).lazy()
    )
    log = EventLog(frame=nw.from_native(native), zone=zone, resolution="day")
    # The door has dropped duplicates by the same rule already.
    prepared = prepare_events(log, robots=_ROBOTS, unique_ids=True)
    grouped: pl.DataFrame = user_days(prepared).frame.collect(backend="polars").to_native()
    rows = grouped.sort("user_id", "day").with_columns(
        pl.col("day").cast(pl.Int32), events_version=pl.lit(version, pl.Int64)
    )
    account: dict[str, Any] = prepared.preparation.to_dict() if prepared.preparation else {}
    return rows, {name: int(account[name]) for name in _COUNTS}


def _identity(events: Path, *, version: int, rules: dict[str, Any]) -> str:
    words = [content_identity(events, version=version), *(f"{k}={v}" for k, v in rules.items())]
    return sha256("\n".join(words).encode()).hexdigest()
