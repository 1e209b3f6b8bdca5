"""How far each unit gets through a funnel, for each order that steps may be asked in.

A row of the log carries the latest start from which it can still be reached
(forward), or the earliest end that can be reached from it (backward). Both are
running extremes over each unit's events, which every engine has.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import narwhals.stable.v2 as nw

from analytics_lib.metrics.frames import flag

NEVER = -(2**62)
LATER = 2**62


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """What a funnel is walked with.

    Attributes:
        keys: Columns that tell units (and held-constant values) apart.
        order: Columns of the total order of events.
        before: For each step the step that must come first, from 0; -1 for the first.
        window_us: Longest time allowed.
        by_step: Whether the window is from step to step instead of from the first.
    """

    keys: Sequence[str]
    order: Sequence[str]
    before: Sequence[int]
    window_us: int
    by_step: bool = False

    def running(self, column: str, *, backward: bool = False) -> nw.Expr:
        """Extreme of the column over the rows up to this one, or from it on."""
        value = nw.col(column)
        extreme = value.cum_min(reverse=True) if backward else value.cum_max()
        return extreme.over(self.keys, order_by=self.order)

    def neighbour(self, column: str, *, step: int, empty: int) -> nw.Expr:
        """The column in the row before (1) or after (-1)."""
        return nw.col(column).shift(step).over(self.keys, order_by=self.order).fill_null(empty)


def mark_steps(
    log: nw.LazyFrame[Any],
    steps: Sequence[Sequence[str]],
    *,
    exclude: Sequence[str],
    last_entry: int,
    nothing: int,
    keep_others: bool,
) -> nw.LazyFrame[Any]:
    """The log with `is_k`, `position` (of its step), `may_enter` and `voided`.

    Args:
        log: One row an event with `event_type`, `day` and `t_us`.
        steps: Event types of each step.
        exclude: Event types that end an attempt.
        last_entry: Last day number on which an attempt may begin.
        nothing: `voided` of a row that ends no attempt.
        keep_others: Whether events that are no step stay, because nothing may lie between.
    """
    kind, position = nw.col("event_type"), nw.lit(len(steps))
    for number, types in reversed(list(enumerate(steps))):
        position = nw.when(kind.is_in(list(types))).then(nw.lit(number)).otherwise(position)
    wanted = [kind for types in steps for kind in types] + list(exclude)
    kept = log if keep_others else log.filter(kind.is_in(wanted))
    voids = kind.is_in(list(exclude)) if exclude else nw.lit(value=False)
    return kept.with_columns(
        *(flag(kind.is_in(list(types))).alias(f"is_{k}") for k, types in enumerate(steps)),
        position=position,
        may_enter=flag(nw.col("day") <= last_entry),
        voided=nw.when(voids).then(nw.col("t_us")).otherwise(nw.lit(nothing)),
    )


def forward(log: nw.LazyFrame[Any], walk: Walk) -> nw.LazyFrame[Any]:
    """Steps in order with other events between, from the best entry: `reached_k`, `took_k`.

    Args:
        log: One row an event: the keys, `t_us`, `is_k` (1 where it is step k),
            `may_enter` and `voided` (time of an exclusion, or `NEVER`).
        walk: How.
    """
    frame = _entries(log.with_columns(stop=walk.running("voided")))
    for step, before in list(enumerate(walk.before))[1:]:
        frame = frame.with_columns(best=walk.running(f"start_{before}"))
        frame = frame.with_columns(best=walk.neighbour("best", step=1, empty=NEVER))
        came = (
            (nw.col(f"is_{step}") == 1)
            & (nw.col("best") > NEVER)
            & (nw.col("t_us") - nw.col("best") <= walk.window_us)
            & (nw.col("best") >= nw.col("stop"))
        )
        carried = nw.col("t_us") if walk.by_step else nw.col("best")
        frame = _reached(frame, step, came=came, start=nw.col("best"), carried=carried)
    return frame


def strict(log: nw.LazyFrame[Any], walk: Walk) -> nw.LazyFrame[Any]:
    """Steps in order and nothing between: `reached_k`, `took_k`. Arguments as for `forward`."""
    frame = _entries(log)
    for step in range(1, len(walk.before)):
        frame = frame.with_columns(best=walk.neighbour(f"start_{step - 1}", step=1, empty=NEVER))
        came = (
            (nw.col(f"is_{step}") == 1)
            & (nw.col("best") > NEVER)
            & (nw.col("t_us") - nw.col("best") <= walk.window_us)
        )
        frame = _reached(frame, step, came=came, start=nw.col("best"), carried=nw.col("best"))
    return frame


def backward(log: nw.LazyFrame[Any], walk: Walk) -> nw.LazyFrame[Any]:
    """Every entry with how far it gets: `reached_k`, `took_k`, `entry` (1 for the unit's first).

    Arguments as for `forward`; `voided` is `LATER` where there is no exclusion.
    Only rows that are entries are left.
    """
    frame = log.with_columns(
        stop=walk.running("voided", backward=True),
        entry=nw.col("is_0").cum_sum().over(walk.keys, order_by=walk.order),
    )
    for step in range(1, len(walk.before)):
        frame = frame.with_columns(end=_time_if(nw.col(f"is_{step}") == 1, nw.col("t_us")))
        at = walk.before[step]
        while at >= 0:
            frame = frame.with_columns(end=walk.running("end", backward=True))
            frame = frame.with_columns(end=walk.neighbour("end", step=-1, empty=LATER))
            frame = frame.with_columns(end=_time_if(nw.col(f"is_{at}") == 1, nw.col("end")))
            at = walk.before[at]
        came = (
            (nw.col("end") - nw.col("t_us") <= walk.window_us)
            & (nw.col("end") <= nw.col("stop"))
            & (nw.col("may_enter") == 1)
        )
        frame = frame.with_columns(
            flag(came).alias(f"reached_{step}"),
            nw.when(came).then(nw.col("end") - nw.col("t_us")).alias(f"took_{step}"),
        )
    entries = frame.filter(nw.col("is_0") == 1)
    return entries.with_columns(reached_0=nw.col("may_enter"), took_0=nw.lit(0))


def any_order(log: nw.LazyFrame[Any], walk: Walk) -> nw.LazyFrame[Any]:
    """Steps in any order: `reached_k` where k + 1 different steps lie within the window.

    Arguments as for `forward`. How long it took has no single answer and is left out.
    """
    steps = range(len(walk.before))
    frame = log
    for step in steps:
        frame = frame.with_columns(
            _time_if(nw.col(f"is_{step}") == 1, nw.col("t_us")).alias("next")
        )
        frame = frame.with_columns(next=walk.running("next", backward=True))
        soon = nw.col("next") - nw.col("t_us") <= walk.window_us
        frame = frame.with_columns(flag(soon).alias(f"soon_{step}"))
    starts = frame.filter(nw.max_horizontal(*(f"is_{step}" for step in steps)) == 1)
    done = starts.with_columns(done=nw.sum_horizontal(*(f"soon_{step}" for step in steps)))
    enough = [(nw.col("done") > step) & (nw.col("may_enter") == 1) for step in steps]
    return done.with_columns(
        *(flag(enough[step]).alias(f"reached_{step}") for step in steps),
        *(nw.lit(None, nw.Float64).alias(f"took_{step}") for step in steps),
    )


def _entries(log: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    enters = (nw.col("is_0") == 1) & (nw.col("may_enter") == 1)
    return _reached(log, 0, came=enters, start=nw.col("t_us"), carried=nw.col("t_us"))


def _reached(
    frame: nw.LazyFrame[Any], step: int, *, came: nw.Expr, start: nw.Expr, carried: nw.Expr
) -> nw.LazyFrame[Any]:
    return frame.with_columns(
        nw.when(came).then(carried).otherwise(nw.lit(NEVER)).alias(f"start_{step}"),
        flag(came).alias(f"reached_{step}"),
        nw.when(came).then(nw.col("t_us") - start).alias(f"took_{step}"),
    )


def _time_if(condition: nw.Expr, time: nw.Expr) -> nw.Expr:
    return nw.when(condition).then(time).otherwise(nw.lit(LATER))
