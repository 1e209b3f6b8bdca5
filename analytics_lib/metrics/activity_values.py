"""The metrics of activity in one long table: what is worth storing for every period."""

import datetime as dt
import json
from collections.abc import Iterator, Mapping
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl

from analytics_lib.core.periods import CalendarGranularity
from analytics_lib.metrics.activity import active_users, growth
from analytics_lib.metrics.cohorts import retention_cohorts
from analytics_lib.metrics.lifecycle import lifecycle
from analytics_lib.metrics.rolling import rolling_active_users

ROLLING_DAYS = (7, 28, 30)
VALUE_SCHEMA = {
    "metric": pl.String(),
    "grain": pl.String(),
    "period_start": pl.Date(),
    "period_end": pl.Date(),
    "through": pl.Date(),
    "dimensions": pl.String(),
    "semantics": pl.String(),
    "unit": pl.String(),
    "value": pl.Float64(),
    "numerator": pl.Float64(),
    "denominator": pl.Float64(),
    "n": pl.Int64(),
}
_COUNTED: tuple[CalendarGranularity, ...] = ("day", "week", "month")
_COMPARED: tuple[CalendarGranularity, ...] = ("week", "month")
_Said = dict[tuple[str, int], str]
_STATES = ("new", "returning", "resurrected", "dormant")


def activity_values(
    events: Any,  # noqa: ANN401 - an EventLog or any supported frame
    *,
    as_of: dt.date,
    history_complete: bool,
    rules: Mapping[str, Any] | None = None,
) -> pl.DataFrame:
    """What do the metrics of activity say of every complete period?

    Only complete periods are there, so a row of a past period stays what it
    is unless events of that period come late.

    Args:
        events: An `EventLog` or a frame with `user_id` and `day`: one row an event, or the
            user-days of a log, which give the same.
        as_of: Last complete day; later rows are ignored.
        history_complete: Whether the log begins with the platform (see `lifecycle`).
        rules: How the log was prepared; becomes part of the semantics.

    Returns:
        One row a metric, period and dimension, sorted: `metric`, `grain`,
        `period_start`, `period_end` (exclusive), `through` (last day whose
        events matter), `dimensions` and `semantics` (canonical JSON), `unit`,
        `value`, `numerator` and `denominator` of shares and changes, `n`
        (users). Empty where there are no events.
    """
    parts = _parts(events, as_of=as_of, history_complete=history_complete, rules=rules or {})
    plain = {"dimensions": pl.lit("{}"), "numerator": pl.lit(None), "denominator": pl.lit(None)}
    return pl.concat(
        part.with_columns(
            **{name: value for name, value in plain.items() if name not in part.columns}
        )
        .drop_nulls("value")
        .select(pl.col(name).cast(dtype) for name, dtype in VALUE_SCHEMA.items())
        for part in parts
    ).sort("metric", "grain", "period_start", "period_end", "dimensions", "semantics")


def activity_variants(
    *, history_complete: bool, rules: Mapping[str, Any] | None = None
) -> pl.DataFrame:
    """Which variants does `activity_values` compute under these rules?

    Returns:
        One row a variant: `metric`, `semantics`; also where it has no value.
    """
    said = _semantics(history_complete=history_complete, rules=rules or {})
    rows = [(metric, words) for (metric, _), words in said.items()]
    return pl.DataFrame(rows, schema=["metric", "semantics"], orient="row")


def as_json(value: Mapping[str, Any]) -> str:
    """Plain values as JSON that is the same for equal values.

    Examples:
        >>> as_json({"b": 1, "a": None})
        '{"a":null,"b":1}'
    """
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _semantics(*, history_complete: bool, rules: Mapping[str, Any]) -> _Said:
    """What the variants mean, by metric and days of the window (0 without one)."""
    said: dict[tuple[str, int], dict[str, Any]] = {
        ("active_users", 0): {},
        **{("rolling_active_users", days): {"days": days} for days in ROLLING_DAYS},
        ("growth", 0): {},
        ("lifecycle", 0): {"history_complete": history_complete},
        ("retention_cohorts", 0): {"cohorts": "first time", "kind": "calendar"},
    }
    return {variant: as_json({**rules, **words}) for variant, words in said.items()}


def _parts(
    events: Any,  # noqa: ANN401 - an EventLog or any supported frame
    *,
    as_of: dt.date,
    history_complete: bool,
    rules: Mapping[str, Any],
) -> Iterator[pl.DataFrame]:
    said = _semantics(history_complete=history_complete, rules=rules)
    for grain in _COUNTED:
        found = _polars(active_users(events, granularity=grain, as_of=as_of))
        yield _by_period(found, grain, said, metric="active_users").with_columns(
            unit=pl.lit("users"), value="active_users", n="active_users"
        )
    for days in ROLLING_DAYS:
        found = _polars(rolling_active_users(events, days=days, as_of=as_of))
        yield _rolling(found, days, said)
    for grain in _COMPARED:
        found = _polars(growth(events, granularity=grain, as_of=as_of))
        yield _by_period(found, grain, said, metric="growth").with_columns(
            unit=pl.lit("share"),
            value="growth",
            numerator=pl.col("active_users") - pl.col("previous"),
            denominator="previous",
            n="active_users",
        )
        found = _polars(
            lifecycle(events, granularity=grain, as_of=as_of, history_complete=history_complete)
        )
        yield _states(_by_period(found, grain, said, metric="lifecycle"))
        found = _polars(retention_cohorts(events, granularity=grain, as_of=as_of))
        yield _cohorts(found, grain, said)


def _by_period(found: pl.DataFrame, grain: str, said: _Said, *, metric: str) -> pl.DataFrame:
    return found.with_columns(
        metric=pl.lit(metric),
        grain=pl.lit(grain),
        semantics=pl.lit(said[metric, 0]),
        period_start="interval_start",
        period_end="interval_end",
        through=pl.col("interval_end").dt.offset_by("-1d"),
    )


def _rolling(found: pl.DataFrame, days: int, said: _Said) -> pl.DataFrame:
    return found.with_columns(
        metric=pl.lit("rolling_active_users"),
        grain=pl.lit("rolling"),
        semantics=pl.lit(said["rolling_active_users", days]),
        period_start=pl.col("date").dt.offset_by(f"-{days - 1}d"),
        period_end=pl.col("date").dt.offset_by("1d"),
        through="date",
        unit=pl.lit("users"),
        value="active_users",
        n="active_users",
    )


def _states(found: pl.DataFrame) -> pl.DataFrame:
    return pl.concat(
        found.with_columns(
            dimensions=pl.lit(as_json({"state": state})),
            unit=pl.lit("users"),
            value=pl.col(state).cast(pl.Float64),
            n=pl.col(state).cast(pl.Int64),
        )
        for state in _STATES
    )


def _cohorts(found: pl.DataFrame, grain: str, said: _Said) -> pl.DataFrame:
    length = {"week": "w", "month": "mo"}[grain]
    start, age = pl.col("cohort_start"), pl.col("age")
    return found.with_columns(
        metric=pl.lit("retention_cohorts"),
        grain=pl.lit(grain),
        semantics=pl.lit(said["retention_cohorts", 0]),
        period_start=start,
        period_end=start.dt.offset_by(f"1{length}"),
        through=start.dt.offset_by(pl.format("{}" + length, age + 1)).dt.offset_by("-1d"),
        dimensions=pl.concat_str(pl.lit('{"age":'), age, pl.lit("}")),
        unit=pl.lit("share"),
        value="share",
        numerator="retained",
        denominator="users",
        n="users",
    )


def _polars(found: Any) -> pl.DataFrame:  # noqa: ANN401 - a result in the caller's library
    collected: pl.DataFrame = nw.from_native(found).lazy().collect(backend="polars").to_native()
    dates = [name for name, dtype in collected.schema.items() if isinstance(dtype, pl.Datetime)]
    plain: pl.DataFrame = collected.with_columns(pl.col(dates).cast(pl.Date))
    return plain
