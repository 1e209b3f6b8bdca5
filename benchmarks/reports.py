"""The whole batch of reports against papermill plus nbconvert from the command line.

Peer: for each report `papermill notebook executed` with the same parameters,
then `jupyter nbconvert --to html --no-input`, one after the other. Ours:
`analytics run --due` into an empty site, then again with nothing to do. All
in this one run, alternating, on the same lake.
"""

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from analytics_lib.reporting.matrix import run_names
from analytics_lib.reporting.project import find_project
from analytics_lib.reporting.questions import load_question

REPEATS = 3
BIN = Path(sys.executable).parent


def timed(*words, cwd, env=None):
    started = time.perf_counter()
    subprocess.run([str(word) for word in words], cwd=cwd, env=env, check=True, capture_output=True)
    return time.perf_counter() - started


def peer(project, out):
    """papermill and nbconvert from the command line, report after report."""
    seconds = 0.0
    for name in run_names(project):
        report = name.partition("/")[0]
        lake = project.lake_of(load_question(project, name).spec.lake)
        env = {**os.environ, "ANALYTICS_LAKE": str(lake)}
        executed = out / f"{report}.ipynb"
        seconds += timed(
            BIN / "papermill", project.notebook(report), executed, "--cwd", project.root,
            cwd=project.root, env=env,
        )  # fmt: skip
        seconds += timed(
            BIN / "jupyter", "nbconvert", "--to", "html", "--no-input", executed,
            cwd=out, env=env,
        )  # fmt: skip
    return seconds


def copy_of(project, out):
    """A project with the same notebooks, questions and lake, and an empty site."""
    root = out / "project"
    for folder in ("notebooks", "parameters"):
        shutil.copytree(project.root / folder, root / folder)
    shutil.copy(project.lock_file, root)
    return root


def main():
    project = find_project()
    env = {**os.environ, "ANALYTICS_LAKE": str(project.lake)}
    ours, again, theirs, weights = [], [], [], {}
    for _ in range(REPEATS):
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder)
            root = copy_of(project, out)
            run = (BIN / "analytics", "run", "--due")
            ours.append(timed(*run, cwd=root, env=env))
            again.append(timed(*run, cwd=root, env=env))
            theirs.append(peer(project, out))
            for manifest in sorted((root / "outputs/site").glob("*/*/*/manifest.json")):
                name = json.loads(manifest.read_text())["report"]
                page = (manifest.parent / "index.html").stat().st_size
                weights[name] = (page, (out / f"{name}.html").stat().st_size)
    count = len(run_names(project))
    print(f"{count} reports, median of {REPEATS}, {os.cpu_count()} processors\n")
    print("| what | seconds | ratio to the peer |")
    print("|---|---:|---:|")
    base = statistics.median(theirs)
    for label, values in (
        ("papermill + jupyter nbconvert, command line", theirs),
        ("analytics run --due, empty site", ours),
        ("analytics run --due, nothing to do", again),
    ):
        middle = statistics.median(values)
        print(f"| {label} | {middle:.2f} | {middle / base:.2f} |")
    print("\n| page | kB | kB of nbconvert's page | ratio |")
    print("|---|---:|---:|---:|")
    for name, (page, other) in weights.items():
        print(f"| {name} | {page / 1e3:.0f} | {other / 1e3:.0f} | {page / other:.2f} |")


if __name__ == "__main__":
    main()
