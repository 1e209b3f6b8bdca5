"""Who interacts with whom: across groups, for the first time, in both directions."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl

from analytics_lib.core.checks import require_choice
from analytics_lib.core.periods import CALENDAR_GRANULARITIES, CalendarGranularity, day_number
from analytics_lib.core.results import Estimate
from analytics_lib.events.boundary import as_table
from analytics_lib.metrics.by_period import fill_periods
from analytics_lib.metrics.calendar import with_period_key
from analytics_lib.metrics.community import known_memberships
from analytics_lib.metrics.frames import beside, finish, flag, like
from analytics_lib.statistics import add_share_interval, estimate_share


def known_interactions(
    interactions: Any,  # noqa: ANN401 - any supported frame
    *,
    as_of: dt.date,
    columns: Sequence[str] = (),
) -> nw.LazyFrame[Any]:
    """Interactions of two different known users up to the last complete day.

    Returns:
        The rows with `low_user` and `high_user`, the two in the order of their
        names, so that a pair has one name whoever began.

    Raises:
        SchemaError: A column is missing.
    """
    table = as_table(
        interactions, ["interaction_id", "day", "from_user", "to_user", *columns],
        name="interactions",
    )  # fmt: skip
    known = table.filter(
        nw.col("day") <= day_number(as_of),
        ~nw.col("from_user").is_null(),
        ~nw.col("to_user").is_null(),
        nw.col("from_user") != nw.col("to_user"),
    )
    is_low = nw.col("from_user") < nw.col("to_user")
    return known.with_columns(
        day=nw.col("day").cast(nw.Int64),
        low_user=nw.when(is_low).then(nw.col("from_user")).otherwise(nw.col("to_user")),
        high_user=nw.when(is_low).then(nw.col("to_user")).otherwise(nw.col("from_user")),
        forward=flag(is_low),
    )


def cross_group_shares(
    interactions: Any,  # noqa: ANN401 - any supported frame
    memberships: Any,  # noqa: ANN401 - any supported frame
    *,
    granularity: CalendarGranularity,
    as_of: dt.date,
    confidence_level: float = 0.95,
) -> Any:  # noqa: ANN401 - the caller's own kind of frame
    """What share of the interactions is between people who share no group?

    The groups are those of the day of the interaction: with the groups of
    today, a group that forms out of an acquaintance would hide how it began.
    People in no group at all share none.

    Args:
        interactions: One row an interaction (contract `interactions`).
        memberships: One row a stay (contract `memberships`).
        granularity: Calendar unit.
        as_of: Last complete day; later rows are ignored.
        confidence_level: Coverage of the Wilson intervals.

    Returns:
        One row a period, sorted: `interval_start`, `interval_end`,
        `interactions`, `cross_group`, `share`, `ci_lower`, `ci_upper`; null
        while the period is not complete, the share of no interactions too.

    Raises:
        SchemaError: A column is missing.
        ParameterError: `granularity` is unknown.

    Examples:
        >>> met = pl.DataFrame({"interaction_id": ["1", "2"], "day": [4, 5]})
        >>> met = met.with_columns(from_user=pl.lit("a"), to_user=pl.lit("b"))
        >>> stays = pl.DataFrame({"user_id": ["a", "b"], "joined_day": [0, 5]})
        >>> stays = stays.with_columns(group_id=pl.lit("g"), left_day=pl.lit(None, pl.Int32))
        >>> cross_group_shares(met, stays, granularity="week", as_of=dt.date(1970, 1, 11))[
        ...     "share"
        ... ].item()
        0.5
    """
    require_choice(granularity, CALENDAR_GRANULARITIES, name="granularity")

    known = known_interactions(interactions, as_of=as_of)
    stays = beside(known_memberships(memberships, as_of=as_of), known)
    theirs = stays.rename({"user_id": "to_user", "joined_day": "joined", "left_day": "left"})
    pairs = known.select("interaction_id", "day", "from_user", "to_user")
    together = (
        pairs.join(stays.rename({"user_id": "from_user"}), on="from_user", how="inner")
        .filter(nw.col("day") >= nw.col("joined_day"), nw.col("day") < nw.col("left_day"))
        .join(theirs, on=["to_user", "group_id"], how="inner")
        .filter(nw.col("day") >= nw.col("joined"), nw.col("day") < nw.col("left"))
        .group_by("interaction_id")
        .agg(nw.len().alias("groups"))
    )
    is_cross = flag(nw.col("groups").is_null())
    flagged = pairs.join(together, on="interaction_id", how="left").with_columns(
        cross_group=is_cross
    )
    counts = finish(
        with_period_key(flagged, granularity=granularity)
        .group_by("key")
        .agg(nw.len().alias("interactions"), nw.col("cross_group").sum())
    )
    filled = fill_periods(
        counts,
        by=[],
        counted=["interactions", "cross_group"],
        granularity=granularity,
        as_of=as_of,
    )
    shares = add_share_interval(
        filled,
        numerator="cross_group",
        denominator="interactions",
        confidence_level=confidence_level,
    )
    return like(shares, interactions)


def connections_formed(
    interactions: Any,  # noqa: ANN401 - any supported frame
    *,
    granularity: CalendarGranularity,
    as_of: dt.date,
) -> Any:  # noqa: ANN401 - the caller's own kind of frame
    """How many pairs of people met for the first time in each calendar period?

    A pair counts once, in the period of its first interaction, whoever began.
    The log must hold the whole history: in one that begins later, old
    acquaintances look new.

    Args:
        interactions: One row an interaction (contract `interactions`).
        granularity: Calendar unit.
        as_of: Last complete day; later rows are ignored.

    Returns:
        One row a period, sorted: `interval_start`, `interval_end`,
        `connections`, `connections_so_far`; null while it is not complete.

    Raises:
        SchemaError: A column is missing.
        ParameterError: `granularity` is unknown.

    Examples:
        >>> met = pl.DataFrame({"interaction_id": ["1", "2"], "day": [4, 11]})
        >>> met = met.with_columns(from_user=pl.Series(["a", "b"]), to_user=pl.Series(["b", "a"]))
        >>> connections_formed(met, granularity="week", as_of=dt.date(1970, 1, 18))[
        ...     "connections"
        ... ].to_list()
        [1, 0]
    """
    require_choice(granularity, CALENDAR_GRANULARITIES, name="granularity")

    known = known_interactions(interactions, as_of=as_of)
    filled = fill_periods(
        first_meetings(known, granularity=granularity),
        by=[],
        counted=["connections"],
        granularity=granularity,
        as_of=as_of,
    )
    so_far = filled.with_columns(connections_so_far=pl.col("connections").cum_sum())
    return like(so_far, interactions)


def first_meetings(known: nw.LazyFrame[Any], *, granularity: CalendarGranularity) -> pl.DataFrame:
    """Pairs by the period (`key`) of their first interaction: `key`, `connections`."""
    pairs = known.group_by("low_user", "high_user").agg(nw.col("day").min())
    keyed = with_period_key(pairs, granularity=granularity)
    return finish(keyed.group_by("key").agg(nw.len().alias("connections")))


def reciprocity_share(
    interactions: Any,  # noqa: ANN401 - any supported frame
    *,
    as_of: dt.date,
    confidence_level: float = 0.95,
) -> Estimate:
    """What share of the connected pairs interacted in both directions?

    Its base is pairs. The share of directed connections that are returned,
    2 m / (2 m + a) of m mutual and a one-sided pairs, is larger; both are
    called reciprocity, so say which.

    Args:
        interactions: One row an interaction (contract `interactions`).
        as_of: Last complete day; later rows are ignored.
        confidence_level: Coverage of the Wilson interval.

    Returns:
        Estimate in `"share"` of pairs; `nan` without any.

    Raises:
        SchemaError: A column is missing.

    Examples:
        >>> met = pl.DataFrame({"interaction_id": ["1", "2", "3"], "day": [4, 4, 4]})
        >>> met = met.with_columns(
        ...     from_user=pl.Series(["a", "b", "a"]), to_user=pl.Series(["b", "a", "c"])
        ... )
        >>> reciprocity_share(met, as_of=dt.date(1970, 1, 11)).value
        0.5

    References:
        Wasserman S. and Faust K. (1994), Social Network Analysis, section 13.3:
        mutual and asymmetric dyads.
    """
    known = known_interactions(interactions, as_of=as_of)
    pairs = known.group_by("low_user", "high_user").agg(
        nw.col("forward").max().alias("some_forward"), nw.col("forward").min().alias("all_forward")
    )
    both = nw.col("some_forward") - nw.col("all_forward")
    counts = finish(
        pairs.with_columns(mutual=both).select(nw.len().alias("pairs"), nw.col("mutual").sum())
    )
    [(total, mutual)] = counts.rows()
    return estimate_share(int(mutual or 0), int(total), confidence_level=confidence_level)
