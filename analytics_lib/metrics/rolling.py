"""Who is active over a rolling window, and how sticky that is."""

import datetime as dt
from typing import Any, Literal, get_args

import narwhals.stable.v2 as nw
import polars as pl

from analytics_lib.core.checks import require_at_least, require_choice
from analytics_lib.core.numeric import divide
from analytics_lib.core.periods import day_number
from analytics_lib.metrics.calendar import day_column
from analytics_lib.metrics.frames import finish, known_events, like

StickinessVariant = Literal["month_mean", "last_day", "daily_mean"]


def rolling_active_users(
    events: Any,  # noqa: ANN401 - an EventLog or any supported frame
    *,
    days: int,
    as_of: dt.date,
) -> Any:  # noqa: ANN401 - the caller's own kind of frame
    """How many different users were active on a day or in the days just before it?

    WAU is `days=7`, MAU is `days=30` (28 is also in use: four whole weeks, so
    that weekdays weigh the same). Exact and from one scan: a user's active day
    counts from then until the window has passed or the next active day takes
    over, so +1 and -1 at two places and a running sum count everybody once.

    Args:
        events: An `EventLog`, or a frame with `user_id` and `day`; one row an event.
        days: Length of the window, labelled by its last day; 1 or more.
        as_of: Last complete day; later rows are ignored.

    Returns:
        One row a day from the first event to `as_of`: `date`, `active_users`;
        null for the first `days - 1` days, whose window starts before the log.

    Raises:
        SchemaError: A column is missing.
        ParameterError: `days` is below 1.
    """
    return like(count_rolling(events, days=days, as_of=as_of), events)


def count_rolling(events: Any, *, days: int, as_of: dt.date) -> pl.DataFrame:  # noqa: ANN401
    """`rolling_active_users` as a polars frame, for metrics that build on it."""
    require_at_least(days, 1, name="days")

    gap = nw.col("next_day") - nw.col("day")
    # A window that ends before the next active day is cut short by it. Both ends in one
    # grouping, so that the log is read once; the cast is for pandas, whose shift makes floats.
    spells = finish(
        known_events(events, as_of=as_of)
        .select("user_id", day_column().alias("day"))
        .group_by("user_id", "day")
        .agg(nw.len().alias("events"))
        .with_columns(next_day=nw.col("day").shift(-1).over("user_id", order_by="day"))
        .with_columns(length=nw.when(gap < days).then(gap).otherwise(nw.lit(days)).cast(nw.Int64))
        .group_by("day", "length")
        .agg(nw.len().alias("users"))
    )
    starts = spells.group_by("day").agg(arrivals=pl.col("users").sum())
    ends = spells.group_by(end=pl.col("day") + pl.col("length")).agg(
        departures=pl.col("users").sum()
    )
    schema = {"date": pl.Date, "active_users": pl.Int64}
    if starts.is_empty():
        return pl.DataFrame(schema=schema)
    first = int(starts["day"].min())  # type: ignore[arg-type]
    result = (
        pl.DataFrame({"day": range(first, day_number(as_of) + 1)}, schema={"day": pl.Int64})
        .join(starts, on="day", how="left")
        .join(ends, left_on="day", right_on="end", how="left")
        .with_columns(pl.col("arrivals", "departures").fill_null(0))
        .with_columns(active_users=(pl.col("arrivals") - pl.col("departures")).cum_sum())
        .with_columns(
            date=pl.col("day").cast(pl.Int32).cast(pl.Date),
            active_users=pl.when(pl.col("day") >= first + days - 1).then("active_users"),
        )
    )
    return result.select(list(schema))


def stickiness(
    events: Any,  # noqa: ANN401 - an EventLog or any supported frame
    *,
    as_of: dt.date,
    window: int = 30,
    variant: StickinessVariant = "month_mean",
) -> float:
    """On how much of the window is the average active user active (DAU / MAU)?

    Three accepted definitions differ by a third on the same data, so the
    variant is named with the number.

    Args:
        events: An `EventLog`, or a frame with `user_id` and `day`; one row an event.
        as_of: Last complete day, the last day of the window.
        window: Days of the window: 30, 28 or 7.
        variant: `month_mean` divides the mean of the daily active users in the
            window by the active users of the window (a ratio of means);
            `last_day` divides the last day's by the window's; `daily_mean` is
            the mean of each day's ratio to the window that ends on it.

    Returns:
        Share, 0 to 1; `nan` where the log does not cover the window (for
        `daily_mean`, twice the window less one day) or nobody was active.

    Raises:
        ParameterError: `variant` is unknown or `window` is below 1.
    """
    require_choice(variant, get_args(StickinessVariant), name="variant")
    require_at_least(window, 1, name="window")

    daily = count_rolling(events, days=1, as_of=as_of)
    rolling = count_rolling(events, days=window, as_of=as_of)
    dau = daily["active_users"].tail(window).to_list()
    mau = rolling["active_users"].tail(window).to_list()
    if len(dau) < window or mau[-1] is None:
        return float("nan")
    if variant == "last_day":
        return divide(dau[-1], mau[-1])
    if variant == "month_mean":
        return divide(sum(dau) / window, mau[-1])
    ratios = [
        divide(d, m) if m is not None else float("nan") for d, m in zip(dau, mau, strict=True)
    ]
    return sum(ratios) / window
