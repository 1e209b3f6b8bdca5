"""Logical dates. Expected dates are read off a calendar."""

import datetime as dt

import pytest

from analytics_lib.core.errors import ParameterError
from analytics_lib.reporting.schedule import (
    coming_times,
    logical_date,
    logical_dates_between,
    missed_dates,
    require_schedule,
)

MONTHLY = "0 6 1 * *"
NOON = dt.datetime(2015, 7, 10, 12, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("last_complete_day", "expected"),
    [
        pytest.param(dt.date(2015, 6, 29), dt.date(2015, 5, 31), id="a day short of the month"),
        pytest.param(dt.date(2015, 6, 30), dt.date(2015, 6, 30), id="the month is just complete"),
        pytest.param(dt.date(2015, 7, 1), dt.date(2015, 6, 30), id="a day into the next month"),
    ],
)
def test_a_monthly_report_waits_for_its_data(last_complete_day, expected):
    found = logical_date(MONTHLY, zone="UTC", now=NOON, last_complete_day=last_complete_day)
    assert found == expected


@pytest.mark.parametrize(
    ("hour", "minute", "expected"),
    [
        pytest.param(4, 59, dt.date(2015, 5, 31), id="a minute before the firing"),
        pytest.param(5, 1, dt.date(2015, 6, 30), id="a minute after, 06:01 summer time"),
    ],
)
def test_the_clock_is_read_in_the_zone_of_the_schedule(hour, minute, expected):
    now = dt.datetime(2015, 7, 1, hour, minute, tzinfo=dt.UTC)
    found = logical_date(
        MONTHLY, zone="Europe/London", now=now, last_complete_day=dt.date(2015, 7, 5)
    )
    assert found == expected


def test_without_a_schedule_a_report_follows_the_data():
    day = dt.date(2015, 6, 17)
    assert logical_date(None, zone="UTC", now=NOON, last_complete_day=day) == day


def test_a_backfill_steps_by_the_schedule_and_includes_both_ends():
    found = logical_dates_between(
        MONTHLY, zone="Europe/London", first=dt.date(2014, 1, 31), last=dt.date(2014, 4, 30)
    )
    assert found == [
        dt.date(2014, 1, 31),
        dt.date(2014, 2, 28),
        dt.date(2014, 3, 31),
        dt.date(2014, 4, 30),
    ]


def test_a_backfill_leaves_out_dates_just_outside():
    found = logical_dates_between(
        MONTHLY, zone="UTC", first=dt.date(2014, 2, 1), last=dt.date(2014, 3, 30)
    )
    assert found == [dt.date(2014, 2, 28)]


def test_several_firings_a_day_are_one_logical_date():
    found = logical_dates_between(
        "0 */6 * * *", zone="UTC", first=dt.date(2014, 1, 1), last=dt.date(2014, 1, 3)
    )
    assert found == [dt.date(2014, 1, 1), dt.date(2014, 1, 2), dt.date(2014, 1, 3)]


def test_a_backfill_without_schedule_or_backwards_is_refused():
    with pytest.raises(ParameterError, match="needs a `schedule`"):
        logical_dates_between(None, zone="UTC", first=dt.date(2014, 1, 1), last=dt.date(2014, 2, 1))
    with pytest.raises(ParameterError, match="ends on 2014-01-01, before it starts"):
        logical_dates_between(
            MONTHLY, zone="UTC", first=dt.date(2014, 2, 1), last=dt.date(2014, 1, 1)
        )


def test_a_wrong_schedule_or_zone_is_named():
    with pytest.raises(ParameterError, match="`schedule` is '61 \\* \\* \\* \\*'"):
        require_schedule("61 * * * *", zone="UTC", name="x.yaml")
    with pytest.raises(ParameterError, match="Did you mean 'Europe/London'"):
        require_schedule(None, zone="Europe/Londn", name="x.yaml")


# origin: a calendar; the newest page is of January, April is due
@pytest.mark.parametrize(
    ("limit", "expected"),
    [(0, []), (1, [dt.date(2024, 3, 31)]), (2, [dt.date(2024, 2, 29), dt.date(2024, 3, 31)]),
     (9, [dt.date(2024, 2, 29), dt.date(2024, 3, 31)])],
)  # fmt: skip
def test_missed_dates_are_made_up_for_within_a_limit(limit, expected):
    found = missed_dates(
        MONTHLY, zone="UTC", newest=dt.date(2024, 1, 31), latest=dt.date(2024, 4, 30), limit=limit
    )
    assert found == expected


@pytest.mark.parametrize(
    "newest",
    [dt.date(2024, 3, 31), dt.date(2024, 4, 29), dt.date(2024, 4, 30), dt.date(2024, 5, 1)],
)
def test_nothing_is_missed_between_neighbours(newest):
    latest = dt.date(2024, 4, 30)
    assert missed_dates(MONTHLY, zone="UTC", newest=newest, latest=latest, limit=9) == []
    assert missed_dates(None, zone="UTC", newest=newest, latest=latest, limit=9) == []


def test_coming_times_follow_the_clocks_of_the_zone():
    # origin: in London the clocks go forward on 31 March 2024
    now = dt.datetime(2024, 3, 30, 7, tzinfo=dt.UTC)
    found = coming_times("0 6 * * *", zone="Europe/London", now=now, number=2)
    assert [moment.astimezone(dt.UTC).hour for moment in found] == [5, 5]
    assert coming_times(None, zone="UTC", now=now, number=2) == []
