"""A scheduler killed in the middle of a run: an error that says so, the last good page stays."""

import functools
import json
import socket
import subprocess
import sys

import distributed
import pytest
from typer.testing import CliRunner

from analytics_lib.cli.app import app
from analytics_lib.reporting import runs
from analytics_lib.reporting.batch import exclusive
from analytics_lib.reporting.executors import cluster
from analytics_lib.reporting.outcomes import last_state

KILL = "import os, signal\nos.kill({pid}, signal.SIGKILL)\n"


def started(program, *words):
    return subprocess.Popen(
        [sys.executable, "-m", f"distributed.cli.{program}", *words, "--no-dashboard"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


@pytest.fixture
def scheduler():
    """Address and process of a scheduler of its own, with one worker behind it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"tcp://127.0.0.1:{port}"
    own = started("dask_scheduler", "--host", "127.0.0.1", "--port", str(port))
    worker = started("dask_worker", address, "--nthreads", "1", "--no-nanny")
    try:
        with distributed.Client(address, timeout=30, set_as_default=False) as client:
            client.wait_for_workers(1, timeout=30)
        yield address, own
    finally:
        for process in (worker, own):
            process.kill()
            process.wait()


def files_below(folder):
    return {path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_a_lost_scheduler_leaves_the_last_good_page(lake_project, publish, scheduler, monkeypatch):
    address, process = scheduler
    monkeypatch.setattr(runs, "FIRST_PAUSE_S", 0.1)
    impatient = functools.partial(cluster.ClusterExecutor, connect_timeout_s=1)
    monkeypatch.setattr(cluster, "ClusterExecutor", impatient)
    monkeypatch.chdir(lake_project.root)
    good = publish(as_of="2014-01-31").path
    before = files_below(good)

    run = lake_project.parameters / "tiny" / "monthly.yaml"
    run.write_text(run.read_text() + "retries: 1\n")  # the second attempt finds no scheduler either
    path = lake_project.notebooks / "tiny.ipynb"
    content = json.loads(path.read_text())
    content["cells"][-1]["source"] = [KILL.format(pid=process.pid), content["cells"][-1]["source"]]
    path.write_text(json.dumps(content))
    words = ["run", "tiny", "--as-of", "2014-01-31", "--executor", "dask", "--scheduler", address]
    done = CliRunner().invoke(app, words)

    assert process.wait(timeout=30) < 0  # it was killed
    assert done.exit_code == 6
    assert "the scheduler of the cluster went away" in done.output
    assert "Traceback" not in done.output
    assert files_below(good) == before
    assert [page.name for page in good.parent.iterdir() if page.is_dir()] == [good.name]
    assert last_state(lake_project, "tiny/monthly")["kind"] == "AccessError"
    with exclusive(lake_project):  # the lock is free
        pass
