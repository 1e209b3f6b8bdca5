"""Two years of one monthly report against papermill plus nbconvert from the command line.

Ours: `analytics run REPORT --from ... --to ...` into an empty site, then again
with nothing to do. Peer: for each of the same logical dates `papermill`, then
`jupyter nbconvert --to html --no-input`, one after the other; half of them
before ours and half after, so that a busy machine slows both. Processor
seconds of all processes stand beside those of the wall, for they hardly depend
on what else runs.

`--peer-months 6` runs the peer for six of the dates, evenly spread, and scales
its time; the table says so. Last, one report after another in a program whose
press is warm, and the bytes of some months against those from ordinary kernels.
"""

import argparse
import datetime as dt
import hashlib
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from analytics_lib.reporting.planning import plan_for
from analytics_lib.reporting.project import Project, find_project
from analytics_lib.reporting.questions import load_question
from analytics_lib.reporting.runs import run_plan
from analytics_lib.reporting.warm.press import warm_press

BIN = Path(sys.executable).parent


def spent(words, *, cwd, env):
    """Seconds on the wall, and processor seconds of all its processes."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    subprocess.run([str(word) for word in words], cwd=cwd, env=env, check=True, capture_output=True)
    wall = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def month_ends(last, count):
    """The last days of `count` months up to the month of `last`."""
    days = []
    day = last
    for _ in range(count):
        days.append(day)
        day = day.replace(day=1) - dt.timedelta(days=1)
    return days[::-1]


def peer(project, report, day, *, out, env):
    """papermill and nbconvert for one logical date."""
    executed = out / f"{day}.ipynb"
    notebook = project.notebook(report)
    words = [BIN / "papermill", notebook, executed, "-p", "as_of", day, "--cwd", project.root]
    first = spent(words, cwd=project.root, env=env)
    words = [BIN / "jupyter", "nbconvert", "--to", "html", "--no-input", executed]
    second = spent(words, cwd=out, env=env)
    return [a + b for a, b in zip(first, second, strict=True)]


def copy_of(project, root):
    """A project with the same notebooks, questions, lakes and packages, and an empty site."""
    for folder in (project.root / "notebooks", project.parameters, project.datasets):
        shutil.copytree(folder, root / folder.relative_to(project.root))
    shutil.copy(project.lock_file, root)
    return Project(root=root)


def pages(project):
    """Digest of every published page and data file."""
    return {
        path.relative_to(project.site).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(project.site.rglob("*"))
        if path.suffix in {".html", ".csv"}
    }


def one_warm(project, name, days):
    """Seconds of single runs in this process once the press is warm."""
    plans = plan_for(project, [load_question(project, name)], dates=days)
    seconds = []
    with warm_press() as press:
        for plan in plans:
            outcome = run_plan(project, plan, timeout_s=600, press=press)
            seconds.append(outcome.seconds)
    return seconds[1:]


def options():
    """What was asked on the command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--report", default="retention")
    parser.add_argument("--last", type=dt.date.fromisoformat, default=dt.date(2015, 6, 30))
    parser.add_argument("--months", type=int, default=24)
    parser.add_argument("--peer-months", type=int, default=24)
    return parser.parse_args()


def run_words(name, days):
    """The command line for every month from the first day to the last."""
    run = [sys.executable, "-P", "-m", "analytics_lib.cli", "run", name]
    return [*run, "--from", days[0].replace(day=1), "--to", days[-1]]


def compare(asked, source, out):
    """Every measurement, by name, and which files are equal to an ordinary kernel's."""
    name = f"{asked.report}/monthly"
    lake = source.lake_of(load_question(source, name).spec.lake)
    env = {**os.environ, "ANALYTICS_LAKE": str(source.lake)}
    days = month_ends(asked.last, asked.months)
    chosen = days[:: max(1, len(days) // asked.peer_months)][: asked.peer_months]
    middle = len(chosen) // 2

    def theirs(some):
        there = {**env, "ANALYTICS_LAKE": str(lake)}
        return [peer(source, asked.report, day, out=out, env=there) for day in some]

    project, plain = copy_of(source, out / "project"), copy_of(source, out / "plain")
    before = theirs(chosen[:middle])
    ours = spent(run_words(name, days), cwd=project.root, env=env)
    after = theirs(chosen[middle:])
    base = [sum(part) * len(days) / len(chosen) for part in zip(*before, *after, strict=True)]
    again = min(spent(run_words(name, days), cwd=project.root, env=env) for _ in range(3))
    start = [*run_words(name, days)[:4], "--help"]
    empty = min(spent(start, cwd=project.root, env=env) for _ in range(3))
    rows = {
        f"papermill + jupyter nbconvert, {len(chosen)} of {len(days)} months scaled": base,
        f"analytics run, {len(days)} months": ours,
        "analytics run, nothing to do": again,
        "analytics run --help (start-up)": empty,
    }
    cold = {**env, "ANALYTICS_WARM": "0"}
    spent(
        run_words(name, days[:4]), cwd=plain.root, env=cold
    )  # none has an earlier page to compare
    warm, ordinary = pages(project), pages(plain)
    months = {key: warm[key] == digest for key, digest in ordinary.items() if key.count("/") > 2}
    shutil.rmtree(plain.site)
    os.environ["ANALYTICS_LAKE"] = str(source.lake)
    small = month_ends(dt.date(2024, 6, 30), 6)
    return rows, months, one_warm(plain, "user_growth/monthly", small)


def main():
    asked = options()
    with tempfile.TemporaryDirectory() as folder:
        rows, same, single = compare(asked, find_project(), Path(folder))
    base = next(iter(rows.values()))
    print(f"{asked.report}, {os.cpu_count()} processors\n")
    print("| what | seconds | processor seconds | times faster | times less work |")
    print("|---|---:|---:|---:|---:|")
    for label, (wall, work) in rows.items():
        ratios = f"{base[0] / wall:.1f} | {base[1] / work:.1f}"
        print(f"| {label} | {wall:.2f} | {work:.2f} | {ratios} |")
    print(f"\nuser_growth alone, press warm, seconds: {[round(value, 2) for value in single]}")
    print(f"files equal to an ordinary kernel's: {sum(same.values())} of {len(same)}")
    if not all(same.values()):
        print(json.dumps([key for key, equal in same.items() if not equal], indent=1))


if __name__ == "__main__":
    main()
