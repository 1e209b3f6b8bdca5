"""The CDNOW sample through the door."""

import datetime as dt
from pathlib import Path

import polars as pl
import pytest

from analytics_lib.core.errors import ParameterError
from analytics_lib.events import tables
from analytics_lib.events.tables.revenue import ACQUISITION_COSTS, PAYMENTS
from analytics_lib.metrics.revenue import revenue
from analytics_lib.models import purchase_history
from analytics_lib.warehouse import ingest, open_lake
from analytics_lib.warehouse.mapping import TableRule
from analytics_lib.warehouse.rules import check_rules

ROOT = Path(__file__).parents[3]
MAPPING = ROOT / "parameters" / "sources" / "cdnow.yaml"
NOW = dt.datetime(2024, 6, 1, tzinfo=dt.UTC)


@pytest.fixture(scope="module")
def ingested(tmp_path_factory):
    lake = tmp_path_factory.mktemp("cdnow") / "lake"
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("ANALYTICS_PSEUDONYM_KEY", "ab" * 32)
        for contract in (PAYMENTS, ACQUISITION_COSTS):
            patched.setitem(tables.CONTRACTS, contract.name, contract)
        reports = [ingest(MAPPING, lake=lake, now=NOW) for _ in range(2)]
    return open_lake(lake), reports


def test_every_purchase_is_stored_once(ingested):
    # origin: Fader, Hardie, Lee (2005): 69,659 purchases of 23,570 customers
    first, again = ingested[1]
    assert {t.table: (t.rows_in, t.stored) for t in first.tables} == {
        "payments": (69_659, 69_659), "events": (69_659, 69_659)
    }  # fmt: skip
    assert again.unchanged
    payments = ingested[0].table("payments").collect()
    assert payments["payment_id"].n_unique() == 69_659
    assert payments["user_id"].n_unique() == 23_570
    assert payments["currency"].unique().to_list() == ["USD"]


def test_payments_are_no_events_by_their_keys(ingested):
    lake = ingested[0]
    payments = lake.table("payments").select("payment_id", "user_id").collect()
    events = lake.table("events").select("event_id", "user_id").collect()
    assert not set(payments["payment_id"]) & set(events["event_id"])
    assert set(payments["user_id"]) == set(events["user_id"])


def test_the_lake_answers(ingested):
    lake = ingested[0]
    assert lake.last_complete_day == dt.date(1998, 6, 30)
    found = revenue(lake.table("payments"), granularity="year", as_of=dt.date(1998, 6, 30))
    # origin: awk over the rows of 1997 of the published text file
    assert found["net"].to_list() == [pytest.approx(2024161.26, abs=0.005), None]
    history = purchase_history(lake.table("payments"), as_of=dt.date(1997, 9, 30))
    assert len(history) == 23_570


def test_a_digest_fills_the_key_of_a_table_alone():
    rule = TableRule.model_validate(
        {
            "consent": {"declared": "nobody is real"},
            "columns": {
                "payment_id": {"digest": ["x"]}, "user_id": {"digest": ["x"]}, "day": "d",
                "amount": "a", "currency": {"constant": "EUR"}, "kind": {"constant": "purchase"},
            },
        }
    )  # fmt: skip
    with pytest.raises(ParameterError, match="`digest` names rows; it cannot fill `user_id`"):
        check_rules(rule, PAYMENTS)


def test_contracts_say_what_is_sensitive():
    assert PAYMENTS.columns_with_role("pseudonym") == ["payment_id", "user_id"]
    assert "amount" in PAYMENTS.columns_with_role("sensitive")
    bad = pl.DataFrame({"amount": [-1.0]})
    assert [c.minimum for c in PAYMENTS.columns if c.name in bad.columns] == [0]
