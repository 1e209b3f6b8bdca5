import datetime as dt
import math

import polars as pl
import pytest

from analytics_lib.core.errors import ParameterError, SchemaError
from analytics_lib.events.money import (
    known_costs,
    known_payments,
    require_margin,
    require_same_currency,
)

AS_OF = dt.date(1970, 1, 31)


def paid(**changed):
    columns = {
        "user_id": ["a", "b"], "day": [0, 1], "amount": [1.1, 0.0], "currency": ["EUR", "EUR"],
        "kind": ["purchase", "refund"],
    }  # fmt: skip
    return pl.DataFrame({**columns, **changed})


def millionths(frame):
    return known_payments(frame, as_of=AS_OF).frame.collect()["millionths"].to_list()


def test_amounts_become_whole_millionths():
    assert millionths(paid()) == [1_100_000, 0]
    assert millionths(paid(amount=[2, 3])) == [2_000_000, 3_000_000]
    # origin: by hand; 0.1 + 0.2 is not 0.3 in decimal fractions, but their millionths add up
    assert sum(millionths(paid(amount=[0.1, 0.2]))) == 300_000


def test_later_rows_and_rows_without_a_day_are_left_out():
    money = known_payments(paid(day=[30, 31], currency=["EUR", "USD"]), as_of=AS_OF)
    assert money.currency == "EUR"  # the other currency comes after the last day
    assert millionths(paid(day=[None, 1])) == [0]
    assert known_payments(paid(day=[40, 41]), as_of=AS_OF).currency is None


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"currency": ["EUR", "USD"]}, r"`payments` holds several currencies \['EUR', 'USD'\]"),
        ({"currency": ["EUR", None]}, "`currency` of `payments` is missing"),
        ({"amount": [1.0, None]}, "`amount` of `payments` is missing in 1 rows"),
        ({"amount": [math.nan, math.inf]}, "`amount` of `payments` is missing in 2 rows"),
        ({"amount": [1.0, -0.01]}, "`amount` of `payments` is negative"),
        ({"amount": [1.0, 1e9 + 1]}, "`amount` of `payments` goes beyond 1,000,000,000"),
        ({"amount": ["1", "2"]}, "`amount` of `payments` is String; it must be a number"),
        ({"kind": ["purchase", "refnud"]}, "`kind` .* is 'refnud'.*Did you mean 'refund'"),
        ({"kind": ["purchase", None]}, "`kind` of `payments` is 'None'"),
        ({"day": [0.5, 1.0]}, "`day` (is Float64|holds fractions)"),
    ],
)
@pytest.mark.parametrize(
    "library", [pl.DataFrame, pl.DataFrame.to_pandas], ids=["polars", "pandas"]
)
def test_money_that_does_not_add_up_is_refused(changed, words, library):
    frame = paid(**changed)
    if library is not pl.DataFrame:
        frame = frame.to_pandas()
        words = words.replace("String", ".*").replace("'None'", "'.*'")
    with pytest.raises(SchemaError, match=words):
        known_payments(frame, as_of=AS_OF)


@pytest.mark.parametrize("largest", [1e9 - 1, 1e9])
def test_the_largest_amount(largest):
    assert millionths(paid(amount=[largest, 0.0]))[0] == int(largest) * 1_000_000


@pytest.mark.parametrize("column", ["user_id", "day", "amount", "currency", "kind", "plan"])
def test_a_missing_column_is_named(column):
    frame = paid().drop(column, strict=False)
    with pytest.raises(SchemaError, match=f"`payments` is missing column '{column}'"):
        known_payments(frame, as_of=AS_OF, columns=["plan"] if column == "plan" else [])


def test_costs_need_no_user():
    costs = pl.DataFrame({"day": [0], "amount": [2.0], "currency": ["EUR"], "channel": ["x"]})
    assert known_costs(costs, as_of=AS_OF).frame.collect()["millionths"].to_list() == [2_000_000]
    named = costs.with_columns(user_id=pl.lit("buyer"))
    assert known_costs(named, as_of=AS_OF).currency == "EUR"
    with pytest.raises(SchemaError, match="`costs` is missing column 'amount'"):
        known_costs(costs.drop("amount"), as_of=AS_OF)
    with pytest.raises(SchemaError, match="`amount` of `costs` is negative"):
        known_costs(costs.with_columns(amount=-1.0), as_of=AS_OF)
    dollars = costs.with_columns(currency=pl.lit("USD"))
    monies = [known_payments(paid(), as_of=AS_OF), known_costs(dollars, as_of=AS_OF)]
    with pytest.raises(SchemaError, match=r"different currencies \['EUR', 'USD'\]"):
        require_same_currency(*monies)
    assert require_same_currency(monies[0]) == "EUR"


@pytest.mark.parametrize(("margin", "allowed"), [(0, False), (1e-9, True), (1, True), (1.1, False)])
def test_margins(margin, allowed):
    if allowed:
        require_margin(margin)
        return
    with pytest.raises(ParameterError, match=f"`gross_margin` is {margin}"):
        require_margin(margin)
