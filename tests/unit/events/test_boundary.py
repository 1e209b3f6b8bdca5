import datetime as dt
from zoneinfo import ZoneInfo

import duckdb
import narwhals.stable.v2 as nw
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from analytics_lib.core.errors import ParameterError, SchemaError
from analytics_lib.core.periods import day_number
from analytics_lib.events.boundary import as_event_log, as_table, event_frame, event_log
from analytics_lib.events.log import EventLog
from analytics_lib.metrics import active_users
from analytics_lib.synthetic import daylight_saving_instants

ZONES = (
    "UTC", "Europe/Berlin", "Europe/London", "America/Los_Angeles", "Asia/Tokyo", "Asia/Kolkata",
    "Australia/Lord_Howe", "America/St_Johns", "Pacific/Kiritimati",
)  # fmt: skip


def to_duckdb(frame):
    return duckdb.connect().from_arrow(frame.to_arrow())


ENGINES = {
    "polars": lambda frame: frame,
    "polars lazy": lambda frame: frame.lazy(),
    "pandas": lambda frame: frame.to_pandas(),
    "DuckDB": to_duckdb,
    "pyarrow": lambda frame: frame.to_arrow(),
}


@pytest.fixture(params=ENGINES)
def make(request):
    return ENGINES[request.param]


def rows(log, *columns):
    return log.frame.select(*columns).collect(backend="polars").to_native().rows()


@pytest.mark.parametrize("zone", ZONES)
def test_days_are_those_of_the_standard_library(make, zone):
    frame = daylight_saving_instants()
    log = event_log(make(frame), zone=zone)
    expected = [
        (
            (instant - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)) // dt.timedelta(microseconds=1),
            day_number(instant.astimezone(ZoneInfo(zone)).date()),
        )
        for instant in frame["timestamp"].to_list()
    ]  # origin: zoneinfo and datetime
    assert rows(log, "t_us", "day") == expected
    assert (log.zone, log.resolution) == (zone, "microsecond")


@pytest.mark.parametrize("zone", ZONES)
def test_clock_times_are_read_in_their_own_zone(make, zone):
    # Every half hour around the changes: some are shown twice, some never.
    changes = [
        dt.datetime(2024, month, day)  # noqa: DTZ001 - clock times have no zone
        for month, day in ((3, 31), (10, 27), (3, 10), (11, 3), (4, 7), (10, 6))
    ]
    clocks = [at + dt.timedelta(minutes=15 * n) for at in changes for n in range(-8, 40)]
    frame = pl.DataFrame({"user_id": ["a"] * len(clocks), "timestamp": clocks})
    found = rows(event_log(make(frame), source_zone=zone), "t_us")
    assert [value for (value,) in found] == [instant_of(clock, zone) for clock in clocks]


def instant_of(clock, zone):
    """UTC microseconds of a clock time, the first where there are two, None where there is none."""
    instant = clock.replace(tzinfo=ZoneInfo(zone), fold=0).astimezone(dt.UTC)
    if instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None) != clock:
        return None
    return (instant - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)) // dt.timedelta(microseconds=1)


def test_dates_give_a_log_of_days(make):
    frame = pl.DataFrame({"user_id": ["a", "b"], "on": [dt.date(2024, 2, 29), None]})
    log = event_log(make(frame), time="on")
    assert log.resolution == "day"
    # origin: 19782 days = 54 years x 365 + 13 leap days + 31 + 28
    assert rows(log, "t_us", "day") == [(None, 19782), (None, None)]
    with pytest.raises(ParameterError, match="`sessions` needs the time of day"):
        log.require_time_of_day(question="sessions")


@pytest.mark.parametrize(
    "dates",
    [
        pytest.param([dt.date(2024, 1, 1), None], id="dates"),
        pytest.param(pd.to_datetime(["2024-01-01", None]), id="midnights"),
    ],
)
def test_pandas_dates(dates):
    log = event_log(pd.DataFrame({"user_id": ["a", "b"], "timestamp": dates}))
    assert log.resolution == "day"
    assert rows(log, "day") == [(19723,), (None,)]


def test_pandas_midnights_of_a_named_zone_are_instants():
    frame = pd.DataFrame({"user_id": ["a"], "timestamp": pd.to_datetime(["2024-01-01"])})
    assert event_log(frame, source_zone="UTC").resolution == "microsecond"


def test_a_missing_time_gives_a_missing_day(make):
    instants = [dt.datetime(2024, 1, 1, tzinfo=dt.UTC), None]
    frame = pl.DataFrame({"user_id": ["a", "b"], "timestamp": instants})
    log = event_log(make(frame))
    assert rows(log, "user_id", "day") == [("a", 19723), ("b", None)]
    assert rows(log, "t_us") == [(19723 * 86_400_000_000,), (None,)]
    log.require_time_of_day(question="sessions")


def test_own_names_become_canonical(make):
    frame = pl.DataFrame(
        {
            "uid": ["a"], "at": [dt.date(2024, 1, 1)], "what": ["click"], "page": ["p"],
            "n": [3], "key": ["k"], "os": ["ios"], "kept": [1],
        }
    )  # fmt: skip
    log = event_log(
        make(frame), user_id="uid", time="at", event_id="key", event_type="what",
        content_id="page", quantity="n", columns={"platform": "os"},
    )  # fmt: skip
    names = ["user_id", "event_id", "event_type", "content_id", "quantity", "platform", "kept"]
    assert rows(log, *names) == [("a", "k", "click", "p", 3, "ios", 1)]


def test_the_input_is_not_changed():
    frame = pd.DataFrame({"uid": ["a"], "at": [pd.Timestamp("2024-01-01", tz="UTC")]})
    event_log(frame, user_id="uid", time="at")
    assert list(frame.columns) == ["uid", "at"]


def test_a_stale_day_is_made_anew(make):
    instant = dt.datetime(2024, 1, 1, 23, tzinfo=dt.UTC)
    frame = pl.DataFrame({"user_id": ["a"], "timestamp": [instant], "day": [0], "t_us": [0]})
    log = event_log(make(frame), zone="Europe/Berlin")
    assert rows(log, "day") == [(19724,)]


def test_canonical_frames_pass(make):
    frame = pl.DataFrame({"user_id": ["a"], "day": [3], "t_us": [3 * 86_400_000_000]})
    log = event_log(make(frame), zone="Europe/Berlin")
    assert (log.zone, log.resolution) == ("Europe/Berlin", "microsecond")
    assert rows(log, "user_id", "day") == [("a", 3)]
    assert as_event_log(log) is log
    assert event_frame(log) is log.frame


@pytest.mark.parametrize(
    "columns",
    [
        pytest.param({}, id="no t_us"),
        pytest.param({"t_us": pl.Series([None, None], dtype=pl.Int64)}, id="empty t_us"),
    ],
)
def test_a_log_without_times_knows_only_days(make, columns):
    frame = pl.DataFrame({"user_id": ["a", "b"], "day": [3, 4], **columns})
    assert as_event_log(make(frame)).resolution == "day"


def test_missing_days_do_not_make_pandas_days_fractions():
    frame = pd.DataFrame({"user_id": ["a", "b"], "day": [3.0, None]})
    assert rows(as_event_log(frame), "day") == [(3,), (None,)]
    with pytest.raises(SchemaError, match="`day` holds fractions"):
        as_event_log(pd.DataFrame({"user_id": ["a"], "day": [3.5]}))


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        pytest.param({"timestamp": [1]}, r"missing column 'user_id'", id="no user"),
        pytest.param({"user_id": ["a"]}, r"missing column 'timestamp'", id="no time"),
        pytest.param(
            {"user_id": ["a"], "timestamps": [1]}, r"Did you mean 'timestamps'", id="near name"
        ),
        pytest.param(
            {"user_id": ["a"], "timestamp": ["2024-01-01"]}, "`timestamp` is String", id="text"
        ),
        pytest.param({"user_id": ["a"], "timestamp": [1]}, "`timestamp` is Int64", id="number"),
        pytest.param({"user_id": ["a"], "day": ["x"]}, "`day` is String", id="day as text"),
    ],
)
def test_bad_frames_are_refused(make, frame, words):
    with pytest.raises(SchemaError, match=words):
        event_log(make(pl.DataFrame(frame)))


def test_two_columns_for_one_name_are_refused(make):
    frame = pl.DataFrame({"user_id": ["a"], "uid": ["b"], "timestamp": [dt.date(2024, 1, 1)]})
    with pytest.raises(SchemaError, match=r"has columns \['user_id'\] beside the ones"):
        event_log(make(frame), user_id="uid")


def test_zones_must_be_known_once(make):
    clock = pl.DataFrame({"user_id": ["a"], "timestamp": [dt.datetime(2024, 1, 1, 5)]})  # noqa: DTZ001
    with pytest.raises(ParameterError, match="without a zone; name theirs as `source_zone`"):
        event_log(make(clock))
    instant = clock.with_columns(pl.col("timestamp").dt.replace_time_zone("UTC"))
    with pytest.raises(ParameterError, match="holds instants with a zone; leave it out"):
        event_log(make(instant), source_zone="UTC")
    with pytest.raises(ParameterError, match="`zone` is 'Mars'"):
        event_log(make(instant), zone="Mars")
    with pytest.raises(ParameterError, match="`source_zone` is 'Mars'"):
        event_log(make(clock), source_zone="Mars")


def test_a_pyarrow_table_is_read_where_it_lies_and_answered_in_kind():
    table = pa.table({"user_id": ["a", "b"], "day": [1, 1]})
    read = as_table(table, ["day"], name="events").collect().to_native()
    address = table["day"].chunk(0).buffers()[1].address
    assert read["day"].to_arrow().buffers()[1].address == address
    found = active_users(table, granularity="day", as_of=dt.date(1970, 1, 2))
    assert isinstance(found, pa.Table)
    assert found.to_pylist()[-1]["active_users"] == 2


def test_a_pyarrow_table_that_polars_cannot_hold_is_refused():
    twice = pa.table([pa.array([1]), pa.array([2])], names=["day", "day"])
    with pytest.raises(SchemaError, match="two columns of one name"):
        as_table(twice, [], name="events")


@pytest.mark.parametrize("frame", [{"user_id": ["a"]}, [1], None, pa.array([1])])
def test_unsupported_frames_are_refused(frame):
    with pytest.raises(SchemaError, match="is not supported; it must be of one of polars, pandas"):
        as_event_log(frame)


def test_tables_are_checked_for_their_columns(make):
    frame = make(pl.DataFrame({"a": [1]}))
    assert as_table(frame, ["a"], name="courses").collect_schema().names() == ["a"]
    assert as_table(nw.from_native(frame), ["a"], name="courses").collect_schema().names() == ["a"]
    with pytest.raises(SchemaError, match="`courses` is missing column 'b'"):
        as_table(frame, ["a", "b"], name="courses")


@pytest.mark.parametrize("kind", ["TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS", "TIMESTAMP"])
def test_every_duckdb_timestamp(kind):
    relation = duckdb.connect().sql(
        f"SELECT 'a' AS user_id, CAST('2024-01-01 23:30:00' AS {kind}) AS timestamp"
    )
    log = event_log(relation, source_zone="UTC", zone="Europe/Berlin")
    assert rows(log, "t_us", "day") == [(1_704_151_800_000_000, 19724)]


def test_the_duckdb_session_zone_does_not_matter():
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'Asia/Tokyo'")
    relation = connection.sql(
        "SELECT 'a' AS user_id, TIMESTAMPTZ '2024-01-01 23:30:00+00' AS timestamp"
    )
    assert rows(event_log(relation, zone="UTC"), "t_us", "day") == [(1_704_151_800_000_000, 19723)]


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_every_pandas_unit(unit):
    at = pd.Series(["2024-01-01T23:30:00"]).astype(f"datetime64[{unit}]").dt.tz_localize("UTC")
    log = event_log(pd.DataFrame({"user_id": ["a"], "timestamp": at}), zone="Europe/Berlin")
    assert rows(log, "t_us", "day") == [(1_704_151_800_000_000, 19724)]


def test_a_log_has_a_zone_that_exists():
    with pytest.raises(ParameterError, match="`zone` is 'Nowhere'"):
        EventLog(
            frame=nw.from_native(pl.LazyFrame({"user_id": ["a"], "day": [1]})),
            zone="Nowhere",
            resolution="day",
        )
