"""A funnel by one pass over the events of each user in order of time."""

from collections.abc import Sequence
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import numpy.typing as npt
import polars as pl

from analytics_lib.metrics.funnel_definition import FunnelStep
from analytics_lib.metrics.funnel_orders import Walk
from analytics_lib.metrics.user_runs import UserRuns, Whole, user_runs

_NONE = -1


def forward_runs(
    log: nw.LazyFrame[Any],
    walk: Walk,
    steps: Sequence[FunnelStep],
    *,
    exclude: Sequence[str],
) -> pl.DataFrame | None:
    """What `funnel_orders.forward` finds, counted by user; None where the engine must be asked.

    Args:
        log: One row an event with `user_id`, `t_us`, `event_type` (a step or
            excluded) and `may_enter`.
        walk: How.
        steps: The steps.
        exclude: Event types that end an attempt.

    Returns:
        One row: `reached_k`, and `took_k`, the median of the users' shortest times. None too
        where the order of simultaneous steps is that of their ids, which stay on the engine.
    """
    types = [step.event_types for step in steps]
    kinds = list(dict.fromkeys(kind for each in (*types, exclude) for kind in each))
    runs = user_runs(_coded(log, kinds), ["code"])
    if runs is None:
        return None
    ties = _ties(runs)
    if ties.size:
        if "event_id" in walk.order:
            return None
        code = runs.values["code"]
        order = np.lexsort([code[ties], runs.time[ties], runs.user[ties]])
        code[ties] = code[ties][order]
    return _walked(runs, walk, [[kinds.index(kind) for kind in each] for each in types],
                   excluded=[kinds.index(kind) for kind in exclude])  # fmt: skip


def _coded(log: nw.LazyFrame[Any], kinds: Sequence[str]) -> nw.LazyFrame[Any]:
    """The events with `code`: twice the place of the kind, and 1 more if none may enter."""
    kind, code = nw.col("event_type"), nw.lit(0)
    for number, name in list(enumerate(kinds))[1:]:
        code = nw.when(kind == name).then(nw.lit(2 * number)).otherwise(code)
    return log.with_columns(code=code).with_columns(code=nw.col("code") + 1 - nw.col("may_enter"))


def _ties(runs: UserRuns) -> Whole:
    """Events of users who have different ones at the same instant, as far as these are such."""
    time, code = runs.time, runs.values["code"]
    same = (time[1:] == time[:-1]) & (runs.user[1:] == runs.user[:-1])
    if not np.any(same & (code[1:] != code[:-1])):
        return np.empty(0, dtype=np.int64)
    tied = np.zeros(time.size, dtype=bool)
    tied[1:] |= same
    tied[:-1] |= same
    return np.flatnonzero(tied)


def _walked(
    runs: UserRuns, walk: Walk, steps: Sequence[Sequence[int]], *, excluded: Sequence[int]
) -> pl.DataFrame:
    """Each row carries the place of the latest start that it can be reached from."""
    time, code = runs.time, runs.values["code"]
    place, kind = np.arange(time.size), code >> 1
    begin = runs.starts[runs.user]
    enters = _is_any(kind, steps[0]) & (code & 1 == 0)
    start = [np.where(enters, place, _NONE)]
    found = _counted(runs.user[enters], np.zeros(np.count_nonzero(enters), dtype=np.int64), step=0)
    stop = np.maximum.accumulate(np.where(_is_any(kind, excluded), place, _NONE))
    for step, before in list(enumerate(walk.before))[1:]:
        best = np.full(time.size, _NONE)
        best[1:] = np.maximum.accumulate(start[before])[:-1]
        at = np.flatnonzero(_is_any(kind, steps[step]) & (best >= begin))
        took = time[at] - time[best[at]]
        is_open = (stop[at] < begin[at]) | (time[best[at]] >= time[stop[at]])
        in_time = is_open & (took <= walk.window_us)
        at, took = at[in_time], took[in_time]
        carried = np.full(time.size, _NONE)
        carried[at] = at if walk.by_step else best[at]
        start.append(carried)
        found |= _counted(runs.user[at], took, step=step)
    return pl.DataFrame({name: [value] for name, value in found.items()})


def _counted(user: Whole, took: Whole, *, step: int) -> dict[str, int | float | None]:
    """How many users reached the step, and the median of the shortest time of each."""
    if not user.size:
        return {f"reached_{step}": 0, f"took_{step}": None}
    first = np.flatnonzero(np.append(True, user[1:] != user[:-1]))
    shortest = np.minimum.reduceat(took, first)
    return {f"reached_{step}": first.size, f"took_{step}": float(np.median(shortest))}


def _is_any(kind: Whole, wanted: Sequence[int]) -> npt.NDArray[np.bool_]:
    return np.isin(kind, wanted)
