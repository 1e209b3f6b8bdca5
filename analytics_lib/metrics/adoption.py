"""Who takes up each feature, how soon, and who uses it again."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl

from analytics_lib.core.checks import require_at_least
from analytics_lib.core.errors import ParameterError
from analytics_lib.core.periods import day_number
from analytics_lib.metrics.activity_window import window_start
from analytics_lib.metrics.calendar import day_column
from analytics_lib.metrics.frames import (
    beside,
    finish,
    flag,
    known_events,
    like,
    restore_groups,
    with_group_keys,
)
from analytics_lib.statistics import add_share_interval

_COUNTS = ("adopters", "followed", "repeaters")


def feature_adoption(
    events: Any,  # noqa: ANN401 - an EventLog or any supported frame
    *,
    features: Mapping[str, Sequence[str]] | Sequence[str],
    as_of: dt.date,
    window: int = 28,
    repeat_within: int = 14,
    by: Sequence[str] = (),
    confidence_level: float = 0.95,
) -> Any:  # noqa: ANN401 - the caller's own kind of frame
    """What share of the active users uses each feature, how soon, and do they use it again?

    Two traps. A feature tried once is not adopted, so repeated use stands
    beside it; and who tried it yesterday has had no time to come back, so only
    those count whose `repeat_within` days after the first use are over.

    Args:
        events: An `EventLog`, or a frame with `user_id`, `day` and
            `event_type`; one row an event.
        features: Event types that make each feature, by the name of the
            feature; or plain event types. One that never occurs has nobody.
        as_of: Last complete day, the last day of the window.
        window: Days in which a user must be active, and use the feature, to count.
        repeat_within: Days after the first use in which another day of use is a repeat.
        by: Columns that split users into groups. A user counts in every group
            with an event of theirs, and first days are taken within the group.
        confidence_level: Coverage of the Wilson intervals.

    Returns:
        One row a group and feature, sorted: the `by` columns, `feature`,
        `active_users` (of the group in the window), `adopters` (of them used
        it in the window), `share`, `ci_lower`, `ci_upper`;
        `median_days_to_first_use` (of the adopters, from their first event to
        their first use in the history that the log holds); `followed`
        (adopters whose first use lies long enough back), `repeaters`,
        `repeat_share`, `repeat_ci_lower`, `repeat_ci_upper`. Null where the
        log begins inside the window, or the base is nobody.

    Raises:
        SchemaError: A column is missing.
        ParameterError: There is no feature or one without event types, or
            `window` or `repeat_within` is below 1.

    Examples:
        >>> log = pl.DataFrame(
        ...     {
        ...         "user_id": ["a", "a", "a", "b"],
        ...         "day": [0, 2, 5, 9],
        ...         "event_type": ["view", "like", "like", "view"],
        ...     }
        ... )
        >>> feature_adoption(
        ...     log, features=["like"], as_of=dt.date(1970, 1, 10), window=10, repeat_within=7
        ... ).select("active_users", "adopters", "median_days_to_first_use", "repeaters").rows()
        [(2, 1, 2.0, 1)]
    """
    start = window_start(as_of=as_of, window=window)
    require_at_least(repeat_within, 1, name="repeat_within")
    types = _event_types(features)

    log, keys = with_group_keys(known_events(events, as_of=as_of, columns=["event_type", *by]), by)
    known = log.select(*keys, "user_id", day_column().alias("day"), "event_type")
    people = known.group_by(*keys, "user_id").agg(
        nw.col("day").min().alias("first_day"), nw.col("day").max().alias("last_day")
    )
    groups = _groups(people, keys=keys, start=start)
    uses = _uses(known, types, keys=keys).join(
        people.select(*keys, "user_id", "first_day"), on=[*keys, "user_id"], how="inner"
    )
    counted = _adopters(uses, keys=keys, start=start, last=day_number(as_of), within=repeat_within)
    names = pl.DataFrame({"feature": sorted(types["feature"].unique())}, schema=["feature"])
    found = (
        groups.join(names, how="cross")
        .join(counted, on=[*keys, "feature"], how="left")
        .with_columns(pl.col(_COUNTS).fill_null(0))
    )
    begins = groups["first_day"].min()
    if begins is None or int(begins) > start:  # type: ignore[arg-type]
        numbers = ("active_users", *_COUNTS, "median_days_to_first_use")
        found = found.with_columns(pl.lit(None, found.schema[name]).alias(name) for name in numbers)
    restored = restore_groups(found, by).sort(*by, "feature")
    return like(_with_shares(restored, by=by, confidence_level=confidence_level), events)


def _event_types(features: Mapping[str, Sequence[str]] | Sequence[str]) -> pl.DataFrame:
    """`feature` and `event_type`: an event type may belong to several features."""
    named = features if isinstance(features, Mapping) else {name: [name] for name in features}
    # A text is a sequence, too: of letters.
    plain = isinstance(features, str) or any(isinstance(types, str) for types in named.values())
    if plain or not named or not all(named.values()):
        raise ParameterError(
            f"`features` is {features!r}; it must name at least one feature, and for each a list "
            "of at least one event type."
        )
    rows = sorted({(name, kind) for name, types in named.items() for kind in types})
    return pl.DataFrame(rows, schema=["feature", "event_type"], orient="row")


def _groups(people: nw.LazyFrame[Any], *, keys: list[str], start: int) -> pl.DataFrame:
    """The groups with `active_users` of the window and the `first_day` of anybody."""
    active = flag(nw.col("last_day") >= start)
    found = people.with_columns(active=active)
    sums = (nw.col("active").sum().alias("active_users"), nw.col("first_day").min())
    return finish(found.group_by(*keys).agg(*sums) if keys else found.select(*sums))


def _uses(known: nw.LazyFrame[Any], types: pl.DataFrame, *, keys: list[str]) -> nw.LazyFrame[Any]:
    """One row a user and feature: `first_use`, `second_use` (null if none), `last_use`, as days."""
    user = [*keys, "user_id", "feature"]
    days = (
        known.join(beside(nw.from_native(types.lazy()), known), on="event_type", how="inner")
        .group_by(*user, "day")
        .agg(nw.len().alias("events"))
        .with_columns(later=nw.col("day").shift(-1).over(user, order_by="day"))
    )
    return days.group_by(*user).agg(
        nw.col("day").min().alias("first_use"),
        nw.col("later").min().alias("second_use"),
        nw.col("day").max().alias("last_use"),
    )


def _adopters(
    uses: nw.LazyFrame[Any], *, keys: list[str], start: int, last: int, within: int
) -> pl.DataFrame:
    """`adopters`, `followed`, `repeaters` and the median days to first use of each feature."""
    followed = flag(nw.col("first_use") + within <= last)
    soon = nw.col("second_use") - nw.col("first_use") <= within
    repeated = nw.when(soon).then(nw.col("followed")).otherwise(nw.lit(0))
    counted = (
        uses.filter(nw.col("last_use") >= start)
        .with_columns(days=nw.col("first_use") - nw.col("first_day"), followed=followed)
        .with_columns(repeated=repeated)
        .group_by(*keys, "feature")
        .agg(
            nw.len().alias("adopters"),
            nw.col("followed").sum(),
            nw.col("repeated").sum().alias("repeaters"),
            nw.col("days").median().alias("median_days_to_first_use"),
        )
    )
    return finish(counted).with_columns(pl.col("median_days_to_first_use").cast(pl.Float64))


def _with_shares(
    found: pl.DataFrame, *, by: Sequence[str], confidence_level: float
) -> pl.DataFrame:
    interval = ("share", "ci_lower", "ci_upper")
    repeats = add_share_interval(
        found, numerator="repeaters", denominator="followed", confidence_level=confidence_level
    ).rename({name: f"repeat_{name}" for name in interval})
    shares = add_share_interval(
        repeats, numerator="adopters", denominator="active_users", confidence_level=confidence_level
    )
    adopted = ("feature", "active_users", "adopters", *interval, "median_days_to_first_use")
    return shares.select(
        *by, *adopted, "followed", "repeaters", *(f"repeat_{name}" for name in interval)
    )
