"""How the cost of the metrics grows with the log: seconds, processor seconds and peak memory.

The questions and the queries by hand are those of `benchmarks.metrics`. Every log is made, and
every question asked, in a process of its own; the questions once each. Processor seconds add up
both processors and are the steadier figure on a machine that is not idle.

    python -m benchmarks.growth 1 5 10 25 50
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from analytics_lib.synthetic import clickstream
from benchmarks.metrics import DAYS, OPEN, QUESTIONS, START

MILLIONS = (1, 5, 10, 25, 50)
EVENTS_A_USER = 50


def make(path, millions):
    log = clickstream(
        users=int(millions) * 1_000_000 // EVENTS_A_USER, days=DAYS, rng=np.random.default_rng(42),
        start=START, event_ids=False,
    )  # fmt: skip
    log.write_parquet(path)


def ask(path, question, engine, asker):
    ours, *peers = QUESTIONS[question]
    by_hand = dict(zip(OPEN, peers, strict=True))[engine]
    begun, used = time.perf_counter(), time.process_time()
    answer = ours(OPEN[engine](path)) if asker == "ours" else by_hand(path)
    found = {
        "seconds": time.perf_counter() - begun,
        "processor": time.process_time() - used,
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "answer": repr(answer),
    }
    print(json.dumps(found))


def in_its_own_process(what, *words):
    command = [sys.executable, "-m", "benchmarks.growth", what, *map(str, words)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def main(sizes=MILLIONS):
    print(f"{DAYS} days, {EVENTS_A_USER} events a user\n")
    print("| million events | question | engine | seconds | processor | peak, MB "
          "| by hand: seconds | processor | peak, MB |")  # fmt: skip
    print("|---:|---|---|---:|---:|---:|---:|---:|---:|")
    for millions in sizes:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "events.parquet"
            in_its_own_process("make", path, millions)
            for question in QUESTIONS:
                for engine in OPEN:
                    ours, theirs = (
                        json.loads(in_its_own_process("ask", path, question, engine, asker))
                        for asker in ("ours", "by hand")
                    )
                    assert ours["answer"] == theirs["answer"], f"{question}: answers differ"
                    cells = [
                        f"{each['seconds']:.2f} | {each['processor']:.2f} | {each['peak']:,.0f}"
                        for each in (ours, theirs)
                    ]
                    print(f"| {millions} | {question} | {engine} | {' | '.join(cells)} |",
                          flush=True)  # fmt: skip


if __name__ == "__main__":
    if sys.argv[1:2] == ["make"]:
        make(*sys.argv[2:])
    elif sys.argv[1:2] == ["ask"]:
        ask(*sys.argv[2:])
    else:
        main([int(text) for text in sys.argv[1:]] or MILLIONS)
