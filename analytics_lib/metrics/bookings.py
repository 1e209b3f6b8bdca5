"""What becomes of booked lessons, and how full tutors are."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl

from analytics_lib.core.checks import require_choice
from analytics_lib.core.errors import SchemaError
from analytics_lib.core.periods import CALENDAR_GRANULARITIES, CalendarGranularity, day_number
from analytics_lib.events.boundary import as_table
from analytics_lib.events.tables.lessons import BOOKING_STATUSES
from analytics_lib.metrics.by_period import fill_periods
from analytics_lib.metrics.calendar import with_period_key
from analytics_lib.metrics.frames import beside, finish, flag, like
from analytics_lib.statistics import add_share_interval

HELD = ("attended", "missed")


def known_bookings(
    bookings: Any,  # noqa: ANN401 - any supported frame
    *,
    as_of: dt.date,
    columns: Sequence[str] = (),
) -> nw.LazyFrame[Any]:
    """Bookings of lessons up to the last complete day whose end is known, with `day` of the lesson.

    Raises:
        SchemaError: A column is missing.
    """
    table = as_table(
        bookings, ["booking_id", "user_id", "tutor_id", "lesson_day", "status", *columns],
        name="bookings",
    )  # fmt: skip
    known = table.filter(
        nw.col("lesson_day") <= day_number(as_of), nw.col("status").is_in(BOOKING_STATUSES)
    )
    return known.with_columns(day=nw.col("lesson_day").cast(nw.Int64))


def attendance_shares(
    bookings: Any,  # noqa: ANN401 - any supported frame
    *,
    granularity: CalendarGranularity,
    as_of: dt.date,
    by: Sequence[str] = (),
    confidence_level: float = 0.95,
) -> Any:  # noqa: ANN401 - the caller's own kind of frame
    """What share of the lessons that were not cancelled did the learner attend?

    A lesson belongs to the period it takes place in. By the day of booking,
    the newest period would miss its lessons to come.

    Args:
        bookings: One row a booking (contract `bookings`).
        granularity: `day`, `week` (ISO, from Monday), `month`, `quarter` or `year`.
        as_of: Last complete day; later lessons are ignored.
        by: Columns to group by, such as `("tutor_id",)`.
        confidence_level: Coverage of the Wilson intervals.

    Returns:
        One row a period (and group), sorted: the `by` columns,
        `interval_start`, `interval_end`, `lessons` (attended or missed),
        `attended`, `share`, `ci_lower`, `ci_upper`; null while the period is
        not complete, the share of no lessons too.

    Raises:
        SchemaError: A column is missing.
        ParameterError: `granularity` is unknown.

    Examples:
        >>> table = pl.DataFrame({"booking_id": ["1", "2", "3"], "lesson_day": 4})
        >>> table = table.with_columns(user_id=pl.lit("a"), tutor_id=pl.lit("t"))
        >>> table = table.with_columns(status=pl.Series(["attended", "missed", "cancelled"]))
        >>> attendance_shares(table, granularity="week", as_of=dt.date(1970, 1, 11))["share"].item()
        0.5
    """
    known = known_bookings(bookings, as_of=as_of, columns=by)
    shares = _status_shares(
        known.filter(nw.col("status").is_in(HELD)),
        status="attended",
        total="lessons",
        granularity=granularity,
        as_of=as_of,
        by=by,
        confidence_level=confidence_level,
    )
    return like(shares, bookings)


def cancellation_shares(
    bookings: Any,  # noqa: ANN401 - any supported frame
    *,
    granularity: CalendarGranularity,
    as_of: dt.date,
    by: Sequence[str] = (),
    confidence_level: float = 0.95,
) -> Any:  # noqa: ANN401 - the caller's own kind of frame
    """What share of the booked lessons was cancelled?

    Lessons to come can still be cancelled, so only those whose day is over
    count, in the period they were meant for.

    Args:
        bookings: One row a booking (contract `bookings`).
        granularity: Calendar unit.
        as_of: Last complete day; later lessons are ignored.
        by: Columns to group by, such as `("tutor_id",)`.
        confidence_level: Coverage of the Wilson intervals.

    Returns:
        One row a period (and group), sorted: the `by` columns,
        `interval_start`, `interval_end`, `bookings`, `cancelled`, `share`,
        `ci_lower`, `ci_upper`; null while the period is not complete, the
        share of no bookings too.

    Raises:
        SchemaError: A column is missing.
        ParameterError: `granularity` is unknown.

    Examples:
        >>> table = pl.DataFrame({"booking_id": ["1", "2"], "lesson_day": 4})
        >>> table = table.with_columns(user_id=pl.lit("a"), tutor_id=pl.lit("t"))
        >>> table = table.with_columns(status=pl.Series(["attended", "cancelled"]))
        >>> cancellation_shares(table, granularity="week", as_of=dt.date(1970, 1, 11))[
        ...     "share"
        ... ].item()
        0.5
    """
    shares = _status_shares(
        known_bookings(bookings, as_of=as_of, columns=by),
        status="cancelled",
        total="bookings",
        granularity=granularity,
        as_of=as_of,
        by=by,
        confidence_level=confidence_level,
    )
    return like(shares, bookings)


def tutor_utilisation(
    bookings: Any,  # noqa: ANN401 - any supported frame
    slots: Any,  # noqa: ANN401 - any supported frame
    *,
    granularity: CalendarGranularity,
    as_of: dt.date,
    together: bool = False,
    confidence_level: float = 0.95,
) -> Any:  # noqa: ANN401 - the caller's own kind of frame
    """What share of the lessons each tutor offered was taken?

    A missed lesson is taken: the tutor waited. Without what was offered there
    is no utilisation; lessons divided by working days would punish part time.

    Args:
        bookings: One row a booking (contract `bookings`).
        slots: One row a tutor and day (contract `tutor_slots`).
        granularity: Calendar unit.
        as_of: Last complete day; later rows are ignored.
        together: Whether all tutors are counted as one, as on a page that
            names nobody.
        confidence_level: Coverage of the Wilson intervals.

    Returns:
        One row a tutor and period, sorted: `tutor_id` (not with `together`),
        `interval_start`, `interval_end`, `slots`, `taken`, `share`, `ci_lower`, `ci_upper`; null
        while the period is not complete, the share of no slots too.

    Raises:
        SchemaError: A column is missing, or a tutor gave more lessons in a
            period than were offered.
        ParameterError: `granularity` is unknown.

    Examples:
        >>> table = pl.DataFrame({"booking_id": ["1"], "lesson_day": [4], "status": ["missed"]})
        >>> table = table.with_columns(user_id=pl.lit("a"), tutor_id=pl.lit("t"))
        >>> offered = pl.DataFrame({"tutor_id": ["t"], "day": [4], "slots": [4]})
        >>> tutor_utilisation(table, offered, granularity="week", as_of=dt.date(1970, 1, 11))[
        ...     "share"
        ... ].item()
        0.25
    """
    require_choice(granularity, CALENDAR_GRANULARITIES, name="granularity")

    held = known_bookings(bookings, as_of=as_of).filter(nw.col("status").is_in(HELD))
    offered = beside(as_table(slots, ["tutor_id", "day", "slots"], name="slots"), held)
    taken = finish(
        with_period_key(held, granularity=granularity)
        .group_by("tutor_id", "key")
        .agg(nw.len().alias("taken"))
    )
    in_time = offered.filter(nw.col("day") <= day_number(as_of))
    counts = finish(
        with_period_key(in_time, granularity=granularity)
        .group_by("tutor_id", "key")
        .agg(nw.col("slots").sum())
    ).join(taken, on=["tutor_id", "key"], how="full", coalesce=True)
    whole = counts.with_columns(pl.col("slots", "taken").fill_null(0))
    over = whole.filter(pl.col("taken") > pl.col("slots")).height
    if over:
        raise SchemaError(
            f"In {over} rows of tutor and {granularity}, more lessons were given than `slots` "
            "says were offered; it must name every slot."
        )
    by = [] if together else ["tutor_id"]
    filled = fill_periods(
        whole.group_by(*by, "key").agg(pl.col("slots", "taken").sum()),
        by=by,
        counted=["slots", "taken"],
        granularity=granularity,
        as_of=as_of,
    )
    shares = add_share_interval(
        filled, numerator="taken", denominator="slots", confidence_level=confidence_level
    )
    return like(shares, bookings)


def _status_shares(
    known: nw.LazyFrame[Any],
    *,
    status: str,
    total: str,
    granularity: CalendarGranularity,
    as_of: dt.date,
    by: Sequence[str],
    confidence_level: float,
) -> pl.DataFrame:
    """The share of the bookings with that status by period."""
    require_choice(granularity, CALENDAR_GRANULARITIES, name="granularity")

    is_it = flag(nw.col("status") == status)
    flagged = with_period_key(known, granularity=granularity).with_columns(is_it.alias(status))
    counts = finish(flagged.group_by(*by, "key").agg(nw.len().alias(total), nw.col(status).sum()))
    filled = fill_periods(
        counts, by=by, counted=[total, status], granularity=granularity, as_of=as_of
    )
    return add_share_interval(
        filled, numerator=status, denominator=total, confidence_level=confidence_level
    )
