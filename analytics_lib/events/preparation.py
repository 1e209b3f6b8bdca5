"""The log as every metric should see it: duplicates, robots and late events decided once."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

import narwhals.stable.v2 as nw

from analytics_lib.core.checks import require_at_least, require_choice
from analytics_lib.events.boundary import as_event_log
from analytics_lib.events.clock_changes import repeated_hours
from analytics_lib.events.duplicates import CONFLICT, DUPLICATE, mark_duplicates
from analytics_lib.events.identities import MERGED, UNMERGED_ID, IdentityMap, merge_identities
from analytics_lib.events.log import EventLog
from analytics_lib.events.marks import flag
from analytics_lib.events.preparation_account import Preparation
from analytics_lib.events.robots import ROBOT, RobotRule, mark_robots

LatePolicy = Literal["keep", "exclude"]

_DAY_US = 86_400_000_000
_LATE, _AHEAD = "__late", "__ahead"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rules:
    robots: RobotRule | None
    late_after_days: int | None
    late: LatePolicy
    unique_ids: bool


def prepare_events(
    events: Any,  # noqa: ANN401 - an EventLog or any supported frame
    *,
    identities: IdentityMap | None = None,
    robots: RobotRule | None = RobotRule(),  # noqa: B008 - frozen
    late_after_days: int | None = None,
    late: LatePolicy = "keep",
    unique_ids: bool = False,
    zone: str = "UTC",
) -> EventLog:
    """Which events should every metric count, and under which user?

    The trap is deciding this in each metric anew: two numbers of one page
    then disagree. So duplicates go, robots go, late events are counted, and
    anonymous ids become the users they turned out to be, once and before any
    metric; the account of it travels with the log.

    Identities are merged retroactively: an event counts for the user from the
    beginning, also where it happened before the sign-in. A report of the past
    comes out again with the `identities` resolved as of its day.

    Args:
        events: An `EventLog`, or a frame with `user_id` and `day`; one row an event. Duplicates
            are found by `event_id`, robots by `device_type`, late events by `received_us` and
            `t_us`, where these are there.
        identities: The links that hold (`resolve_identities`); None merges nobody.
        robots: What counts as a robot; None keeps them all.
        late_after_days: An event received more than so many times 24 hours
            after it happened is late; None asks for no limit.
        late: Whether late events are kept (and counted) or left out.
        unique_ids: Whether duplicates are gone already, as behind the door of
            the lake, and need not be looked for.
        zone: Zone in which the days of a frame were counted.

    Returns:
        The log, lazily, on the same engine and with the same columns; its
        `preparation` is the account.

    Raises:
        SchemaError: A column is missing, or ids of events and links are of different types.
        ParameterError: A rule is not known, below its least value, or needs the time of day.

    Examples:
        >>> import polars as pl
        >>> log = prepare_events(
        ...     pl.DataFrame(
        ...         {
        ...             "event_id": ["1", "1", "2"],
        ...             "user_id": ["a", "a", "b"],
        ...             "day": [0, 0, 0],
        ...             "device_type": ["mobile", "mobile", "robot"],
        ...         }
        ...     )
        ... )
        >>> log.preparation.lines()[0]
        '3 events in: 1 kept, 1 duplicates, 1 of robots, 0 late ones left out.'
    """
    require_choice(late, get_args(LatePolicy), name="late")
    if late_after_days is not None:
        require_at_least(late_after_days, 0, name="late_after_days")

    log = as_event_log(events, zone=zone)
    columns = log.frame.collect_schema().names()
    rules = _Rules(robots=robots, late_after_days=late_after_days, late=late, unique_ids=unique_ids)
    marked = mark_duplicates(log.frame, unique_ids=unique_ids)
    marked = (
        marked.with_columns(nw.lit(0).alias(ROBOT))
        if robots is None
        else mark_robots(marked, robots)
    )
    marked = _mark_late(marked, late_after_days=late_after_days)
    out = (nw.col(DUPLICATE) == 0) & (nw.col(ROBOT) == 0)
    if late == "exclude":
        out = out & (nw.col(_LATE) == 0)
    kept = marked.filter(out)
    merged = kept if identities is None else merge_identities(kept, identities.links)
    return EventLog(
        frame=merged.select(columns),
        zone=log.zone,
        resolution=log.resolution,
        preparation=_account(log, marked=marked, merged=merged, identities=identities, rules=rules),
    )


def _mark_late(frame: nw.LazyFrame[Any], *, late_after_days: int | None) -> nw.LazyFrame[Any]:
    names = frame.collect_schema().names()
    if "received_us" not in names or "t_us" not in names:
        return frame.with_columns(nw.lit(0).alias(_LATE), nw.lit(0).alias(_AHEAD))
    delay = nw.col("received_us") - nw.col("t_us")
    late = nw.lit(0) if late_after_days is None else flag(delay > late_after_days * _DAY_US)
    return frame.with_columns(late.alias(_LATE), flag(delay < 0).alias(_AHEAD))


def _account(
    log: EventLog,
    *,
    marked: nw.LazyFrame[Any],
    merged: nw.LazyFrame[Any],
    identities: IdentityMap | None,
    rules: _Rules,
) -> Preparation:
    """Count what became of the rows: two queries, and a third where clocks went back."""
    human = (1 - nw.col(DUPLICATE)) * (1 - nw.col(ROBOT))
    total = _counts(
        marked.select(
            nw.lit(1).alias("rows"),
            nw.col(DUPLICATE, CONFLICT),
            ((1 - nw.col(DUPLICATE)) * nw.col(ROBOT)).alias(ROBOT),
            (human * nw.col(_LATE)).alias(_LATE),
        )
    )
    kept = _counts(
        merged.select(
            nw.lit(1).alias("rows"),
            nw.col(_AHEAD),
            flag(nw.col("user_id").is_null()).alias("nobody"),
        )
    )
    return Preparation(
        events_in=total["rows"],
        duplicates=total[DUPLICATE],
        conflicting_duplicates=total[CONFLICT],
        robots=total[ROBOT],
        late=total[_LATE],
        late_excluded=total[_LATE] if rules.late == "exclude" else 0,
        ahead=kept[_AHEAD],
        events_kept=kept["rows"],
        without_user=kept["nobody"],
        **_count_ids(merged),
        links_refused={} if identities is None else dict(identities.refused),
        identity_version=None if identities is None else identities.version,
        zone=log.zone,
        resolution=log.resolution,
        repeated_hour=_in_repeated_hours(merged, log),
        unchecked=_unchecked(log.frame.collect_schema().names(), rules),
        rules=_declared(rules, identities),
    )


def _counts(frame: nw.LazyFrame[Any]) -> dict[str, int]:
    """The sum of every column; 0 where there is no row."""
    sums = frame.select(nw.all().sum()).collect(backend="polars").to_native()
    return {name: int(value or 0) for name, value in sums.row(0, named=True).items()}


def _count_ids(merged: nw.LazyFrame[Any]) -> dict[str, int]:
    names = merged.collect_schema().names()
    if MERGED not in names:
        merged = merged.with_columns(nw.col("user_id").alias(UNMERGED_ID), nw.lit(0).alias(MERGED))
    known = merged.filter(~nw.col("user_id").is_null())
    ids = known.group_by("user_id", UNMERGED_ID, MERGED).agg(nw.len().alias("rows"))
    users = ids.group_by("user_id").agg(nw.col(MERGED).sum(), nw.len().alias("ids"))
    counts = _counts(users.select(nw.lit(1).alias("users"), "ids", MERGED))
    return {
        "ids_before": counts["ids"],
        "ids_merged": counts[MERGED],
        "users": counts["users"],
    }


def _in_repeated_hours(kept: nw.LazyFrame[Any], log: EventLog) -> int:
    if log.resolution == "day":
        return 0
    ends = kept.select(nw.col("t_us").min().alias("first"), nw.col("t_us").max().alias("last"))
    first, last = ends.collect(backend="polars").to_native().row(0)
    if first is None:
        return 0
    spans = repeated_hours(log.zone, first_us=int(first), last_us=int(last))
    if not spans:
        return 0
    inside = [flag((nw.col("t_us") >= start) & (nw.col("t_us") < stop)) for start, stop in spans]
    return _counts(kept.select(nw.max_horizontal(nw.lit(0), *inside).alias("inside")))["inside"]


def _unchecked(columns: Sequence[str], rules: _Rules) -> tuple[str, ...]:
    found = []
    if "event_id" not in columns and not rules.unique_ids:
        found.append("duplicates, because events have no `event_id`")
    if rules.robots is not None and "device_type" not in columns:
        found.append("robots that name themselves, because events have no `device_type`")
    if rules.late_after_days is not None and not {"received_us", "t_us"} <= set(columns):
        found.append("late events, because events lack `received_us` or `t_us`")
    return tuple(found)


def _declared(rules: _Rules, identities: IdentityMap | None) -> dict[str, Any]:
    as_of = identities.as_of if identities is not None else None
    robots = None if rules.robots is None else asdict(rules.robots)
    return {
        "robots": robots and {**robots, "device_types": list(robots["device_types"])},
        "late_after_days": rules.late_after_days,
        "late": rules.late,
        "duplicates": "removed at the door" if rules.unique_ids else "first received stays",
        "identities_as_of": None if as_of is None else as_of.isoformat(),
    }
