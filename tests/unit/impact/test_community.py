"""Reach, resilience and food security: hand-worked cases and refusals."""

import datetime as dt
import math

import polars as pl
import pytest

from analytics_lib.core.errors import ParameterError, SchemaError
from analytics_lib.core.periods import Period
from analytics_lib.events.tables.exchanges import EXCHANGES
from analytics_lib.impact import (
    RESILIENCE_WEIGHTS,
    communities_strengthened,
    cross_community_exchanges,
    food_mass,
    food_security_contribution,
    people_helped,
    resilience_score,
)
from analytics_lib.impact.amounts import Amount

JANUARY = Period(start=dt.date(1970, 1, 1), end=dt.date(1970, 2, 1))
AS_OF = dt.date(1970, 1, 31)
# Giver, recipient, day, their communities.
ROWS = [
    ("a", "b", 0, "x", "x"), ("a", "b", 1, "x", "x"), ("b", "a", 2, "x", "x"),
    ("a", "c", 2, "x", "y"), ("a", "c", 2, "x", "y"), ("d", "d", 3, "z", "z"),
    ("d", "e", 3, "z", None),
]  # fmt: skip


def table(rows=None):
    names = ["giver_id", "recipient_id", "day", "giver_community", "recipient_community"]
    frame = pl.DataFrame(rows if rows is not None else ROWS, schema=names, orient="row")
    return frame.with_row_index("exchange_id").with_columns(pl.col("exchange_id").cast(pl.String))


def test_people_helped():
    # origin: by hand: b on 2 days, a, c and e on 1; d gave to d, which helps nobody.
    found = people_helped(table(), granularity="month", as_of=AS_OF, regular_days=2)
    assert found.select("people_helped", "regular_recipients", "share").row(0) == (4, 1, 0.25)


@pytest.mark.parametrize(("regular_days", "regular"), [(1, 4), (2, 1), (3, 0)])
def test_regulars(regular_days, regular):
    found = people_helped(table(), granularity="month", as_of=AS_OF, regular_days=regular_days)
    assert found["regular_recipients"].item() == regular


def test_crossing():
    # origin: by hand: of 6 exchanges 5 have both communities, 2 of them cross.
    found = cross_community_exchanges(table(), granularity="month", as_of=AS_OF)
    assert found.select("exchanges", "known", "crossing", "share").row(0) == (6, 5, 2, 0.4)


def test_strengthened():
    # origin: by hand: only a and b met on two days; a and c twice on one day. x is theirs.
    found = communities_strengthened(table(), granularity="month", as_of=AS_OF)
    assert found.select("repeated_ties", "communities", "strengthened").row(0) == (1, 3, 1)


def test_resilience():
    # origin: by hand: givers a 4, b 1, d 1 of 6; 1 of 4 regular; a and b of 5 both; 2 of 5 cross.
    found = resilience_score(table(), period=JANUARY, as_of=AS_OF, regular_days=2)
    parts = {"regular": 1 / 4, "mutual": 2 / 5, "crossing": 2 / 5, "spread": 1 - 18 / 36}
    assert found.parts == pytest.approx(parts)
    assert found.value == pytest.approx((0.25 + 0.4 + 0.4 + 0.5) / 4)
    assert found.weights == RESILIENCE_WEIGHTS
    assert found.n == 6


def test_resilience_by_own_weights():
    own = {"spread": 0.75, "mutual": 0.25}
    found = resilience_score(table(), period=JANUARY, as_of=AS_OF, weights=own)
    assert found.value == pytest.approx(0.75 * 0.5 + 0.25 * 0.4)


def test_resilience_undefined():
    early = resilience_score(table(), period=JANUARY, as_of=dt.date(1970, 1, 30))
    nobody = resilience_score(table(ROWS[:0]), period=JANUARY, as_of=AS_OF)
    assert math.isnan(early.value)
    assert math.isnan(nobody.value)
    assert nobody.n == 0


@pytest.mark.parametrize(
    ("weights", "said"),
    [
        ({"regular": 0.9}, "add up to"),
        ({"regular": 1.5, "mutual": -0.5}, "negative"),
        ({"luck": 1.0}, "names \\['luck'\\]"),
        ({}, "add up to"),
    ],
)
def test_weights_must_add_up(weights, said):
    with pytest.raises(ParameterError, match=said):
        resilience_score(table(), period=JANUARY, as_of=AS_OF, weights=weights)


def test_food_security():
    # origin: by hand: 450 / (50 x 30 x 3).
    meals = Amount(value=450, unit="meals", of="meals")
    asked = {"people": 50, "days": 30, "meals_needed_per_day": 3}
    assert food_security_contribution(meals, **asked) == pytest.approx(0.1)
    assert math.isnan(food_security_contribution(meals, **{**asked, "people": 0}))
    for name, value in (("people", -1), ("days", 0), ("meals_needed_per_day", 0)):
        with pytest.raises(ParameterError, match=f"`{name}`"):
            food_security_contribution(meals, **{**asked, name: value})
    with pytest.raises(ParameterError, match="must be in 'meals'"):
        food_security_contribution(food_mass(1, "kg"), **asked)


@pytest.mark.parametrize(
    "function", [people_helped, cross_community_exchanges, communities_strengthened]
)
def test_refusals(function):
    with pytest.raises(ParameterError, match="`granularity`"):
        function(table(), granularity="fortnight", as_of=AS_OF)
    with pytest.raises(SchemaError, match="'giver_id'"):
        function(table().drop("giver_id"), granularity="month", as_of=AS_OF)


def test_regular_days_are_at_least_one():
    with pytest.raises(ParameterError, match="`regular_days`"):
        people_helped(table(), granularity="month", as_of=AS_OF, regular_days=0)


def test_the_contract():
    assert EXCHANGES.key == ("exchange_id",)
    assert EXCHANGES.columns_with_role("pseudonym") == ["giver_id", "recipient_id"]
    assert "city" in EXCHANGES.columns_with_role("quasi_identifier")
    EXCHANGES.schema()
