"""Logs that break careless metrics: ties, nulls, duplicates, gaps, edges of the calendar."""

import datetime as dt
from collections.abc import Sequence

import polars as pl

from analytics_lib.core.periods import day_number

AS_OF = dt.date(2024, 3, 31)
_DAY_US = 86_400_000_000
_SCHEMA = {
    "event_id": pl.String,
    "user_id": pl.String,
    "event_type": pl.String,
    "platform": pl.String,
    "t_us": pl.Int64,
    "day": pl.Int32,
    "quantity": pl.Int64,
}
_Row = tuple[str, str | None, str | None, int | None]


def adversarial_logs() -> dict[str, pl.DataFrame]:
    """Small logs by what is odd about them, each to be asked with `as_of` = `AS_OF`.

    Returns:
        Canonical events by name. Users are `a`, `b` and so on; the days lie
        around the end of February 2024, a leap year.

    Examples:
        >>> adversarial_logs()["empty"].height
        0
    """
    last = day_number(AS_OF)
    leap = day_number(dt.date(2024, 2, 29))
    steady: list[_Row] = [
        (f"s{user}{day}", user, "web" if user != "b" else "ios", last - day)
        for user, step in (("a", 1), ("b", 3), ("c", 7), ("d", 11))
        for day in range(0, 70, step)
    ]
    return {
        "empty": _log([]),
        "one_user_once": _log([("1", "a", "web", last)]),
        "one_user_long_ago": _log([("1", "a", None, last - 400)]),
        "steady": _log(steady),
        "leap_day": _log(
            [
                ("1", "a", "web", leap),
                ("2", "a", "web", leap + 1),
                ("3", "b", "ios", leap - 1),
                ("4", "b", "ios", leap + 30),
                ("5", "c", "web", leap - 1),
            ]
        ),
        "ties": _log([(f"t{n}", "ab"[n % 2], "web", leap) for n in range(8)]),
        "duplicates": _log([*steady, *steady]),
        "nulls": _log(
            [
                *steady,
                ("n1", None, "web", last - 3),
                ("n2", "e", None, last - 9),
                ("n3", "e", None, last - 8),
                ("n4", "f", "web", None),
                ("n5", "a", None, last - 2),
            ]
        ),
        "after_as_of": _log(
            [
                *steady,
                *((f"f{d}", "a", "web", last + d) for d in (1, 2, 40)),
                ("g", "zoe", "web", last + 1),
                ("h", "c", "ios", last + 7),
            ]
        ),
        "only_after_as_of": _log([("1", "a", "web", last + 1)]),
        "long_silence": _log([("1", "a", "web", last - 95), ("2", "a", "web", last)]),
        "new_year_week": _log(
            [
                (f"y{day}", user, "web", day_number(dt.date(2020, 12, 28)) + day)
                for user, day in (("a", 0), ("a", 3), ("b", 4), ("a", 7), ("c", 6), ("b", 13))
            ]
        ),
        "switching": _log(
            [
                ("1", "a", "web", last - 20),
                ("2", "a", "ios", last - 20),
                ("3", "a", "ios", last - 13),
                ("4", "b", "web", last - 20),
                ("5", "b", "ios", last - 13),
                ("6", "b", "web", last - 12),
            ]
        ),
    }


def daylight_saving_instants() -> pl.DataFrame:
    """Instants around the clock changes and midnights of zones with odd ones.

    Returns:
        One row an instant: `user_id`, `timestamp` (UTC, microseconds). They lie
        around the 23- and 25-hour days of 2024 in Europe and America, the
        half-hour change of Lord Howe Island, local midnights, and the last
        microsecond before each.

    Examples:
        >>> daylight_saving_instants()["timestamp"].dtype
        Datetime(time_unit='us', time_zone='UTC')
    """
    changes = [
        dt.datetime(2024, 3, 31, 1, tzinfo=dt.UTC),  # Europe, 23 hours
        dt.datetime(2024, 10, 27, 1, tzinfo=dt.UTC),  # Europe, 25 hours
        dt.datetime(2024, 3, 10, 10, tzinfo=dt.UTC),  # Los Angeles, 23 hours
        dt.datetime(2024, 11, 3, 9, tzinfo=dt.UTC),  # Los Angeles, 25 hours
        dt.datetime(2024, 4, 6, 15, tzinfo=dt.UTC),  # Lord Howe Island, 24.5 hours
        dt.datetime(2024, 10, 5, 15, 30, tzinfo=dt.UTC),  # Lord Howe Island, 23.5 hours
        dt.datetime(1969, 12, 31, 23, tzinfo=dt.UTC),  # before the epoch
    ]
    around = [dt.timedelta(minutes=30 * half_hours) for half_hours in range(-50, 51)]
    beat = dt.timedelta(microseconds=1)
    instants = [
        change + distance - offset
        for change in changes
        for distance in around
        for offset in (dt.timedelta(0), beat)
    ]
    return pl.DataFrame(
        {"user_id": ["a"] * len(instants), "timestamp": instants},
        schema={"user_id": pl.String, "timestamp": pl.Datetime("us", "UTC")},
    )


def _log(rows: Sequence[_Row]) -> pl.DataFrame:
    return pl.DataFrame(
        [
            {
                "event_id": event_id,
                "user_id": user_id,
                "event_type": "click",
                "platform": platform,
                "t_us": None if day is None else day * _DAY_US,
                "day": day,
                "quantity": 1 + position % 3,
            }
            for position, (event_id, user_id, platform, day) in enumerate(rows)
        ],
        schema=_SCHEMA,
    )
