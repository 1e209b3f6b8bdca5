"""User-days on every engine: what metrics say of them is what they say of the log."""

import random
from collections import Counter

import polars as pl
import pytest

from analytics_lib import metrics
from analytics_lib.events.user_days import user_days
from analytics_lib.metrics.activity_values import VALUE_SCHEMA, activity_values, activity_variants
from analytics_lib.synthetic.adversarial import AS_OF, adversarial_logs

LOGS = adversarial_logs()
QUESTIONS = {
    "daily": lambda log: metrics.active_users(log, granularity="day", as_of=AS_OF),
    "monthly": lambda log: metrics.active_users(log, granularity="month", as_of=AS_OF),
    "WAU": lambda log: metrics.rolling_active_users(log, days=7, as_of=AS_OF),
    "MAU": lambda log: metrics.rolling_active_users(log, days=30, as_of=AS_OF),
    "growth": lambda log: metrics.growth(log, granularity="week", as_of=AS_OF),
    "lifecycle": lambda log: metrics.lifecycle(
        log, granularity="week", as_of=AS_OF, history_complete=True
    ),
    "cohorts": lambda log: metrics.retention_cohorts(log, granularity="week", as_of=AS_OF),
    **{
        f"retention {kind}": lambda log, kind=kind: metrics.retention_curve(
            log, kind=kind, ages=[0, 1, 7, 30], as_of=AS_OF
        )
        for kind in ("on", "on_or_after", "bracket")
    },
}


@pytest.fixture(params=LOGS)
def log(request):
    return LOGS[request.param]


def collected(log):
    return log.frame.collect(backend="polars").to_native()


def counted(frame, *, group=None):
    """Quantity by user and day (and group), in plain Python."""
    counts = Counter()
    groups = frame[group] if group else [None] * frame.height
    for user, day, quantity, its in zip(
        frame["user_id"], frame["day"], frame["quantity"], groups, strict=True
    ):
        if user is not None and day is not None:
            counts[(user, day, its)] += quantity
    return counts


def test_who_was_active_on_which_day(engine, log):
    found = collected(user_days(engine.make(log)))
    assert found.columns == ["user_id", "day", "quantity"]
    assert Counter({(u, d, None): q for u, d, q in found.rows()}) == counted(log)
    assert found.height == len(counted(log))


def test_groups_are_kept_apart(engine, log):
    found = collected(user_days(engine.make(log), by=["platform"]))
    rows = {(u, d, p): q for u, d, p, q in found.select("user_id", "day", "platform", "quantity").rows()}  # fmt: skip  # noqa: E501
    assert rows == dict(counted(log, group="platform"))


@pytest.mark.parametrize("question", QUESTIONS)
def test_metrics_of_user_days_are_those_of_the_log(engine, log, question, plain):
    ask = QUESTIONS[question]
    assert repr(plain(ask(user_days(engine.make(log))))) == repr(plain(ask(engine.make(log))))


@pytest.mark.parametrize("question", QUESTIONS)
def test_parts_add_up(log, question, plain):
    """A log cut anywhere, late rows and all: the parts together are the whole."""
    draw = random.Random(5)
    part = pl.Series([draw.randrange(3) for _ in range(log.height)], dtype=pl.Int8)
    pieces = [collected(user_days(log.filter(part == number))) for number in range(3)]
    ask = QUESTIONS[question]
    assert repr(plain(ask(pl.concat(pieces)))) == repr(plain(ask(log)))


@pytest.mark.parametrize("history_complete", [True, False])
def test_values_are_the_same_on_every_engine(engine, log, history_complete):
    options = {"as_of": AS_OF, "history_complete": history_complete, "rules": {"zone": "UTC"}}
    found = activity_values(engine.make(log), **options)
    assert found.schema == VALUE_SCHEMA
    assert found.equals(activity_values(log, **options))
    assert found.equals(activity_values(user_days(engine.make(log)), **options))
    assert found["value"].null_count() == 0
    variants = activity_variants(history_complete=history_complete, rules={"zone": "UTC"})
    known = set(variants.rows())
    assert set(found.select("metric", "semantics").rows()) <= known
    assert len(known) == 7


def test_values_are_those_of_the_oracle(log, oracle):
    found = activity_values(log, as_of=AS_OF, history_complete=True)
    rows = oracle.rows_of(log)
    for grain in ("day", "week", "month"):
        of = found.filter(pl.col("metric") == "active_users", pl.col("grain") == grain)
        known = [row for row in oracle.active(rows, granularity=grain, as_of=AS_OF) if row[2] is not None]  # fmt: skip  # noqa: E501
        assert of.select("period_start", "period_end", "value").rows() == known
    for days in (7, 28, 30):
        of = found.filter(pl.col("semantics") == f'{{"days":{days}}}')
        known = [row for row in oracle.rolling(rows, days=days, as_of=AS_OF) if row[1] is not None]
        assert of.select("through", "value").rows() == known
        assert (of["period_end"] - of["period_start"]).dt.total_days().to_list() == [days] * len(of)
    for grain in ("week", "month"):
        of = found.filter(pl.col("metric") == "lifecycle", pl.col("grain") == grain)
        states = [f'{{"state":"{word}"}}' for word in ("new", "returning", "resurrected", "dormant")]  # fmt: skip  # noqa: E501
        known = {
            (start, states[place]): counts[place]
            for start, _, _, *counts in oracle.lifecycle(rows, granularity=grain, as_of=AS_OF)
            if counts[0] is not None
            for place in range(4)
        }
        rows_found = of.select("period_start", "dimensions", "value").rows()
        assert {(start, said): value for start, said, value in rows_found} == known


def test_a_value_of_a_cohort_waits_for_its_last_day():
    # origin: by hand; a is active in weeks 0 and 1 of 2024, b in week 0 only
    frame = pl.DataFrame({"user_id": ["a", "b", "a"], "day": [19723, 19724, 19730]})
    found = activity_values(frame, as_of=AS_OF, history_complete=True)
    week = found.filter(
        pl.col("metric") == "retention_cohorts",
        pl.col("grain") == "week",
        pl.col("dimensions") == '{"age":1}',
    )
    assert week.select("value", "numerator", "denominator", "n").rows() == [(0.5, 1.0, 2.0, 2)]
    dates = week.select("period_start", "period_end", "through").cast(pl.String).rows()
    assert dates == [("2024-01-01", "2024-01-08", "2024-01-14")]
