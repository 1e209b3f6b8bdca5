"""The account of a preparation: every event that came in is kept or says why not."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from analytics_lib.core.errors import RunError


@dataclass(frozen=True, slots=True, kw_only=True)
class Preparation:
    """What was done to a log before any metric saw it.

    Counts are rows of the log. A row has one fate: it is a duplicate, else a
    robot's, else late, else kept.

    Attributes:
        events_in: Rows that came in.
        duplicates: Rows whose `event_id` had been received before; left out.
        conflicting_duplicates: Those of them under an id whose rows do not all
            say the same: no retry but a defect or a robot.
        robots: Rows of robots; left out.
        late: Rows received later than the declared limit, duplicates and robots aside.
        late_excluded: The late rows that were left out; 0 where they are kept.
        ahead: Kept rows received before they happened: a clock runs ahead.
        events_kept: Rows that metrics see.
        without_user: Kept rows of nobody; no metric of users counts them.
        ids_before: Different ids among the kept rows.
        ids_merged: Those of them that turned out to be a user.
        users: Different users after that.
        links_refused: Links of the identity table that do not hold, by reason.
        identity_version: Names the links that hold; None without an identity table.
        zone: Report zone of the days.
        resolution: `day` where the log knows no time of day.
        repeated_hour: Kept rows of an hour that the clocks of the zone showed twice.
        unchecked: What could not be looked for, and why.
        rules: The declared rules, as plain values.
    """

    events_in: int
    duplicates: int = 0
    conflicting_duplicates: int = 0
    robots: int = 0
    late: int = 0
    late_excluded: int = 0
    ahead: int = 0
    events_kept: int
    without_user: int = 0
    ids_before: int = 0
    ids_merged: int = 0
    users: int = 0
    links_refused: Mapping[str, int] = field(default_factory=dict)
    identity_version: str | None = None
    zone: str
    resolution: str
    repeated_hour: int = 0
    unchecked: tuple[str, ...] = ()
    rules: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse an account that does not balance: a row was lost or counted twice."""
        out = self.events_kept + self.duplicates + self.robots + self.late_excluded
        if self.events_in != out:
            raise RunError(
                f"The account of the preparation does not balance: {self.events_in} events in, "
                f"but {self.events_kept} kept + {self.duplicates} duplicates + {self.robots} of "
                f"robots + {self.late_excluded} late = {out}. This is a defect of the library."
            )

    def to_dict(self) -> dict[str, Any]:
        """The fields as plain values, for JSON."""
        return {**asdict(self), "unchecked": list(self.unchecked)}

    def lines(self) -> list[str]:
        """The account in words, a line a fact."""
        fates = [
            f"{self.events_kept:,} kept",
            f"{self.duplicates:,} duplicates",
            f"{self.robots:,} of robots",
            f"{self.late_excluded:,} late ones left out",
        ]
        found = [f"{self.events_in:,} events in: {', '.join(fates)}."]
        if self.conflicting_duplicates:
            found.append(
                f"{self.conflicting_duplicates:,} duplicates are of ids whose rows contradict."
            )
        if self.late > self.late_excluded:
            found.append(f"{self.late:,} kept events came late.")
        if self.ahead:
            found.append(f"{self.ahead:,} kept events were received before they happened.")
        found.append(
            f"{self.ids_before:,} ids, {self.ids_merged:,} of them merged into a user: "
            f"{self.users:,} users."
        )
        found += [f"{n:,} links refused: {why}." for why, n in self.links_refused.items()]
        if self.without_user:
            found.append(f"{self.without_user:,} kept events are of nobody.")
        found.append(f"Days are counted in {self.zone}.")
        if self.repeated_hour:
            found.append(
                f"{self.repeated_hour:,} kept events fall in an hour that clocks showed twice; "
                "their instants tell them apart."
            )
        return [*found, *(f"Not looked for: {what}." for what in self.unchecked)]

    def summary(self, *, minimum: int = 10) -> str:
        """The account in sentences that may be published.

        Args:
            minimum: Smaller counts are not told, because few events may be those of one person.
        """

        def told(count: int) -> str:
            return f"fewer than {minimum:,}" if 0 < count < minimum else f"{count:,}"

        lost = [
            f"{told(count)} {words}"
            for count, words in (
                (self.duplicates, "received twice"),
                (self.robots, "of robots"),
                (self.late_excluded, "that came too late"),
            )
            if count
        ]
        found = [f"Of {told(self.events_in)} events {told(self.events_kept)} are counted."]
        found.append(f"Left out are {', '.join(lost)}." if lost else "None is left out.")
        if self.identity_version is not None:
            found.append(f"Ids that turned out to be known users: {told(self.ids_merged)}.")
        if self.without_user:
            found.append(f"Counted events of nobody: {told(self.without_user)}.")
        if self.repeated_hour:
            found.append(
                "Events in an hour that clocks showed twice, told apart by their instants: "
                f"{told(self.repeated_hour)}."
            )
        found.append(f"Days are those of {self.zone}.")
        found += [f"Not looked for: {what.replace('`', '')}." for what in self.unchecked]
        return " ".join(found)
