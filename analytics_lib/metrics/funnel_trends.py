"""How a funnel does over time."""

import datetime as dt
import math
from collections.abc import Sequence
from typing import Any

import narwhals.stable.v2 as nw

from analytics_lib.core.checks import require_choice
from analytics_lib.core.periods import CALENDAR_GRANULARITIES, CalendarGranularity
from analytics_lib.metrics.by_period import fill_periods
from analytics_lib.metrics.calendar import with_period_key
from analytics_lib.metrics.frames import finish, like, restore_groups
from analytics_lib.metrics.funnel_definition import FunnelStep, as_steps, require_sense
from analytics_lib.metrics.funnel_orders import backward
from analytics_lib.metrics.funnels import prepare_walk
from analytics_lib.statistics import add_share_interval


def funnel_trend(
    events: Any,  # noqa: ANN401 - an EventLog or any supported frame
    *,
    steps: Sequence[str | FunnelStep],
    granularity: CalendarGranularity,
    as_of: dt.date,
    window_days: float = 7,
    exclude: Sequence[str] = (),
    by: Sequence[str] = (),
    confidence_level: float = 0.95,
) -> Any:  # noqa: ANN401 - the caller's own kind of frame
    """Of those who began a funnel in each period, how many got to its end?

    The trap is the newest period: whoever began yesterday has had one day. A
    period has a value once the window of its last day is over.

    Args:
        events: An `EventLog` with the time of day, or a frame with `user_id`,
            `day`, `t_us` and `event_type`; one row an event.
        steps: Two or more event types or `FunnelStep`s.
        granularity: Calendar unit of the beginnings.
        as_of: Last complete day; later rows are ignored.
        window_days: Longest time allowed from the first step.
        exclude: Event types that end an attempt.
        by: Columns to break down by, equal in all steps.
        confidence_level: Coverage of the Wilson intervals.

    Returns:
        One row a period (and group): the `by` columns, `interval_start`,
        `interval_end`, `began` (users with a beginning in the period),
        `completed` (of them, by any of these beginnings), `share`, `ci_lower`,
        `ci_upper`; null while a window is open, shares where nobody began.

    Raises:
        SchemaError: A column is missing.
        ParameterError: As for `funnel`, or `granularity` is unknown.

    Examples:
        >>> import polars as pl
        >>> log = pl.DataFrame(
        ...     {
        ...         "user_id": ["a", "a", "b"],
        ...         "event_type": ["view", "buy", "view"],
        ...         "day": [0, 0, 1],
        ...         "t_us": [0, 60_000_000, 90_000_000_000],
        ...     }
        ... )
        >>> found = funnel_trend(
        ...     log, steps=["view", "buy"], granularity="day", as_of=dt.date(1970, 1, 9)
        ... )
        >>> found.select("began", "completed").rows()[:3]
        [(1, 1), (1, 0), (None, None)]
    """
    require_choice(granularity, CALENDAR_GRANULARITIES, name="granularity")
    chosen = as_steps(steps)
    require_sense(
        chosen, order="ordered", entry="best", count="totals", window_of="funnel",
        window_days=window_days, exclude=exclude,
    )  # fmt: skip

    keyed, walk, groups = prepare_walk(
        events, chosen, as_of=as_of, window_days=window_days, exclude=exclude, by=by,
        backwards=True,
    )  # fmt: skip
    attempts = backward(keyed, walk).filter(nw.col("may_enter") == 1)
    last = len(chosen) - 1
    counts = finish(
        with_period_key(attempts, granularity=granularity)
        .group_by(*groups, "key", "user_id")
        .agg(nw.col(f"reached_{last}").max().alias("completed"))
        .group_by(*groups, "key")
        .agg(nw.len().alias("began"), nw.col("completed").sum())
    )
    filled = fill_periods(
        restore_groups(counts, by), by=by, granularity=granularity, as_of=as_of,
        counted=["began", "completed"], open_days=math.ceil(window_days),
    )  # fmt: skip
    with_shares = add_share_interval(
        filled, numerator="completed", denominator="began", confidence_level=confidence_level
    )
    return like(with_shares, events)
