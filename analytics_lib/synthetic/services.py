"""Measurements of services with one outage whose place and size are known."""

import datetime as dt
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import polars as pl

from analytics_lib.core.checks import require_at_least
from analytics_lib.core.errors import ParameterError
from analytics_lib.core.periods import day_number

DEFAULT_START = dt.date(2024, 1, 1)
_DAY_US = 86_400_000_000
_MINUTE_US = 60_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceMeasurements:
    """Simulated measurements and what is true of them.

    Attributes:
        measurements: One row a request (contract `service_measurements`), in order of time.
        truth: `service` (the one with the outage), `outage_start_us`,
            `outage_end_us` (exclusive; every request in between fails),
            `error_share` (expected share of failures of any service outside the
            outage), `median_us` (true median duration by service).
    """

    measurements: pl.DataFrame
    truth: MappingProxyType[str, object]


def service_measurements(
    *,
    requests: int,
    days: int,
    rng: np.random.Generator,
    services: int = 3,
    error_share: float = 0.01,
    outage_minutes: int = 60,
    start: dt.date = DEFAULT_START,
) -> ServiceMeasurements:
    """Simulate requests to services of which one is down for a while.

    Requests come evenly over time. Durations are log-normal; the median of
    the n-th service is n times 20 ms. The outage hits the first service in
    the middle of the days; requests time out while it lasts.

    Args:
        requests: Number of requests, 1 or more.
        days: Number of days, 1 or more.
        rng: Source of all randomness; the same seed gives the same table.
        services: Number of services, 1 or more, asked equally often.
        error_share: Probability of failure outside the outage, 0 to 1.
        outage_minutes: Length of the outage; 0 for none.
        start: First day (UTC).

    Returns:
        The measurements and the truth.

    Raises:
        ParameterError: A number is out of range.

    Examples:
        >>> made = service_measurements(requests=9, days=1, rng=np.random.default_rng(1))
        >>> made.measurements.height, made.truth["service"]
        (9, 'service-1')
    """
    for name, value in (("requests", requests), ("days", days), ("services", services)):
        require_at_least(value, 1, name=name)
    if not 0 <= error_share <= 1:
        raise ParameterError(f"`error_share` is {error_share}; it must lie between 0 and 1.")
    if not 0 <= outage_minutes <= days * 720:
        raise ParameterError(
            f"`outage_minutes` is {outage_minutes}; it must lie between 0 and half of all minutes."
        )

    names = [f"service-{number + 1}" for number in range(services)]
    medians = 20_000 * np.arange(1, services + 1)
    begin = day_number(start) * _DAY_US
    t_us = np.sort(begin + rng.integers(0, days * _DAY_US, size=requests))
    which = rng.integers(0, services, size=requests)
    down_from = begin + days * _DAY_US // 2
    down_until = down_from + outage_minutes * _MINUTE_US
    is_down = (which == 0) & (t_us >= down_from) & (t_us < down_until)
    fails = rng.random(requests) < error_share
    duration = np.rint(medians[which] * np.exp(rng.normal(0, 0.5, size=requests)))
    status = np.where(is_down, "timeout", np.where(fails, "error", "ok"))
    table = pl.DataFrame(
        {
            "measurement_id": [f"m{number}" for number in range(requests)],
            "service": pl.Series(names).gather(which),
            "t_us": t_us,
            "day": pl.Series(t_us // _DAY_US, dtype=pl.Int32),
            "duration_us": pl.Series(np.where(is_down, 30_000_000, duration), dtype=pl.Int64),
            "status": pl.Series(status, dtype=pl.String),
            "saturation": np.where(is_down, 1.0, rng.beta(2, 5, size=requests)),
            "quantity": pl.repeat(1, requests, dtype=pl.Int64, eager=True),
        }
    )
    truth = MappingProxyType(
        {
            "service": names[0],
            "outage_start_us": down_from,
            "outage_end_us": down_until,
            "error_share": error_share,
            "median_us": dict(zip(names, medians.tolist(), strict=True)),
        }
    )
    return ServiceMeasurements(measurements=table, truth=truth)
