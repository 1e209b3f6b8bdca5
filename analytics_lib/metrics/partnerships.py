"""Partnerships in force."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl

from analytics_lib.core.checks import require_choice
from analytics_lib.core.periods import CALENDAR_GRANULARITIES, CalendarGranularity, day_number
from analytics_lib.events.boundary import as_table
from analytics_lib.metrics.by_period import INTERVAL, fill_periods
from analytics_lib.metrics.calendar import period_key, with_period_key
from analytics_lib.metrics.community import NEVER
from analytics_lib.metrics.frames import finish, like


def partnerships_active(
    partnerships: Any,  # noqa: ANN401 - any supported frame
    *,
    granularity: CalendarGranularity,
    as_of: dt.date,
    by: Sequence[str] = (),
) -> Any:  # noqa: ANN401 - the caller's own kind of frame
    """How many partnerships were in force in each calendar period?

    In force on any day of the period counts, so one that ended in May and its
    successor of June are two in a quarter, not one.

    Args:
        partnerships: One row a partnership (contract `partnerships`).
        granularity: Calendar unit.
        as_of: Last complete day; later rows are ignored.
        by: Columns to group by, such as `("kind",)`.

    Returns:
        One row a period (and group), sorted: the `by` columns,
        `interval_start`, `interval_end`, `active`, `started`, `ended`; 0 in a
        quiet period, null while it is not complete.

    Raises:
        SchemaError: A column is missing.
        ParameterError: `granularity` is unknown.

    Examples:
        >>> table = pl.DataFrame({"partnership_id": ["p"], "start_day": [4], "end_day": [11]})
        >>> found = partnerships_active(table, granularity="week", as_of=dt.date(1970, 1, 18))
        >>> found.select("active", "started", "ended").rows()
        [(1, 1, 0), (0, 0, 1)]
    """
    require_choice(granularity, CALENDAR_GRANULARITIES, name="granularity")

    table = as_table(
        partnerships, ["partnership_id", "start_day", "end_day", *by], name="partnerships"
    )
    known = table.filter(nw.col("start_day") <= day_number(as_of)).select(
        *by,
        nw.col("start_day").cast(nw.Int64),
        nw.col("end_day").fill_null(NEVER).cast(nw.Int64),
    )
    lasting = known.filter(nw.col("end_day") > nw.col("start_day"))
    terms = finish(lasting.group_by(*by, "start_day", "end_day").agg(nw.len().alias("count")))
    found = []
    for name, expression in (
        ("started", nw.col("start_day")),
        ("ended", nw.col("end_day")),
        ("__last", nw.col("end_day") - 1),
    ):
        keyed = with_period_key(
            nw.from_native(terms).lazy().with_columns(day=expression), granularity=granularity
        )
        found.append(finish(keyed.group_by(*by, "key").agg(nw.col("count").sum().alias(name))))
    last_key = period_key(day_number(as_of), granularity=granularity)
    counts = (
        pl.concat(found, how="diagonal")
        .group_by(*by, "key")
        .agg(pl.col("started", "ended", "__last").sum())
    )
    filled = fill_periods(
        counts.filter(pl.col("key") <= last_key),
        by=by,
        counted=["started", "ended", "__last"],
        granularity=granularity,
        as_of=as_of,
    )
    begun, gone = pl.col("started").cum_sum(), pl.col("__last").cum_sum() - pl.col("__last")
    running = (begun - gone).over(by) if by else begun - gone
    result = filled.with_columns(active=running)
    return like(result.select(*by, *INTERVAL, "active", "started", "ended"), partnerships)
