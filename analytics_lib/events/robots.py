"""Which events robots made: those that say so, and those no person can keep up with."""

from dataclasses import dataclass
from typing import Any

import narwhals.stable.v2 as nw

from analytics_lib.core.checks import require_at_least
from analytics_lib.core.errors import ParameterError
from analytics_lib.events.marks import COUNTED, flag, without_missing

ROBOT = "__robot"
_MINUTE_US = 60_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class RobotRule:
    """What counts as a robot.

    A robot that names itself is known by its device type, which the door
    derives from the user agent (`robots` in a mapping). One that hides is
    known only by what it does; no threshold is right for every product, so
    none is set unless declared.

    Attributes:
        device_types: Values of `device_type` that robots have.
        events_per_minute: An id with more events than this in a minute (UTC)
            is a robot on that day.
        events_per_day: An id with more events than this on a day is a robot on
            that day.
    """

    device_types: tuple[str, ...] = ("robot",)
    events_per_minute: int | None = None
    events_per_day: int | None = None

    def __post_init__(self) -> None:
        """Refuse a threshold that nobody could stay under."""
        for name in ("events_per_minute", "events_per_day"):
            limit = getattr(self, name)
            if limit is not None:
                require_at_least(limit, 1, name=name)


def mark_robots(frame: nw.LazyFrame[Any], rule: RobotRule) -> nw.LazyFrame[Any]:
    """The frame with `__robot`, 1 for the events of robots; it must have `__counted`.

    Raises:
        ParameterError: `events_per_minute` is asked of a log without times.
    """
    names = frame.collect_schema().names()
    conditions = [nw.lit(0)]
    if "device_type" in names:
        declared = nw.col("device_type").cast(nw.String).is_in(list(rule.device_types))
        conditions.append(flag(declared))
    if rule.events_per_minute is not None and "t_us" not in names:
        raise ParameterError(
            "`events_per_minute` needs the time of day, but this log knows only the day of each "
            "event; declare `events_per_day`."
        )
    if rule.events_per_minute is not None or rule.events_per_day is not None:
        frame, busy = _busy(frame, rule)
        conditions.append(busy)
    marked = frame.with_columns(nw.max_horizontal(*conditions).alias(ROBOT))
    return marked.drop([name for name in marked.collect_schema().names() if name in _WORK])


_WORK = ("__who", "__when", "__minute", "__in_day", "__in_minute", "__peak")


def _busy(frame: nw.LazyFrame[Any], rule: RobotRule) -> tuple[nw.LazyFrame[Any], nw.Expr]:
    """The frame with what its ids did in a day and a minute, and whether that is too much."""
    schema = frame.collect_schema()
    keyed = frame.with_columns(
        without_missing("user_id", schema["user_id"]).alias("__who"),
        without_missing("day", schema["day"]).alias("__when"),
    ).with_columns(nw.col(COUNTED).sum().over("__who", "__when").alias("__in_day"))
    # Events of nobody are of many people: no id, no robot. A day may be unknown likewise.
    somebody = ~nw.col("user_id").is_null() & ~nw.col("day").is_null()
    too_many = nw.lit(0)
    if rule.events_per_day is not None:
        too_many = flag((nw.col("__in_day") > rule.events_per_day) & somebody)
    if rule.events_per_minute is None:
        return keyed, too_many
    minute = without_missing("t_us", schema["t_us"]) // _MINUTE_US
    # Events without a time are in no minute.
    timed = nw.when(nw.col("t_us").is_null()).then(nw.lit(0)).otherwise(nw.col(COUNTED))
    keyed = (
        keyed.with_columns(minute.alias("__minute"), timed.alias("__timed"))
        .with_columns(nw.col("__timed").sum().over("__who", "__minute").alias("__in_minute"))
        .with_columns(nw.col("__in_minute").max().over("__who", "__when").alias("__peak"))
        .drop("__timed")
    )
    hectic = flag((nw.col("__peak") > rule.events_per_minute) & somebody)
    return keyed, nw.max_horizontal(too_many, hectic)
