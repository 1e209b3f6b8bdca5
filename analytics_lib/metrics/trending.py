"""Which content is viewed more than its own past would have it."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl
from scipy.special import gammaincinv

from analytics_lib.core.checks import require_at_least, require_between
from analytics_lib.core.errors import ParameterError
from analytics_lib.core.periods import day_number
from analytics_lib.metrics.calendar import day_column
from analytics_lib.metrics.content_log import (
    VIEW_TYPES,
    require_event_types,
    with_quantity,
)
from analytics_lib.metrics.frames import finish, flag, known_events, like


def trending(
    events: Any,  # noqa: ANN401 - an EventLog or any supported frame
    *,
    as_of: dt.date,
    minimum_views: int,
    recent_days: int = 7,
    baseline_days: int = 28,
    view_types: Sequence[str] = VIEW_TYPES,
    prior_strength: float = 10,
    confidence_level: float = 0.95,
) -> Any:  # noqa: ANN401 - the caller's own kind of frame
    """Which content is viewed more than its own past would have it?

    The plain ratio of recent to earlier views puts an item that went from 1 to
    3 views above one that went from 1,000 to 2,000. Here the recent views are
    Poisson with mean ratio x expected, and the ratio has a gamma prior with
    mean 1 whose weight is `prior_strength` expected views: the posterior mean
    is (prior + recent) / (prior + expected). Items are ranked by its lower
    bound, so little evidence ranks low. The expected views are taken as known,
    and one enthusiast can make a trend: look at `recent_viewers` too.

    Args:
        events: An `EventLog`, or a frame with `user_id`, `day`, `event_type`,
            `content_id` and, where rows stand for several events, `quantity`.
        as_of: Last complete day, the last of the recent days.
        minimum_views: Items with fewer recent views are left out; 1 or more.
        recent_days: Days up to `as_of`; whole weeks keep weekdays comparable.
        baseline_days: Days just before the recent ones.
        view_types: Event types that are views.
        prior_strength: Expected views that the prior weighs, above 0. With 10,
            20 recent views where 10 were expected make 1.5, not 2.
        confidence_level: Coverage of the credible intervals.

    Returns:
        One row an item, highest lower bound first: `content_id`,
        `recent_views`, `recent_viewers`, `expected_views` (baseline views a
        day times recent days), `ratio` (posterior mean), `ci_lower`,
        `ci_upper`. Where the log begins after the baseline does, nothing is
        known to be expected: these four are null, and the order is by views.

    Raises:
        SchemaError: A column is missing.
        ParameterError: A number is out of range, or no event type is a view.

    Examples:
        >>> log = pl.DataFrame(
        ...     {
        ...         "user_id": ["a", "a"],
        ...         "day": [0, 7],
        ...         "content_id": ["p", "p"],
        ...         "event_type": ["content_view"] * 2,
        ...         "quantity": [10, 20],
        ...     }
        ... )
        >>> found = trending(log, as_of=dt.date(1970, 1, 14), baseline_days=7, minimum_views=1)
        >>> found.select("recent_views", "expected_views", "ratio").rows()
        [(20, 10.0, 1.5)]

    References:
        Gelman A. et al. (2013), Bayesian Data Analysis, 3rd ed., chapter 2
        (Poisson model with known exposure and gamma prior; exercise 18).
    """
    require_event_types(view_types, name="view_types")
    require_at_least(minimum_views, 1, name="minimum_views")
    require_at_least(recent_days, 1, name="recent_days")
    require_at_least(baseline_days, 1, name="baseline_days")
    require_between(confidence_level, 0, 1, name="confidence_level")
    if not 0 < prior_strength < float("inf"):
        raise ParameterError(f"`prior_strength` is {prior_strength}; it must be above 0.")

    known = known_events(events, as_of=as_of, columns=["event_type", "content_id"])
    recent_from = day_number(as_of) - recent_days + 1
    counts = _counts(
        known, view_types=view_types, recent_from=recent_from, first=recent_from - baseline_days
    )
    begins = finish(known.select(nw.col("day").min()))["day"].item()
    is_covered = begins is not None and begins <= recent_from - baseline_days
    expected = pl.col("baseline_views") * recent_days / baseline_days
    asked = counts.filter(pl.col("recent_views") >= minimum_views).with_columns(
        expected_views=expected if is_covered else pl.lit(None, pl.Float64)
    )
    result = _with_ratio(asked, prior=prior_strength, confidence_level=confidence_level)
    ordered = result.sort(
        "ci_lower", "recent_views", "content_id", descending=[True, True, False], nulls_last=True
    )
    columns = ("recent_views", "recent_viewers", "expected_views", "ratio", "ci_lower", "ci_upper")
    return like(ordered.select("content_id", *columns), events)


def _counts(
    known: nw.LazyFrame[Any], *, view_types: Sequence[str], recent_from: int, first: int
) -> pl.DataFrame:
    """Views of each item in the baseline and in the recent days, and its recent viewers."""
    views = with_quantity(
        known.filter(nw.col("event_type").is_in(list(view_types)), ~nw.col("content_id").is_null())
    ).select("content_id", "user_id", "quantity", day_column().alias("day"))
    window = views.filter(nw.col("day") >= first).with_columns(
        is_recent=flag(nw.col("day") >= recent_from)
    )
    by_user = (
        window.with_columns(
            recent_views=nw.col("quantity") * nw.col("is_recent"),
            baseline_views=nw.col("quantity") * (1 - nw.col("is_recent")),
        )
        .group_by("content_id", "user_id")
        .agg(nw.col("recent_views", "baseline_views").sum())
        .with_columns(recent_viewers=flag(nw.col("recent_views") > 0))
    )
    return finish(
        by_user.group_by("content_id").agg(
            nw.col("recent_views", "baseline_views", "recent_viewers").sum()
        )
    )


def _with_ratio(frame: pl.DataFrame, *, prior: float, confidence_level: float) -> pl.DataFrame:
    """Posterior mean of the ratio and its equal-tailed credible interval."""
    shape = frame["recent_views"].to_numpy() + prior
    rate = pl.col("expected_views") + prior
    tail = (1 - confidence_level) / 2
    bounds = [pl.Series(gammaincinv(shape, level), dtype=pl.Float64) for level in (tail, 1 - tail)]
    return frame.with_columns(
        ratio=(pl.col("recent_views") + prior) / rate,
        ci_lower=bounds[0] / rate,
        ci_upper=bounds[1] / rate,
    )
