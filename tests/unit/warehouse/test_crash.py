"""A kill or a full disk at any point leaves the old or the new version, and no litter for long."""

import errno
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import pytest

from analytics_lib.core.errors import AccessError, RunError
from analytics_lib.warehouse import ingest, open_lake

Csv = Callable[..., Path]

# Kills itself just before or just after a function is called, in a process of its own.
_CHILD = """
import importlib, os, signal, sys
from analytics_lib.warehouse import ingest

module, name, when, source, lake = sys.argv[1:]
home = importlib.import_module(module)
real = getattr(home, name)

def deadly(*args, **kwargs):
    if when == "after":
        result = real(*args, **kwargs)
    os.kill(os.getpid(), signal.SIGKILL)

setattr(home, name, deadly)
ingest(source, lake=lake, table="events")
"""

_HALF_WRITTEN = """
import importlib, os, signal, sys
import pyarrow as pa
from analytics_lib.warehouse import duplicates, ingest

source, lake = sys.argv[1:]
run = importlib.import_module("analytics_lib.warehouse.ingestion")
real = run.append

def half(table, rows, **kwargs):
    before = len(list(table.glob("*.parquet")))

    def batches():
        for batch in rows:
            for start in range(0, batch.num_rows, 100):
                yield batch.slice(start, 100)
                if len(list(table.glob("*.parquet"))) > before:
                    os.kill(os.getpid(), signal.SIGKILL)
    import deltalake
    write = deltalake.write_deltalake
    deltalake.write_deltalake = lambda *a, **k: write(*a, target_file_size=1_000, **k)
    real(table, pa.RecordBatchReader.from_batches(rows.schema, batches()), **kwargs)

run.append = half
ingest(source, lake=lake, table="events")
"""


def run_child(code: str, *arguments: str) -> None:
    run = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False
    )
    assert run.returncode == -signal.SIGKILL, run.stderr


def litter(lake: Path) -> list[str]:
    named = {"lake", ".lake.lock"}
    return [
        found.name
        for found in lake.parent.iterdir()
        if found.name not in named and not found.name.endswith(".csv")
    ]


@pytest.mark.parametrize(
    ("module", "name", "when", "new"),
    [
        ("analytics_lib.warehouse.ingestion", "make_plan", "after", False),
        ("analytics_lib.warehouse.staged", "count_reasons", "before", False),
        ("analytics_lib.warehouse.ingestion", "refuse_too_many", "after", False),
        ("analytics_lib.warehouse.ingestion", "set_aside", "after", False),
        ("analytics_lib.warehouse.ingestion", "note_writing", "after", False),
        ("analytics_lib.warehouse.ingestion", "append", "before", False),
        ("analytics_lib.warehouse.ingestion", "append", "after", True),
    ],
)
def test_kill_leaves_the_old_or_the_new_version(
    csv: Csv, lake: Path, module: str, name: str, when: str, *, new: bool
) -> None:
    ingest(csv("a"), lake=lake, table="events")
    more = csv("b", *(f"e{n}" for n in range(30)), name="more.csv")
    more.write_text(more.read_text().replace("user-b,click,2024-05-01", "user-b,click,2024-05-91"))
    run_child(_CHILD, module, name, when, str(more), str(lake))
    assert litter(lake) != []
    assert open_lake(lake).table("events").collect().height == (31 if new else 1)
    report = ingest(more, lake=lake, table="events")
    assert report.unchanged is new
    assert report.tables[0].rows_in == 31
    again = open_lake(lake)
    assert again.table("events").collect().height == 31
    assert again.versions() == {"events": 1, "quarantine": 0}
    assert again.table("quarantine").collect().height == 1
    assert litter(lake) == []


@pytest.mark.parametrize("known", [True, False])
def test_half_written_files_are_removed_by_the_next_ingest(
    csv: Csv, lake: Path, *, known: bool
) -> None:
    if known:
        ingest(csv("a"), lake=lake, table="events")
    more = csv(*(f"e{n}" for n in range(60_000)), name="more.csv")
    run_child(_HALF_WRITTEN, str(more), str(lake))
    files = sorted((lake / "events").glob("*.parquet"))
    assert len(files) > int(known)
    if known:
        assert open_lake(lake).table("events").collect().height == 1
    else:
        with pytest.raises(AccessError, match="nothing was ingested"):
            open_lake(lake)
    ingest(csv("z", name="z.csv"), lake=lake, table="events")
    kept = sorted((lake / "events").glob("*.parquet"))
    assert len(kept) == 1 + int(known)
    assert open_lake(lake).table("events").collect().height == 1 + int(known)
    assert litter(lake) == []


def test_note_that_was_cut_off_does_no_harm(csv: Csv, lake: Path) -> None:
    ingest(csv("a"), lake=lake, table="events")
    leftover = lake.parent / ".lake.staging-dead"
    leftover.mkdir()
    (leftover / "writing.json").write_text('{"tab')
    ingest(csv("b"), lake=lake, table="events")
    assert not leftover.exists()
    assert open_lake(lake).table("events").collect().height == 2


def full_disk(*_: Any, **__: Any) -> NoReturn:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize(
    "place",
    [
        "polars.DataFrame.write_parquet",
        "analytics_lib.warehouse.ingestion.append",
        "analytics_lib.warehouse.ingestion.note_writing",
    ],
)
def test_full_disk_leaves_the_old_version(
    csv: Csv, lake: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    ingest(csv("a"), lake=lake, table="events")
    with monkeypatch.context() as patched:
        patched.setattr(place, full_disk)
        with pytest.raises(RunError, match="did not finish: the disk is full") as caught:
            ingest(csv("b"), lake=lake, table="events")
    assert caught.value.exit_code == 7
    assert open_lake(lake).versions() == {"events": 0}
    assert litter(lake) == []
    assert ingest(csv("b"), lake=lake, table="events").stored == 1


_LIMITED = """
import resource, signal, sys
from analytics_lib.core.errors import RunError
from analytics_lib.warehouse import ingest

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
try:
    ingest(sys.argv[1], lake=sys.argv[2], table="events")
except RunError as error:
    print(error)
    sys.exit(error.exit_code)
"""


def test_disk_that_takes_no_more_bytes(csv: Csv, lake: Path) -> None:
    ingest(csv("a"), lake=lake, table="events")
    more = csv(*(f"e{n}" for n in range(20_000)), name="more.csv")
    run = subprocess.run(
        [sys.executable, "-c", _LIMITED, str(more), str(lake)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 7, run.stderr
    assert "Every table is either as it was or whole" in run.stdout
    assert open_lake(lake).versions() == {"events": 0}
    assert ingest(more, lake=lake, table="events").stored == 20_000


def test_folder_that_cannot_be_written(
    csv: Csv, lake: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def denied(*_: Any, **__: Any) -> NoReturn:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr("analytics_lib.warehouse.ingestion.append", denied)
    with pytest.raises(AccessError, match=r"`lake` cannot be written \(Permission denied\)"):
        ingest(csv("a"), lake=lake, table="events")
