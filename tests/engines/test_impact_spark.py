"""Impact on PySpark gives what it gives on polars, which the oracles have checked."""

import datetime as dt
import random

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from analytics_lib.core.periods import Period, day_number
from analytics_lib.impact import (
    communities_strengthened,
    cross_community_exchanges,
    estimate_impact,
    impact_by_place,
    people_helped,
    resilience_score,
)

AS_OF = dt.date(2024, 3, 31)
LAST = day_number(AS_OF)
QUARTER = Period(start=dt.date(2024, 1, 1), end=dt.date(2024, 4, 1))

pytestmark = pytest.mark.spark


def exchanges():
    draw = random.Random(5)
    rows = []
    for n in range(120):
        weighed = draw.random() < 0.5
        rows.append({
            "exchange_id": str(n),
            "giver_id": draw.choice([*"abcd", None]),
            "recipient_id": draw.choice([*"abcd", None]),
            "day": LAST - draw.randrange(-3, 100),
            "serving": None if weighed else draw.choice(["small", "large"]),
            "amount": draw.randrange(30) / 4 if weighed else None,
            "unit": draw.choice(["lb", "kg", "oz", "pickups"]) if weighed else None,
            "food": draw.choice(["Cheese", "Bananas"]),
            "region": draw.choice(["GB", "GB-SCT", "US-CA"]),
            "giver_community": draw.choice(["x", "y", None]),
            "recipient_community": draw.choice(["x", "z", None]),
            "status": draw.choice(["consumed", "wasted", "unknown"]),
            "distance_km": draw.choice([None, 1.5]),
        })  # fmt: skip
    return pl.DataFrame(rows)


ASKED = {"granularity": "month", "as_of": AS_OF}
WEIGHTS = {"kilograms_each": {"pickups": 12.5}}
FRAMES = {
    "by place": lambda table: impact_by_place(table, factors="by_food", **ASKED, **WEIGHTS),
    "people": lambda table: people_helped(table, regular_days=2, **ASKED),
    "crossing": lambda table: cross_community_exchanges(table, **ASKED),
    "strengthened": lambda table: communities_strengthened(table, **ASKED),
}


@pytest.mark.parametrize("question", FRAMES)
def test_frames(spark, question):
    table = exchanges()
    expected = FRAMES[question](table)
    found = FRAMES[question](spark.createDataFrame(table.to_arrow()))
    brought = pl.from_arrow(found.toArrow())
    key = expected.columns[:4]
    assert_frame_equal(
        brought.cast(expected.schema).sort(key), expected.sort(key), rel_tol=1e-12, abs_tol=0
    )


def test_estimates(spark):
    table = exchanges()
    asked = {"factors": "platform_default", "period": QUARTER, "as_of": AS_OF, "draws": 200,
             "seed": 1, **WEIGHTS}  # fmt: skip
    expected = estimate_impact(table, **asked)
    found = estimate_impact(spark.createDataFrame(table.to_arrow()), **asked)
    assert found.table().equals(expected.table())
    assert found.notes == expected.notes


def test_resilience(spark):
    table = exchanges()
    brought = spark.createDataFrame(table.to_arrow())
    expected = resilience_score(table, period=QUARTER, as_of=AS_OF)
    assert resilience_score(brought, period=QUARTER, as_of=AS_OF) == expected
