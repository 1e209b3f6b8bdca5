"""Reading the lake: tables as they were at named versions, and what is known of their sources."""

import datetime as dt
import os
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl

from analytics_lib.core.checks import suggest
from analytics_lib.core.errors import AccessError, ParameterError
from analytics_lib.core.periods import day_date, day_number
from analytics_lib.events.identities import resolve_identities
from analytics_lib.events.log import EventLog, Resolution
from analytics_lib.events.preparation import LatePolicy, prepare_events
from analytics_lib.events.robots import RobotRule
from analytics_lib.warehouse.commit_log import (
    commits,
    content_identity,
    last_ingest,
    newest_version,
    table_names,
)
from analytics_lib.warehouse.delta_tables import scan
from analytics_lib.warehouse.locations import is_project
from analytics_lib.warehouse.source_cards import SourceInfo, merged

LAKE_VARIABLE = "ANALYTICS_LAKE"
EVENTS = "events"
IDENTITIES = "identities"
USER_DAYS = "user_days"


class Lake:
    """The tables of a lake, each at one version, read when asked for.

    Made by `open_lake`. The versions are settled when it is opened: whatever is
    ingested later, the same object gives the same rows.
    """

    __slots__ = ("_folder", "_versions")

    def __init__(self, folder: Path, *, versions: Mapping[str, int]) -> None:
        self._folder = folder
        self._versions = dict(versions)

    def __repr__(self) -> str:
        listed = ", ".join(f"{name}@{version}" for name, version in self._versions.items())
        return f"Lake({listed})"

    def tables(self) -> list[str]:
        """Names of the tables, sorted."""
        return sorted(self._versions)

    def version(self, name: str) -> int:
        """The version of a table that is read.

        Raises:
            ParameterError: There is no such table.
        """
        return self._versions[self._known(name)]

    def versions(self) -> dict[str, int]:
        """The version of every table that is read."""
        return dict(self._versions)

    def identity(self, name: str) -> str:
        """A digest that names the content of a table at its version.

        A lake made again from the same sources with the same key has the same
        identities, whatever its version numbers and file names.
        """
        return content_identity(self._path(name), version=self.version(name))

    def table(self, name: str) -> pl.LazyFrame:
        """A table, lazily.

        Raises:
            ParameterError: There is no such table.
        """
        return scan(self._path(name), version=self.version(name))

    def events(self) -> EventLog:
        """The event log, with its report zone and what it knows of the time of day.

        Raises:
            ParameterError: There are no events.
        """
        return EventLog(
            frame=nw.from_native(self.table(EVENTS)), zone=self.zone, resolution=self._resolution()
        )

    def prepared_events(
        self,
        *,
        as_of: dt.date | None = None,
        robots: RobotRule | None = RobotRule(),  # noqa: B008 - frozen
        late_after_days: int | None = None,
        late: LatePolicy = "keep",
    ) -> EventLog:
        """The event log as every metric should see it, with the account of it (`preparation`).

        Args:
            as_of: Last complete day: later events are left out, and links between ids that
                were made later do not hold, so that a report of the past comes out again. All
                there are where None. Nobody is merged where the lake has no `identities`.
            robots: What counts as a robot; None keeps them all.
            late_after_days: Received more than so many times 24 hours after it happened is late.
            late: Whether late events are kept (and counted) or left out.

        Raises:
            ParameterError: There are no events, or a rule is wrong.
        """
        links = None
        if IDENTITIES in self._versions:
            links = resolve_identities(self.table(IDENTITIES), as_of=as_of)
        log = self.events()
        if as_of is not None:
            log = replace(log, frame=log.frame.filter(nw.col("day") <= day_number(as_of)))
        return prepare_events(
            log,
            identities=links,
            robots=robots,
            late_after_days=late_after_days,
            late=late,
            unique_ids=True,  # the door saw to it
        )

    def user_days(self) -> EventLog:
        """The stored user-days: a log of days, small enough to ask again and again.

        Raises:
            ParameterError: `analytics metrics store` has not made them yet.
        """
        return EventLog(
            frame=nw.from_native(self.table(USER_DAYS)), zone=self.zone, resolution="day"
        )

    @property
    def zone(self) -> str:
        """The report zone: every `day` of the lake is a calendar day there."""
        return next(str(state["zone"]) for state in self._states().values())

    @property
    def last_complete_day(self) -> dt.date:
        """Last day for which every source is complete.

        A source declares it, or it is the day before its newest event. Where
        sources differ, the earliest counts: after it some data are missing.

        Raises:
            AccessError: No source has events or declares a day.
        """
        days = [s.last_complete_day for s in self.sources() if s.last_complete_day is not None]
        if not days:
            raise AccessError(
                "No source of the lake has events or declares `complete_through`, so no day is "
                "known to be complete; ingest events first."
            )
        return min(days)

    def first_day(self, names: Iterable[str]) -> dt.date | None:
        """The first day of which some tables hold a row; None where none of them has days.

        Raises:
            ParameterError: There is no such table.
        """
        days = [
            frame.select(pl.col("day").min()).collect().item()
            for frame in map(self.table, names)
            if "day" in frame.collect_schema()
        ]
        return min((day_date(day) for day in days if day is not None), default=None)

    def sources(self) -> list[SourceInfo]:
        """Where the data come from, by source id."""
        return merged(self._states())

    def history(self, name: str) -> list[dict[str, Any]]:
        """The versions of a table up to the one that is read, newest first.

        Returns:
            For each `version`, `timestamp` (ISO, UTC), `operation`, and `report`: the account of
            the ingest that made it; None for a version of another kind.
        """
        return [
            {
                "version": commit.version,
                "timestamp": dt.datetime.fromtimestamp(
                    commit.timestamp_ms / 1000, tz=dt.UTC
                ).isoformat(),
                "operation": commit.operation,
                "report": (commit.ingest or {}).get("report"),
            }
            for commit in commits(self._path(name), version=self.version(name))
        ]

    def key(self) -> bytes:
        """The pseudonym key of this lake.

        Raises:
            AccessError: The key at hand is missing or is not that of this lake.
        """
        from analytics_lib.warehouse.keys import load_key  # noqa: PLC0415 - start-up time

        state = next(iter(self._states().values()), {})
        return load_key(lake=self._folder, fingerprint=state.get("key_fingerprint"))

    def _states(self) -> dict[str, dict[str, Any]]:
        found = {
            name: last_ingest(self._path(name), version=version)
            for name, version in self._versions.items()
        }
        return {name: state for name, state in found.items() if state and "sources" in state}

    def _resolution(self) -> Resolution:
        state = last_ingest(self._path(EVENTS), version=self.version(EVENTS))
        return "microsecond" if state and state["resolution"] == "microsecond" else "day"

    def _path(self, name: str) -> Path:
        return self._folder / self._known(name)

    def _known(self, name: str) -> str:
        if name not in self._versions:
            raise ParameterError(
                f"The lake has no table `{name}`; tables are {self.tables()}."
                + suggest(name, self._versions)
            )
        return name


def open_lake(path: Path | str | None = None, *, versions: Mapping[str, int] | None = None) -> Lake:
    """Open the lake for reading.

    Args:
        path: Its folder. Where None: the variable `ANALYTICS_LAKE`, else
            `outputs/warehouse` of the project at or above the current folder.
        versions: Version by table, for a report that must be reproduced; the
            newest for every other table.

    Raises:
        AccessError: There is no lake, or nothing was ingested.
        ParameterError: A version is given for a table that does not exist, or
            does not exist itself.
    """
    folder = Path(path) if path is not None else _default_folder()
    newest = {name: newest_version(folder / name) or 0 for name in table_names(folder)}
    if not newest:
        raise AccessError(
            f"There is no lake at `{folder.name}`, or nothing was ingested into it; "
            "run `analytics ingest` first."
        )
    for name, version in (versions or {}).items():
        if name not in newest:
            raise ParameterError(
                f"`versions` names `{name}`, but the lake has the tables {sorted(newest)}."
                + suggest(name, newest)
            )
        if not 0 <= version <= newest[name]:
            raise ParameterError(
                f"`{name}` has no version {version}; versions are 0 to {newest[name]}."
            )
    return Lake(folder, versions={**newest, **(versions or {})})


def _default_folder() -> Path:
    given = os.environ.get(LAKE_VARIABLE)
    if given:
        return Path(given)
    here = Path.cwd()
    for folder in (here, *here.parents):
        if is_project(folder):
            return folder / "outputs" / "warehouse"
    raise AccessError(
        f"No lake is named: set `{LAKE_VARIABLE}` or go to a project folder (one with "
        "'pyproject.toml' or 'parameters')."
    )
