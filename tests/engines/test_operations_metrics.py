"""The metrics of operations on every engine against a count in plain Python."""

import datetime as dt
import math
import random
from collections import defaultdict
from fractions import Fraction

import polars as pl
import pytest

from analytics_lib.core.periods import calendar_period, day_date, day_number
from analytics_lib.metrics.availability import availability, error_budget
from analytics_lib.metrics.bottlenecks import bottlenecks
from analytics_lib.metrics.latency import latency_percentiles, saturation_levels
from analytics_lib.metrics.operations import error_shares, request_rates, request_rates_by_time

AS_OF = dt.date(2024, 3, 5)
LAST = day_number(AS_OF)
DAY_US = 86_400_000_000
MINUTE_US = 60_000_000
SCHEMA = {
    "service": pl.String, "t_us": pl.Int64, "day": pl.Int32, "duration_us": pl.Int64,
    "status": pl.String, "saturation": pl.Float64, "quantity": pl.Int64,
}  # fmt: skip


def frame(rows):
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def drawn(count):
    draw = random.Random(7)
    return [
        (
            draw.choice(["api", "search", "mail"]),
            day * DAY_US + draw.randrange(5) * MINUTE_US + draw.randrange(MINUTE_US),
            day,
            draw.choice([1, 1, 2, 5, 8, 300]),
            draw.choice(["ok", "ok", "ok", "error", "timeout"]),
            draw.choice([None, 0.1, 0.5, 0.85, 1.0]),
            draw.randrange(1, 4),
        )
        for day in (LAST - draw.randrange(-2, 40) for _ in range(count))
    ]


ODD = [
    (None, LAST * DAY_US, LAST, 5, "ok", 0.1, 1),  # nobody knows which service
    ("api", LAST * DAY_US, LAST, 5, None, 0.1, 1),  # nobody knows how it ended
    ("api", LAST * DAY_US, LAST, None, "error", None, 2),  # nobody knows how long it took
    ("new", LAST * DAY_US, LAST, 7, "timeout", None, 1),
]
LOGS = {
    "empty": frame([]),
    "one": frame([("api", LAST * DAY_US, LAST, 5, "ok", None, 3)]),
    "only later": frame([("api", (LAST + 1) * DAY_US, LAST + 1, 5, "ok", 0.5, 1)]),
    "ties": frame([("api", LAST * DAY_US, LAST, 5, "ok", 0.5, 1)] * 4),
    "drawn": frame(drawn(300)),
    "odd": frame([*drawn(60), *ODD]),
}


@pytest.fixture(params=LOGS)
def log(request):
    return LOGS[request.param]


def known(log):
    """Rows that count, as dictionaries."""
    return [
        row for row in log.to_dicts() if row["service"] and row["status"] and row["day"] <= LAST
    ]


def cells(rows, granularity):
    """`((service, period), rows)` in order, quiet periods too."""
    if not rows:
        return
    found = defaultdict(list)
    for row in rows:
        period = calendar_period(granularity, containing=day_date(row["day"]))
        found[row["service"], period].append(row)
    first = min(period for _, period in found)
    for service in sorted({service for service, _ in found}):
        period = first
        while period.start <= AS_OF:
            yield service, period, found[service, period]
            period = period.shift(1)


def total(rows, *, failed=False):
    return sum(row["quantity"] for row in rows if not failed or row["status"] != "ok")


def close(value):
    """Engines and Python may differ in the last bit of a quotient."""
    return pytest.approx(value, rel=1e-12) if isinstance(value, float) else value


@pytest.mark.parametrize("granularity", ["day", "week", "month"])
def test_request_rates_and_error_shares(engine, log, granularity, plain):
    asked = {"granularity": granularity, "as_of": AS_OF}
    rates, shares = [], []
    for service, period, rows in cells(known(log), granularity):
        over = period.is_complete(as_of=AS_OF)
        n, bad = (total(rows), total(rows, failed=True)) if over else (None, None)
        key = (service, period.start, period.end)
        rates.append((*key, n, None if n is None else n / period.days))
        shares.append((*key, n, bad, bad / n if n else None))
    found = request_rates(engine.make(log), **asked)
    assert isinstance(found, engine.library)
    assert plain(found) == rates
    found = error_shares(engine.make(log), **asked)
    assert isinstance(found, engine.library)
    names = ("service", "interval_start", "interval_end", "requests", "errors", "share")
    assert plain(found, *names) == shares


@pytest.mark.parametrize(("unit", "length"), [("minute", MINUTE_US), ("hour", 60 * MINUTE_US)])
@pytest.mark.parametrize("days", [1, 20])
def test_request_rates_by_time(engine, log, unit, length, days, plain):
    found = request_rates_by_time(engine.make(log), unit=unit, as_of=AS_OF, days=days)
    assert isinstance(found, engine.library)
    expected = defaultdict(lambda: [0, 0])
    for row in known(log):
        if row["day"] > LAST - days:
            cell = expected[row["service"], row["t_us"] // length * length]
            cell[0] += row["quantity"]
            cell[1] += row["quantity"] * (row["status"] != "ok")
    assert plain(found) == [
        (*key, n, bad, close(n / (length / 1e6))) for key, (n, bad) in sorted(expected.items())
    ]


def nearest_rank(rows, name, percentile):
    """The value at rank ceil(p n / 100) of all values in order."""
    values = sorted(
        row[name] for row in rows for _ in range(row["quantity"]) if row[name] is not None
    )
    rank = math.ceil(Fraction(str(percentile)) * len(values) / 100)
    return values[rank - 1] if values else None


@pytest.mark.parametrize("statuses", [("ok", "error", "timeout"), ("ok",)])
@pytest.mark.parametrize("granularity", ["day", "month"])
def test_latency_percentiles(engine, log, granularity, statuses, plain):
    percentiles = (50, 90, 95, 99.9, 100)
    found = latency_percentiles(
        engine.make(log), granularity=granularity, as_of=AS_OF, percentiles=percentiles,
        statuses=statuses,
    )  # fmt: skip
    assert isinstance(found, engine.library)
    valued = [
        row for row in known(log)
        if row["duration_us"] is not None and row["status"] in statuses
    ]  # fmt: skip
    expected = []
    for service, period, rows in cells(valued, granularity):
        over = period.is_complete(as_of=AS_OF)
        for percentile in percentiles:
            value = nearest_rank(rows, "duration_us", percentile) if over else None
            n = total(rows) if over else None
            expected.append((service, period.start, period.end, float(percentile), n, value))
    assert plain(found) == expected


def test_saturation_levels(engine, log, plain):
    found = saturation_levels(engine.make(log), granularity="week", as_of=AS_OF)
    assert isinstance(found, engine.library)
    valued = [row for row in known(log) if row["saturation"] is not None]
    expected = []
    for service, period, rows in cells(valued, "week"):
        over = period.is_complete(as_of=AS_OF)
        value = nearest_rank(rows, "saturation", 95) if over else None
        n = total(rows) if over else None
        expected.append((service, period.start, period.end, 95.0, n, value))
    assert plain(found) == expected


@pytest.mark.parametrize("failing_share", [0.05, 0.25, 0.5])
@pytest.mark.parametrize("granularity", ["day", "month"])
def test_availability(engine, log, granularity, failing_share, plain):
    found = availability(
        engine.make(log), granularity=granularity, as_of=AS_OF, failing_share=failing_share
    )
    assert isinstance(found, engine.library)
    expected = []
    for service, period, rows in cells(known(log), granularity):
        minutes = defaultdict(list)
        for row in rows:
            minutes[row["t_us"] // MINUTE_US].append(row)
        up = [
            Fraction(total(its, failed=True), total(its)) < Fraction(str(failing_share))
            for its in minutes.values()
        ]
        values = (len(up), sum(up), total(rows), total(rows) - total(rows, failed=True))
        if not period.is_complete(as_of=AS_OF):
            values = (None,) * 4
        expected.append((service, period.start, period.end, *values))
    names = ("minutes", "available_minutes", "requests", "successful")
    assert plain(found, "service", "interval_start", "interval_end", *names) == expected
    shares = plain(found, "share", "request_share")
    assert shares == [
        (up / n if n else None, good / asked if asked else None)
        for *_, n, up, asked, good in expected
    ]


@pytest.mark.parametrize("days", [1, 7, 28])
def test_error_budget(engine, log, days, plain):
    found = error_budget(engine.make(log), objective=0.9, as_of=AS_OF, days=days)
    assert isinstance(found, engine.library)
    rows = known(log)
    measured = bool(rows) and min(row["day"] for row in rows) <= LAST - days + 1
    expected = []
    for service in sorted({row["service"] for row in rows if row["day"] > LAST - days}):
        its = [row for row in rows if row["service"] == service and row["day"] > LAST - days]
        n, bad = total(its), total(its, failed=True)
        allowed = n / 10 if measured else None
        left = 1 - bad / allowed if measured else None
        expected.append((service, n, bad, close(allowed), close(left)))
    assert plain(found) == expected


def test_bottlenecks(engine, log, plain):
    found = bottlenecks(engine.make(log), as_of=AS_OF, days=28)
    assert isinstance(found, engine.library)
    rows = [row for row in known(log) if row["day"] > LAST - 28]
    services = sorted({row["service"] for row in rows})
    by = {service: [row for row in rows if row["service"] == service] for service in services}
    asked = {service: total(its) for service, its in by.items()}
    bad = {service: total(its, failed=True) for service, its in by.items()}
    time = {
        service: sum(row["quantity"] * (row["duration_us"] or 0) for row in its)
        for service, its in by.items()
    }
    full = {service: nearest_rank(its, "saturation", 95) for service, its in by.items()}

    def share(counts, service):
        whole = sum(counts.values())
        return counts[service] / whole if whole else None

    def rank(counts, service):
        return 1 + sum(other > counts[service] for other in counts.values())

    def reasons(service):
        part = share(asked, service)
        codes = {
            "slow": (share(time, service) or 0) >= 1.5 * part,
            "busy": part >= 1.5 / len(services),
            "failing": (share(bad, service) or 0) >= 1.5 * part,
            "saturated": (full[service] or 0) >= 0.8,
        }
        return ";".join(code for code, is_so in codes.items() if is_so)

    order = sorted(services, key=lambda s: (min(rank(time, s), rank(bad, s)), -time[s], s))
    assert plain(found) == [
        (
            s, asked[s], close(share(asked, s)), time[s], close(share(time, s)), rank(time, s),
            bad[s], close(share(bad, s)), rank(bad, s), full[s], reasons(s),
        )
        for s in order
    ]  # fmt: skip


def test_a_table_without_the_optional_columns_counts_a_row_as_one(engine, plain):
    log = LOGS["drawn"].drop("quantity", "saturation", "t_us")
    found = bottlenecks(engine.make(log), as_of=AS_OF)
    rows = [row for row in known(LOGS["drawn"]) if row["day"] > LAST - 28]
    assert sum(n for (n,) in plain(found, "requests")) == len(rows)
    assert set(plain(found, "saturation_p95")) == {(None,)}
