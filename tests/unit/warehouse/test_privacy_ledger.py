"""The ledger: never overspent, never changed, whoever asks at the same time."""

import datetime as dt
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import polars as pl
import pytest

from analytics_lib.core.errors import AccessError, BudgetError, ParameterError, RunError
from analytics_lib.privacy.differential import Charge, Partition, Terms, private_counts
from analytics_lib.warehouse import privacy_ledger
from analytics_lib.warehouse.privacy_ledger import create_ledger, ledger_names, open_ledger

ROOT = Path(__file__).resolve().parents[3]
WHEN = dt.datetime(2024, 5, 1, 12, tzinfo=dt.UTC)


def charge(epsilon, *, delta=0.0, city=None, table="clicks"):
    part = Partition(column="city", value=city) if city else None
    return Charge(
        table=table, who="ann", question="count of rows", mechanism="noise", epsilon=epsilon,
        delta=delta, partition=part,
    )  # fmt: skip


@pytest.fixture
def ledger(tmp_path):
    return create_ledger(tmp_path, table="clicks", epsilon=1.0, delta=1e-6, who="eve", when=WHEN)


def rewrite(tmp_path, statement):
    """What somebody does who can write to the file."""
    store = sqlite3.connect(tmp_path / "clicks.ledger.sqlite")
    store.executescript(
        f"DROP TRIGGER never_changed; DROP TRIGGER never_removed; {statement}; VACUUM;"
    )
    store.close()


def test_spent_to_the_last_tenth(ledger):
    receipts = [ledger.spend(charge(0.1), when=WHEN) for _ in range(10)]
    assert [receipt.number for receipt in receipts] == list(range(1, 11))
    with pytest.raises(BudgetError, match=r"budget of epsilon 1\.0, of which 1\.0 is spent"):
        ledger.spend(charge(0.1), when=WHEN)
    state = ledger.state()
    assert (float(state.spent.epsilon), float(state.left.epsilon)) == (1.0, 0.0)
    assert state.digest == receipts[-1].digest
    assert [entry.charge for entry in state.entries] == [charge(0.1)] * 10


def test_delta_has_a_budget_too(ledger):
    ledger.spend(charge(0.1, delta=1e-6), when=WHEN)
    with pytest.raises(BudgetError, match="delta"):
        ledger.spend(charge(0.1, delta=1e-9), when=WHEN)


def test_partitions_cost_once(ledger):
    for city in ("Bonn", "Kiel", "Ulm"):
        ledger.spend(charge(0.6, city=city), when=WHEN)
    ledger.spend(charge(0.4), when=WHEN)
    with pytest.raises(BudgetError):
        ledger.spend(charge(0.1, city="Bonn"), when=WHEN)


def test_the_time_is_kept_in_one_zone(ledger):
    berlin = dt.datetime(2024, 5, 1, 14, tzinfo=dt.timezone(dt.timedelta(hours=2)))
    ledger.spend(charge(0.1), when=berlin)
    assert ledger.state().entries[0].receipt.when == WHEN
    with pytest.raises(ParameterError, match="zone"):
        ledger.spend(charge(0.1), when=WHEN.replace(tzinfo=None))
    assert len(ledger.state().entries) == 1


def test_an_answer_carries_its_receipt(ledger):
    account = ledger.account(who="ann", clock=lambda: WHEN)
    terms = Terms(account=account, epsilon=0.5, rows_per_person=1, person="id")
    people = pl.DataFrame({"id": [1, 2]})
    answer = private_counts(people, terms=terms)
    assert answer.receipt == ledger.state().entries[0].receipt
    assert private_counts(people, terms=terms).receipt.number == 2
    with pytest.raises(BudgetError):
        private_counts(people, terms=terms)


@pytest.mark.parametrize("statement", [
    "UPDATE entries SET body = replace(body, '\"epsilon\":\"0.1\"', '\"epsilon\":\"0.0001\"')",
    "UPDATE entries SET body = replace(body, '\"epsilon\":\"1.0\"', '\"epsilon\":\"9.0\"')",
    "DELETE FROM entries WHERE number = 2",
    "DELETE FROM entries WHERE number = 0",
    "DELETE FROM entries",
    "UPDATE entries SET number = number + 10 WHERE number > 1",
])  # fmt: skip
def test_tampering_stops_everything(ledger, tmp_path, statement):
    for _ in range(3):
        ledger.spend(charge(0.1), when=WHEN)
    rewrite(tmp_path, statement)
    with pytest.raises(RunError, match="ledger"):
        ledger.state()
    with pytest.raises(RunError):
        ledger.spend(charge(0.1), when=WHEN)


def test_a_cut_end_is_missed_by_its_receipt(ledger, tmp_path):
    receipts = [ledger.spend(charge(0.1), when=WHEN) for _ in range(3)]
    rewrite(tmp_path, "DELETE FROM entries WHERE number = 3")
    assert receipts[2].digest not in [e.receipt.digest for e in ledger.state().entries]


def test_entries_are_never_changed(ledger, tmp_path):
    store = sqlite3.connect(tmp_path / "clicks.ledger.sqlite")
    for statement in ("DELETE FROM entries", "UPDATE entries SET body = ''"):
        with pytest.raises(sqlite3.IntegrityError, match="never"):
            store.execute(statement)
    store.close()


def test_a_file_that_is_no_ledger(tmp_path):
    (tmp_path / "clicks.ledger.sqlite").write_bytes(b"no database" * 100)
    with pytest.raises(RunError, match="damaged"):
        open_ledger(tmp_path, table="clicks").state()
    (tmp_path / "empty.ledger.sqlite").touch()
    with pytest.raises(AccessError, match="cannot be used"):
        open_ledger(tmp_path, table="empty").state()


def test_a_locked_ledger_answers_nothing(ledger, tmp_path, monkeypatch):
    monkeypatch.setattr(privacy_ledger, "WAIT_S", 0.05)
    store = sqlite3.connect(tmp_path / "clicks.ledger.sqlite", isolation_level=None)
    store.execute("BEGIN IMMEDIATE")
    with pytest.raises(AccessError, match="locked"):
        ledger.spend(charge(0.1), when=WHEN)
    store.execute("ROLLBACK")
    store.close()
    assert ledger.spend(charge(0.1), when=WHEN).number == 1


def test_a_ledger_that_is_gone(ledger, tmp_path):
    (tmp_path / "clicks.ledger.sqlite").unlink()
    with pytest.raises(AccessError):
        ledger.spend(charge(0.1), when=WHEN)


def test_names(ledger, tmp_path):
    assert ledger_names(tmp_path) == ["clicks"]
    assert open_ledger(tmp_path, table="clicks").table == "clicks"
    with pytest.raises(ParameterError, match="Did you mean 'clicks'"):
        open_ledger(tmp_path, table="click")
    with pytest.raises(ParameterError, match="lower-case"):
        open_ledger(tmp_path, table="../clicks")
    with pytest.raises(ParameterError, match="already"):
        create_ledger(tmp_path, table="clicks", epsilon=9, delta=0, who="eve", when=WHEN)
    with pytest.raises(ParameterError, match="this is the ledger of"):
        ledger.spend(charge(0.1, table="other"), when=WHEN)
    for epsilon, delta in ((0, 0), (float("nan"), 0), (1, 1)):
        with pytest.raises(ParameterError):
            create_ledger(tmp_path, table="t", epsilon=epsilon, delta=delta, who="e", when=WHEN)
    assert ledger_names(tmp_path) == ["clicks"]


def spend_until_refused(folder):
    """Ask for 0.04 until the budget is gone; how often it was granted."""
    ledger = open_ledger(folder, table="clicks")
    granted = 0
    while True:
        try:
            ledger.spend(charge(0.04), when=WHEN)
        except BudgetError:
            return granted
        granted += 1


def test_threads_never_overspend(ledger, tmp_path):
    with ThreadPoolExecutor(8) as pool:
        granted = sum(pool.map(spend_until_refused, [tmp_path] * 8))
    assert granted == 25
    assert float(ledger.state().spent.epsilon) == 1.0


ANOTHER_PROCESS = """
import datetime as dt, pathlib, sys
from analytics_lib.core.errors import BudgetError
from analytics_lib.privacy.differential import Charge
from analytics_lib.warehouse.privacy_ledger import open_ledger
ledger, granted = open_ledger(pathlib.Path(sys.argv[1]), table="clicks"), 0
asked = Charge(table="clicks", who="bob", question="q", mechanism="m", epsilon=0.04)
while True:
    try:
        ledger.spend(asked, when=dt.datetime(2024, 5, 1, tzinfo=dt.UTC))
    except BudgetError:
        break
    granted += 1
print(granted)
"""


def test_processes_never_overspend(ledger, tmp_path):
    words = [sys.executable, "-c", ANOTHER_PROCESS, str(tmp_path)]
    started = [
        subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(3)
    ]
    granted = [int(process.communicate(timeout=120)[0]) for process in started]
    assert sum(granted) == 25
    assert len(ledger.state().entries) == 25
