import datetime as dt
from collections import Counter
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from analytics_lib.core.errors import ParameterError, SchemaError
from analytics_lib.core.periods import day_date, day_number
from analytics_lib.events.boundary import event_log
from analytics_lib.metrics.local_hours import clock_hours, offset_table
from analytics_lib.metrics.patterns import hourly_pattern, weekday_pattern
from analytics_lib.synthetic.adversarial import daylight_saving_instants

HOUR_US = 3_600_000_000
ZONES = (
    "UTC", "Europe/London", "America/Los_Angeles", "Australia/Lord_Howe", "Asia/Kathmandu",
    "Pacific/Chatham",
)  # fmt: skip
UTC = ZoneInfo("UTC")


@pytest.mark.parametrize("zone", ZONES)
def test_every_instant_around_a_change_of_clocks_has_the_hour_that_clocks_showed(zone):
    instants = daylight_saving_instants().filter(pl.col("timestamp").dt.year() == 2024)
    log = event_log(instants, zone=zone)
    rows = log.frame.collect().to_native()
    days = rows["day"].to_list()
    table = offset_table(zone, first_day=min(days), last_day=max(days))
    found = []
    for day, t_us in zip(days, rows["t_us"].to_list(), strict=True):
        its = table.filter(
            pl.col("day") == day, pl.col("from_us") <= t_us, pl.col("until_us") > t_us
        )
        found.append((t_us + its["offset_us"].item()) // HOUR_US % 24)
    expected = [at.astimezone(ZoneInfo(zone)).hour for at in instants["timestamp"].to_list()]
    assert found == expected


@pytest.mark.parametrize(
    ("zone", "day"),
    [
        ("Europe/Berlin", dt.date(2024, 3, 31)),
        ("Europe/Berlin", dt.date(2024, 10, 27)),
        ("Europe/Berlin", dt.date(2024, 6, 1)),
        ("Australia/Lord_Howe", dt.date(2024, 4, 7)),
        ("Australia/Lord_Howe", dt.date(2024, 10, 6)),
        ("America/Sao_Paulo", dt.date(2018, 2, 17)),  # back at midnight: 23 o'clock twice
        ("America/Sao_Paulo", dt.date(2018, 11, 4)),  # forward at midnight: no 0 o'clock
        ("America/Havana", dt.date(2024, 11, 3)),  # back at one: 0 o'clock twice
        ("Pacific/Apia", dt.date(2011, 12, 30)),  # the day that Samoa skipped
        ("Pacific/Apia", dt.date(2011, 12, 29)),
        ("Pacific/Apia", dt.date(2011, 12, 31)),
        ("Pacific/Kwajalein", dt.date(1993, 8, 21)),  # another skipped day
    ],
)
def test_clock_hours_minute_by_minute(zone, day):
    number = day_number(day)
    began = dt.datetime.combine(day, dt.time(), tzinfo=UTC) - dt.timedelta(days=1)
    shown = Counter()
    for minute in range(3 * 24 * 60):
        local = (began + dt.timedelta(minutes=minute)).astimezone(ZoneInfo(zone))
        if local.date() == day:
            shown[local.hour] += 1
    expected = [shown[hour] / 60 for hour in range(24)]
    assert clock_hours(zone, first_day=number, last_day=number) == expected


def test_no_instant_fits_a_day_that_was_skipped():
    skipped = day_number(dt.date(2011, 12, 30))
    at = int(dt.datetime(2011, 12, 30, 18, tzinfo=UTC).timestamp()) * 1_000_000
    log = pl.DataFrame({"user_id": ["a"], "day": [skipped], "t_us": [at]})
    with pytest.raises(SchemaError, match="lies outside their day: 1"):
        hourly_pattern(log, as_of=day_date(skipped), window=1, zone="Pacific/Apia")


@pytest.mark.parametrize(
    ("at", "fits"),
    [
        (dt.datetime(2024, 6, 30, 21, 59, 59, tzinfo=UTC), False),
        (dt.datetime(2024, 6, 30, 22, tzinfo=UTC), True),  # midnight in Berlin
        (dt.datetime(2024, 7, 1, 21, 59, 59, tzinfo=UTC), True),
        (dt.datetime(2024, 7, 1, 22, tzinfo=UTC), False),
    ],
)
def test_days_and_instants_must_agree(at, fits):
    day = dt.date(2024, 7, 1)
    log = pl.DataFrame(
        {"user_id": ["a"], "day": [day_number(day)], "t_us": [int(at.timestamp()) * 1_000_000]}
    )
    if fits:
        found = hourly_pattern(log, as_of=day, window=1, zone="Europe/Berlin")
        assert found["events"].sum() == 1
    else:
        with pytest.raises(SchemaError, match="do not agree in zone 'Europe/Berlin'"):
            hourly_pattern(log, as_of=day, window=1, zone="Europe/Berlin")


def test_an_hour_that_was_never_shown_has_no_rate():
    changed = dt.date(2024, 3, 31)
    at = int(dt.datetime(2024, 3, 31, 1, tzinfo=UTC).timestamp()) * 1_000_000
    log = pl.DataFrame({"user_id": ["a"], "day": [day_number(changed)], "t_us": [at]})
    found = hourly_pattern(log, as_of=changed, window=1, zone="Europe/Berlin")
    # origin: by hand; at 1:00 UTC clocks in Berlin went from 2:00 to 3:00
    columns = ("clock_hours", "events", "events_per_hour")
    assert found.select(columns).rows()[1:4] == [(1.0, 0, 0.0), (0.0, 0, None), (1.0, 1, 1.0)]


@pytest.mark.parametrize(("as_of", "events"), [(5, None), (6, 2), (7, 2)])
def test_a_window_that_the_log_does_not_cover_has_no_value(as_of, events):
    log = pl.DataFrame(
        {"user_id": ["a", "a"], "day": [0, 3], "t_us": [0, 3 * 24 * HOUR_US]},
        schema_overrides={"day": pl.Int32},
    )
    hours = hourly_pattern(log, as_of=day_date(as_of), window=7 if as_of < 7 else 8)
    assert hours["events"].to_list()[0] == events
    weekdays = weekday_pattern(log, as_of=day_date(as_of), window=7 if as_of < 7 else 8)
    # origin: by hand; 1 January 1970 was a Thursday, the fourth was a Sunday
    expected = None if events is None else [("Thursday", 1), ("Sunday", 1)]
    active = weekdays.filter(pl.col("events") > 0)
    assert (active.select("name", "events").rows() or None) == expected
    assert weekdays["days"].sum() == (7 if as_of < 7 else 8)


def test_a_short_window_has_weekdays_without_a_rate():
    log = pl.DataFrame({"user_id": ["a"], "day": [0]})
    found = weekday_pattern(log, as_of=day_date(1), window=2)
    assert found["events_per_day"].to_list() == [None, None, None, 1.0, 0.0, None, None]


def test_a_log_of_days_is_refused():
    log = pl.DataFrame({"user_id": ["a"], "day": [0]})
    with pytest.raises(ParameterError, match="`hourly pattern` needs the time of day"):
        hourly_pattern(log, as_of=day_date(0))


@pytest.mark.parametrize("ask", [hourly_pattern, weekday_pattern])
def test_impossible_questions_are_refused(ask):
    log = pl.DataFrame({"user_id": ["a"], "day": [0], "t_us": [0]})
    with pytest.raises(ParameterError, match="`window` is 0"):
        ask(log, as_of=day_date(0), window=0)
    with pytest.raises(ParameterError, match="`measure` is 'rows'"):
        ask(log, as_of=day_date(0), measure="rows")


def test_an_unknown_zone_is_refused():
    with pytest.raises(ParameterError, match="Did you mean 'Europe/Berlin'"):
        offset_table("Europe/Berln", first_day=0, last_day=0)
