"""Every event metric on every engine against every adversarial log and the oracle."""

import polars as pl
import pytest

from analytics_lib import metrics
from analytics_lib.metrics import retention_curve, stickiness
from analytics_lib.synthetic.adversarial import AS_OF, adversarial_logs

LOGS = adversarial_logs()
GRANULARITIES = ("day", "week", "month", "quarter", "year")


@pytest.fixture(params=LOGS)
def log(request):
    return LOGS[request.param]


@pytest.mark.parametrize("granularity", GRANULARITIES)
def test_active_users(engine, log, granularity, oracle, plain):
    found = metrics.active_users(engine.make(log), granularity=granularity, as_of=AS_OF)
    assert isinstance(found, engine.library)
    expected = oracle.active(oracle.rows_of(log), granularity=granularity, as_of=AS_OF)
    assert plain(found) == expected


def test_active_users_by_group(engine, log, oracle, plain):
    found = metrics.active_users(engine.make(log), granularity="week", as_of=AS_OF, by=["platform"])
    rows = oracle.rows_of(log, group="platform")
    assert plain(found) == oracle.active(rows, granularity="week", as_of=AS_OF, by=True)


@pytest.mark.parametrize("days", [1, 2, 7, 30])
def test_rolling_active_users(engine, log, days, oracle, plain):
    found = metrics.rolling_active_users(engine.make(log), days=days, as_of=AS_OF)
    assert isinstance(found, engine.library)
    assert plain(found) == oracle.rolling(oracle.rows_of(log), days=days, as_of=AS_OF)


@pytest.mark.parametrize("granularity", ["day", "week", "month"])
def test_lifecycle(engine, log, granularity, oracle, plain):
    found = metrics.lifecycle(
        engine.make(log), granularity=granularity, as_of=AS_OF, history_complete=True
    )
    assert isinstance(found, engine.library)
    expected = oracle.lifecycle(oracle.rows_of(log), granularity=granularity, as_of=AS_OF)
    assert plain(found) == expected


@pytest.mark.usefixtures("both_paths")
@pytest.mark.parametrize(
    ("kind", "width"), [("on", 1), ("on_or_after", 1), ("bracket", 1), ("bracket", 7)]
)
@pytest.mark.parametrize("by", [False, True], ids=["all", "by platform"])
def test_retention_curve(engine, log, kind, width, by, oracle, plain):
    ages = [0, 1, 7, 30]
    names = ["platform"] if by else []
    found = retention_curve(
        engine.make(log), kind=kind, ages=ages, width=width, as_of=AS_OF, by=names
    )
    assert isinstance(found, engine.library)
    rows = oracle.rows_of(log, group="platform")
    expected = [
        (group, age, users, retained)
        for age in ages
        for group, users, retained in oracle.retention(
            rows, kind=kind, age=age, width=width, as_of=AS_OF, by=by
        )
    ]
    expected.sort(key=lambda row: (row[0] is not None, row[0] or "", row[1]))
    expected = expected if by else [row[1:] for row in expected]
    assert plain(found, *names, "age", "users", "retained") == expected


@pytest.mark.parametrize("granularity", ["week", "month"])
def test_retention_cohorts(engine, log, granularity, oracle, plain):
    found = metrics.retention_cohorts(engine.make(log), granularity=granularity, as_of=AS_OF)
    assert isinstance(found, engine.library)
    expected = oracle.cohorts(oracle.rows_of(log), granularity=granularity, as_of=AS_OF)
    assert plain(found, "cohort_start", "age", "users", "retained") == expected


def test_intervals_are_equal_to_the_last_bit_on_every_engine(engine, log, plain):
    asked = {"kind": "on", "ages": [1, 7], "as_of": AS_OF}
    shares = ("share", "ci_lower", "ci_upper")
    reference = plain(retention_curve(log, **asked), *shares)
    assert plain(retention_curve(engine.make(log), **asked), *shares) == reference


def test_a_population_keeps_people_without_events(engine, oracle, plain):
    log = LOGS["nulls"]
    first = int(log["day"].max()) - 40
    people = [("a", first), ("b", first), ("silent", first), ("later", first + 60)]
    population = pl.DataFrame(
        people, schema={"user_id": pl.String, "first_day": pl.Int32}, orient="row"
    )
    found = retention_curve(
        engine.make(log), kind="on", ages=[3, 40, 41], as_of=AS_OF, population=population
    )
    rows = oracle.rows_of(log)
    expected = []
    for age in (3, 40, 41):
        [(_, users, retained)] = oracle.retention(
            rows, kind="on", age=age, as_of=AS_OF, population=people
        )
        expected.append((age, users, retained))
    assert plain(found, "age", "users", "retained") == expected
    assert expected[0] == (3, 3, 1)  # origin: by hand, a is there on each day, b every third


@pytest.mark.parametrize("variant", ["month_mean", "last_day", "daily_mean"])
def test_stickiness(engine, log, variant):
    asked = {"as_of": AS_OF, "window": 28, "variant": variant}
    found = stickiness(engine.make(log), **asked)
    assert found == pytest.approx(stickiness(log, **asked), rel=1e-15, nan_ok=True)


@pytest.mark.parametrize("granularity", ["week", "month"])
def test_recurring_cohorts(engine, log, granularity, oracle, plain):
    found = metrics.recurring_cohorts(engine.make(log), granularity=granularity, as_of=AS_OF)
    assert isinstance(found, engine.library)
    expected = oracle.recurring(oracle.rows_of(log), granularity=granularity, as_of=AS_OF)
    assert plain(found, "cohort_start", "age", "users", "retained") == expected
