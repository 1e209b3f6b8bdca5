"""Whether services were there, and what is left of the failures they may have."""

import datetime as dt
from fractions import Fraction
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl

from analytics_lib.core.checks import require_at_least, require_between, require_choice
from analytics_lib.core.periods import CALENDAR_GRANULARITIES, CalendarGranularity, day_number
from analytics_lib.metrics.by_period import fill_periods
from analytics_lib.metrics.calendar import with_period_key
from analytics_lib.metrics.frames import finish, flag, like
from analytics_lib.metrics.operations import known_measurements
from analytics_lib.statistics import add_share_interval, wilson_interval

_MINUTE_US = 60_000_000


def availability(
    measurements: Any,  # noqa: ANN401 - any supported frame
    *,
    granularity: CalendarGranularity,
    as_of: dt.date,
    failing_share: float = 0.05,
    confidence_level: float = 0.95,
) -> Any:  # noqa: ANN401 - the caller's own kind of frame
    """For what share of the time, and of the requests, was each service available?

    The two answer different questions: an outage at night costs minutes and
    few requests. Minutes without any request say nothing and are left out, so
    a service that nobody could reach at all looks available here: measure it
    from outside too.

    Args:
        measurements: One row a request (contract `service_measurements`) with `t_us`.
        granularity: Calendar unit.
        as_of: Last complete day; later rows are ignored.
        failing_share: A minute is available while less than this share of its requests failed.
        confidence_level: Coverage of the Wilson intervals. Outages last, so
            minutes are not independent and the intervals too narrow.

    Returns:
        One row a service and period, sorted: `service`, `interval_start`,
        `interval_end`, `minutes` (with requests), `available_minutes`, `share`,
        `ci_lower`, `ci_upper`, `requests`, `successful`, `request_share`,
        `request_ci_lower`, `request_ci_upper`; null while the period is not
        complete, shares of nothing too.

    Raises:
        SchemaError: A column is missing.
        ParameterError: `granularity` is unknown, `failing_share` is not between
            0 and 1, or the times of day are not known.

    Examples:
        >>> log = pl.DataFrame({"service": "api", "day": 0, "t_us": [0, 1, 60_000_000]})
        >>> log = log.with_columns(duration_us=9, status=pl.Series(["ok", "error", "ok"]))
        >>> found = availability(log, granularity="day", as_of=dt.date(1970, 1, 1))
        >>> found["share"].item(), round(found["request_share"].item(), 3)
        (0.5, 0.667)

    References:
        Beyer B. et al. (2016), Site Reliability Engineering, chapter 3, on
        time-based and aggregate availability.
    """
    require_choice(granularity, CALENDAR_GRANULARITIES, name="granularity")
    require_between(failing_share, 0, 1, name="failing_share")

    limit = Fraction(str(failing_share))
    known = known_measurements(measurements, as_of=as_of, question="availability")
    minutes = (
        known.with_columns(
            minute=nw.col("t_us") // _MINUTE_US, errors=nw.col("failed") * nw.col("quantity")
        )
        .group_by("service", "day", "minute")
        .agg(nw.col("quantity").sum().alias("requests"), nw.col("errors").sum())
        .with_columns(nw.col("requests", "errors").cast(nw.Int64))
    )
    is_up = nw.col("errors") * limit.denominator < nw.col("requests") * limit.numerator
    flagged = minutes.with_columns(
        available_minutes=flag(is_up),
        successful=nw.col("requests") - nw.col("errors"),
    )
    counts = finish(
        with_period_key(flagged, granularity=granularity)
        .group_by("service", "key")
        .agg(
            nw.len().alias("minutes"),
            nw.col("available_minutes").sum(),
            nw.col("requests").sum(),
            nw.col("successful").sum(),
        )
    )
    filled = fill_periods(
        counts,
        by=["service"],
        counted=["minutes", "available_minutes", "requests", "successful"],
        granularity=granularity,
        as_of=as_of,
    )
    return like(_both_shares(filled, confidence_level=confidence_level), measurements)


def error_budget(
    measurements: Any,  # noqa: ANN401 - any supported frame
    *,
    objective: float,
    as_of: dt.date,
    days: int = 28,
) -> Any:  # noqa: ANN401 - the caller's own kind of frame
    """How much of the failures that the objective allows is left?

    An objective of 99.9 % allows one request in a thousand to fail. A window
    of which the beginning was not measured has no budget: it would look
    unspent.

    Args:
        measurements: One row a request (contract `service_measurements`).
        objective: Share of requests that must succeed, between 0 and 1.
        as_of: Last complete day; later rows are ignored.
        days: Length of the window that ends on `as_of`; whole weeks hold the
            same weekdays.

    Returns:
        One row a service with requests in the window, sorted: `service`,
        `requests`, `errors`, `allowed_errors` (a fraction of a request too),
        `budget_left` (share of what is allowed; below 0 where it is
        overspent). The last two are null where the measurements begin inside
        the window.

    Raises:
        SchemaError: A column is missing.
        ParameterError: `objective` is not between 0 and 1, or `days` below 1.

    Examples:
        >>> log = pl.DataFrame({"service": "api", "day": 0, "duration_us": 9})
        >>> log = log.with_columns(status=pl.Series(["error"]), quantity=1)
        >>> ok = log.with_columns(status=pl.lit("ok"), quantity=199)
        >>> found = error_budget(
        ...     pl.concat([log, ok]), objective=0.99, as_of=dt.date(1970, 1, 1), days=1
        ... )
        >>> found["allowed_errors"].item(), found["budget_left"].item()
        (2.0, 0.5)

    References:
        Beyer B. et al. (2018), The Site Reliability Workbook, chapter 2.
    """
    require_between(objective, 0, 1, name="objective")
    require_at_least(days, 1, name="days")

    allowed = 1 - Fraction(str(objective))
    known = known_measurements(measurements, as_of=as_of)
    first = finish(known.select(nw.col("day").min())).item()
    inside = known.filter(nw.col("day") > day_number(as_of) - days)
    counts = finish(
        inside.with_columns(errors=nw.col("failed") * nw.col("quantity"))
        .group_by("service")
        .agg(nw.col("quantity").sum().alias("requests"), nw.col("errors").sum())
    )
    is_measured = first is not None and first <= day_number(as_of) - days + 1
    allowed_errors = pl.col("requests") * allowed.numerator / allowed.denominator
    budget = counts.with_columns(
        allowed_errors=pl.when(pl.lit(is_measured)).then(allowed_errors),
    ).with_columns(budget_left=1 - pl.col("errors") / pl.col("allowed_errors"))
    return like(budget.sort("service"), measurements)


def _both_shares(counts: pl.DataFrame, *, confidence_level: float) -> pl.DataFrame:
    """Shares of minutes and of requests, each beside its counts."""
    timed = add_share_interval(
        counts.select(pl.exclude("requests", "successful")),
        numerator="available_minutes",
        denominator="minutes",
        confidence_level=confidence_level,
    )
    successful = counts["successful"].cast(pl.Float64).to_numpy()
    requests = counts["requests"].cast(pl.Float64).to_numpy()
    lower, upper = wilson_interval(successful, requests, confidence_level=confidence_level)
    return timed.with_columns(
        counts["requests"],
        counts["successful"],
        (counts["successful"] / counts["requests"]).fill_nan(None).alias("request_share"),
        pl.Series("request_ci_lower", lower).fill_nan(None),
        pl.Series("request_ci_upper", upper).fill_nan(None),
    )
