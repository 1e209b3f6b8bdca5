"""What is read of the results of growth: users so far, who went quiet, means of the last days."""

from typing import Any

import polars as pl

from analytics_lib.core.checks import require_at_least
from analytics_lib.core.results import Estimate
from analytics_lib.events.boundary import as_table
from analytics_lib.metrics.frames import finish
from analytics_lib.statistics import estimate_mean, estimate_share


def users_so_far(months: Any) -> float:  # noqa: ANN401 - any frame
    """How many different users were there by the end of the last complete period?

    Args:
        months: Result of `lifecycle`, made with a complete history: then every user is new in
            exactly one period.

    Returns:
        Users; `nan` where new users are not known.

    Raises:
        SchemaError: The column `new` is missing.

    Examples:
        >>> users_so_far(pl.DataFrame({"new": [5, 0, 7, None]}))
        12.0
    """
    new = finish(as_table(months, ["new"], name="months"))["new"].drop_nulls()
    return float(new.sum()) if len(new) else float("nan")


def share_gone_quiet(months: Any) -> Estimate:  # noqa: ANN401 - any frame
    """What share of those active in the period before the last complete one was not active in it?

    The trap is the base: over the users of the period itself, growth hides those who leave.

    Args:
        months: Result of `lifecycle`, in order of time.

    Returns:
        The share with its Wilson interval; undefined where there are no two complete periods.

    Raises:
        SchemaError: A column is missing.

    Examples:
        >>> months = pl.DataFrame({"active": [8, 9, None], "dormant": [0, 2, None]})
        >>> found = share_gone_quiet(months)
        >>> found.value, found.n
        (0.25, 8)
    """
    table = finish(as_table(months, ["active", "dormant"], name="months"))
    rows = table.select(before=pl.col("active").shift(1), gone="dormant").drop_nulls().rows()
    base, gone = rows[-1] if rows else (0, 0)
    return estimate_share(int(gone), int(base))


def mean_of_last(frame: Any, column: str, *, count: int, unit: str) -> Estimate:  # noqa: ANN401
    """The mean of the last known values, such as the daily active users of the last 30 days.

    Days follow each other and are no independent draws, so there is no interval.

    Args:
        frame: Result of a metric, in order of time.
        column: Column of numbers.
        count: Known values that count, 1 or more; fewer give no mean.
        unit: Unit of the numbers.

    Returns:
        The mean without an interval; undefined where there are fewer values.

    Raises:
        SchemaError: The column is missing.
        ParameterError: `count` is below 1.

    Examples:
        >>> days = pl.DataFrame({"users": [1, 2, 6, None]})
        >>> mean_of_last(days, "users", count=2, unit="users").value
        4.0
    """
    require_at_least(count, 1, name="count")
    known = finish(as_table(frame, [column], name="frame"))[column].drop_nulls().tail(count)
    enough = known if len(known) == count else known.clear()
    mean = estimate_mean(enough.cast(pl.Float64).to_numpy(), unit=unit)
    return Estimate(value=mean.value, n=mean.n, unit=unit)
