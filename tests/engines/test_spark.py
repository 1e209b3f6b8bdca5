"""Every event metric on PySpark gives what it gives on polars, which the oracles have checked."""

import datetime as dt
import math
import os
import random
import shutil

import polars as pl
import pytest

from analytics_lib import metrics
from analytics_lib.core.periods import day_number
from analytics_lib.core.results import Estimate
from analytics_lib.events.boundary import event_log
from analytics_lib.events.identities import resolve_identities
from analytics_lib.events.preparation import prepare_events
from analytics_lib.events.robots import RobotRule
from analytics_lib.events.user_days import user_days
from analytics_lib.synthetic.adversarial import adversarial_logs, daylight_saving_instants

AS_OF = dt.date(2024, 3, 31)
HOUR = 3_600_000_000
LAST = day_number(AS_OF)

pytestmark = pytest.mark.spark


@pytest.fixture(scope="session")
def spark():
    pyspark_sql = pytest.importorskip("pyspark.sql", reason="no pyspark: the extra `spark`")
    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        pytest.skip("no Java: install a Java 17 runtime")
    settings = {
        "spark.ui.enabled": "false",
        "spark.sql.shuffle.partitions": "2",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        # A zone with clock changes: nothing may depend on the zone of the session.
        "spark.sql.session.timeZone": "America/Los_Angeles",
    }
    builder = pyspark_sql.SparkSession.builder.master("local[2]").appName("tests")
    for key, value in settings.items():
        builder = builder.config(key, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    yield session
    session.stop()


@pytest.fixture(scope="session")
def brought(spark):
    """A polars frame as a Spark frame."""
    return lambda frame: spark.createDataFrame(frame.to_arrow())


def mixed_log():
    """The oddest logs in one, and users with times, ties, nulls and sessions."""
    draw = random.Random(3)
    rows = []
    for user in [*"abcdefgh", None]:
        at = (LAST - draw.choice([9, 40, 70])) * 24 * HOUR + draw.randrange(24 * HOUR)
        for _ in range(25):
            at += draw.choice([0, 60_000_000, HOUR, 24 * HOUR, 72 * HOUR])
            rows.append((f"m{len(rows)}", user, draw.choice("aabbcx"),
                         draw.choice(["web", "ios", None]), at, draw.choice([0, 1])))  # fmt: skip
    names = ["event_id", "user_id", "event_type", "platform", "t_us", "session"]
    timed = pl.DataFrame(rows, schema=names, orient="row").with_columns(
        day=(pl.col("t_us") // (24 * HOUR)).cast(pl.Int32), quantity=pl.lit(1, pl.Int64)
    )
    odd = [adversarial_logs()[name] for name in ("nulls", "switching", "after_as_of")]
    named = [
        log.with_columns(pl.col("event_id") + f"-{at}", pl.col("user_id") + f"-{at}")
        for at, log in enumerate(odd)
    ]
    whole = pl.concat([timed, *named], how="diagonal_relaxed")
    return whole.with_columns(
        content_id="p" + (pl.col("t_us") % 5).cast(pl.String),
        campaign_source=pl.when(pl.col("t_us") % 3 > 0).then("c" + (pl.col("t_us") % 2).cast(str)),
    )


LOG = mixed_log()
WEEK = {"granularity": "week", "as_of": AS_OF}
QUESTIONS = {
    "active users": lambda log: metrics.active_users(log, **WEEK, by=["platform"]),
    "rolling": lambda log: metrics.rolling_active_users(log, days=7, as_of=AS_OF),
    "growth": lambda log: metrics.growth(log, **WEEK),
    "active in period": lambda log: metrics.active_in_period(log, **WEEK),
    "stickiness": lambda log: metrics.stickiness(log, as_of=AS_OF),
    "lifecycle": lambda log: metrics.lifecycle(log, **WEEK, history_complete=True),
    "curve": lambda log: metrics.retention_curve(
        log, kind="bracket", width=7, ages=[0, 1, 3], by=["platform"], as_of=AS_OF
    ),
    "day n": lambda log: metrics.day_n_retention(log, n=1, as_of=AS_OF),
    "on or after": lambda log: metrics.on_or_after_retention(log, n=7, as_of=AS_OF),
    "cohorts": lambda log: metrics.retention_cohorts(log, **WEEK),
    "recurring": lambda log: metrics.recurring_cohorts(log, **WEEK),
    "rolling hours": lambda log: metrics.rolling_retention(log, ages=[1, 3], as_of=AS_OF),
    "streak": lambda log: metrics.streak_retention(log, ages=[1, 3], as_of=AS_OF),
    "survival": lambda log: metrics.user_survival(log, as_of=AS_OF, silence_days=10),
    "sessions": lambda log: metrics.sessions(log, as_of=AS_OF, by=["platform"]),
    "session quality": lambda log: metrics.session_quality(
        log, **WEEK, view_types=["a"], key_types=["b"], cap_minutes=30
    ),
    "concurrent": lambda log: metrics.concurrent_users(log, **WEEK),
    "funnel": lambda log: metrics.funnel(
        log, steps=["a", "b", "c"], as_of=AS_OF, by=["platform"], exclude=["x"]
    ),
    "funnel, first": lambda log: metrics.funnel(
        log, steps=["a", "b", "a"], as_of=AS_OF, entry="first"
    ),
    "funnel, strict": lambda log: metrics.funnel(
        log, steps=["a", "b"], as_of=AS_OF, order="strict", count="sessions"
    ),
    "funnel, any": lambda log: metrics.funnel(log, steps=["a", "b", "c"], as_of=AS_OF, order="any"),
    "funnel over time": lambda log: metrics.funnel_trend(log, steps=["a", "b"], **WEEK),
    "transitions": lambda log: metrics.transitions(log, as_of=AS_OF, by=["platform"]),
    "top paths": lambda log: metrics.top_paths(log, as_of=AS_OF, steps=3, limit=5),
    "step matrix": lambda log: metrics.step_matrix(log, as_of=AS_OF, steps=4),
    "around": lambda log: metrics.around_event(
        log, event_type="b", before=2, after=1, as_of=AS_OF, occurrence="every"
    ),
    "attribution": lambda log: metrics.attribute_conversions(log, conversion="c", as_of=AS_OF),
    "engagement": lambda log: metrics.engagement_scores(log, as_of=AS_OF),
    "levels": lambda log: metrics.activity_levels(log, as_of=AS_OF),
    "weekdays": lambda log: metrics.weekday_pattern(log, as_of=AS_OF),
    "hours": lambda log: metrics.hourly_pattern(log, as_of=AS_OF),
    "regularity": lambda log: metrics.regularity(log, as_of=AS_OF),
    "adoption": lambda log: metrics.feature_adoption(log, features=["a", "x"], as_of=AS_OF),
    "views": lambda log: metrics.content_views(
        log, as_of=AS_OF, view_types=["a"], interactions=["b"]
    ),
    "time on page": lambda log: metrics.time_on_page(
        log, as_of=AS_OF, view_types=["a", "b"], session="session"
    ),
    "trending": lambda log: metrics.trending(
        log, as_of=AS_OF, minimum_views=1, view_types=["a", "click"]
    ),
}


def plain(result):
    """Rows of plain values, floats rounded to twelve digits."""
    if isinstance(result, float | Estimate):
        return str(result)
    frame = result if isinstance(result, pl.DataFrame) else pl.from_arrow(result.toArrow())
    return [
        tuple(float(f"{v:.12g}") if isinstance(v, float) and math.isfinite(v) else v for v in row)
        for row in frame.rows()
    ]


@pytest.mark.parametrize("name", QUESTIONS)
def test_spark_gives_the_same(brought, name):
    ask = QUESTIONS[name]
    found, expected = ask(brought(LOG)), ask(LOG)
    assert plain(found) == plain(expected)
    if isinstance(expected, pl.DataFrame):
        assert type(found).__module__.startswith("pyspark")
        assert len(expected) > 0


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
