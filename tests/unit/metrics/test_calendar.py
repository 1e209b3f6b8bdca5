import datetime as dt
from itertools import pairwise

import narwhals.stable.v2 as nw
import polars as pl
import pytest

from analytics_lib.core.periods import calendar_period, day_date, day_number
from analytics_lib.metrics.calendar import (
    period_key,
    period_of,
    period_spine,
    with_period_key,
)

GRANULARITIES = ("day", "week", "month", "quarter", "year")
LAST = day_number(dt.date(2100, 12, 31))


@pytest.mark.parametrize("granularity", GRANULARITIES)
def test_every_day_for_130_years_lies_in_the_period_of_the_standard_library(granularity):
    days = list(range(LAST + 1))
    log = nw.from_native(pl.LazyFrame({"day": pl.Series(days, dtype=pl.Int32)}))
    keys = with_period_key(log, granularity=granularity).collect()["key"].to_list()
    period = calendar_period(granularity, containing=day_date(0))
    for day, key in zip(days, keys, strict=True):
        while not period.contains(day_date(day)):
            period = period.shift(1)
        if day == 0 or day_date(day) == period.start:
            assert period_of(key, granularity=granularity) == period
            assert period_key(day, granularity=granularity) == key
        first = max(period.start_day, 0)
        assert key == keys[first]


@pytest.mark.parametrize("granularity", GRANULARITIES)
def test_neighbours_have_neighbouring_keys(granularity):
    keys = [period_key(day, granularity=granularity) for day in range(20_000)]
    assert {b - a for a, b in pairwise(keys)} <= {0, 1}


def test_the_spine_marks_what_is_not_over():
    spine = period_spine(
        period_key(day_number(dt.date(2024, 1, 5)), granularity="month"),
        period_key(day_number(dt.date(2024, 2, 28)), granularity="month"),
        granularity="month",
        as_of=dt.date(2024, 2, 28),
    )
    assert spine.drop("key").rows() == [
        (dt.date(2024, 1, 1), dt.date(2024, 2, 1), True),
        (dt.date(2024, 2, 1), dt.date(2024, 3, 1), False),
    ]
