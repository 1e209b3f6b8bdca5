"""The whole batch of reports against papermill plus nbconvert from the command line.

Peer: for each report `papermill notebook executed` with the same parameters,
then `jupyter nbconvert --to html --no-input`, one after the other. Ours:
`analytics run --due` into an empty site, then again with nothing to do. All
in this one run, alternating, on the same lake.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from analytics_lib.reporting.project import find_project
from analytics_lib.reporting.questions import load_question
from benchmarks.reports_monthly import copy_of

REPEATS = 3
BIN = Path(sys.executable).parent


def timed(*words, cwd, env=None):
    started = time.perf_counter()
    subprocess.run([str(word) for word in words], cwd=cwd, env=env, check=True, capture_output=True)
    return time.perf_counter() - started


def peer(project, manifests, out):
    """papermill and nbconvert from the command line, report after report, asked the same."""
    seconds = 0.0
    for name, manifest in manifests.items():
        notebook = project.notebook(manifest["report"])
        lake = project.lake_of(load_question(project, name).spec.lake)
        env = {**os.environ, "ANALYTICS_LAKE": str(lake)}
        executed = out / f"{name.replace('/', '-')}.ipynb"
        seconds += timed(
            BIN / "papermill", notebook, executed, "--cwd", project.root,
            "-y", json.dumps(manifest["parameters"]), cwd=project.root, env=env,
        )  # fmt: skip
        seconds += timed(
            BIN / "jupyter", "nbconvert", "--to", "html", "--no-input", executed,
            cwd=out, env=env,
        )  # fmt: skip
    return seconds


def main(repeats=REPEATS):
    project = find_project()
    env = {**os.environ, "ANALYTICS_LAKE": str(project.lake)}
    ours, again, theirs, weights = [], [], [], {}
    for _ in range(repeats):
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder)
            copy = copy_of(project, out / "project")
            run = (BIN / "analytics", "run", "--due")
            ours.append(timed(*run, cwd=copy.root, env=env))
            again.append(timed(*run, cwd=copy.root, env=env))
            found = {
                f"{path.parts[-4]}/{path.parts[-3]}": path
                for path in sorted(copy.site.glob("*/*/*/manifest.json"))
            }
            read = {name: json.loads(path.read_text()) for name, path in found.items()}
            theirs.append(peer(project, read, out))
            for name, manifest in found.items():
                page = (manifest.parent / "index.html").stat().st_size
                weights[name] = (page, (out / f"{name.replace('/', '-')}.html").stat().st_size)
    print(f"{len(weights)} reports, median of {repeats}, {os.cpu_count()} processors\n")
    print("| what | seconds | ratio to the peer |")
    print("|---|---:|---:|")
    base = statistics.median(theirs)
    for label, values in (
        ("papermill + jupyter nbconvert, command line", theirs),
        ("analytics run --due, empty site", ours),
        ("analytics run --due, nothing to do", again),
    ):
        middle = statistics.median(values)
        print(f"| {label} | {middle:.1f} | {middle / base:.3f} |")
    print("\n| page | kB | kB of nbconvert's page | ratio |")
    print("|---|---:|---:|---:|")
    for name, (page, other) in sorted(weights.items(), key=lambda item: -item[1][0]):
        print(f"| `{name}` | {page / 1e3:.0f} | {other / 1e3:.0f} | {page / other:.2f} |")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="All reports against papermill and nbconvert.")
    parser.add_argument("--repeats", type=int, default=REPEATS, help="The median of how many.")
    main(parser.parse_args().repeats)
