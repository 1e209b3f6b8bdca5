"""What a table gives away: ours against a hand-written polars query and pyCANON, in one run.

The table is the Adult census drawn again with replacement, once as it is and once with 15 % of each
quasi-identifier drawn anew (many more classes). By hand: k, l and t in one grouping, as an analyst
would write it. Ours: the same three from the public functions' one pass, and all measures at once
(`assess_privacy`). Alternating, best of the repeats, for other work on the machine can only add;
the answers are compared before anything is printed. Memory is what the process holds at most while
ours runs the first time, with the table and what is left of making it (Linux).

pyCANON needs pandas and numpy of its own: give the Python of its environment with `--pycanon` to
run it beside ours, on the census itself. Without it, figures of an earlier run are quoted.
"""

import argparse
import json
import subprocess
import threading
import time
from pathlib import Path

import numpy as np
import polars as pl

from analytics_lib.privacy.assessment import assess_privacy
from analytics_lib.privacy.assessment.anonymity import k_anonymity
from analytics_lib.privacy.assessment.classes import equivalence_classes, sensitive_counts
from analytics_lib.privacy.assessment.closeness import t_closeness
from analytics_lib.privacy.assessment.diversity import l_diversity

REPEATS = 7
_PAGE, _EVERY_S, _MB = 4096, 0.005, 1e6
ADULT = Path(__file__).resolve().parents[1] / "data" / "adult" / "adult.csv"
QUASI = [
    "sex", "age", "race", "marital-status", "education", "native-country", "workclass",
    "occupation",
]  # fmt: skip
SENSITIVE = "salary-class"
# One earlier run, pyCANON 1.3.6, Python 3.11, two cores, the census as it is; seconds.
QUOTED = {"k_anonymity": 0.45, "l_diversity": 3.5, "t_closeness": 9.6}
QUOTED_LARGER = {"k_anonymity": 2.2, "l_diversity": 18.9, "t_closeness": 56.5}  # 100,000 rows
PYCANON = """
import json, sys, time
import pandas as pd
from pycanon import anonymity
path, quasi, sensitive = sys.argv[1], json.loads(sys.argv[2]), sys.argv[3]
table = pd.read_csv(path, sep=";")
found = {}
for name in ("k_anonymity", "l_diversity", "t_closeness"):
    asked = (table, quasi) if name == "k_anonymity" else (table, quasi, [sensitive])
    begun = time.perf_counter()
    value = getattr(anonymity, name)(*asked)
    found[name] = [float(value), time.perf_counter() - begun]
print(json.dumps(found))
"""


def drawn_again(adult, rows, *, anew):
    rng = np.random.default_rng(42)
    table = adult[rng.integers(0, adult.height, rows)]
    changed = []
    for name in QUASI:
        others = adult[name][rng.integers(0, adult.height, rows)]
        changed.append(
            pl.select(
                pl.when(pl.Series(rng.random(rows) < anew)).then(others).otherwise(table[name])
            )
            .to_series()
            .alias(name)
        )
    return table.with_columns(changed)


def by_hand(table):
    cells = table.group_by([*QUASI, SENSITIVE]).len()
    classes = cells.group_by(QUASI).agg(n=pl.col("len").sum(), l=pl.len())
    whole = cells.group_by(SENSITIVE).agg(p=pl.col("len").sum() / table.height)
    gain = pl.col("len") / pl.col("n") - pl.col("p")
    distances = (
        cells.join(classes, on=QUASI, nulls_equal=True)
        .join(whole, on=SENSITIVE)
        .with_columns(gain=gain.clip(0))
        .group_by(QUASI)
        .agg(pl.col("gain").sum())
    )
    return classes["n"].min(), classes["l"].min(), round(distances["gain"].max(), 9)


def ours(table):
    classes = equivalence_classes(table, quasi_identifiers=QUASI, sensitive=[SENSITIVE])
    counts = sensitive_counts(classes, column=SENSITIVE)
    least = l_diversity(counts).distinct_l
    return k_anonymity(classes).k, least, round(t_closeness(counts).t, 9)


def all_measures(table):
    found = assess_privacy(table, quasi_identifiers=QUASI, sensitive=[SENSITIVE])
    [one] = found.sensitive
    return found.k_anonymity.k, one.diversity.distinct_l, round(one.closeness.t, 9)


def best(functions, table, repeats):
    seconds = {function: [] for function in functions}
    for _ in range(repeats):
        answers = []
        for function in functions:
            begun = time.perf_counter()
            answers.append(function(table))
            seconds[function].append(time.perf_counter() - begun)
        assert len(set(answers)) == 1, f"answers differ: {answers}"
    return [min(taken) for taken in seconds.values()]


def held():
    return int(Path("/proc/self/statm").read_text().split()[1]) * _PAGE / _MB


def memory_of(function, table):
    most, over = [held()], threading.Event()

    def watch():
        while not over.wait(_EVERY_S):
            most[0] = max(most[0], held())

    watcher = threading.Thread(target=watch)
    watcher.start()
    function(table)
    over.set()
    watcher.join()
    return most[0]


def pycanon(python):
    words = [python, "-W", "ignore", "-c", PYCANON, str(ADULT), json.dumps(QUASI), SENSITIVE]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    values = tuple(round(found[name][0], 9) for name in QUOTED)
    return values, {name: found[name][1] for name in QUOTED}


def main(rows=1_000_000, python=None, repeats=REPEATS):
    adult = pl.read_csv(ADULT, separator=";")
    print(f"{rows:,} records by {len(QUASI)} quasi-identifiers, best of {repeats}\n")
    print(
        "| table | MB | classes | k, l, t: ours, s | by hand, s | ratio | all measures, s "
        "| memory of ours, MB |"
    )
    print("|---|---:|---:|---:|---:|---:|---:|---:|")
    for name, anew in (("as it is", 0.0), ("15 % drawn anew", 0.15)):
        table = drawn_again(adult, rows, anew=anew)
        classes = table.select(pl.struct(QUASI).n_unique()).item()
        memory = memory_of(ours, table)
        hand, three, everything = best([by_hand, ours, all_measures], table, repeats)
        print(
            f"| {name} | {table.estimated_size() / _MB:,.0f} | {classes:,} | {three:.3f} "
            f"| {hand:.3f} | {three / hand:.2f} | {everything:.3f} | {memory:,.0f} |",
            flush=True,
        )

    [taken] = best([ours], adult, repeats)
    seconds, source = QUOTED, "earlier run"
    if python:
        values, seconds = pycanon(python)
        source = "beside ours"
        assert values == ours(adult), f"pyCANON differs: {values}"
    print(f"\nThe census as it is, {adult.height:,} records, pyCANON ({source})\n")
    print("| k, l, t: ours, s | pyCANON, s | k | l | t | ratio |")
    print("|---:|---:|---:|---:|---:|---:|")
    total = sum(seconds.values())
    parts = " | ".join(f"{seconds[name]:.2f}" for name in QUOTED)
    print(f"| {taken:.3f} | {total:.1f} | {parts} | {taken / total:.4f} |")
    larger = ", ".join(f"{name} {value} s" for name, value in QUOTED_LARGER.items())
    print(f"\npyCANON on 100,000 records, earlier run: {larger}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Assessment against hand-written polars.")
    parser.add_argument("--rows", type=int, default=1_000_000, help="Number of records.")
    parser.add_argument("--repeats", type=int, default=REPEATS, help="The best of how many.")
    parser.add_argument("--pycanon", help="Python of an environment that has pyCANON.")
    arguments = parser.parse_args()
    main(arguments.rows, arguments.pycanon, arguments.repeats)
