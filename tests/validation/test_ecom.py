"""The incidents that the authors of the simulated shop planted are found.

origin: data/ecom/README.md, after the documentation of retentioneering 5.2.4.
"""

import datetime as dt
import gzip

import polars as pl
import pytest

import analytics_lib as al
from analytics_lib.warehouse import open_lake

AS_OF = dt.date(2024, 6, 30)


@pytest.fixture(scope="module")
def shop(sample_project):
    return open_lake(sample_project.root / "outputs" / "warehouse_ecom")


def test_every_row_is_stored(shop, sample_project):
    rows = gzip.open(sample_project.root / "data/ecom/ecom.csv.gz", "rt").read().splitlines()
    assert shop.events().frame.collect().shape[0] == len(rows) - 1 == 31_106
    assert shop.events().frame.collect()["user_id"].n_unique() == 600


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
    ends = al.last_step(
        al.funnel(
            shop.events().frame.filter(
                nw_between(dt.date(2024, 4, 9), dt.date(2024, 5, 9))
            ).to_native(),
            steps=["payment_details", "purchase"], as_of=AS_OF, window_days=1, by=["platform"],
        )
    )  # fmt: skip
    shares = dict(ends.select("platform", "share").rows())
    uppers = dict(ends.select("platform", "ci_upper").rows())
    lowers = dict(ends.select("platform", "ci_lower").rows())
    assert shares["mobile"] < 0.6 * shares["desktop"]
    assert uppers["mobile"] < lowers["desktop"]


def nw_between(first, last):
    import narwhals.stable.v2 as nw  # noqa: PLC0415

    from analytics_lib.core.periods import day_number  # noqa: PLC0415

    return nw.col("day").is_between(day_number(first), day_number(last))


def test_the_viral_spike_shows_in_new_users(shop):
    days = al.lifecycle(shop.events(), granularity="day", as_of=AS_OF, history_complete=True)
    new = dict(days.select("interval_start", "new").rows())
    spike = [new[dt.date(2024, 2, 29) + dt.timedelta(days=d)] for d in range(4)]
    around = [
        new[day]
        for start in (dt.date(2024, 2, 15), dt.date(2024, 3, 4))
        for day in (start + dt.timedelta(days=d) for d in range(14))
    ]
    assert sum(spike) / 4 > 1.4 * sum(around) / len(around)
