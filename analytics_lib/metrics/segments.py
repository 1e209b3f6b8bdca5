"""How segments of users differ."""

from collections.abc import Sequence
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import polars as pl

from analytics_lib.core.errors import ParameterError, SchemaError
from analytics_lib.core.results import Estimate
from analytics_lib.events.boundary import as_table
from analytics_lib.metrics.frames import finish, like
from analytics_lib.statistics import add_share_interval, estimate_mean, estimate_median

_SCHEMA = {
    "column": pl.String,
    "n": pl.Int64,
    "mean": pl.Float64,
    "mean_ci_lower": pl.Float64,
    "mean_ci_upper": pl.Float64,
    "median": pl.Float64,
    "median_ci_lower": pl.Float64,
    "median_ci_upper": pl.Float64,
}


def compare_segments(
    frame: Any,  # noqa: ANN401 - any supported frame
    *,
    segment: str,
    values: Sequence[str],
    confidence_level: float = 0.95,
) -> Any:  # noqa: ANN401 - the caller's own kind of frame
    """How large is each segment, and how do its users differ in some numbers?

    The trap is to compare a segment on the number that defines it: the most
    active users are the most active. And means of skewed numbers follow a few
    users, so the median stands beside each.

    Args:
        frame: One row a user, with the `segment` column and the `values`.
        segment: Column of segments, text, whole numbers or true and false; users without one
            are a segment of their own.
        values: Columns of numbers, or of true and false (1 and 0).
        confidence_level: Coverage of the intervals.

    Returns:
        One row a segment and column, sorted: the segment, `users`,
        `all_users`, `share`, `ci_lower`, `ci_upper` (Wilson); `column`, `n`
        (users with a value), `mean` with its t interval (`mean_ci_lower`,
        `mean_ci_upper`), `median` with its exact one; null where there are too
        few values. An interval speaks of users like these, not of these; two
        that overlap may still differ.

    Raises:
        SchemaError: A column is missing, or a value is no number.
        ParameterError: `values` names no column, or holds an infinite number.

    Examples:
        >>> users = pl.DataFrame({"kind": ["new", "new", "old"], "days": [1, 3, 9]})
        >>> compare_segments(users, segment="kind", values=["days"]).select(
        ...     "kind", "users", "mean", "median"
        ... ).rows()
        [('new', 2, 2.0, 2.0), ('old', 1, 9.0, 9.0)]
    """
    if not values:
        raise ParameterError("`values` is empty; name at least one column to compare.")
    table = as_table(frame, [segment, *values], name="frame")
    _require_numbers(table, values)

    numbers = [nw.col(name).cast(nw.Float64).alias(f"__{name}") for name in values]
    users = with_plain_labels(finish(table.select(nw.col(segment), *numbers)), segment=segment)
    sizes = users.group_by(segment).agg(pl.len().cast(pl.Int64).alias("users")).sort(segment)
    shares = add_share_interval(
        sizes.with_columns(all_users=pl.lit(users.height, pl.Int64)),
        numerator="users",
        denominator="all_users",
        confidence_level=confidence_level,
    )
    rows = []
    for label in sizes[segment]:
        members = users.filter(pl.col(segment).eq_missing(pl.lit(label, users.schema[segment])))
        rows += [
            {segment: label, **_described(members[f"__{name}"], name, confidence_level)}
            for name in values
        ]
    described = pl.DataFrame(rows, schema={segment: users.schema[segment], **_SCHEMA})
    joined = shares.join(described, on=segment, how="inner", nulls_equal=True)
    return like(joined.sort(segment, "column"), frame)


def with_plain_labels(users: pl.DataFrame, *, segment: str) -> pl.DataFrame:
    """The frame with segments that are categories as plain text: these sort by code and do not mix.

    Args:
        users: One row a user.
        segment: Column of segments.
    """
    if users.schema[segment] in (pl.Categorical, pl.Enum):
        return users.with_columns(pl.col(segment).cast(pl.String))
    return users


def require_one_row_a_user(users: pl.DataFrame, *, name: str) -> None:
    """Raise `SchemaError` if a user is missing or there more than once."""
    missing = users["user_id"].null_count()
    if missing:
        raise SchemaError(
            f"`{name}` has {missing} rows without `user_id`; each row must be a user."
        )
    repeated = users.height - users["user_id"].n_unique()
    if repeated:
        raise SchemaError(
            f"`{name}` has {repeated} rows of users who are already there; it must have one row a "
            "user."
        )


def _described(
    values: pl.Series, name: str, confidence_level: float
) -> dict[str, str | int | float | None]:
    # In order of size, so that a sum is the same to the last bit on every engine.
    numbers = np.sort(values.fill_null(np.nan).to_numpy())
    mean = estimate_mean(numbers, unit=name, confidence_level=confidence_level)
    median = estimate_median(numbers, unit=name, confidence_level=confidence_level)
    return {"column": name, "n": mean.n, **_fields(mean, "mean"), **_fields(median, "median")}


def _fields(estimate: Estimate, name: str) -> dict[str, float | None]:
    plain = estimate.to_dict()
    return {
        name: plain["value"],  # type: ignore[dict-item]
        f"{name}_ci_lower": plain["ci_lower"],  # type: ignore[dict-item]
        f"{name}_ci_upper": plain["ci_upper"],  # type: ignore[dict-item]
    }


def _require_numbers(table: nw.LazyFrame[Any], values: Sequence[str]) -> None:
    schema = table.collect_schema()
    for name in values:
        if not (schema[name].is_numeric() or schema[name] == nw.Boolean):
            raise SchemaError(f"`{name}` is {schema[name]}; a value to compare must be a number.")
