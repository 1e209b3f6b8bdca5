"""One value of each group of a result, for titles and answers."""

import math
from typing import Any

import polars as pl

from analytics_lib.core.checks import require_at_least, require_choice
from analytics_lib.core.errors import SchemaError
from analytics_lib.core.results import Estimate
from analytics_lib.events.boundary import as_table
from analytics_lib.metrics.frames import finish, like
from analytics_lib.statistics import estimate_share


def latest_shares(frame: Any, *, at: str, by: str = "name") -> Any:  # noqa: ANN401 - any frame
    """The last row with a share in each group of a metric's result.

    Args:
        frame: Result of a metric: one row a group and position, with `share`.
        at: Column of positions, such as `week` or `age`.
        by: Column of groups.

    Returns:
        The same columns, one row a group in order of the group; groups
        without any share are left out.

    Raises:
        SchemaError: A column is missing.

    Examples:
        >>> curve = pl.DataFrame(
        ...     {"name": ["a", "a", "a"], "age": [0, 1, 2], "share": [1.0, 0.5, None]}
        ... )
        >>> latest_shares(curve, at="age").rows()
        [('a', 1, 0.5)]
    """
    table = as_table(frame, [at, by, "share"], name="frame")
    rows: pl.DataFrame = table.collect(backend="polars").to_native()
    known = rows.filter(pl.col("share").is_not_null())
    last = known.filter(pl.col(at) == pl.col(at).max().over(by))
    return like(last.sort(by), frame)


def shares_at_age(frame: Any, *, age: int, at: str = "age") -> Any:  # noqa: ANN401 - any frame
    """The rows of a metric's result at one age, where the share is known.

    Args:
        frame: Result of a metric: one row a group and age, with `share`.
        age: The age, such as 3 for three periods after the first event.
        at: Column of ages.

    Returns:
        The same columns, in the same order; groups that are not so old yet,
        or whose share may not be shown, are left out.

    Raises:
        SchemaError: A column is missing.

    Examples:
        >>> frame = pl.DataFrame({"name": ["a", "b"], "age": [1, 1], "share": [0.5, None]})
        >>> shares_at_age(frame, age=1).rows()
        [('a', 1, 0.5)]
    """
    table = as_table(frame, [at, "share"], name="frame")
    rows: pl.DataFrame = table.collect(backend="polars").to_native()
    return like(rows.filter((pl.col(at) == age) & pl.col("share").is_not_null()), frame)


def value_of_last(frame: Any, column: str, *, back: int = 0) -> float:  # noqa: ANN401 - any frame
    """The last known value of a column, or the one so many rows before it.

    Args:
        frame: Result of a metric, in order of time; a row without a value is
            not complete yet.
        column: Column of numbers.
        back: Rows before the last known one.

    Returns:
        The value; `nan` where there is none.

    Raises:
        SchemaError: The column is missing.
        ParameterError: `back` is below 0.

    Examples:
        >>> frame = pl.DataFrame({"users": [5, 7, None]})
        >>> value_of_last(frame, "users"), value_of_last(frame, "users", back=1)
        (7.0, 5.0)
    """
    require_at_least(back, 0, name="back")

    values = _column(frame, column).to_list()
    known = [at for at, value in enumerate(values) if value is not None]
    at = known[-1] - back if known else -1
    value = values[at] if at >= 0 else None
    return math.nan if value is None else float(value)


def value_of_first(frame: Any, column: str) -> float:  # noqa: ANN401 - any frame
    """The value of a column in the first row; `nan` where there is none.

    Raises:
        SchemaError: The column is missing.

    Examples:
        >>> value_of_first(pl.DataFrame({"gain": [3.5, 1.0]}), "gain")
        3.5
    """
    value = next(iter(_column(frame, column)), None)
    return math.nan if value is None else float(value)


def share_of_last(
    frame: Any,  # noqa: ANN401 - any frame
    *,
    numerator: str,
    denominator: str,
    confidence_level: float = 0.95,
) -> Estimate:
    """The share, with its interval, in the last row whose counts are known.

    Args:
        frame: Result of a metric, in order of time.
        numerator: Column of counts.
        denominator: Column of their base.
        confidence_level: Coverage of the Wilson interval.

    Returns:
        The share; undefined where no row has both counts.

    Raises:
        SchemaError: A column is missing.

    Examples:
        >>> frame = pl.DataFrame({"bounces": [1, None], "sessions": [4, None]})
        >>> share_of_last(frame, numerator="bounces", denominator="sessions").value
        0.25
    """
    table = finish(as_table(frame, [numerator, denominator], name="frame"))
    known = table.select(numerator, denominator).drop_nulls()
    done, base = known.rows()[-1] if len(known) else (0, 0)
    return estimate_share(done, base, confidence_level=confidence_level)


def estimate_of_last(
    frame: Any,  # noqa: ANN401 - any frame
    value: str,
    *,
    ci_lower: str,
    ci_upper: str,
    n: str,
    unit: str = "share",
    back: int = 0,
) -> Estimate:
    """A value with its interval, in the last row where it is known or so many rows before.

    Args:
        frame: Result of a metric, in order of time.
        value: Column of values.
        ci_lower: Column of the lower ends of their intervals.
        ci_upper: Column of the upper ends.
        n: Column of what each value rests on.
        unit: Unit of the values.
        back: Rows before the last known one.

    Returns:
        The value; undefined where there is none.

    Raises:
        SchemaError: A column is missing.
        ParameterError: `back` is below 0.

    Examples:
        >>> frame = pl.DataFrame({"share": [0.5, 0.4], "low": [0.3, 0.2], "high": 0.7, "n": 9})
        >>> asked = {"ci_lower": "low", "ci_upper": "high", "n": "n"}
        >>> estimate_of_last(frame, "share", **asked, back=1).value
        0.5
    """
    require_at_least(back, 0, name="back")

    names = [value, ci_lower, ci_upper, n]
    table = finish(as_table(frame, names, name="frame")).select(names)
    known = table.filter(pl.col(value).is_not_null()).rows()
    found = known[-1 - back] if len(known) > back else (None, None, None, 0)
    number, low, high = (math.nan if part is None else float(part) for part in found[:3])
    return Estimate(value=number, ci_lower=low, ci_upper=high, n=int(found[3]), unit=unit)


def first_rows(frame: Any, count: int) -> Any:  # noqa: ANN401 - any frame
    """So many rows at the top of a result that is sorted, such as the ten largest.

    Raises:
        ParameterError: `count` is below 1.

    Examples:
        >>> first_rows(pl.DataFrame({"views": [9, 5, 1]}), 2).rows()
        [(9,), (5,)]
    """
    require_at_least(count, 1, name="count")

    return like(finish(as_table(frame, [], name="frame")).head(count), frame)


def rows_of_group(frame: Any, *, column: str, value: str) -> Any:  # noqa: ANN401 - any frame
    """The rows of one group of a result.

    Raises:
        SchemaError: The column is missing.
        ParameterError: No row has the value.

    Examples:
        >>> frame = pl.DataFrame({"cohort": ["a", "b"], "age": [0, 0]})
        >>> rows_of_group(frame, column="cohort", value="b").rows()
        [('b', 0)]
    """
    table = finish(as_table(frame, [column], name="frame"))
    require_choice(value, table[column].drop_nulls().unique().sort().to_list(), name=column)
    return like(table.filter(pl.col(column) == value), frame)


def known_rows(frame: Any, column: str) -> Any:  # noqa: ANN401 - any frame
    """The rows in which a column has a value, such as those that may be shown.

    Raises:
        SchemaError: The column is missing.

    Examples:
        >>> known_rows(pl.DataFrame({"value": [1, None]}), "value").rows()
        [(1,)]
    """
    table = finish(as_table(frame, [column], name="frame"))
    return like(table.filter(pl.col(column).is_not_null()), frame)


def smallest_label(frame: Any, *, label: str, column: str) -> str:  # noqa: ANN401 - any frame
    """The group with the smallest value; the first of equals.

    Raises:
        SchemaError: A column is missing, or no row has a value.

    Examples:
        >>> frame = pl.DataFrame({"service": ["a", "b"], "share": [0.9, 0.8]})
        >>> smallest_label(frame, label="service", column="share")
        'b'
    """
    table = finish(as_table(frame, [label, column], name="frame"))
    known = table.filter(pl.col(column).is_not_null())
    if known.is_empty():
        raise SchemaError(f"`frame` has no value in {column!r}, so no group is the smallest.")
    return str(known.sort(column, maintain_order=True)[label][0])


def share_of_group(
    frame: Any,  # noqa: ANN401 - any frame
    *,
    column: str,
    value: str,
    numerator: str,
    denominator: str,
) -> Estimate:
    """The share, with its interval, in the row of one group.

    Raises:
        SchemaError: A column is missing.
        ParameterError: No row has the value.

    Examples:
        >>> frame = pl.DataFrame({"segment": ["a", "b"], "users": [1, 3], "all": [4, 4]})
        >>> share_of_group(
        ...     frame, column="segment", value="b", numerator="users", denominator="all"
        ... ).value
        0.75
    """
    row = rows_of_group(frame, column=column, value=value)
    return share_of_last(row, numerator=numerator, denominator=denominator)


def _column(frame: Any, column: str) -> pl.Series:  # noqa: ANN401 - any frame
    return finish(as_table(frame, [column], name="frame"))[column]
