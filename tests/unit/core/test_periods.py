import datetime as dt

import pytest

from analytics_lib.core.errors import ParameterError
from analytics_lib.core.period_names import parse_period
from analytics_lib.core.periods import (
    Period,
    calendar_period,
    day_date,
    day_number,
    last_complete_period,
    parse_date,
    periods_between,
    require_zone,
    rolling_period,
)

D = dt.date


@pytest.mark.parametrize(
    ("date", "number"),
    [(D(1969, 12, 31), -1), (D(1970, 1, 1), 0), (D(1970, 1, 2), 1), (D(2000, 3, 1), 11017)],
)
def test_days_are_numbered(date, number):
    # origin: 2000-03-01 is 951868800 s (POSIX), divided by 86400
    assert day_number(date) == number
    assert day_date(number) == date


@pytest.mark.parametrize(
    ("granularity", "day", "start", "end", "label"),
    [
        ("day", D(2024, 2, 29), D(2024, 2, 29), D(2024, 3, 1), "2024-02-29"),
        # origin: ISO 8601 week dates: 2020 has a week 53, 2021-01-04 is the first Monday of 2021
        ("week", D(2020, 12, 27), D(2020, 12, 21), D(2020, 12, 28), "2020-W52"),
        ("week", D(2020, 12, 28), D(2020, 12, 28), D(2021, 1, 4), "2020-W53"),
        ("week", D(2021, 1, 3), D(2020, 12, 28), D(2021, 1, 4), "2020-W53"),
        ("week", D(2021, 1, 4), D(2021, 1, 4), D(2021, 1, 11), "2021-W01"),
        ("week", D(2024, 12, 30), D(2024, 12, 30), D(2025, 1, 6), "2025-W01"),
        ("month", D(2024, 2, 29), D(2024, 2, 1), D(2024, 3, 1), "2024-02"),
        ("month", D(2023, 12, 31), D(2023, 12, 1), D(2024, 1, 1), "2023-12"),
        ("quarter", D(2024, 3, 31), D(2024, 1, 1), D(2024, 4, 1), "2024-Q1"),
        ("quarter", D(2024, 4, 1), D(2024, 4, 1), D(2024, 7, 1), "2024-Q2"),
        ("quarter", D(2024, 12, 31), D(2024, 10, 1), D(2025, 1, 1), "2024-Q4"),
        ("year", D(2024, 12, 31), D(2024, 1, 1), D(2025, 1, 1), "2024"),
    ],
)
def test_calendar_periods(granularity, day, start, end, label):
    period = calendar_period(granularity, containing=day)
    assert (period.start, period.end, period.label) == (start, end, label)
    assert period.contains(day)
    assert parse_period(label) == period


@pytest.mark.parametrize(
    ("as_of", "complete"), [(D(2024, 2, 28), False), (D(2024, 2, 29), True), (D(2024, 3, 1), True)]
)
def test_a_month_is_complete_with_its_last_day(as_of, complete):
    assert parse_period("2024-02").is_complete(as_of=as_of) is complete


@pytest.mark.parametrize(
    ("date", "inside"),
    [
        (D(2024, 1, 31), False), (D(2024, 2, 1), True), (D(2024, 2, 29), True),
        (D(2024, 3, 1), False),
    ],
)  # fmt: skip
def test_a_period_is_half_open(date, inside):
    assert parse_period("2024-02").contains(date) is inside


def test_a_period_measures_itself():
    period = parse_period("2024-02")
    assert (period.days, period.last_date) == (29, D(2024, 2, 29))
    assert period.end_day - period.start_day == 29
    assert parse_period("2023-02").days == 28
    assert parse_period("1900-02").days == 28  # origin: Gregorian rule, 1900 is no leap year
    assert parse_period("2000-02").days == 29  # origin: Gregorian rule, 2000 is one


@pytest.mark.parametrize(
    ("label", "before", "after"),
    [
        ("2024-01", "2023-12", "2024-02"),
        ("2024-Q1", "2023-Q4", "2024-Q2"),
        ("2024", "2023", "2025"),
        ("2021-W01", "2020-W53", "2021-W02"),
        ("2024-03-01", "2024-02-29", "2024-03-02"),
        ("2024-01-03..2024-01-05", "2024-01-01..2024-01-03", "2024-01-05..2024-01-07"),
    ],
)
def test_neighbours(label, before, after):
    period = parse_period(label)
    assert period.previous().label == before
    assert period.shift(1).label == after
    assert period.shift(0) == period


@pytest.mark.parametrize(
    ("label", "before"),
    [
        ("2024-02", "2023-02"),
        ("2024-Q1", "2023-Q1"),
        ("2024", "2023"),
        # origin: 364 days keep the weekday; Thursday 29 February 2024, Thursday 2 March 2023
        ("2024-02-29", "2023-03-02"),
        ("2024-01-01..2024-01-08", "2023-01-02..2023-01-09"),
    ],
)
def test_the_year_before(label, before):
    found = parse_period(label).year_before()
    assert found.label == before
    if "W" in label or label.count("-") == 2:
        assert found.start.weekday() == parse_period(label).start.weekday()


def test_the_year_before_a_week_53_is_52_weeks_before():
    # origin: ISO 8601, 2019 has 52 weeks, so the week is the first of 2020
    assert parse_period("2020-W53").year_before().start == D(2019, 12, 30)


@pytest.mark.parametrize("end", [D(2024, 1, 1), D(2023, 12, 31)])
def test_a_period_holds_a_day(end):
    with pytest.raises(ParameterError, match="at least one day after"):
        Period(start=D(2024, 1, 1), end=end)


@pytest.mark.parametrize(
    ("as_of", "label"),
    [(D(2024, 3, 30), "2024-02"), (D(2024, 3, 31), "2024-03"), (D(2024, 4, 1), "2024-03")],
)
def test_the_last_complete_month(as_of, label):
    assert last_complete_period("month", as_of=as_of).label == label


def test_rolling_periods_end_with_the_day():
    assert rolling_period(7, as_of=D(2024, 1, 7)) == Period(start=D(2024, 1, 1), end=D(2024, 1, 8))
    assert rolling_period(1, as_of=D(2024, 1, 7)).days == 1
    with pytest.raises(ParameterError, match="`days` is 0"):
        rolling_period(0, as_of=D(2024, 1, 7))


@pytest.mark.parametrize(
    ("end", "labels"),
    [
        (D(2024, 2, 1), ["2024-01"]),
        (D(2024, 2, 2), ["2024-01", "2024-02"]),
        (D(2024, 3, 1), ["2024-01", "2024-02"]),
    ],
)
def test_every_period_that_is_touched(end, labels):
    found = periods_between(D(2024, 1, 15), end, granularity="month")
    assert [period.label for period in found] == labels


def test_unknown_granularity():
    with pytest.raises(ParameterError, match=r"`granularity` is 'weekly'.*Did you mean 'week'"):
        calendar_period("weekly", containing=D(2024, 1, 1))


@pytest.mark.parametrize("text", ["2024-1-1", "01.02.2024", "2024-01-01T00:00", "", 20240101])
def test_texts_that_are_no_dates(text):
    with pytest.raises(ParameterError, match="must be an ISO date"):
        parse_date(text, name="as_of")


def test_dates():
    assert parse_date("2024-02-29") == D(2024, 2, 29)
    assert parse_date(D(2024, 1, 1)) == D(2024, 1, 1)
    with pytest.raises(ParameterError, match=r"`as_of` is '2023-02-29'; there is no such day"):
        parse_date("2023-02-29", name="as_of")
    with pytest.raises(ParameterError, match="must be an ISO date"):
        parse_date(dt.datetime(2024, 1, 1, tzinfo=dt.UTC))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("2023-W53", "there is no such week"),
        ("2024-W00", "there is no such week"),
        ("2024-13", "there is no such month"),
        ("2024-00", "there is no such month"),
        ("2024-Q5", "there is no such quarter"),
        ("2024-Q0", "there is no such quarter"),
        ("0000", "there is no such year"),
        ("2024-02-30", "there is no such day"),
        ("2024-02-01..2024-02-01", "at least one day after"),
        ("2024-02-02..2024-02-01", "at least one day after"),
        ("2024-2", "must look like"),
        ("last month", "must look like"),
        ("", "must look like"),
    ],
)
def test_names_that_are_no_periods(text, words):
    with pytest.raises(ParameterError, match=words):
        parse_period(text)


def test_zones():
    assert require_zone("Europe/London").key == "Europe/London"
    with pytest.raises(ParameterError, match=r"`zone` is 'Europe/Londn'.*'Europe/London'"):
        require_zone("Europe/Londn")
    with pytest.raises(ParameterError, match=r"`zone` is '\.\./etc'"):
        require_zone("../etc")
