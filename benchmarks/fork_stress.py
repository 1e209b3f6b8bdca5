"""A thousand forks of the zygote doing real polars, DuckDB and NumPy work, each answer compared.

The question is whether forking after polars is loaded can hang or miscount.
Each fork builds the same frame, sorts, joins and groups it on all threads of
polars, asks DuckDB the same, solves a linear system, and prints one digest.
A fork that does not answer in time or answers otherwise is counted.
"""

import hashlib
import os
import signal
import sys
import time

from analytics_lib.reporting.warm.guard import SINGLE_THREADED, other_threads, why_not_fork

FORKS = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000
LONGEST_S = 120


def work():
    """Exercise the thread pools of polars, DuckDB and BLAS; the answer as a digest."""
    import duckdb  # noqa: PLC0415 - loaded before the fork
    import numpy as np  # noqa: PLC0415
    import polars as pl  # noqa: PLC0415

    number = pl.int_range(0, 200_000, eager=True)
    frame = pl.DataFrame({"user": number % 997, "day": number % 89, "value": number * 7 % 1_009})
    days = frame.lazy().group_by("day").agg(mean=pl.col("value").mean())
    users = (
        frame.lazy()
        .join(days, on="day")
        .sort("user", "day", "value")
        .group_by("user")
        .agg(pl.col("value").sum(), pl.col("mean").mean().round(6), days=pl.col("day").n_unique())
        .sort("user")
    )
    table = users.collect()
    streamed = users.collect(engine="streaming")
    arrow = frame.to_arrow()
    counted = duckdb.sql(
        "select count(*), sum(value), count(distinct user) from arrow where arrow.day > 9"
    ).fetchall()
    solved = np.linalg.solve(np.eye(50) * 3 + 1, np.arange(50.0)).round(9)
    shown = f"{table.rows()}{streamed.rows() == table.rows()}{counted}{arrow.num_rows}{solved}"
    return hashlib.sha256(shown.encode()).hexdigest()


def one_fork():
    """The answer of one fork; empty where it hung or died."""
    reads, writes = os.pipe()
    pid = os.fork()
    if pid == 0:
        signal.alarm(LONGEST_S)
        os.write(writes, work().encode())
        os._exit(0)
    os.close(writes)
    with os.fdopen(reads) as answer:
        said = answer.read()
    os.waitpid(pid, 0)
    return said


def main():
    if any(os.environ.get(name) != value for name, value in SINGLE_THREADED.items()):
        os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, **SINGLE_THREADED})
    from analytics_lib.reporting.warm.preload import preload  # noqa: PLC0415 - after the settings

    preload()
    print("threads beside the main one:", other_threads(), "| reason not to fork:", why_not_fork())
    started = time.perf_counter()
    answers = [one_fork() for _ in range(FORKS)]
    seconds = time.perf_counter() - started
    right = max(set(answers), key=answers.count)
    wrong = sum(answer != right for answer in answers)
    here = work()  # starts the pools in this process: last
    print(
        f"{FORKS} forks in {seconds:.0f} s: {wrong} wrong or hung; equal to here: {right == here}"
    )
    sys.stdout.flush()
    os._exit(int(bool(wrong) or right != here))  # no clearing up: what is frozen cannot be freed


if __name__ == "__main__":
    main()
