"""What each customer brought: the parts of `cohort_revenue`, and nothing else."""

import datetime as dt

import polars as pl
import pytest

from analytics_lib.core.errors import ParameterError
from analytics_lib.core.periods import day_number
from analytics_lib.metrics import cohort_contributions, cohort_revenue

PAID = pl.DataFrame(
    [
        ("a", dt.date(2024, 1, 5), 10.0, "purchase"),
        ("a", dt.date(2024, 1, 9), 2.0, "refund"),
        ("a", dt.date(2024, 3, 1), 5.0, "purchase"),
        ("b", dt.date(2024, 1, 31), 20.0, "purchase"),
        ("c", dt.date(2024, 2, 1), 7.0, "purchase"),
        ("c", dt.date(2024, 4, 2), 99.0, "purchase"),
    ],
    schema=["user_id", "date", "amount", "kind"],
    orient="row",
).with_columns(
    day=pl.col("date").map_elements(day_number, return_dtype=pl.Int64), currency=pl.lit("EUR")
)
ASKED = {"granularity": "month", "as_of": dt.date(2024, 3, 31)}


# origin: by hand
def test_customers_keep_their_row_and_refunds_are_theirs():
    found = cohort_contributions(PAID, **ASKED)
    assert found.rows() == [
        ("2024-01", 0, "a", 8.0, 8.0), ("2024-01", 0, "b", 20.0, 20.0),
        ("2024-01", 1, "a", 0.0, 8.0), ("2024-01", 1, "b", 0.0, 20.0),
        ("2024-01", 2, "a", 5.0, 13.0), ("2024-01", 2, "b", 0.0, 20.0),
        ("2024-02", 0, "c", 7.0, 7.0), ("2024-02", 1, "c", 0.0, 7.0),
    ]  # fmt: skip


# origin: the sums of the other function
def test_they_add_up_to_the_revenue_of_the_cohort():
    parts = (
        cohort_contributions(PAID, **ASKED)
        .group_by("cohort", "age")
        .agg(pl.col("revenue", "cumulative_revenue").sum())
        .sort("cohort", "age")
    )
    whole = cohort_revenue(PAID, **ASKED).select(parts.columns)
    assert parts.rows() == whole.rows()


def test_an_unknown_granularity_is_refused():
    with pytest.raises(ParameterError, match="granularity"):
        cohort_contributions(PAID, granularity="day", as_of=ASKED["as_of"])
