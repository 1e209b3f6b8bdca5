"""Whom shared food reaches: people, regulars, other communities, ties that repeat."""

import datetime as dt
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl

from analytics_lib.core.checks import require_at_least, require_choice
from analytics_lib.core.periods import CALENDAR_GRANULARITIES, CalendarGranularity, day_number
from analytics_lib.events.boundary import as_table
from analytics_lib.events.by_period import INTERVAL, fill_periods
from analytics_lib.events.calendar import with_period_key
from analytics_lib.events.frames import finish, flag, like
from analytics_lib.statistics import add_share_interval

REGULAR_DAYS = 3
"""Days with food in a period that make a recipient regular (design assumption)."""
_PEOPLE = ("giver_id", "recipient_id")
_COMMUNITIES = ("giver_community", "recipient_community")


def known_exchanges(
    exchanges: Any,  # noqa: ANN401 - any supported frame
    *,
    as_of: dt.date,
    columns: tuple[str, ...] = (),
) -> nw.LazyFrame[Any]:
    """Exchanges between two different known people up to the last complete day.

    Raises:
        SchemaError: A column is missing.
    """
    table = as_table(exchanges, ["exchange_id", "day", *_PEOPLE, *columns], name="exchanges")
    known = table.filter(
        nw.col("day") <= day_number(as_of),
        ~nw.col("giver_id").is_null(),
        ~nw.col("recipient_id").is_null(),
        nw.col("giver_id") != nw.col("recipient_id"),
    )
    return known.with_columns(nw.col("day").cast(nw.Int64))


def people_helped(
    exchanges: Any,  # noqa: ANN401 - any supported frame
    *,
    granularity: CalendarGranularity,
    as_of: dt.date,
    regular_days: int = REGULAR_DAYS,
    confidence_level: float = 0.95,
) -> Any:  # noqa: ANN401 - the caller's own kind of frame
    """How many people received food in each period, and how many of them regularly?

    People, not portions: who collects daily is one. People of two months are
    one person in the quarter, so periods do not add up. What somebody takes of
    their own food helps nobody.

    Args:
        exchanges: One row an exchange (contract `exchanges`).
        granularity: Calendar unit.
        as_of: Last complete day; later rows are ignored.
        regular_days: Different days with food in the period that make a
            recipient regular.
        confidence_level: Coverage of the Wilson intervals.

    Returns:
        One row a period, sorted: `interval_start`, `interval_end`,
        `people_helped`, `regular_recipients`, `share` of regulars, `ci_lower`,
        `ci_upper`; null while the period is not complete.

    Raises:
        SchemaError: A column is missing.
        ParameterError: `granularity` is unknown, or `regular_days` is below 1.

    Examples:
        >>> given = pl.DataFrame({"exchange_id": ["1", "2", "3"], "day": [4, 5, 5]})
        >>> given = given.with_columns(
        ...     giver_id=pl.lit("a"), recipient_id=pl.Series(["b", "b", "c"])
        ... )
        >>> people_helped(
        ...     given, granularity="week", regular_days=2, as_of=dt.date(1970, 1, 11)
        ... ).select("people_helped", "regular_recipients").rows()
        [(2, 1)]
    """
    require_choice(granularity, CALENDAR_GRANULARITIES, name="granularity")
    require_at_least(regular_days, 1, name="regular_days")

    known = known_exchanges(exchanges, as_of=as_of).select("recipient_id", "day")
    per_person = (
        with_period_key(known, granularity=granularity)
        .group_by("key", "recipient_id", "day")
        .agg(nw.len().alias("exchanges"))
        .group_by("key", "recipient_id")
        .agg(nw.len().alias("days"))
        .with_columns(regular=flag(nw.col("days") >= regular_days))
    )
    counts = finish(
        per_person.group_by("key").agg(
            nw.len().alias("people_helped"), nw.col("regular").sum().alias("regular_recipients")
        )
    )
    counted = ["people_helped", "regular_recipients"]
    filled = fill_periods(
        counts, by=(), counted=counted, granularity=granularity, as_of=as_of
    )  # fmt: skip
    shown = add_share_interval(
        filled, numerator="regular_recipients", denominator="people_helped",
        confidence_level=confidence_level,
    )  # fmt: skip
    return like(shown, exchanges)


def cross_community_exchanges(
    exchanges: Any,  # noqa: ANN401 - any supported frame
    *,
    granularity: CalendarGranularity,
    as_of: dt.date,
    confidence_level: float = 0.95,
) -> Any:  # noqa: ANN401 - the caller's own kind of frame
    """What share of the exchanges crosses from one community to another?

    Only exchanges of which both communities are known can say; the others are
    counted beside, not taken for crossing.

    Args:
        exchanges: One row an exchange with `giver_community` and
            `recipient_community` (contract `exchanges`).
        granularity: Calendar unit.
        as_of: Last complete day; later rows are ignored.
        confidence_level: Coverage of the Wilson intervals.

    Returns:
        One row a period, sorted: `interval_start`, `interval_end`,
        `exchanges`, `known` (both communities), `crossing`, `share` of known,
        `ci_lower`, `ci_upper`; null while the period is not complete, the
        share of none too.

    Raises:
        SchemaError: A column is missing.
        ParameterError: `granularity` is unknown.
    """
    require_choice(granularity, CALENDAR_GRANULARITIES, name="granularity")

    table = known_exchanges(exchanges, as_of=as_of, columns=_COMMUNITIES)
    giver, recipient = (nw.col(name) for name in _COMMUNITIES)
    both = ~giver.is_null() & ~recipient.is_null()
    flagged = table.with_columns(known=flag(both)).with_columns(
        crossing=flag((nw.col("known") == 1) & (giver != recipient))
    )
    counts = finish(
        with_period_key(flagged, granularity=granularity)
        .group_by("key")
        .agg(nw.len().alias("exchanges"), nw.col("known").sum(), nw.col("crossing").sum())
    )
    filled = fill_periods(
        counts, by=(), counted=["exchanges", "known", "crossing"], granularity=granularity,
        as_of=as_of,
    )  # fmt: skip
    shown = add_share_interval(
        filled, numerator="crossing", denominator="known", confidence_level=confidence_level
    )
    return like(shown, exchanges)


def communities_strengthened(
    exchanges: Any,  # noqa: ANN401 - any supported frame
    *,
    granularity: CalendarGranularity,
    as_of: dt.date,
) -> Any:  # noqa: ANN401 - the caller's own kind of frame
    """In how many communities did people meet again over food?

    A community is strengthened in a period when two people, at least one of
    them of it, exchanged food on two different days of the period, in either
    direction. One exchange is a transaction, a second one a tie; two parcels
    on one day are one meeting.

    Args:
        exchanges: One row an exchange with `giver_community` and
            `recipient_community` (contract `exchanges`).
        granularity: Calendar unit.
        as_of: Last complete day; later rows are ignored.

    Returns:
        One row a period, sorted: `interval_start`, `interval_end`,
        `repeated_ties` (pairs), `communities` (of any exchange),
        `strengthened`; null while the period is not complete.

    Raises:
        SchemaError: A column is missing.
        ParameterError: `granularity` is unknown.
    """
    require_choice(granularity, CALENDAR_GRANULARITIES, name="granularity")

    known = known_exchanges(exchanges, as_of=as_of, columns=_COMMUNITIES)
    is_low = nw.col("giver_id") < nw.col("recipient_id")
    pairs = known.with_columns(
        low=nw.when(is_low).then(nw.col("giver_id")).otherwise(nw.col("recipient_id")),
        high=nw.when(is_low).then(nw.col("recipient_id")).otherwise(nw.col("giver_id")),
    )
    keyed = with_period_key(pairs, granularity=granularity)
    tie = ["key", "low", "high"]
    ties = (
        keyed.group_by(*tie, "day")
        .agg(nw.len().alias("exchanges"))
        .group_by(*tie)
        .agg(nw.len().alias("days"))
        .with_columns(repeated=flag(nw.col("days") > 1))
        .select(*tie, "repeated")
    )
    met = finish(
        keyed.join(ties, on=tie, how="inner")
        .group_by("key", *_COMMUNITIES)
        .agg(nw.col("repeated").max())
    )
    each = pl.concat(
        [met.select("key", "repeated", community=pl.col(name)) for name in _COMMUNITIES]
    ).drop_nulls("community")
    communities = (
        each.group_by("key", "community")
        .agg(pl.col("repeated").max())
        .group_by("key")
        .agg(communities=pl.len().cast(pl.Int64), strengthened=pl.col("repeated").sum())
    )
    repeated = finish(ties.group_by("key").agg(nw.col("repeated").sum().alias("repeated_ties")))
    counted = ["repeated_ties", "communities", "strengthened"]
    counts = repeated.join(communities, on="key", how="left").with_columns(
        pl.col(counted).fill_null(0)
    )
    filled = fill_periods(counts, by=(), counted=counted, granularity=granularity, as_of=as_of)
    return like(filled.select(*INTERVAL, *counted), exchanges)
