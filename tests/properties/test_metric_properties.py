"""Random logs: the plain-Python oracle, and relations that hold whatever the answer is."""

import datetime as dt

import polars as pl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics_lib import metrics
from analytics_lib.core.periods import day_number
from analytics_lib.statistics import estimate_share, share_difference

BASE = day_number(dt.date(2023, 12, 20))
AS_OF = dt.date(2024, 3, 2)
LAST = day_number(AS_OF)
MODEST = settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])

events = st.lists(
    st.tuples(st.sampled_from("abcdef"), st.integers(BASE, LAST + 5), st.sampled_from(["x", None])),
    max_size=40,
)
granularity = st.sampled_from(["day", "week", "month", "quarter"])
kind = st.sampled_from(["on", "on_or_after", "bracket"])
age = st.integers(0, 40)


def frame(rows):
    schema = {"user_id": pl.String, "day": pl.Int32, "platform": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")


def answers(log):
    """Every metric of events at once, to compare two logs."""
    return [
        metrics.active_users(log, granularity="week", as_of=AS_OF, by=["platform"]),
        metrics.rolling_active_users(log, days=7, as_of=AS_OF),
        metrics.lifecycle(log, granularity="week", as_of=AS_OF, history_complete=True),
        metrics.retention_curve(log, kind="on", ages=[1, 7], as_of=AS_OF, by=["platform"]),
        metrics.retention_cohorts(log, granularity="month", as_of=AS_OF),
        metrics.growth(log, granularity="month", as_of=AS_OF),
    ]


def same(first, second):
    return all(a.equals(b) for a, b in zip(answers(first), answers(second), strict=True))


@MODEST
@given(rows=events, granularity=granularity)
def test_active_users_and_lifecycle_equal_the_oracle(rows, granularity, oracle):
    log = frame(rows)
    asked = {"granularity": granularity, "as_of": AS_OF}
    assert metrics.active_users(log, **asked).rows() == oracle.active(rows, **asked)
    found = metrics.lifecycle(log, **asked, history_complete=True)
    assert found.rows() == oracle.lifecycle(rows, **asked)


@MODEST
@given(rows=events, days=st.integers(1, 40))
def test_rolling_active_users_equal_the_oracle(rows, days, oracle):
    found = metrics.rolling_active_users(frame(rows), days=days, as_of=AS_OF)
    assert found.rows() == oracle.rolling(rows, days=days, as_of=AS_OF)


@MODEST
@given(rows=events, kind=kind, age=age, width=st.integers(1, 9))
def test_retention_equals_the_oracle(rows, kind, age, width, oracle):
    asked = {"kind": kind, "width": width if kind == "bracket" else 1, "as_of": AS_OF}
    found = metrics.retention_curve(frame(rows), ages=[age], by=["platform"], **asked)
    expected = oracle.retention(rows, age=age, by=True, **asked)
    assert found.select("platform", "users", "retained").rows() == expected


@MODEST
@given(rows=events, granularity=st.sampled_from(["week", "month", "quarter"]))
def test_cohorts_equal_the_oracle(rows, granularity, oracle):
    asked = {"granularity": granularity, "as_of": AS_OF}
    found = metrics.retention_cohorts(frame(rows), **asked)
    columns = ["cohort_start", "age", "users", "retained"]
    assert found.select(columns).rows() == oracle.cohorts(rows, **asked)


@MODEST
@given(rows=events, granularity=granularity)
def test_the_lifecycle_adds_up(rows, granularity):
    found = metrics.lifecycle(
        frame(rows), granularity=granularity, as_of=AS_OF, history_complete=True
    ).drop_nulls()
    parts = pl.col("new") + pl.col("returning") + pl.col("resurrected")
    assert found.select((pl.col("active") == parts).all()).item()
    before = pl.col("active").shift(1, fill_value=0)
    assert found.select((pl.col("dormant") == before - pl.col("returning")).all()).item()
    # Everybody is new once.
    whole = [row for row in rows if row[1] <= LAST]
    assert found["new"].sum() <= len({user for user, _, _ in whole})


@MODEST
@given(rows=events, order=st.randoms(use_true_random=False))
def test_the_order_of_rows_is_irrelevant(rows, order):
    shuffled = list(rows)
    order.shuffle(shuffled)
    assert same(frame(rows), frame(shuffled))


@MODEST
@given(rows=events)
def test_rows_after_as_of_change_nothing(rows):
    assert same(frame(rows), frame([row for row in rows if row[1] <= LAST]))


@MODEST
@given(rows=events)
def test_rows_twice_change_nothing(rows):
    assert same(frame(rows), frame([*rows, *rows]))


@MODEST
@given(rows=events, kind=kind)
def test_everybody_twice_keeps_the_shares(rows, kind):
    twice = [*rows, *((user + user, day, platform) for user, day, platform in rows)]
    asked = {"kind": kind, "ages": [1, 5, 20], "as_of": AS_OF}
    once, doubled = (metrics.retention_curve(frame(r), **asked) for r in (rows, twice))
    assert (once["users"] * 2).equals(doubled["users"])
    assert once["share"].equals(doubled["share"])


@MODEST
@given(rows=events, age=age)
def test_later_counts_at_least_what_the_day_counts(rows, age):
    asked = {"ages": [age], "as_of": AS_OF}
    on = metrics.retention_curve(frame(rows), kind="on", **asked)
    later = metrics.retention_curve(frame(rows), kind="on_or_after", **asked)
    bracket = metrics.retention_curve(frame(rows), kind="bracket", width=1, **asked)
    assert on["users"].equals(later["users"])
    assert (later["retained"] >= on["retained"]).all()
    assert bracket.equals(on)


@MODEST
@given(rows=events, days=st.integers(1, 20))
def test_longer_windows_hold_more_users(rows, days):
    shorter = metrics.rolling_active_users(frame(rows), days=days, as_of=AS_OF)
    longer = metrics.rolling_active_users(frame(rows), days=days + 1, as_of=AS_OF)
    known = longer["active_users"].is_not_null()
    assert (longer["active_users"] >= shorter["active_users"]).filter(known).all()


@MODEST
@given(rows=events)
def test_a_window_of_one_day_counts_days(rows):
    daily = metrics.active_users(frame(rows), granularity="day", as_of=AS_OF)
    rolling = metrics.rolling_active_users(frame(rows), days=1, as_of=AS_OF)
    assert daily["active_users"].to_list() == rolling["active_users"].to_list()


counts = st.integers(0, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@MODEST
@given(counts=counts, level=st.floats(0.5, 0.999))
def test_shares_lie_in_their_interval_and_mirror(counts, level):
    numerator, denominator = counts
    found = estimate_share(numerator, denominator, confidence_level=level)
    if denominator == 0:
        assert not found.is_defined
        return
    assert 0 <= found.ci_lower <= found.value <= found.ci_upper <= 1
    mirrored = estimate_share(denominator - numerator, denominator, confidence_level=level)
    assert abs(mirrored.ci_lower - (1 - found.ci_upper)) < 1e-12


@MODEST
@given(first=counts, second=counts)
def test_differences_turn_with_their_order(first, second):
    forth = share_difference(estimate_share(*first), estimate_share(*second))
    back = share_difference(estimate_share(*second), estimate_share(*first))
    if first[1] and second[1]:
        assert forth.effect_size == -back.effect_size
        assert abs(forth.ci_lower + back.ci_upper) < 1e-12
        assert -1 - 1e-12 <= forth.ci_lower <= forth.effect_size <= forth.ci_upper <= 1 + 1e-12
