"""Two years of one monthly report against papermill plus nbconvert from the command line.

Ours: `analytics run REPORT --from ... --to ...` into an empty site, then again
with nothing to do. Peer: for each of the same logical dates `papermill`, then
`jupyter nbconvert --to html --no-input`, one after the other. Months of ours
and of the peer alternate in quarters, so that a busy machine slows both; the
processor's own seconds of all processes are printed beside the wall's, for
they hardly depend on what else runs.

`--months 4` measures fewer months of both, and says so. Last, one report after
another in a program whose press is already warm, and each published byte
against an ordinary kernel's.
"""

import argparse
import datetime as dt
import hashlib
import json
import os
import resource
import shutil
import statistics
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
    """A project with the same notebooks, questions and lake, and an empty site."""
    for folder in ("notebooks", "parameters"):
        shutil.copytree(project.root / folder, root / folder)
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


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--report", default="user_growth")
    parser.add_argument("--last", type=dt.date.fromisoformat, default=dt.date(2024, 6, 30))
    parser.add_argument("--months", type=int, default=24)
    asked = parser.parse_args()
    source = find_project()
    name = f"{asked.report}/monthly"
    lake = source.lake_of(load_question(source, name).spec.lake)
    env = {**os.environ, "ANALYTICS_LAKE": str(source.lake)}
    peer_env = {**env, "ANALYTICS_LAKE": str(lake)}
    days = month_ends(asked.last, asked.months)
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder)
        project = copy_of(source, out / "project")
        first = ["--from", days[0].replace(day=1), "--to", days[-1]]
        run = [sys.executable, "-P", "-m", "analytics_lib.cli", "run", name, *first]
        middle = len(days) // 2
        theirs = [peer(source, asked.report, day, out=out, env=peer_env) for day in days[:middle]]
        ours = spent(run, cwd=project.root, env=env)
        theirs += [peer(source, asked.report, day, out=out, env=peer_env) for day in days[middle:]]
        again = min(spent(run, cwd=project.root, env=env) for _ in range(3))
        help_ = min(spent([*run[:4], "--help"], cwd=project.root, env=env) for _ in range(3))
        warm = pages(project)
        plain = copy_of(source, out / "plain")
        spent(run, cwd=plain.root, env={**env, "ANALYTICS_WARM": "0"})
        single = one_warm(plain, name, days[-6:])
        same = {key: warm[key] == digest for key, digest in pages(plain).items()}
    base = [sum(values) for values in zip(*theirs, strict=True)]
    print(f"{asked.report}, {len(days)} months, {os.cpu_count()} processors\n")
    print("| what | seconds | processor seconds | times faster |")
    print("|---|---:|---:|---:|")
    rows = [("papermill + jupyter nbconvert", base), ("analytics run", ours),
            ("analytics run, nothing to do", again), ("analytics run --help", help_)]  # fmt: skip
    for label, (wall, processor) in rows:
        print(f"| {label} | {wall:.2f} | {processor:.2f} | {base[0] / wall:.1f} |")
    print(f"\none report, press warm: median {statistics.median(single):.2f} s, {min(single):.2f} s "
          f"at best\nfiles equal to an ordinary kernel's: {sum(same.values())} of {len(same)}")  # fmt: skip
    if not all(same.values()):
        print(json.dumps([key for key, equal in same.items() if not equal], indent=1))


if __name__ == "__main__":
    main()
