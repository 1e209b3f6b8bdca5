import datetime as dt

import polars as pl
import pytest

from analytics_lib.core.errors import ParameterError, SchemaError
from analytics_lib.core.periods import day_number
from analytics_lib.events.tables.operations import SERVICE_MEASUREMENTS
from analytics_lib.metrics.availability import availability, error_budget
from analytics_lib.metrics.bottlenecks import bottlenecks
from analytics_lib.metrics.latency import latency_percentiles, saturation_levels
from analytics_lib.metrics.operations import error_shares, request_rates, request_rates_by_time

MONDAY = dt.date(2024, 1, 1)
START = day_number(MONDAY)
DAY_US = 86_400_000_000


def on(day):
    return MONDAY + dt.timedelta(days=day)


def log(*rows):
    """One row a request: service, day from Monday 1 January 2024, duration, status."""
    made = pl.DataFrame(
        rows, schema=["service", "day", "duration_us", "status"], orient="row"
    ).with_columns(pl.col("day").cast(pl.Int32) + START)
    return made.with_columns(t_us=pl.col("day").cast(pl.Int64) * DAY_US)


@pytest.mark.parametrize(("last", "requests"), [(5, None), (6, 2), (7, 2)])
def test_a_week_is_null_until_it_is_over(last, requests):
    asked = log(("api", 0, 5, "ok"), ("api", 6, 5, "ok"))
    found = request_rates(asked, granularity="week", as_of=on(last))
    assert found["requests"][0] == (None if last < 6 else requests)
    assert found["requests_per_day"][0] == (None if last < 6 else 2 / 7)


def test_a_timeout_is_an_error_and_an_unknown_end_is_in_neither_count():
    asked = log(*(("api", 0, 5, how) for how in ("ok", "error", "timeout", None)))
    found = error_shares(asked, granularity="day", as_of=on(0))
    assert found.select("requests", "errors").row(0) == (3, 2)
    # origin: Wilson interval of 2 of 3 by its formula, z = 1.959964
    assert found["ci_lower"].item() == pytest.approx(0.20765, abs=1e-5)
    assert found["ci_upper"].item() == pytest.approx(0.93851, abs=1e-5)


@pytest.mark.parametrize(
    ("percentile", "value"), [(49.9, 20), (50, 20), (50.1, 30), (99.9, 40), (100, 40), (25, 10)]
)
def test_nearest_rank_at_its_edges(percentile, value):
    # origin: by hand, rank ceil(p / 100 * 4) of 10, 20, 30, 40
    asked = log(*(("api", 0, 10 * n, "ok") for n in (4, 1, 3, 2)))
    found = latency_percentiles(asked, granularity="day", as_of=on(0), percentiles=[percentile])
    assert found["duration_us"].item() == value


def test_the_textbook_percentiles():
    # origin: the nearest-rank method's textbook example (15, 20, 35, 40, 50)
    asked = log(*(("api", 0, n, "ok") for n in (15, 20, 35, 40, 50)))
    found = latency_percentiles(
        asked, granularity="day", as_of=on(0), percentiles=[5, 30, 40, 50, 100]
    )
    assert found["duration_us"].to_list() == [15, 20, 20, 35, 50]


def test_a_row_may_stand_for_many_requests():
    asked = log(("api", 0, 1, "ok"), ("api", 0, 9, "error")).with_columns(
        quantity=pl.Series([99, 1])
    )
    found = latency_percentiles(asked, granularity="day", as_of=on(0), percentiles=[99, 99.1])
    assert found["duration_us"].to_list() == [1, 9]
    shares = error_shares(asked, granularity="day", as_of=on(0))
    assert shares["share"].item() == 0.01


@pytest.mark.parametrize(("failing", "up"), [(0.24, 0), (0.25, 0), (0.26, 1)])
def test_a_minute_at_the_threshold_is_not_available(failing, up):
    asked = log(*(("api", 0, 5, how) for how in ("ok", "ok", "ok", "error")))
    found = availability(asked, granularity="day", as_of=on(0), failing_share=failing)
    assert found["available_minutes"].item() == up
    assert found["request_share"].item() == 0.75


def test_an_outage_at_night_costs_minutes_and_few_requests():
    # origin: by hand; 1 of 2 minutes, 99 of 100 requests
    asked = log(("api", 0, 5, "ok"), ("api", 0, 5, "timeout")).with_columns(
        t_us=pl.Series([0, 60_000_000]) + START * DAY_US, quantity=pl.Series([99, 1])
    )
    found = availability(asked, granularity="day", as_of=on(0))
    assert found.select("share", "request_share").row(0) == (0.5, 0.99)


@pytest.mark.parametrize(("days", "left"), [(2, 0.5), (3, 0.5), (4, None)])
def test_a_window_not_measured_from_its_start_has_no_budget(days, left):
    rows = [("api", 0, 5, "ok"), ("web", 2, 5, "error"), *[("web", 2, 5, "ok")] * 3]
    found = error_budget(log(*rows), objective=0.5, as_of=on(2), days=days)
    web = found.filter(pl.col("service") == "web")
    # origin: by hand; 4 requests, 2 may fail, 1 did
    assert web["budget_left"].item() == left
    assert web["errors"].item() == 1


def test_an_overspent_budget_is_negative():
    found = error_budget(log(("api", 0, 5, "error")), objective=0.5, as_of=on(0), days=1)
    assert found["budget_left"].item() == -1


def test_reasons_of_bottlenecks():
    # origin: by hand; 10 requests: a 8 (fast), b 1 (slow), c 1 (fails)
    rows = [*[("a", 0, 1, "ok")] * 8, ("b", 0, 100, "ok"), ("c", 0, 1, "error")]
    asked = log(*rows).with_columns(saturation=pl.Series([None] * 8 + [0.8, 0.79]))
    found = bottlenecks(asked, as_of=on(0))
    assert found.select("service", "time_rank", "error_rank", "reasons").rows() == [
        ("b", 1, 2, "slow;saturated"),
        ("c", 3, 1, "failing"),
        ("a", 2, 2, "busy"),
    ]


def test_nothing_measured():
    empty = log(("api", 9, 1, "ok"))
    asked = {"granularity": "day", "as_of": on(0)}
    assert request_rates(empty, **asked).columns[-1] == "requests_per_day"
    assert latency_percentiles(empty, **asked).is_empty()
    assert availability(empty, **asked).is_empty()
    assert bottlenecks(empty, as_of=on(0)).is_empty()
    assert error_budget(empty, objective=0.9, as_of=on(0)).is_empty()


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        (lambda t: request_rates(t, granularity="days", as_of=MONDAY), "Did you mean 'day'"),
        (lambda t: latency_percentiles(t, granularity="w", as_of=MONDAY), "`granularity` is 'w'"),
        (
            lambda t: latency_percentiles(t, granularity="day", as_of=MONDAY, percentiles=[0]),
            "A percentile is 0",
        ),
        (
            lambda t: latency_percentiles(t, granularity="day", as_of=MONDAY, percentiles=[100.1]),
            "A percentile is 100.1",
        ),
        (
            lambda t: latency_percentiles(t, granularity="day", as_of=MONDAY, statuses=["fine"]),
            "`statuses` is 'fine'",
        ),
        (
            lambda t: request_rates_by_time(t, unit="second", as_of=MONDAY),
            "`unit` is 'second'",
        ),
        (lambda t: request_rates_by_time(t, unit="hour", as_of=MONDAY, days=0), "`days` is 0"),
        (
            lambda t: availability(t, granularity="day", as_of=MONDAY, failing_share=1),
            "`failing_share` is 1",
        ),
        (lambda t: error_budget(t, objective=1, as_of=MONDAY), "`objective` is 1"),
        (lambda t: error_budget(t, objective=0.9, as_of=MONDAY, days=0), "`days` is 0"),
        (lambda t: bottlenecks(t, as_of=MONDAY, factor=0.9), "`factor` is 0.9"),
        (lambda t: bottlenecks(t, as_of=MONDAY, days=0), "`days` is 0"),
        (
            lambda t: availability(
                t.with_columns(t_us=pl.lit(None, pl.Int64)), granularity="day", as_of=MONDAY
            ),
            "`availability` needs the time of day",
        ),
    ],
)
def test_impossible_questions_are_refused(ask, words):
    with pytest.raises(ParameterError, match=words):
        ask(log(("api", 0, 5, "ok")))


def test_a_missing_column_is_named():
    asked = log(("api", 0, 5, "ok"))
    with pytest.raises(SchemaError, match="`measurements` is missing column 'saturation'"):
        saturation_levels(asked, granularity="day", as_of=MONDAY)
    with pytest.raises(SchemaError, match="'t_us'"):
        availability(asked.drop("t_us"), granularity="day", as_of=MONDAY)
    with pytest.raises(SchemaError, match="'status'"):
        request_rates(asked.drop("status"), granularity="day", as_of=MONDAY)


def test_the_contract_takes_what_it_promises():
    row = {
        "measurement_id": ["1"], "service": ["api"], "t_us": [0], "day": [0], "duration_us": [5],
        "status": ["ok"], "saturation": [0.5], "quantity": [1],
    }  # fmt: skip
    schema = SERVICE_MEASUREMENTS.polars_schema
    good = pl.DataFrame(row, schema=schema)
    assert SERVICE_MEASUREMENTS.schema().validate(good).equals(good)
