"""Values in the lake: stored once, revised when the past changes, and whole after a crash."""

import datetime as dt
import json
import random
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from deltalake import DeltaTable

from analytics_lib.core.errors import AccessError, ParameterError, RunError
from analytics_lib.core.periods import day_number
from analytics_lib.events import tables
from analytics_lib.events.tables.identities import IDENTITIES
from analytics_lib.events.tables.metric_values import METRIC_VALUES, USER_DAYS
from analytics_lib.metrics import rolling_active_users
from analytics_lib.warehouse import ingest, open_lake
from analytics_lib.warehouse.metric_values import metric_values, store_metric_values

AS_OF = dt.date(2024, 5, 20)
Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write events as JSON lines: rows of user, day of May and device."""

    def make(*rows: tuple[str, int] | tuple[str, int, str], name: str = "events") -> Path:
        path = tmp_path / f"{name}.jsonl"
        path.write_text(
            "".join(
                json.dumps(
                    {
                        "event_id": f"{name}/{number}",
                        "user_id": row[0],
                        "event_type": "click",
                        "timestamp": f"2024-05-{row[1]:02d}T10:00:00Z",
                        "device_type": row[2] if len(row) > 2 else "mobile",
                    }
                )
                + "\n"
                for number, row in enumerate(rows)
            )
        )
        return path

    return make


@pytest.fixture
def identities(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Write:
    monkeypatch.setitem(tables.CONTRACTS, "identities", IDENTITIES)

    def make(*links: tuple[str, str, str], name: str = "links") -> Path:
        path = tmp_path / f"{name}.csv"
        schema = ["anonymous_id", "user_id", "linked_day"]
        pl.DataFrame(links, schema=schema, orient="row").write_csv(path)
        return path

    return make


def values(lake: Path, metric: str = "active_users", grain: str = "day", **options: Any) -> Any:
    found = metric_values(open_lake(lake), metric, **options).filter(pl.col("grain") == grain)
    return {
        (row["period_start_day"] - day_number(dt.date(2024, 4, 30)), row["revision"]): row["value"]
        for row in found.to_dicts()
    }


def state(lake: Path) -> list[tuple[Path, int]]:
    return sorted((path, path.stat().st_mtime_ns) for path in lake.rglob("*"))


@pytest.mark.parametrize("contract", [USER_DAYS, METRIC_VALUES], ids=lambda c: c.name)
def test_the_contracts_are_sound_and_kept(contract: Any, write: Write, lake: Path) -> None:
    ingest(write(("a", 1), ("b", 1), ("a", 9)), lake=lake, table="events")
    store_metric_values(lake, as_of=AS_OF)
    stored = open_lake(lake).table(contract.name).collect()
    assert contract.schema().validate(stored).height == stored.height > 0
    assert stored.select(contract.key).is_duplicated().sum() == 0


def test_stored_once(write: Write, lake: Path) -> None:
    ingest(write(("a", 1), ("b", 1), ("a", 3)), lake=lake, table="events")
    first = store_metric_values(lake, as_of=dt.date(2024, 5, 3))
    # origin: by hand
    assert values(lake) == {(1, 1): 2, (2, 1): 0, (3, 1): 1}
    assert (first.new, first.revised, first.withdrawn) == (first.computed, 0, 0)
    assert first.computed_from == {"events": 0, "user_days": 0}
    before = state(lake)
    again = store_metric_values(lake, as_of=dt.date(2024, 5, 3))
    assert again.unchanged
    assert again.user_days.files_read == 0
    assert again.lines()[-1] == f"All {first.computed} values are stored already."
    assert state(lake) == before


def test_a_later_day_adds_and_an_earlier_one_takes_nothing_back(write: Write, lake: Path) -> None:
    ingest(write(("a", 1), ("b", 2), ("a", 16)), lake=lake, table="events")
    store_metric_values(lake, as_of=dt.date(2024, 5, 13))
    later = store_metric_values(lake, as_of=AS_OF)
    assert (later.revised, later.withdrawn) == (0, 0)
    assert later.new > 0
    assert store_metric_values(lake, as_of=dt.date(2024, 5, 13)).unchanged
    assert store_metric_values(lake, as_of=AS_OF).unchanged


def test_late_events_revise_the_past_and_both_stay_findable(write: Write, lake: Path) -> None:
    ingest(write(("a", 1), ("b", 2), ("a", 3)), lake=lake, table="events")
    store_metric_values(lake, as_of=dt.date(2024, 5, 4))
    ingest(write(("c", 2), ("a", 3), name="late"), lake=lake, table="events")
    done = store_metric_values(lake, as_of=dt.date(2024, 5, 4))
    assert done.user_days.files_read == 1
    assert done.user_days.rows_added == 2
    assert not done.user_days.rebuilt
    # origin: by hand; c was active on 2 May too, and a's second click on 3 May counts nobody new
    assert values(lake) == {(1, 1): 1, (2, 2): 2, (3, 1): 1, (4, 1): 0}
    assert values(lake, revisions=True)[2, 1] == 1
    stored = metric_values(open_lake(lake), "active_users", revisions=True)
    of_day = stored.filter(pl.col("through_day") == day_number(dt.date(2024, 5, 2)))
    assert [json.loads(said) for said in of_day["computed_from"]] == [
        {"events": 0, "user_days": 0},
        {"events": 1, "user_days": 1},
    ]
    # Time travel gives the first answer again.
    past = open_lake(lake, versions={"metric_values": 0})
    assert metric_values(past, "active_users")["revision"].to_list() == [1] * 4


@pytest.mark.parametrize("seed", range(3))
def test_step_by_step_is_what_it_is_at_once(seed: int, write: Write, tmp_path: Path) -> None:
    draw = random.Random(seed)
    days = [1, 2, 5, 8, 9, 16]
    devices = ["mobile", "desktop", "robot"]
    rows = [(draw.choice("abcdefg"), draw.choice(days), draw.choice(devices)) for _ in range(60)]
    steps, once = tmp_path / "steps", tmp_path / "once"
    for number in range(4):
        part = write(*rows[number * 15 : number * 15 + 15], name=f"part{number}")
        for lake in (steps, once):
            ingest(part, lake=lake, table="events")
        store_metric_values(steps, as_of=dt.date(2024, 5, 12 + 2 * number))
    last = store_metric_values(steps, as_of=AS_OF)
    scratch = store_metric_values(once, as_of=AS_OF)
    assert scratch.user_days.rebuilt
    assert not last.user_days.rebuilt
    assert last.user_days.account == scratch.user_days.account
    assert last.user_days.account["robots"] == sum(row[2] == "robot" for row in rows)
    same = ["value_id", "value", "numerator", "denominator", "n"]
    for metric in ("active_users", "growth", "lifecycle", "retention_cohorts"):
        found, known = (metric_values(open_lake(lake), metric) for lake in (steps, once))
        assert found.drop_nulls("value").select(same).equals(known.select(same))
    found, known = (
        rolling_active_users(open_lake(lake).user_days(), days=7, as_of=AS_OF)
        for lake in (steps, once)
    )
    log = open_lake(once).prepared_events()
    assert found.equals(known)
    assert found.equals(rolling_active_users(log, days=7, as_of=AS_OF))
    assert open_lake(steps).identity("user_days") == open_lake(once).identity("user_days")


def test_erased_people_are_gone_from_user_days_and_values(write: Write, lake: Path) -> None:
    ingest(write(("a", 1), ("b", 2), ("b", 9), ("a", 16)), lake=lake, table="events")
    store_metric_values(lake, as_of=AS_OF)
    user = open_lake(lake).table("events").filter(pl.col("day") == 19844).collect()["user_id"][0]
    DeltaTable(str(lake / "events")).delete(f"user_id = '{user}'")
    done = store_metric_values(lake, as_of=AS_OF)
    assert done.user_days.rebuilt
    assert user not in open_lake(lake).table("user_days").collect()["user_id"].to_list()
    # origin: by hand; b is left, on 2 and 9 May, and the log begins with b
    left = values(lake)
    assert [day for (day, _), value in left.items() if value == 1] == [2, 9]
    assert (left[1, 2], left[16, 2]) == (None, 0)
    DeltaTable(str(lake / "events")).delete()
    nobody = store_metric_values(lake, as_of=AS_OF)
    assert (nobody.computed, nobody.new) == (0, 0)
    assert set(values(lake).values()) == {None}
    assert store_metric_values(lake, as_of=AS_OF).unchanged


def test_identities_are_merged_and_are_a_variant_of_their_own(
    write: Write, lake: Path, identities: Write
) -> None:
    ingest(write(("x", 1), ("ann", 1), ("kiosk", 2)), lake=lake, table="events")
    store_metric_values(lake, as_of=dt.date(2024, 5, 2))
    links = [("x", "ann", "2024-05-04"), ("kiosk", "ann", "2024-05-02")]
    ingest(identities(*links), lake=lake, table="identities")
    done = store_metric_values(lake, as_of=dt.date(2024, 5, 2))
    assert done.preparation.ids_merged == 2
    found = metric_values(open_lake(lake), "active_users").filter(pl.col("grain") == "day")
    by_variant = {
        (json.loads(row["semantics"])["identities"], row["period_start_day"]): row["value"]
        for row in found.to_dicts()
    }
    # origin: by hand
    first = day_number(dt.date(2024, 5, 1))
    assert by_variant == {
        ("none", first): 2,
        ("none", first + 1): 1,
        ("merged, also before the link", first): 1,
        ("merged, also before the link", first + 1): 1,
    }
    # The kiosk turns out to be Ben's too: nobody's, and the values it touched are revised.
    shared = identities(("kiosk", "ben", "2024-05-09"), name="more")
    ingest(shared, lake=lake, table="identities")
    again = store_metric_values(lake, as_of=dt.date(2024, 5, 2))
    assert again.preparation.links_refused == {"several users": 2}
    assert "2 links refused: several users." in again.lines()
    assert again.computed_from == {"events": 0, "user_days": 0, "identities": 1}
    users = [
        open_lake(lake).prepared_events(as_of=dt.date(2024, 5, day)).preparation
        for day in (1, 2, 3, 4, 9)
    ]
    # origin: by hand; x and Ann, then the kiosk is Ann's, then x too, then the kiosk is nobody's
    assert [account.users for account in users if account] == [2, 2, 2, 1, 2]


def test_nothing_to_compute_from(lake: Path, write: Write) -> None:
    with pytest.raises(AccessError, match="There is no lake"):
        store_metric_values(lake)
    source = lake.parent / "users.csv"
    source.write_text("user_id\na\n")
    ingest(source, lake=lake, table="users")
    with pytest.raises(AccessError, match="The lake has no events"):
        store_metric_values(lake)
    with pytest.raises(AccessError, match="no stored values; run `analytics metrics store`"):
        metric_values(open_lake(lake), "active_users")
    ingest(write(("a", 1)), lake=lake, table="events")
    store_metric_values(lake, as_of=AS_OF)
    with pytest.raises(ParameterError, match="Did you mean 'active_users'"):
        metric_values(open_lake(lake), "activ_users")


def test_the_last_complete_day_is_that_of_the_lake(write: Write, lake: Path) -> None:
    ingest(write(("a", 1), ("a", 6)), lake=lake, table="events")
    done = store_metric_values(lake)
    assert done.as_of == dt.date(2024, 5, 5)
    assert done.to_dict()["events"] == {"events_in": 2, "robots": 0, "events_kept": 2}
    assert json.loads(json.dumps(done.to_dict()))["unchanged"] is False
    said = open_lake(lake).history("metric_values")[0]["report"]
    assert (said["as_of"], said["events"]["events_in"], said["new"]) == ("2024-05-05", 2, done.new)
    assert said["preparation"]["users"] == 1


def test_ingesting_goes_on_beside_stored_values(write: Write, lake: Path) -> None:
    ingest(write(("a", 1)), lake=lake, table="events")
    store_metric_values(lake, as_of=AS_OF)
    ingest(write(("a", 1), ("b", 2), name="more"), lake=lake, table="events")
    opened = open_lake(lake)
    assert (opened.zone, opened.version("events")) == ("UTC", 1)
    assert [source.source for source in opened.sources()] == ["undeclared"]


_CHILD = """
import importlib, datetime as dt, os, signal, sys

module, name, when, lake = sys.argv[1:]
home = importlib.import_module(module)
store = importlib.import_module("analytics_lib.warehouse.metric_values").store_metric_values
real = getattr(home, name)

def deadly(*args, **kwargs):
    if when == "after":
        real(*args, **kwargs)
    os.kill(os.getpid(), signal.SIGKILL)

setattr(home, name, deadly)
store(lake, as_of=dt.date(2024, 5, 20))
"""


@pytest.mark.parametrize(
    ("module", "name", "when", "versions"),
    [
        ("user_days", "note_writing", "after", (0, 0)),
        ("user_days", "append", "before", (0, 0)),
        ("user_days", "append", "after", (1, 0)),
        ("metric_values", "note_writing", "after", (1, 0)),
        ("metric_values", "append", "before", (1, 0)),
        ("metric_values", "append", "after", (1, 1)),
    ],
)
def test_kill_leaves_the_old_or_the_new_version(
    write: Write, lake: Path, module: str, name: str, when: str, versions: tuple[int, int]
) -> None:
    ingest(write(("a", 1)), lake=lake, table="events")
    store_metric_values(lake, as_of=AS_OF)
    ingest(write(("b", 1), name="more"), lake=lake, table="events")
    run = subprocess.run(
        [sys.executable, "-c", _CHILD, f"analytics_lib.warehouse.{module}", name, when, str(lake)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == -signal.SIGKILL, run.stderr
    left = open_lake(lake)
    assert (left.version("user_days"), left.version("metric_values")) == versions
    assert values(lake)[1, 1 + versions[1]] == 1 + versions[1]
    done = store_metric_values(lake, as_of=AS_OF)
    assert done.unchanged is (versions == (1, 1))
    assert values(lake)[1, 2] == 2
    files = {path.name for path in (lake / "metric_values").glob("*.parquet")}
    assert len(files) == 2
    assert not list(lake.parent.glob(".lake.staging*"))


def test_full_disk_leaves_the_old_version(
    write: Write, lake: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ingest(write(("a", 1)), lake=lake, table="events")

    def full(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("analytics_lib.warehouse.metric_values.append", full)
        with pytest.raises(RunError, match="Storing values did not finish: the disk is full"):
            store_metric_values(lake, as_of=AS_OF)
    assert open_lake(lake).tables() == ["events", "user_days"]
    assert store_metric_values(lake, as_of=AS_OF).new > 0
