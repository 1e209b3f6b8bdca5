"""How many get from step to step, and where they are lost."""

import datetime as dt
import math
from collections.abc import Sequence
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl

from analytics_lib.core.periods import day_number
from analytics_lib.metrics.frames import finish, like, restore_groups, timed_events, with_group_keys
from analytics_lib.metrics.funnel_definition import (
    Count,
    Entry,
    FunnelStep,
    Order,
    WindowOf,
    as_steps,
    require_sense,
    steps_before,
)
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
from analytics_lib.metrics.funnel_runs import forward_runs
from analytics_lib.statistics import add_share_interval

_DAY_US = 86_400_000_000
_SECOND_US = 1_000_000


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
    chosen = as_steps(steps)
    require_sense(
        chosen, order=order, entry=entry, count=count, window_of=window_of,
        window_days=window_days, exclude=exclude,
    )  # fmt: skip

    backwards = entry == "first" or count == "totals"
    keyed, walk, groups = prepare_walk(
        events, chosen, as_of=as_of, window_days=window_days, exclude=exclude,
        hold_constant=hold_constant, session=session if count == "sessions" else None, by=by,
        include_incomplete=include_incomplete, backwards=backwards,
        keep_others=order == "strict", by_step=window_of == "step",
    )  # fmt: skip
    plain = order == "ordered" and count == "users" and not (backwards or hold_constant or by)
    reached = forward_runs(keyed, walk, chosen, exclude=exclude) if plain else None
    if reached is None:
        walked = backward(keyed, walk) if backwards else _FORWARD[order](keyed, walk)
        if entry == "first":
            walked = walked.filter(nw.col("entry") == 1)
        units = [key for key in walk.keys if key not in hold_constant]
        each = None if count == "totals" else units
        reached = _counts(walked, units=each, groups=groups, steps=len(chosen))
    table = _by_step(restore_groups(reached, by), chosen, by=by)
    return like(_with_shares(table, confidence_level=confidence_level), events)


_FORWARD = {"ordered": forward, "strict": strict, "any": any_order}


def prepare_walk(
    events: Any,  # noqa: ANN401 - an EventLog or any supported frame
    steps: Sequence[FunnelStep],
    *,
    as_of: dt.date,
    window_days: float,
    exclude: Sequence[str] = (),
    hold_constant: Sequence[str] = (),
    session: str | None = None,
    by: Sequence[str] = (),
    include_incomplete: bool = False,
    backwards: bool = False,
    keep_others: bool = False,
    by_step: bool = False,
) -> tuple[nw.LazyFrame[Any], Walk, list[str]]:
    """The marked log, how to walk it, and the columns of its groups; arguments as for `funnel`."""
    needed = [*hold_constant, *([session] if session else [])]
    log = timed_events(events, as_of=as_of, columns=["event_type", *by, *needed], question="funnel")
    has_ids = "event_id" in log.collect_schema().names()
    core = ["user_id", "event_type", "day", "t_us", *(["event_id"] if has_ids else [])]
    plain = log.select(*dict.fromkeys([*core, *by, *needed]))
    marked = mark_steps(
        plain.filter(*(~nw.col(name).is_null() for name in needed)) if needed else plain,
        [step.event_types for step in steps],
        exclude=exclude,
        last_entry=day_number(as_of) - (0 if include_incomplete else math.ceil(window_days)),
        nothing=LATER if backwards else NEVER,
        keep_others=keep_others,
    )
    keyed, groups = with_group_keys(marked, by)
    walk = Walk(
        keys=[*groups, "user_id", *needed],
        order=["t_us", "event_id" if has_ids else "position"],
        before=steps_before(steps),
        window_us=round(window_days * _DAY_US),
        by_step=by_step,
    )
    return keyed, walk, groups


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
    before = steps_before(steps)
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
