"""How long requests take, and how full services are."""

import datetime as dt
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl

from analytics_lib.core.checks import require_choice, require_columns
from analytics_lib.core.errors import ParameterError
from analytics_lib.core.periods import CALENDAR_GRANULARITIES, CalendarGranularity
from analytics_lib.events.tables.operations import STATUSES
from analytics_lib.metrics.by_period import INTERVAL, fill_periods
from analytics_lib.metrics.calendar import with_period_key
from analytics_lib.metrics.frames import finish, like
from analytics_lib.metrics.operations import known_measurements

PERCENTILES = (50.0, 90.0, 95.0, 99.0)


def latency_percentiles(
    measurements: Any,  # noqa: ANN401 - any supported frame
    *,
    granularity: CalendarGranularity,
    as_of: dt.date,
    percentiles: Sequence[float] = PERCENTILES,
    statuses: Sequence[str] = STATUSES,
) -> Any:  # noqa: ANN401 - the caller's own kind of frame
    """Within what time did half, 90 %, 95 % and 99 % of the requests end?

    The mean hides the slow tail, and percentiles of percentiles are wrong: so
    each is computed exactly from all requests, by nearest rank (the smallest
    duration that so many percent of the requests did not exceed; never a value
    in between). Failed requests count too, because somebody waited for them.

    Args:
        measurements: One row a request (contract `service_measurements`).
        granularity: Calendar unit.
        as_of: Last complete day; later rows are ignored.
        percentiles: Above 0, up to 100.
        statuses: Requests to count, such as `("ok",)`.

    Returns:
        One row a service, period and percentile, sorted: `service`,
        `interval_start`, `interval_end`, `percentile`, `requests` (with known
        duration), `duration_us`; null while the period is not complete, the
        duration of no requests too.

    Raises:
        SchemaError: A column is missing.
        ParameterError: `granularity` or a status is unknown, or a percentile not possible.

    Examples:
        >>> log = pl.DataFrame({"service": "api", "day": 4, "duration_us": [1, 2, 3, 40]})
        >>> latency_percentiles(
        ...     log.with_columns(status=pl.lit("ok")),
        ...     granularity="day",
        ...     as_of=dt.date(1970, 1, 5),
        ...     percentiles=[50, 75, 76],
        ... )["duration_us"].to_list()
        [2, 3, 40]

    References:
        Hyndman R. J. and Fan Y. (1996), Am. Stat. 50, 361-365, definition 1.
    """
    for status in statuses:
        require_choice(status, STATUSES, name="statuses")
    found = _nearest_ranks(
        measurements,
        "duration_us",
        granularity=granularity,
        as_of=as_of,
        percentiles=percentiles,
        statuses=statuses,
    )
    return like(found, measurements)


def saturation_levels(
    measurements: Any,  # noqa: ANN401 - any supported frame
    *,
    granularity: CalendarGranularity,
    as_of: dt.date,
    percentile: float = 95.0,
) -> Any:  # noqa: ANN401 - the caller's own kind of frame
    """How full was each service when it was nearly at its fullest?

    The mean of a service that is full for an hour a day looks harmless, so it
    is a high percentile over requests, by nearest rank.

    Args:
        measurements: One row a request (contract `service_measurements`) with `saturation`.
        granularity: Calendar unit.
        as_of: Last complete day; later rows are ignored.
        percentile: Above 0, up to 100.

    Returns:
        One row a service and period, sorted: `service`, `interval_start`,
        `interval_end`, `percentile`, `requests` (with known saturation),
        `saturation` (0 to 1); null while the period is not complete, or
        nothing is known.

    Raises:
        SchemaError: A column is missing.
        ParameterError: `granularity` is unknown, or the percentile not possible.

    Examples:
        >>> log = pl.DataFrame({"service": "api", "day": 4, "saturation": [0.2, 0.9]})
        >>> saturation_levels(
        ...     log.with_columns(status=pl.lit("ok"), duration_us=9),
        ...     granularity="day",
        ...     as_of=dt.date(1970, 1, 5),
        ... )["saturation"].item()
        0.9
    """
    found = _nearest_ranks(
        measurements,
        "saturation",
        granularity=granularity,
        as_of=as_of,
        percentiles=[percentile],
        statuses=STATUSES,
    )
    return like(found, measurements)


def _nearest_ranks(
    measurements: Any,  # noqa: ANN401 - any supported frame
    value: str,
    *,
    granularity: CalendarGranularity,
    as_of: dt.date,
    percentiles: Sequence[float],
    statuses: Sequence[str],
) -> pl.DataFrame:
    """One row a service, period and percentile."""
    require_choice(granularity, CALENDAR_GRANULARITIES, name="granularity")
    wanted = {f"p{number}": exact_share(p) for number, p in enumerate(percentiles)}

    known = known_measurements(measurements, as_of=as_of)
    require_columns(known.collect_schema().names(), [value], name="measurements")
    valued = known.filter(nw.col("status").is_in(list(statuses)), ~nw.col(value).is_null())
    keyed = with_period_key(valued, granularity=granularity)
    ranks = nearest_ranks(keyed, value=value, by=["service", "key"], wanted=wanted)
    filled = fill_periods(
        finish(ranks),
        by=["service"],
        counted=["requests"],
        measured=list(wanted),
        granularity=granularity,
        as_of=as_of,
    )
    names = dict(zip(wanted, map(float, percentiles), strict=True))
    tall = filled.unpivot(
        index=["service", *INTERVAL, "requests"], on=list(wanted), variable_name="percentile"
    )
    known_types = tall.with_columns(
        pl.col("percentile").replace_strict(names, return_dtype=pl.Float64),
        pl.col("value").cast(pl.Int64 if value == "duration_us" else pl.Float64).alias(value),
    )
    return known_types.select("service", *INTERVAL, "percentile", "requests", value).sort(
        "service", "interval_start", "percentile"
    )


def nearest_ranks(
    frame: nw.LazyFrame[Any], *, value: str, by: Sequence[str], wanted: dict[str, Fraction]
) -> nw.LazyFrame[Any]:
    """Requests and nearest-rank quantiles of each group, exactly: whole numbers are compared.

    Args:
        frame: One row `quantity` observations; `value` is not null.
        value: Column of the numbers.
        by: Columns of the groups.
        wanted: Shares by the name of their column.
    """
    per_value = frame.group_by(*by, value).agg(nw.col("quantity").sum())
    whole = per_value.with_columns(quantity=nw.col("quantity").cast(nw.Int64))
    ranked = whole.with_columns(
        __rank=nw.col("quantity").cum_sum().over(*by, order_by=[value]),
        requests=nw.col("quantity").sum().over(*by),
    )
    reached = {
        name: nw.when(
            nw.col("__rank") * share.denominator >= nw.col("requests") * share.numerator
        ).then(nw.col(value))
        for name, share in wanted.items()
    }
    return (
        ranked.with_columns(**reached)
        .group_by(*by)
        .agg(nw.col("requests").max(), *(nw.col(name).min() for name in wanted))
    )


def exact_share(percentile: float) -> Fraction:
    """A percentile as an exact fraction: 99.9 is 999/1000, not the nearest binary number.

    Raises:
        ParameterError: It is not above 0 and up to 100.
    """
    if not 0 < percentile <= 100:  # noqa: PLR2004 - percent
        raise ParameterError(
            f"A percentile is {percentile}; it must lie above 0 and not above 100."
        )
    return Fraction(str(percentile)) / 100
