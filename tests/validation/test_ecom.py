"""The incidents that the authors of the simulated shop planted are found.

origin: data/ecom/README.md, after the documentation of retentioneering 5.2.4.
"""

import datetime as dt
import gzip

import polars as pl
import pytest

import analytics_lib as al
from analytics_lib.core.periods import day_number
from analytics_lib.warehouse import open_lake

AS_OF = dt.date(2024, 6, 30)


@pytest.fixture(scope="module")
def shop(sample_project):
    return open_lake(sample_project.root / "outputs" / "warehouse_ecom")


def test_every_row_is_stored(shop, sample_project):
    with gzip.open(sample_project.root / "data/ecom/ecom.csv.gz", "rt") as file:
        rows = sum(1 for _ in file) - 1
    log = shop.events().frame.collect().to_native()
    assert len(log) == rows == 31_106
    assert log["user_id"].n_unique() == 600


def checkout(shop, **asked):
    return al.funnel_trend(
        shop.events(), steps=["cart", "purchase"], as_of=AS_OF, window_days=1, **asked
    )


def test_the_payment_incident_shows_in_the_funnel(shop):
    weeks = checkout(shop, granularity="week").filter(pl.col("began") >= 40)
    incident = weeks.filter(
        pl.col("interval_start").is_between(dt.date(2024, 5, 20), dt.date(2024, 5, 27))
    )
    others = weeks.filter(~pl.col("interval_start").is_in(incident["interval_start"].implode()))
    assert len(incident) == 2
    assert incident["share"].max() < 0.6 * others["share"].mean()
    assert incident["ci_upper"].max() < 0.3


def test_the_mobile_checkout_fault_shows_by_device(shop):
    log = shop.events().frame.collect().to_native()
    first, last = (day_number(dt.date(2024, month, 9)) for month in (4, 5))
    inside = pl.col("day").is_between(first, last)
    shares = {}
    for name, part in (("inside", log.filter(inside)), ("outside", log.filter(~inside))):
        steps = ["shipping_details", "payment_details"]
        found = al.funnel(part, steps=steps, as_of=AS_OF, window_days=1, by=["platform"])
        for row in al.last_step(found).rows(named=True):
            shares[name, row["platform"]] = row
    assert shares["inside", "mobile"]["ci_upper"] < shares["inside", "desktop"]["ci_lower"]
    assert shares["inside", "mobile"]["ci_upper"] < shares["outside", "mobile"]["ci_lower"]


def test_the_viral_spike_is_too_small_to_be_told_from_chance(shop):
    # The log holds 17 first events in its four days, where 21 would be ordinary: the spike is
    # documented for the whole shop and hardly reached this sample. docs/validation.md says so.
    days = al.lifecycle(shop.events(), granularity="day", as_of=AS_OF, history_complete=True)
    new = dict(days.select("interval_start", "new").rows())
    spike = [new[dt.date(2024, 2, 29) + dt.timedelta(days=at)] for at in range(4)]
    assert sum(spike) == 17
    assert max(spike) == spike[-1] == 9
