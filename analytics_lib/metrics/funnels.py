"""How many get from step to step, and where they are lost."""

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import narwhals.stable.v2 as nw
import polars as pl

from analytics_lib.core.checks import require_choice
from analytics_lib.core.errors import ParameterError
from analytics_lib.core.periods import day_number
from analytics_lib.metrics.frames import finish, like, restore_groups, with_group_keys
from analytics_lib.metrics.funnel_orders import (
    LATER,
    NEVER,
    Walk,
    any_order,
    backward,
    forward,
    mark_steps,
    strict,
)
from analytics_lib.metrics.sessions import timed_events
from analytics_lib.statistics import add_share_interval

Order = Literal["ordered", "strict", "any"]
Entry = Literal["best", "first"]
Count = Literal["users", "sessions", "totals"]
WindowOf = Literal["funnel", "step"]
_DAY_US = 86_400_000_000
_SECOND_US = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class FunnelStep:
    """One step.

    Attributes:
        name: What people call it.
        event_types: Event types that are this step.
        optional: Whether later steps may be reached without it.
    """

    name: str
    event_types: tuple[str, ...]
    optional: bool = False


def funnel(
    events: Any,  # noqa: ANN401 - an EventLog or any supported frame
    *,
    steps: Sequence[str | FunnelStep],
    as_of: dt.date,
    window_days: float = 7,
    window_of: WindowOf = "funnel",
    order: Order = "ordered",
    entry: Entry = "best",
    count: Count = "users",
    session: str = "session",
    exclude: Sequence[str] = (),
    hold_constant: Sequence[str] = (),
    by: Sequence[str] = (),
    include_incomplete: bool = False,
    confidence_level: float = 0.95,
) -> Any:  # noqa: ANN401 - the caller's own kind of frame
    """How many who begin get as far as each step, and how long do they take?

    The trap is the definition: on one log the same steps gave between 0.7 and
    60 per cent. The default is the one of ClickHouse's `windowFunnel`: other
    events may lie between, the window runs from the first step, and whoever
    begins again may succeed from there. Taking each user's first event of each
    step instead finds a fifth of them.

    Args:
        events: An `EventLog` with the time of day, or a frame with `user_id`,
            `day`, `t_us` and `event_type`; one row an event. Events at the same
            instant are taken in the order of their `event_id`; without that
            column, in the order of the steps.
        steps: Two or more: event types, or `FunnelStep`s. The same event never
            serves as two steps.
        as_of: Last complete day; later rows are ignored.
        window_days: Longest time allowed, to the microsecond.
        window_of: `funnel`: from the first step; `step`: from step to step.
        order: `ordered` with anything between, `strict` with nothing between,
            or `any`: k different steps in any order within the window.
        entry: `best`: any beginning counts; `first`: only the unit's first.
        count: `users`, `sessions` (column named by `session`), or `totals`:
            every beginning.
        session: Column of sessions, see `assign_sessions`.
        exclude: Event types that end an attempt: whoever does one after
            beginning must begin again.
        hold_constant: Columns that must be equal in all steps of an attempt,
            such as the product; events without a value match none.
        by: Columns to break down by, equal in all steps too.
        include_incomplete: Whether attempts count whose window is not over by
            `as_of`. They can still succeed, so they are left out.
        confidence_level: Coverage of the Wilson intervals.

    Returns:
        One row a step (and group): the `by` columns, `step` (from 1), `name`,
        `reached`, `of_first` (share of those who began) with `of_first_lower`
        and `of_first_upper`, `base` (reached the required step before),
        `share` of it with `ci_lower` and `ci_upper`, `lost` (base less
        reached), `median_seconds` from the beginning (from the step before for
        a window by step; the shortest time of a unit; null for `any`). Shares
        are null where the base is empty.

    Raises:
        SchemaError: A column is missing.
        ParameterError: The log knows only days, there are fewer than two
            steps, the first is optional, the window is not positive, or a
            combination has no meaning.

    Examples:
        >>> log = pl.DataFrame(
        ...     {
        ...         "user_id": ["a", "a", "b"],
        ...         "event_type": ["view", "buy", "view"],
        ...         "day": [0, 0, 0],
        ...         "t_us": [0, 60_000_000, 0],
        ...     }
        ... )
        >>> found = funnel(log, steps=["view", "buy"], as_of=dt.date(1970, 1, 31))
        >>> found.select("name", "reached", "share").rows()
        [('view', 2, 1.0), ('buy', 1, 0.5)]

    References:
        ClickHouse, `windowFunnel`; Mixpanel, advanced funnels; GrowthBook,
        funnels; PostHog, funnels.
    """
    chosen = _steps(steps)
    _require_sense(
        chosen, order=order, entry=entry, count=count, window_of=window_of,
        window_days=window_days, exclude=exclude,
    )  # fmt: skip

    needed = [*hold_constant, *([session] if count == "sessions" else [])]
    log = timed_events(events, as_of=as_of, columns=["event_type", *by, *needed], question="funnel")
    backwards = entry == "first" or count == "totals"
    has_ids = "event_id" in log.collect_schema().names()
    core = ["user_id", "event_type", "day", "t_us", *(["event_id"] if has_ids else [])]
    plain = log.select(*dict.fromkeys([*core, *by, *needed]))
    marked = mark_steps(
        plain.filter(*(~nw.col(name).is_null() for name in needed)) if needed else plain,
        [step.event_types for step in chosen],
        exclude=exclude,
        last_entry=day_number(as_of) - (0 if include_incomplete else math.ceil(window_days)),
        nothing=LATER if backwards else NEVER,
        keep_others=order == "strict",
    )
    keyed, groups = with_group_keys(marked, by)
    units = [*groups, "user_id", *([session] if count == "sessions" else [])]
    walk = Walk(
        keys=[*units, *hold_constant],
        order=["t_us", "event_id" if has_ids else "position"],
        before=_before(chosen),
        window_us=round(window_days * _DAY_US),
        by_step=window_of == "step",
    )
    walked = backward(keyed, walk) if backwards else _FORWARD[order](keyed, walk)
    if entry == "first":
        walked = walked.filter(nw.col("entry") == 1)
    each = None if count == "totals" else units
    reached = _counts(walked, units=each, groups=groups, steps=len(chosen))
    table = _by_step(restore_groups(reached, by), chosen, by=by)
    return like(_with_shares(table, confidence_level=confidence_level), events)


_FORWARD = {"ordered": forward, "strict": strict, "any": any_order}


def _steps(steps: Sequence[str | FunnelStep]) -> list[FunnelStep]:
    return [
        step if isinstance(step, FunnelStep) else FunnelStep(name=step, event_types=(step,))
        for step in steps
    ]


def _before(steps: Sequence[FunnelStep]) -> list[int]:
    """For each step the last required one before it; -1 for the first."""
    required = [number for number, step in enumerate(steps) if not step.optional]
    return [
        max((other for other in required if other < number), default=-1)
        for number in range(len(steps))
    ]


def _require_sense(
    steps: Sequence[FunnelStep],
    *,
    order: str,
    entry: str,
    count: str,
    window_of: str,
    window_days: float,
    exclude: Sequence[str],
) -> None:
    for value, choices, name in (
        (order, Order, "order"),
        (entry, Entry, "entry"),
        (count, Count, "count"),
        (window_of, WindowOf, "window_of"),
    ):
        require_choice(value, get_args(choices), name=name)
    kinds = [kind for step in steps for kind in step.event_types]
    simple = order == "ordered" and entry == "best" and count != "totals"
    problems = (
        (len(steps) < 2, "`steps` must be two or more"),  # noqa: PLR2004
        (bool(steps) and steps[0].optional, "the first step cannot be optional"),
        (not all(step.event_types for step in steps), "every step must have an event type"),
        (window_days <= 0, f"`window_days` is {window_days}; it must be positive"),
        (bool(set(exclude) & set(kinds)), "an event type cannot be a step and excluded"),
        (window_of == "step" and not simple,
         "a window by step goes with order 'ordered', entry 'best' and users or sessions"),
        (order != "ordered" and (entry == "first" or count == "totals"),
         f"order {order!r} goes with entry 'best' and users or sessions"),
        (order != "ordered" and (bool(exclude) or any(step.optional for step in steps)),
         f"order {order!r} knows no exclusions and no optional steps"),
        (order == "any" and len(set(kinds)) < len(kinds),
         "order 'any' needs an event type of its own for each step"),
    )  # fmt: skip
    for is_wrong, words in problems:
        if is_wrong:
            raise ParameterError(f"This funnel has no meaning: {words}.")


def _counts(
    walked: nw.LazyFrame[Any], *, units: Sequence[str] | None, groups: Sequence[str], steps: int
) -> pl.DataFrame:
    """One row a group: how many units reached each step, and the median of their times."""
    numbers = range(steps)
    each = walked
    if units is not None:
        each = walked.group_by(*units).agg(
            *(nw.col(f"reached_{step}").max() for step in numbers),
            *(nw.col(f"took_{step}").min() for step in numbers),
        )
    found = finish(
        each.with_columns(everybody=nw.lit(1))
        .group_by("everybody", *groups)
        .agg(
            *(nw.col(f"reached_{step}").sum() for step in numbers),
            *(nw.col(f"took_{step}").median() for step in numbers),
        )
    ).drop("everybody")
    if groups or not found.is_empty():
        return found
    return pl.DataFrame({name: [0 if "reached" in name else None] for name in found.columns})


def _by_step(
    counts: pl.DataFrame, steps: Sequence[FunnelStep], *, by: Sequence[str]
) -> pl.DataFrame:
    """One row a group and step."""
    before = _before(steps)
    rows = [
        counts.select(
            *by,
            pl.lit(number + 1, pl.Int64).alias("step"),
            pl.lit(step.name).alias("name"),
            pl.col(f"reached_{number}").alias("reached"),
            pl.col("reached_0").alias("began"),
            pl.col(f"reached_{max(before[number], 0)}").alias("base"),
            median_seconds=pl.col(f"took_{number}").cast(pl.Float64) / _SECOND_US,
        )
        for number, step in enumerate(steps)
    ]
    return pl.concat(rows).sort(*by, "step")


def _with_shares(table: pl.DataFrame, *, confidence_level: float) -> pl.DataFrame:
    of_first = add_share_interval(
        table, numerator="reached", denominator="began", confidence_level=confidence_level
    ).rename({"share": "of_first", "ci_lower": "of_first_lower", "ci_upper": "of_first_upper"})
    of_base = add_share_interval(
        of_first, numerator="reached", denominator="base", confidence_level=confidence_level
    )
    times = ["median_seconds"]
    lost = of_base.with_columns(lost=pl.col("base") - pl.col("reached"))
    names = [name for name in lost.columns if name not in {"began", *times}]
    return lost.select(*names, *times)
