"""Ingest of synthetic events: rows per second and peak memory, beside two peers by hand.

`ingest` is the whole door: mapping, validation, quarantine, pseudonyms, duplicates, account and
one atomic commit. The peers do the two things nobody can leave out, keyed digests of event and
user and writing, and check nothing: polars reads the file, digests with `hmac` and appends to a
Delta table; DuckDB digests in SQL (twice SHA-256, which is what HMAC costs) and writes Parquet
with COPY. Every measurement is a process of its own; all in one run.

    python -m benchmarks.ingest 1000000 10000000
"""

import hmac
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb
import polars as pl
from deltalake import write_deltalake

import analytics_lib.events.tables  # noqa: F401 - loaded before the clock starts
from analytics_lib.warehouse import ingest

ROWS = (1_000_000, 10_000_000)
EVENTS_A_USER = 50
KEY = bytes(range(32))


def make_source(path, rows):
    """`rows` events in time order, 2 in 1,000 of them retries; written in parts to bound memory."""
    step = 1_000_000
    folder = path.with_suffix("")
    folder.mkdir()
    for start in range(0, rows, step):
        number = pl.int_range(start, min(start + step, rows), eager=True)
        users = max(rows // EVENTS_A_USER, 1)
        pl.DataFrame(
            {
                "event_id": "event-" + (number - (number % 500 == 499).cast(pl.Int64)).cast(str),
                "user_id": "user-" + (number * 7_919 % users).cast(pl.String),
                "event_type": number.cast(pl.String).str.slice(-1).replace("0", "purchase"),
                "timestamp": pl.from_epoch(
                    1_700_000_000 + number // 10, time_unit="s"
                ).dt.replace_time_zone("UTC"),
                "platform": pl.Series(["web", "ios", "android"]).gather(number % 3),
            }
        ).write_parquet(folder / f"{start:012d}.parquet")
    pl.scan_parquet(folder / "*.parquet").sink_parquet(path)


def door(source, out):
    os.environ["ANALYTICS_PSEUDONYM_KEY"] = KEY.hex()
    ingest(source, lake=out / "lake", table="events")


def polars_by_hand(source, out):
    def digested(values):
        distinct = values.unique()
        names = [hmac.digest(KEY, text.encode(), "sha256").hex() for text in distinct]
        return values.replace_strict(distinct, pl.Series(names, dtype=pl.String))

    frame = pl.scan_parquet(source).collect()
    frame = frame.with_columns(digested(frame["event_id"]), digested(frame["user_id"]))
    write_deltalake(out / "table", frame)


def duckdb_by_hand(source, out):
    twice = "sha256('{0}' || sha256('{0}' || {1}))"
    event, user = (twice.format(KEY.hex(), name) for name in ("event_id", "user_id"))
    duckdb.execute(
        f"COPY (SELECT * REPLACE ({event} AS event_id, {user} AS user_id) "
        f"FROM read_parquet('{source}')) TO '{out / 'table.parquet'}' (COMPRESSION zstd)"
    )


SYSTEMS = {
    "analytics ingest": door,
    "polars + hmac + write_deltalake, no checks": polars_by_hand,
    "DuckDB COPY, no checks": duckdb_by_hand,
}


def measure(system, source):
    """Seconds (imports left out for all alike) and peak memory of a process of its own."""
    with tempfile.TemporaryDirectory(dir=source.parent) as out:
        words = [sys.executable, "-m", "benchmarks.ingest", "--child", system, str(source), out]
        run = subprocess.run(words, check=True, capture_output=True, text=True)
    return json.loads(run.stdout)


def child(system, source, out):
    started = time.perf_counter()
    SYSTEMS[system](Path(source), Path(out))
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "peak": peak}))


def main(sizes=ROWS):
    print("| rows | system | seconds | rows a second | peak memory, MB | time, ratio to ours |")
    print("|---:|---|---:|---:|---:|---:|")
    for rows in sizes:
        with tempfile.TemporaryDirectory() as folder:
            source = Path(folder) / "events.parquet"
            make_source(source, rows)
            ours = None
            for system in SYSTEMS:
                found = measure(system, source)
                ours = ours or found["seconds"]
                print(
                    f"| {rows:,} | {system} | {found['seconds']:.1f} "
                    f"| {rows / found['seconds']:,.0f} | {found['peak']:,.0f} "
                    f"| {found['seconds'] / ours:.2f} |",
                    flush=True,
                )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        child(*sys.argv[2:])
    else:
        main([int(text) for text in sys.argv[1:]] or ROWS)
