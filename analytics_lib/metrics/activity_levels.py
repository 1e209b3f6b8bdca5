"""On how many days of a window users are active: exactly, and in named levels."""

import datetime as dt
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl

from analytics_lib.core.errors import ParameterError
from analytics_lib.metrics.activity_window import active_days_of, activity_in_window, window_start
from analytics_lib.metrics.frames import finish, flag, like
from analytics_lib.statistics import add_share_interval

DEFAULT_LEVELS: Mapping[str, int] = MappingProxyType(
    {"power": 16, "core": 8, "casual": 1, "dormant": 0}
)


def activity_levels(
    events: Any,  # noqa: ANN401 - an EventLog or any supported frame
    *,
    as_of: dt.date,
    window: int = 28,
    levels: Mapping[str, int] = DEFAULT_LEVELS,
    confidence_level: float = 0.95,
) -> Any:  # noqa: ANN401 - the caller's own kind of frame
    """How many users are power, core, casual and dormant users?

    Users are sorted by the number of their active days in the window ("L-ness":
    L28). Two traps: those who have gone quiet are missing from any count of
    active users, so here they are a level; and a user of three days cannot
    have eight active ones, so newcomers are counted beside.

    Args:
        events: An `EventLog`, or a frame with `user_id` and `day`; one row an event.
        as_of: Last complete day, the last day of the window.
        window: Days of the window; whole weeks, so that weekdays weigh the same.
        levels: Fewest active days of each level by its name; one level begins
            at 0. The default cuts at half and at two sevenths of four weeks: 16 days or
            more, 8 to 15, 1 to 7, none. No cut is a standard, so say yours.
        confidence_level: Coverage of the Wilson intervals.

    Returns:
        One row a level, most active first: `level`, `lowest_days`,
        `highest_days`, `users`, `newcomers` (of them first seen inside the
        window), `known_users` (everybody seen up to `as_of`), `share`,
        `ci_lower`, `ci_upper`. Null, not small, where the log begins inside
        the window.

    Raises:
        SchemaError: A column is missing.
        ParameterError: `window` is below 1, no level begins at 0, two begin at
            the same number, or one lies outside the window.

    Examples:
        >>> days = [*range(28), 27, 3, 0]
        >>> log = pl.DataFrame({"user_id": ["a"] * 28 + ["b", "b", "c"], "day": days})
        >>> activity_levels(log, as_of=dt.date(1970, 1, 29)).select("level", "users").rows()
        [('power', 1), ('core', 0), ('casual', 1), ('dormant', 1)]

    References:
        Statsig, user metrics (L-ness); Chen A. (2018), The power user curve.
    """
    start = window_start(as_of=as_of, window=window)
    _require_levels(levels, window=window)

    counts = _users_by_days(events, as_of=as_of, start=start)
    ordered = sorted(levels.items(), key=lambda item: -item[1])
    highest = [window, *(lowest - 1 for _, lowest in ordered[:-1])]
    rows = [
        {
            "level": name,
            "lowest_days": lowest,
            "highest_days": most,
            **_sums(counts.filter(pl.col("active_days").is_between(lowest, most))),
        }
        for (name, lowest), most in zip(ordered, highest, strict=True)
    ]
    found = pl.DataFrame(rows).with_columns(known_users=pl.lit(_sums(counts)["users"], pl.Int64))
    covered = _null_unless_covered(found, counts, start=start)
    shares = add_share_interval(
        covered, numerator="users", denominator="known_users", confidence_level=confidence_level
    )
    return like(shares, events)


def activity_distribution(
    events: Any,  # noqa: ANN401 - an EventLog or any supported frame
    *,
    as_of: dt.date,
    window: int = 28,
    confidence_level: float = 0.95,
) -> Any:  # noqa: ANN401 - the caller's own kind of frame
    """How many users were active on exactly so many days of the window?

    A mean of active days hides whether there are two kinds of user; the
    distribution (the power user curve) shows it.

    Args:
        events: An `EventLog`, or a frame with `user_id` and `day`; one row an event.
        as_of: Last complete day, the last day of the window.
        window: Days of the window.
        confidence_level: Coverage of the Wilson intervals.

    Returns:
        One row a number of days from 1 to `window`: `active_days`, `users`,
        `users_at_least` (active on so many days or more), `active_users`
        (active on any day of the window, the base), `share` (of the base, on
        exactly so many days), `ci_lower`, `ci_upper`. Null where the log
        begins inside the window; the share also where nobody was active.

    Raises:
        SchemaError: A column is missing.
        ParameterError: `window` is below 1.

    Examples:
        >>> log = pl.DataFrame({"user_id": ["a", "a", "b"], "day": [0, 1, 1]})
        >>> activity_distribution(log, as_of=dt.date(1970, 1, 2), window=2).select(
        ...     "active_days", "users", "users_at_least", "share"
        ... ).rows()
        [(1, 1, 2, 0.5), (2, 1, 1, 0.5)]

    References:
        PostHog, stickiness.
    """
    start = window_start(as_of=as_of, window=window)

    counts = _users_by_days(events, as_of=as_of, start=start)
    exact = counts.group_by("active_days").agg(pl.col("users").sum())
    spine = pl.DataFrame({"active_days": range(1, window + 1)}, schema={"active_days": pl.Int64})
    found = (
        spine.join(exact, on="active_days", how="left")
        .sort("active_days")
        .with_columns(pl.col("users").fill_null(0))
        .with_columns(
            users_at_least=pl.col("users").cum_sum(reverse=True), active_users=pl.col("users").sum()
        )
    )
    covered = _null_unless_covered(found, counts, start=start)
    shares = add_share_interval(
        covered, numerator="users", denominator="active_users", confidence_level=confidence_level
    )
    return like(shares, events)


def _users_by_days(
    events: Any,  # noqa: ANN401 - an EventLog or any supported frame
    *,
    as_of: dt.date,
    start: int,
) -> pl.DataFrame:
    """`users` and `first_day` of the earliest by `active_days` and `newcomer` (1 or 0)."""
    newcomer = flag(nw.col("first_day") >= start)
    return finish(
        activity_in_window(active_days_of(events, as_of=as_of), start=start)
        .with_columns(newcomer=newcomer)
        .group_by("active_days", "newcomer")
        .agg(nw.len().alias("users"), nw.col("first_day").min())
    )


def _sums(counts: pl.DataFrame) -> dict[str, int]:
    newcomers = counts.filter(pl.col("newcomer") == 1)
    return {"users": int(counts["users"].sum()), "newcomers": int(newcomers["users"].sum())}


def _null_unless_covered(found: pl.DataFrame, counts: pl.DataFrame, *, start: int) -> pl.DataFrame:
    """The counts if the log reaches back to the start of the window; otherwise null."""
    if len(counts) and int(counts["first_day"].min()) <= start:  # type: ignore[arg-type]
        return found
    names = [name for name in found.columns if "users" in name or name == "newcomers"]
    return found.with_columns(pl.lit(None, pl.Int64).alias(name) for name in names)


def _require_levels(levels: Mapping[str, int], *, window: int) -> None:
    cuts = sorted(levels.values())
    if not cuts or cuts[0] != 0:
        raise ParameterError(
            f"`levels` is {dict(levels)}; one level must begin at 0 active days and none below."
        )
    if len(set(cuts)) < len(cuts):
        raise ParameterError(f"`levels` is {dict(levels)}; two levels begin at the same number.")
    if cuts[-1] > window:
        raise ParameterError(
            f"`levels` begin at up to {cuts[-1]} days, but `window` has {window}; "
            "a level must begin inside the window."
        )
