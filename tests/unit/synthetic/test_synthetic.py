import datetime as dt

import numpy as np
import polars as pl
import pytest

from analytics_lib.core.errors import ParameterError
from analytics_lib.events.tables import CONTRACTS
from analytics_lib.statistics import estimate_share
from analytics_lib.synthetic import (
    EVENT_TYPES,
    adversarial_logs,
    clickstream,
    daylight_saving_instants,
)


def make(seed=1, **changes):
    asked = {"users": 400, "days": 40, **changes}
    return clickstream(**asked, rng=np.random.default_rng(seed))


def test_the_same_seed_gives_the_same_log():
    assert make().equals(make())
    assert not make().equals(make(seed=2))


def test_rows_keep_the_contract():
    log = make()
    events = CONTRACTS["events"]
    assert set(log.columns) <= set(events.names)
    full = log.select(
        pl.col(name) if name in log.columns else pl.lit(None, dtype).alias(name)
        for name, dtype in events.polars_schema.items()
    )
    assert events.schema().validate(full).height == log.height
    assert log["event_id"].n_unique() == log.height
    assert log["t_us"].is_sorted()
    assert (log["t_us"] // 86_400_000_000 == log["day"]).all()


def test_every_user_is_there_and_the_days_are_those_asked_for():
    log = make(start=dt.date(2024, 2, 1))
    assert log["user_id"].n_unique() == 400
    assert log["day"].min() >= (dt.date(2024, 2, 1) - dt.date(1970, 1, 1)).days
    assert log["day"].max() < (dt.date(2024, 2, 1) - dt.date(1970, 1, 1)).days + 40
    assert "event_id" not in make(event_ids=False).columns


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_retention_is_the_one_asked_for(share):
    log = make(users=3000, return_share=share)
    active = log.select("user_id", "day").unique()
    offset = active.with_columns(n=pl.col("day") - pl.col("day").min().over("user_id"))
    first = active.group_by("user_id").agg(pl.col("day").min())
    for n in (1, 7, 30):
        mature = first.filter(pl.col("day") + n <= log["day"].max()).height
        retained = offset.filter(pl.col("n") == n).height
        found = estimate_share(retained, mature, confidence_level=0.9999)
        assert found.ci_lower <= share <= found.ci_upper


def test_events_follow_the_mean_and_zipf():
    log = make(users=2000, events_per_user=60)
    assert log.height / 2000 == pytest.approx(60, rel=0.05)
    counts = log["event_type"].value_counts(sort=True)
    assert counts["event_type"].to_list()[:3] == list(EVENT_TYPES[:3])
    # origin: Zipf's law with exponent 1, the first is twice as frequent as the second
    assert counts["count"][0] / counts["count"][1] == pytest.approx(2, rel=0.05)
    sparse = make(events_per_user=0, return_share=0)
    assert sparse.height == 400


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"users": 0}, "`users` is 0"),
        ({"days": 0}, "`days` is 0"),
        ({"return_share": 1.1}, "`return_share` is 1.1"),
        ({"return_share": -0.1}, "`return_share` is -0.1"),
    ],
)
def test_impossible_logs_are_refused(changes, words):
    with pytest.raises(ParameterError, match=words):
        make(**changes)


def test_one_day_and_one_user():
    assert make(users=1, days=1)["day"].n_unique() == 1


def test_adversarial_logs_are_what_they_are_called():
    logs = adversarial_logs()
    assert logs["empty"].is_empty()
    assert logs["nulls"]["user_id"].null_count() == 1
    assert logs["nulls"]["day"].null_count() == 1
    assert logs["duplicates"]["event_id"].is_duplicated().all()
    assert logs["ties"]["day"].n_unique() == 1
    assert len({tuple(log.schema.items()) for log in logs.values()}) == 1
    assert daylight_saving_instants()["timestamp"].min() < dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
