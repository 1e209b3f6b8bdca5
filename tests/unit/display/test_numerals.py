import datetime as dt
import math

import pytest

from analytics_lib.core.results import Estimate
from analytics_lib.display.numerals import (
    bare,
    count,
    date_words,
    interval,
    is_missing,
    month_name,
    number,
    percent,
    percentage_points,
    plural,
    quantity,
)

MINUS = "\N{MINUS SIGN}"


@pytest.mark.parametrize("value", [None, math.nan, math.inf, -math.inf])
def test_undefined_is_said_in_words(value: float | None) -> None:
    assert is_missing(value)
    assert {number(value), percent(value), count(value, "users"), quantity(value, "EUR")} == {
        "no value"
    }
    assert percentage_points(value) == "no value"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (999, "999"),
        (1000, "1,000"),
        (1234567, "1,234,567"),
        (9.999, "10.00"),
        (9.5, "9.50"),
        (10.04, "10.0"),
        (99.94, "99.9"),
        (100.4, "100"),
        (-5, f"{MINUS}5"),
        (-1234.5, f"{MINUS}1,234"),
    ],
)
def test_number(value: float, text: str) -> None:
    # origin: by hand from the rule in the docstring
    assert number(value) == text


def test_a_rounded_nothing_has_no_sign() -> None:
    assert number(-0.001) == "0.00"
    assert percent(-0.0001) == "0.0%"


def test_percent_rounds_for_show_only() -> None:
    # origin: sample data, withdrawal in AAA 2013J is 15.6658 %
    assert percent(0.156658) == "15.7%"
    assert percent(0.156658, decimals=0) == "16%"
    assert percent(-0.05) == f"{MINUS}5.0%"


@pytest.mark.parametrize(
    ("difference", "text"),
    [
        (0.01, "1 percentage point"),
        (-0.01, "1 percentage point"),
        (0.011, "1.1 percentage points"),
        (0.1, "10 percentage points"),
        (0.0, "0 percentage points"),
    ],
)
def test_percentage_points(difference: float, text: str) -> None:
    assert percentage_points(difference) == text


def test_percentage_points_without_decimals_keep_their_zeros() -> None:
    assert percentage_points(0.1, decimals=0) == "10 percentage points"


@pytest.mark.parametrize(
    ("many", "one"),
    [
        ("students", "student"),
        ("activities", "activity"),
        ("classes", "class"),
        ("boxes", "box"),
        ("people", "person"),
        ("courses", "course"),
    ],
)
def test_plural(many: str, one: str) -> None:
    assert plural(many, 1) == one
    assert plural(many, 0) == many
    assert plural(many, 1.5) == many


def test_quantity_by_unit() -> None:
    assert quantity(1, "days") == "1 day"
    assert quantity(1203, "students") == "1,203 students"
    assert quantity(12, "EUR") == "€12"
    assert quantity(-12.5, "GBP") == f"{MINUS}£12.50"
    assert quantity(7, "") == "7"
    assert bare(7, "days") == "7"
    assert bare(7, "USD") == "US$7"


def test_interval_words() -> None:
    estimate = Estimate(value=12, ci_lower=10, ci_upper=14, confidence_level=0.9, n=3, unit="days")
    assert interval(estimate) == "90% interval 10 to 14"
    half = Estimate(
        value=0.5, ci_lower=0.4, ci_upper=0.6, confidence_level=0.975, n=3, unit="share"
    )
    assert interval(half, decimals=0) == "97.5% interval 40% to 60%"
    assert interval(Estimate(value=1, n=1, unit="days")) == ""
    assert interval(Estimate(value=1, ci_lower=0, n=1, unit="days")) == ""


def test_dates_are_english_whatever_the_locale() -> None:
    assert date_words(dt.date(2014, 2, 1)) == "1 February 2014"
    assert date_words(dt.date(2014, 9, 30), short=True) == "30 Sep 2014"
    assert [month_name(month, short=True) for month in (1, 5, 12)] == ["Jan", "May", "Dec"]
