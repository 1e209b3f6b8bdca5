"""How much services are asked, and how often they fail."""

import datetime as dt
from typing import Any, Literal, get_args

import narwhals.stable.v2 as nw
import polars as pl

from analytics_lib.core.checks import require_at_least, require_choice
from analytics_lib.core.periods import CALENDAR_GRANULARITIES, CalendarGranularity, day_number
from analytics_lib.events.boundary import as_table
from analytics_lib.events.log import EventLog
from analytics_lib.events.tables.operations import STATUSES
from analytics_lib.metrics.by_period import fill_periods
from analytics_lib.metrics.calendar import with_period_key
from analytics_lib.metrics.frames import finish, flag, like
from analytics_lib.statistics import add_share_interval

Clock = Literal["minute", "hour"]
_MICROSECONDS: dict[str, int] = {"minute": 60_000_000, "hour": 3_600_000_000}


def known_measurements(
    measurements: Any,  # noqa: ANN401 - any supported frame
    *,
    as_of: dt.date,
    question: str | None = None,
    days: int | None = None,
) -> nw.LazyFrame[Any]:
    """The measurements up to the last complete day whose service and status are known.

    Args:
        measurements: One row a request (contract `service_measurements`).
        as_of: Last complete day; later rows are ignored.
        question: Named where it needs the time of day; rows without it are left out then.
        days: Only so many days up to `as_of`.

    Returns:
        The rows with `failed` (1 where the status is not `ok`) and `quantity`
        (1 where the table has none).

    Raises:
        SchemaError: A column is missing.
        ParameterError: `question` needs the time of day and no row has one.
    """
    columns = ["service", "day", "duration_us", "status"]
    frame = as_table(measurements, [*columns, *(["t_us"] if question else [])], name="measurements")
    last = day_number(as_of)
    known = frame.filter(
        ~nw.col("service").is_null(), nw.col("status").is_in(STATUSES), nw.col("day") <= last
    )
    if days is not None:
        known = known.filter(nw.col("day") > last - days)
    if "quantity" not in frame.collect_schema().names():
        known = known.with_columns(nw.lit(1).alias("quantity"))
    failed = flag(nw.col("status") != "ok")
    flagged = known.with_columns(
        day=nw.col("day").cast(nw.Int64), quantity=nw.col("quantity").cast(nw.Int64), failed=failed
    )
    return _timed(flagged, question=question) if question else flagged


def request_rates(
    measurements: Any,  # noqa: ANN401 - any supported frame
    *,
    granularity: CalendarGranularity,
    as_of: dt.date,
) -> Any:  # noqa: ANN401 - the caller's own kind of frame
    """How many requests did each service get in each calendar period?

    Months differ in length, so a busier month may only be a longer one: the
    rate is per day beside the count.

    Args:
        measurements: One row a request (contract `service_measurements`);
            `quantity` like requests where the column is there.
        granularity: `day`, `week` (ISO, from Monday), `month`, `quarter` or `year`.
        as_of: Last complete day; later rows are ignored.

    Returns:
        One row a service and period, sorted: `service`, `interval_start`,
        `interval_end` (exclusive), `requests`, `requests_per_day`; 0 in a quiet
        period, null while it is not complete.

    Raises:
        SchemaError: A column is missing.
        ParameterError: `granularity` is unknown.

    Examples:
        >>> log = pl.DataFrame(
        ...     {"service": "api", "day": [3, 4, 4], "duration_us": 9, "status": "ok"}
        ... )
        >>> request_rates(log, granularity="day", as_of=dt.date(1970, 1, 6))["requests"].to_list()
        [1, 2, 0]
    """
    counts = _outcomes(measurements, granularity=granularity, as_of=as_of)
    length = (pl.col("interval_end") - pl.col("interval_start")).dt.total_days()
    rates = counts.drop("errors").with_columns(requests_per_day=pl.col("requests") / length)
    return like(rates, measurements)


def error_shares(
    measurements: Any,  # noqa: ANN401 - any supported frame
    *,
    granularity: CalendarGranularity,
    as_of: dt.date,
    confidence_level: float = 0.95,
) -> Any:  # noqa: ANN401 - the caller's own kind of frame
    """What share of the requests of each service failed in each calendar period?

    A timeout is a failure: whoever waited got no answer. Requests whose status
    is not known are in neither count.

    Args:
        measurements: One row a request (contract `service_measurements`).
        granularity: Calendar unit.
        as_of: Last complete day; later rows are ignored.
        confidence_level: Coverage of the Wilson intervals. Failures come in
            bursts, so the intervals are narrower than the truth.

    Returns:
        One row a service and period, sorted: `service`, `interval_start`,
        `interval_end`, `requests`, `errors`, `share`, `ci_lower`, `ci_upper`;
        null while the period is not complete, the share of no requests too.

    Raises:
        SchemaError: A column is missing.
        ParameterError: `granularity` is unknown.

    Examples:
        >>> log = pl.DataFrame(
        ...     {"service": "api", "day": 4, "duration_us": 9, "status": ["ok", "timeout"]}
        ... )
        >>> error_shares(log, granularity="day", as_of=dt.date(1970, 1, 5))["share"].item()
        0.5
    """
    counts = _outcomes(measurements, granularity=granularity, as_of=as_of)
    shares = add_share_interval(
        counts, numerator="errors", denominator="requests", confidence_level=confidence_level
    )
    return like(shares, measurements)


def request_rates_by_time(
    measurements: Any,  # noqa: ANN401 - any supported frame
    *,
    unit: Clock,
    as_of: dt.date,
    days: int = 1,
) -> Any:  # noqa: ANN401 - the caller's own kind of frame
    """How many requests a second did each service get in each minute or hour?

    A daily count hides the peak that breaks a service. Hours are those of UTC:
    in zones that differ from it by half an hour, the first and the last hour
    of the span hold half an hour of it.

    Args:
        measurements: One row a request (contract `service_measurements`) with `t_us`.
        unit: `minute` or `hour`.
        as_of: Last complete day; later rows are ignored.
        days: How many days up to `as_of`; a year of minutes is half a million rows a service.

    Returns:
        One row a service and unit with traffic, sorted: `service`, `t_us` (its
        start), `requests`, `errors`, `requests_per_second`.

    Raises:
        SchemaError: A column is missing.
        ParameterError: `unit` is unknown, `days` below 1, or the times of day are not known.

    Examples:
        >>> log = pl.DataFrame(
        ...     {"service": "api", "t_us": [0, 59_999_999, 60_000_000], "day": 0}
        ... ).with_columns(duration_us=9, status=pl.lit("ok"))
        >>> request_rates_by_time(log, unit="minute", as_of=dt.date(1970, 1, 1))[
        ...     "requests"
        ... ].to_list()
        [2, 1]
    """
    require_choice(unit, get_args(Clock), name="unit")
    require_at_least(days, 1, name="days")

    length = _MICROSECONDS[unit]
    known = known_measurements(
        measurements, as_of=as_of, question="request_rates_by_time", days=days
    )
    counts = finish(
        known.with_columns(
            t_us=nw.col("t_us") // length * length, errors=nw.col("failed") * nw.col("quantity")
        )
        .group_by("service", "t_us")
        .agg(nw.col("quantity").sum().alias("requests"), nw.col("errors").sum())
    )
    rate = pl.col("requests") / (length / 1e6)
    return like(counts.with_columns(requests_per_second=rate).sort("service", "t_us"), measurements)


def _outcomes(
    measurements: Any,  # noqa: ANN401 - any supported frame
    *,
    granularity: CalendarGranularity,
    as_of: dt.date,
) -> pl.DataFrame:
    """Requests and errors by service and period."""
    require_choice(granularity, CALENDAR_GRANULARITIES, name="granularity")

    known = known_measurements(measurements, as_of=as_of)
    counts = finish(
        with_period_key(
            known.with_columns(errors=nw.col("failed") * nw.col("quantity")),
            granularity=granularity,
        )
        .group_by("service", "key")
        .agg(nw.col("quantity").sum().alias("requests"), nw.col("errors").sum())
    )
    return fill_periods(
        counts,
        by=["service"],
        counted=["requests", "errors"],
        granularity=granularity,
        as_of=as_of,
    )


def _timed(frame: nw.LazyFrame[Any], *, question: str) -> nw.LazyFrame[Any]:
    """The rows that know their time of day; refused where there are rows and none does."""
    rows = frame.select(nw.len().alias("rows"), nw.col("t_us").count().alias("known"))
    [(total, known)] = finish(rows).rows()
    if total and not known:
        EventLog(frame=frame, zone="UTC", resolution="day").require_time_of_day(question=question)
    timed = frame.filter(~nw.col("t_us").is_null())
    return timed.with_columns(t_us=nw.col("t_us").cast(nw.Int64))
