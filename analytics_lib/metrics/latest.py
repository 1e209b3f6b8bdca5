"""One value of each group of a result, for titles and answers."""

from typing import Any

import polars as pl

from analytics_lib.events.boundary import as_table
from analytics_lib.metrics.frames import like


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
