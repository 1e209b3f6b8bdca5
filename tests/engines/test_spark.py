"""Every metric on PySpark gives what it gives on polars, which the oracles have checked."""

import datetime as dt
import functools
import random
import runpy
from pathlib import Path

import polars as pl
import pytest

from analytics_lib.core.periods import day_number
from analytics_lib.events.boundary import event_log
from analytics_lib.events.identities import resolve_identities
from analytics_lib.events.own_tables import own_table
from analytics_lib.events.preparation import prepare_events
from analytics_lib.events.robots import RobotRule
from analytics_lib.events.user_days import user_days
from analytics_lib.metrics.registry import METRICS
from analytics_lib.synthetic.adversarial import daylight_saving_instants

HERE = Path(__file__).parent
ASKED = runpy.run_path(str(HERE / "questions.py"))
COMPARED = runpy.run_path(str(HERE / "compared.py"))
QUESTIONS, TABLES = ASKED["QUESTIONS"], ASKED["TABLES"]

HOUR = 3_600_000_000
LAST = day_number(ASKED["AS_OF"])

pytestmark = pytest.mark.spark


@pytest.fixture(scope="session")
def brought(spark):
    """A polars frame as a Spark frame."""
    return lambda frame: spark.createDataFrame(frame.to_arrow())


@pytest.fixture(scope="session")
def table(brought):
    """A table by its name, brought over once."""
    return functools.cache(lambda name: brought(TABLES[name]))


def test_every_metric_is_asked_here_too():
    assert {name.partition(":")[0] for name in QUESTIONS} == set(METRICS)


@pytest.mark.parametrize("name", QUESTIONS)
def test_spark_gives_the_same(table, name):
    found, expected = QUESTIONS[name](table), QUESTIONS[name](TABLES.__getitem__)
    if isinstance(expected, pl.DataFrame):
        assert type(found).__module__.startswith("pyspark")
        assert len(expected) > 0
    ordered = name not in ASKED["UNORDERED"]
    assert not COMPARED["differences"](found, expected, ordered=ordered)


def test_own_names_and_dates(brought):
    theirs = TABLES["payments"].rename({"user_id": "who", "amount": "eur"})
    dated = theirs.with_columns(pl.col("day").cast(pl.Date)).rename({"day": "paid on"})
    found = own_table(
        brought(dated),
        columns={"user_id": "who", "amount": "eur"},
        days={"day": "paid on"},
        table="payments",
    )
    ask = QUESTIONS["cohort_revenue"]
    answer = ask(lambda _: found)
    assert not COMPARED["differences"](answer, ask(TABLES.__getitem__))


@pytest.mark.parametrize(
    "zone", ["UTC", "Europe/Berlin", "America/Los_Angeles", "Australia/Lord_Howe"]
)
def test_days_are_the_same_whatever_the_zone_of_the_session(brought, zone):
    instants = daylight_saving_instants()
    log = event_log(brought(instants), zone=zone).frame.to_native().toArrow()
    expected = event_log(instants, zone=zone).frame.collect().to_native()
    found = pl.from_arrow(log).select("t_us", "day").sort("t_us")
    assert found.rows() == expected.select("t_us", "day").sort("t_us").rows()


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Australia/Lord_Howe"])
def test_clock_times_are_the_same(brought, zone):
    clocks = daylight_saving_instants().with_columns(
        pl.col("timestamp").dt.replace_time_zone(None), at=pl.int_range(pl.len())
    )
    asked = {"zone": zone, "source_zone": zone}
    texts = brought(clocks.with_columns(pl.col("timestamp").dt.to_string("%Y-%m-%d %H:%M:%S%.6f")))
    native = texts.withColumn("timestamp", texts["timestamp"].cast("timestamp_ntz"))
    timed = event_log(native, **asked).frame.to_native()
    found = timed.select("at", "t_us", "day").toArrow()
    expected = event_log(clocks, **asked).frame.collect().to_native()
    assert (
        pl.from_arrow(found).sort("at").select("t_us", "day").rows()
        == expected.select("t_us", "day").rows()
    )


def test_dates_give_days(brought):
    dates = pl.DataFrame({"user_id": ["a", "b"], "on": [dt.date(2024, 2, 29), None]})
    log = event_log(brought(dates), time="on")
    assert log.resolution == "day"
    rows = pl.from_arrow(log.frame.to_native().toArrow()).sort("user_id")
    assert rows.select("t_us", "day").rows() == [(None, 19_782), (None, None)]


def hostile_log():
    draw = random.Random(7)
    rows = [
        {
            "event_id": draw.choice([f"e{n}", "same", None]),
            "user_id": draw.choice(["ann", "x", "kiosk", None]),
            "event_type": draw.choice(["click", None]),
            "t_us": (LAST - n % 5) * 24 * HOUR + draw.randrange(3),
            "received_us": draw.choice([None, LAST * 24 * HOUR]),
            "day": LAST - n % 5,
            "quantity": draw.choice([1, 4]),
            "device_type": draw.choice(["mobile", "robot", None]),
        }
        for n in range(80)
    ]
    schema = {"day": pl.Int32, "t_us": pl.Int64, "received_us": pl.Int64, "quantity": pl.Int64}
    return pl.DataFrame(rows, schema_overrides=schema)


def test_preparation(brought):
    links = resolve_identities(
        pl.DataFrame({"anonymous_id": ["x"], "user_id": ["ann"], "linked_day": [LAST]})
    )
    options = {
        "identities": links,
        "robots": RobotRule(events_per_day=9),
        "late_after_days": 2,
        "late": "exclude",
        "zone": "Europe/London",
    }
    known = prepare_events(hostile_log(), **options)
    found = prepare_events(brought(hostile_log()), **options)
    assert found.preparation == known.preparation
    assert found.preparation.robots > 0
    assert found.preparation.late_excluded > 0
    days = [
        sorted(user_days(log).frame.collect(backend="polars").to_native().rows())
        for log in (found, known)
    ]
    assert days[0] == days[1]
