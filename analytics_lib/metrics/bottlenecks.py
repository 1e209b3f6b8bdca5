"""Which services cost the most time and the most failures, and why."""

import datetime as dt
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl

from analytics_lib.core.checks import require_at_least
from analytics_lib.metrics.frames import finish, like
from analytics_lib.metrics.latency import exact_share, nearest_ranks
from analytics_lib.metrics.operations import known_measurements


def bottlenecks(
    measurements: Any,  # noqa: ANN401 - any supported frame
    *,
    as_of: dt.date,
    days: int = 28,
    factor: float = 1.5,
    saturated: float = 0.8,
) -> Any:  # noqa: ANN401 - the caller's own kind of frame
    """Which services contribute most to the time people wait and to failures, and why?

    The slowest service is often asked twice a day. So services are ranked by
    what they contribute to all the time and to all failures, and the reason
    tells a slow one from a busy one. Time inside a service that another one
    waited for is in both: it is not taken apart here.

    Args:
        measurements: One row a request (contract `service_measurements`).
        as_of: Last complete day; later rows are ignored.
        days: Length of the window that ends on `as_of`.
        factor: How much a contribution must exceed the share of requests for
            `slow` and `failing`, and the share of requests an equal part for `busy`.
        saturated: Least 95th percentile of saturation for `saturated`.

    Returns:
        One row a service, those first that lead either ranking: `service`,
        `requests`, `request_share`, `time_us`, `time_share`, `time_rank`,
        `errors`, `error_share` (of all failures), `error_rank` (1 is most;
        equals share the better rank), `saturation_p95` (null where unknown),
        `reasons` (codes joined by `;` in this order: `slow`, `busy`,
        `failing`, `saturated`; empty where there is none). Shares of nothing
        are null.

    Raises:
        SchemaError: A column is missing.
        ParameterError: `days` or `factor` is below 1.

    Examples:
        >>> log = pl.DataFrame({"service": ["a", "b"], "day": 0, "duration_us": [1, 9]})
        >>> found = bottlenecks(
        ...     log.with_columns(status=pl.lit("ok")), as_of=dt.date(1970, 1, 1), days=1
        ... )
        >>> found.select("service", "time_share", "reasons").rows()
        [('b', 0.9, 'slow'), ('a', 0.1, '')]
    """
    require_at_least(days, 1, name="days")
    require_at_least(factor, 1, name="factor")

    known = known_measurements(measurements, as_of=as_of, days=days)
    totals = known.with_columns(
        errors=nw.col("failed") * nw.col("quantity"),
        time_us=nw.col("duration_us").fill_null(0).cast(nw.Int64) * nw.col("quantity"),
    )
    counts = finish(
        totals.group_by("service").agg(
            nw.col("quantity").sum().alias("requests"),
            nw.col("time_us").sum(),
            nw.col("errors").sum(),
        )
    )
    shares = counts.join(_saturation(known), on="service", how="left").with_columns(
        _of_all("requests").alias("request_share"),
        _of_all("time_us").alias("time_share"),
        _of_all("errors").alias("error_share"),
        _rank("time_us").alias("time_rank"),
        _rank("errors").alias("error_rank"),
    )
    with_reasons = shares.with_columns(reasons=_reasons(factor=factor, saturated=saturated))
    best = pl.min_horizontal("time_rank", "error_rank")
    ordered = with_reasons.sort(best, pl.col("time_us"), "service", descending=[False, True, False])
    return like(
        ordered.select(
            "service", "requests", "request_share", "time_us", "time_share", "time_rank",
            "errors", "error_share", "error_rank", "saturation_p95", "reasons",
        ),
        measurements,
    )  # fmt: skip


def _saturation(known: nw.LazyFrame[Any]) -> pl.DataFrame:
    """The 95th percentile of saturation of each service that has one."""
    if "saturation" not in known.collect_schema().names():
        return pl.DataFrame(schema={"service": pl.String, "saturation_p95": pl.Float64})
    levels = nearest_ranks(
        known.filter(~nw.col("saturation").is_null()),
        value="saturation",
        by=["service"],
        wanted={"saturation_p95": exact_share(95)},
    )
    return finish(levels.select("service", "saturation_p95"))


def _of_all(column: str) -> pl.Expr:
    return (pl.col(column) / pl.col(column).sum()).fill_nan(None)


def _rank(column: str) -> pl.Expr:
    return pl.col(column).rank("min", descending=True).cast(pl.Int64)


def _reasons(*, factor: float, saturated: float) -> pl.Expr:
    requests = pl.col("request_share")
    codes = {
        "slow": pl.col("time_share") >= factor * requests,
        "busy": requests >= factor / pl.len(),
        "failing": pl.col("error_share") >= factor * requests,
        "saturated": pl.col("saturation_p95") >= saturated,
    }
    found = [pl.when(is_so).then(pl.lit(code)) for code, is_so in codes.items()]
    return pl.concat_str(found, separator=";", ignore_nulls=True)
