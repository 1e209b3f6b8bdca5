"""What each customer brought: the parts of `revenue` and `return_on_content`, nothing else."""

import datetime as dt

import polars as pl
import pytest

from analytics_lib.core.errors import ParameterError
from analytics_lib.core.periods import day_number
from analytics_lib.metrics import (
    content_contributions,
    return_on_content,
    revenue,
    revenue_contributions,
)

PAID = pl.DataFrame(
    [
        ("a", dt.date(2024, 1, 5), 10.0, "purchase", "x"),
        ("a", dt.date(2024, 1, 9), 2.0, "refund", "x"),
        ("a", dt.date(2024, 1, 9), 1.5, "purchase", "y"),
        (None, dt.date(2024, 1, 31), 20.0, "purchase", "x"),
        ("c", dt.date(2024, 2, 1), 7.0, "subscription", "x"),
        ("c", dt.date(2024, 4, 2), 99.0, "purchase", "x"),
    ],
    schema=["user_id", "date", "amount", "kind", "plan"],
    orient="row",
).with_columns(
    day=pl.col("date").map_elements(day_number, return_dtype=pl.Int64), currency=pl.lit("EUR")
)
ASKED = {"granularity": "month", "as_of": dt.date(2024, 3, 31)}
JANUARY, FEBRUARY = dt.date(2024, 1, 1), dt.date(2024, 2, 1)


# origin: by hand
def test_what_was_paid_back_is_the_customers_own_and_nobody_is_one_too():
    assert revenue_contributions(PAID, **ASKED).rows() == [
        (JANUARY, None, 20.0, 0.0, 20.0),
        (JANUARY, "a", 11.5, 2.0, 9.5),
        (FEBRUARY, "c", 7.0, 0.0, 7.0),
    ]


# origin: the sums of the other function
@pytest.mark.parametrize("by", [(), ("plan",)])
def test_they_add_up_to_the_revenue(by):
    keys = [*by, "interval_start"]
    parts = (
        revenue_contributions(PAID, by=by, **ASKED)
        .group_by(keys)
        .agg(pl.col("gross", "refunds", "net").sum())
        .sort(keys)
    )
    whole = revenue(PAID, by=by, **ASKED).filter(pl.col("gross") + pl.col("refunds") > 0)
    assert parts.rows() == whole.select(parts.columns).rows()


def test_an_unknown_granularity_is_refused():
    with pytest.raises(ParameterError, match="granularity"):
        revenue_contributions(PAID, granularity="hour", as_of=ASKED["as_of"])


LOG = pl.DataFrame(
    [
        ("1", "a", 1, "content_view", "p", None),
        ("2", "a", 2, "content_view", "q", None),
        ("3", "a", 3, "purchase", None, 900),
        ("4", "b", 4, "content_view", "q", None),
        ("5", "b", 5, "purchase", None, 300),
        ("6", "b", 6, "purchase", None, 100),
        ("7", "c", 7, "purchase", None, 50),
    ],
    schema=["event_id", "user_id", "t_us", "event_type", "content_id", "value"],
    orient="row",
).with_columns(day=pl.lit(0))
DAY = {"as_of": dt.date(1970, 1, 1)}


# origin: by hand; c viewed nothing, the 900 of a are divided between p and q
def test_the_value_of_an_item_by_buyer():
    last = [(None, "c", 50.0), ("q", "a", 900.0), ("q", "b", 400.0)]
    assert content_contributions(LOG, **DAY).rows() == last
    equal = [(None, "c", 50.0), ("p", "a", 450.0), ("q", "a", 450.0), ("q", "b", 400.0)]
    assert content_contributions(LOG, attribution="equal", **DAY).rows() == equal


# origin: the sums of the other function
@pytest.mark.parametrize("attribution", ["last_view", "equal"])
def test_they_add_up_to_the_value_of_the_items(attribution):
    parts = (
        content_contributions(LOG, attribution=attribution, **DAY)
        .group_by("content_id")
        .agg(pl.col("value").sum())
        .sort("content_id", nulls_last=False)
    )
    costs = pl.DataFrame({"content_id": ["p", "q"], "cost": [1.0, 1.0]})
    whole = return_on_content(LOG, costs, attribution=attribution, **DAY)
    assert parts.rows() == whole.filter(pl.col("value") > 0).select("content_id", "value").rows()
