"""Transitions, paths and credit on a public clickstream, against pandas from the file itself.

The clickstream (Retentioneering, Apache-2.0) is synthetic by its authors. origin of all
expected numbers: pandas on the file, by another way than the metrics go.
"""

import datetime as dt
from pathlib import Path

import pandas as pd
import polars as pl
import pytest

from analytics_lib.events.boundary import event_log
from analytics_lib.metrics.attribution import attribute_conversions
from analytics_lib.metrics.journey_paths import step_matrix, top_paths
from analytics_lib.metrics.journeys import transitions

FILE = Path(__file__).resolve().parents[2] / "data" / "ecom" / "ecom.csv.gz"
AS_OF = dt.date(2024, 12, 31)
pytestmark = pytest.mark.skipif(not FILE.exists(), reason="data/ecom/ecom.csv.gz is not there")


@pytest.fixture(scope="module")
def rows():
    table = pd.read_csv(FILE, parse_dates=["timestamp"])
    # Ties go by the line of the file, as in the source.
    table["event_id"] = [f"{line:06}" for line in range(len(table))]
    return table.sort_values(["session_id", "timestamp", "event_id"], ignore_index=True)


@pytest.fixture(scope="module")
def log(rows):
    return event_log(
        pl.from_pandas(rows), event_type="event", event_id="event_id", source_zone="UTC"
    )


def test_transitions_within_sessions(rows, log):
    following = rows.groupby("session_id")["event"].shift(-1).fillna("(end)")
    expected = rows.groupby([rows["event"], following.rename("to")]).size().to_dict()
    expected |= {
        ("(start)", event): n
        for event, n in rows.groupby("session_id")["event"].first().value_counts().items()
    }
    found = transitions(log, as_of=AS_OF, path="session_id")
    counts = {row[:2]: row[2] for row in found.select("from_event", "to_event", "n").rows()}
    assert counts == expected


def test_first_steps_of_sessions(rows, log):
    beginnings = rows.groupby("session_id")["event"].agg(lambda names: [*names, "(end)"][:3])
    counts = beginnings.str.join(" > ").value_counts()
    found = top_paths(log, steps=3, limit=10, as_of=AS_OF, path="session_id")
    assert found["paths"].to_list() == counts.head(10).to_list()
    assert all(counts[journey] == n for journey, n in found.select("journey", "paths").rows())
    assert found["all_paths"].unique().to_list() == [rows["session_id"].nunique()]


def test_where_users_are_at_each_step(rows, log):
    ordered = rows.sort_values(["user_id", "timestamp", "event_id"])
    step = ordered.groupby("user_id").cumcount() + 1
    expected = ordered.groupby([step, ordered["event"]]).size()
    found = step_matrix(log, steps=20, as_of=AS_OF)
    for at, event, paths in found.select("step", "event", "paths").rows():
        over = rows["user_id"].nunique() - expected.get(at, pd.Series(dtype=int)).sum()
        assert paths == (over if event == "(end)" else expected.get((at, event), 0))


def test_users_of_one_channel_give_every_model_the_same_credit(rows, log):
    # Each user of the file has one channel for good, so no model can disagree.
    assert rows.groupby("user_id")["acquisition_channel"].nunique().max() == 1
    found = attribute_conversions(
        log, conversion="payment_error", channel="acquisition_channel", as_of=AS_OF,
        lookback_days=400,
    )  # fmt: skip
    failed = rows[rows["event"] == "payment_error"]
    for _, mine in found.group_by("model"):
        credit = dict(mine.select("channel", "conversions").rows())
        without = credit.pop("(unattributed)")
        assert sum(credit.values()) + without == pytest.approx(len(failed))
    spread = found.group_by("channel").agg(
        (pl.col("conversions").max() - pl.col("conversions").min()).alias("spread")
    )
    # Markov too: without a channel exactly the conversions of its own journeys are lost.
    assert spread["spread"].max() == pytest.approx(0, abs=1e-9)
