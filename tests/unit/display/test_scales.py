import datetime as dt
import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics_lib.core.errors import SchemaError
from analytics_lib.core.periods import day_number
from analytics_lib.display.scales import (
    is_calendar,
    nice_step,
    position,
    spread,
    step_scale,
    value_scale,
)


def day(year: int, month: int, date: int) -> float:
    return float(day_number(dt.date(year, month, date)))


def labels(first: float, last: float, *, most: int = 8, calendar: bool = True) -> list[str]:
    scale = step_scale([first, last], calendar=calendar, most_ticks=most)
    return [" ".join(lines) for _, lines in scale.ticks]


@given(st.floats(1e-6, 1e9), st.integers(2, 10))
def test_a_nice_step_covers_the_span_in_few_steps(span: float, most: int) -> None:
    step = nice_step(span, most=most)
    assert math.ceil(span / step - 1e-9) <= most
    mantissa = step / 10 ** math.floor(math.log10(step) + 1e-9)
    assert min(abs(mantissa - nice) for nice in (1, 2, 2.5, 5, 10)) < 1e-6


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=8))
def test_the_value_axis_holds_zero_and_every_value(values: list[float]) -> None:
    scale = value_scale(values, unit="EUR")
    hair = 1e-6 * (scale.high - scale.low)
    assert scale.low <= min(0, *values, 0) + hair
    assert scale.high >= max(0, *values, 0) - hair
    assert scale.low < scale.high


@pytest.mark.parametrize("values", [[], [0.0], [0.0, 0.0]])
def test_a_value_axis_without_length_is_made_one(values: list[float]) -> None:
    scale = value_scale(values, unit="users")
    assert (scale.low, scale.high) == (0, 1)


def test_shares_are_labelled_in_percent() -> None:
    # origin: by hand
    scale = value_scale([0.021], unit="share")
    assert [lines[0] for _, lines in scale.ticks] == [
        "0.0%", "0.5%", "1.0%", "1.5%", "2.0%", "2.5%"
    ]  # fmt: skip
    whole = value_scale([0.9], unit="share")
    assert [lines[0] for _, lines in whole.ticks] == ["0%", "20%", "40%", "60%", "80%", "100%"]


def test_counts_have_whole_ticks() -> None:
    assert value_scale([7], unit="users").tick_values == [0, 2, 4, 6, 8]
    assert value_scale([-3, 4], unit="users").tick_values == [-4, -2, 0, 2, 4]
    assert [lines[0] for _, lines in value_scale([2.2], unit="hours").ticks] == [
        "0.0", "0.5", "1.0", "1.5", "2.0", "2.5"
    ]  # fmt: skip


def test_positions() -> None:
    assert position(dt.date(1970, 1, 11), column="x") == 10
    assert position("1970-01-11", column="x") == 10
    assert position(4, column="x") == 4
    assert is_calendar("2014-W05")
    assert not is_calendar(3)
    with pytest.raises(SchemaError, match=r"Column 'x' .* holds text that names no period"):
        position("ann", column="x")
    with pytest.raises(SchemaError, match="Column 'x' of the horizontal axis must not be empty"):
        position(None, column="x")


def test_months_name_their_year_once() -> None:
    assert labels(day(2013, 11, 20), day(2014, 3, 2)) == [
        "Dec 2013", "Jan 2014", "Feb", "Mar"
    ]  # fmt: skip


def test_short_spans_show_days() -> None:
    assert labels(day(2013, 12, 30), day(2014, 1, 2)) == [
        "30 Dec 2013", "31 Dec", "1 Jan 2014", "2 Jan"
    ]  # fmt: skip
    assert labels(day(2014, 2, 3), day(2014, 4, 7), most=5) == [
        "3 Feb 2014", "17 Feb", "3 Mar", "17 Mar", "31 Mar"
    ]  # fmt: skip
    assert labels(day(2014, 2, 3), day(2014, 4, 7), most=4) == ["Mar 2014", "Apr"]


def test_long_spans_show_quarters_and_years() -> None:
    assert labels(day(2013, 1, 1), day(2014, 12, 31)) == [
        "Jan 2013", "Apr", "Jul", "Oct", "Jan 2014", "Apr", "Jul", "Oct"
    ]  # fmt: skip
    assert labels(day(2010, 1, 1), day(2014, 12, 31), most=5) == [
        "2010", "2011", "2012", "2013", "2014"
    ]  # fmt: skip
    assert len(labels(day(1900, 1, 1), day(2100, 1, 1))) <= 8


def test_ages_are_whole_numbers() -> None:
    assert labels(0, 12, calendar=False) == ["0", "2", "4", "6", "8", "10", "12"]
    assert labels(0, 20, calendar=False) == ["0", "5", "10", "15", "20"]
    assert labels(0.25, 0.75, calendar=False, most=4) == ["0.50"]


def test_a_single_position() -> None:
    scale = step_scale([5], calendar=False, most_ticks=4)
    assert (scale.low, scale.high, scale.ticks) == (4, 6, ((5, ("5",)),))
    assert labels(day(2014, 2, 3), day(2014, 2, 3)) == ["3 Feb 2014"]


@given(st.lists(st.floats(0, 300), min_size=1, max_size=6))
def test_labels_never_overlap_and_stay_inside(places: list[float]) -> None:
    moved = spread(places, gap=[16] * len(places), low=-20, high=320)
    ordered = sorted(moved)
    assert all(lower - upper >= 16 - 1e-6 for upper, lower in pairwise(ordered))
    assert ordered[0] >= -12 - 1e-6
    assert ordered[-1] <= 312 + 1e-6


@given(st.lists(st.integers(0, 10), min_size=2, max_size=6, unique=True))
def test_labels_with_room_stay_where_they_are(steps: list[int]) -> None:
    places = [step * 16.0 + 30 for step in steps]
    assert spread(places, gap=[16] * len(places), low=0, high=400) == pytest.approx(places)
