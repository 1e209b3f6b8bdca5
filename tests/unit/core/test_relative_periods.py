"""Periods relative to the last complete day."""

import datetime as dt

import pytest

from analytics_lib.core.errors import ParameterError
from analytics_lib.core.relative_periods import require_period_name, resolve_period


# origin: a wall calendar; 30 June 2024 is a Sunday, the last day of a week, a month and a quarter
@pytest.mark.parametrize(
    ("text", "as_of", "start", "end"),
    [
        ("last_month", "2024-06-29", "2024-05-01", "2024-06-01"),
        ("last_month", "2024-06-30", "2024-06-01", "2024-07-01"),
        ("last_month", "2024-07-01", "2024-06-01", "2024-07-01"),
        ("last_3_months", "2024-06-29", "2024-03-01", "2024-06-01"),
        ("last_1_months", "2024-06-30", "2024-06-01", "2024-07-01"),
        ("last_week", "2024-06-29", "2024-06-17", "2024-06-24"),
        ("last_week", "2024-06-30", "2024-06-24", "2024-07-01"),
        ("last_quarter", "2024-06-29", "2024-01-01", "2024-04-01"),
        ("last_year", "2024-06-29", "2023-01-01", "2024-01-01"),
        ("last_28_days", "2024-06-30", "2024-06-03", "2024-07-01"),
        ("last_day", "2024-06-30", "2024-06-30", "2024-07-01"),
        ("month_to_date", "2024-06-29", "2024-06-01", "2024-06-30"),
        ("year_to_date", "2024-01-01", "2024-01-01", "2024-01-02"),
        ("2024-05", "2024-05-31", "2024-05-01", "2024-06-01"),
        ("2024-01-01..2024-02-01", "2024-06-29", "2024-01-01", "2024-02-01"),
    ],
)
def test_a_name_means_these_days(text, as_of, start, end):
    period = resolve_period(text, as_of=dt.date.fromisoformat(as_of))
    assert (period.start.isoformat(), period.end.isoformat()) == (start, end)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("last_moth", "Did you mean 'last_month'?"),
        ("last_months", "must be relative such as"),
        ("last_3_month", "must be relative such as"),
        ("last_0_days", "at least 1"),
        ("2024-06", "ends after the last complete day"),
        ("2024-13", "no such month"),
        ("", "must be relative such as"),
    ],
)
def test_another_name_is_refused(text, said):
    with pytest.raises(ParameterError) as caught:
        resolve_period(text, as_of=dt.date(2024, 6, 29))
    assert said in str(caught.value)


def test_a_name_is_checked_without_a_day():
    assert require_period_name("2024-06") == "2024-06"
