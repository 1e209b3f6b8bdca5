"""Runs on a Dask cluster: the same bytes, published here, and no page lost with a worker."""

import datetime as dt
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import distributed
import pytest

import analytics_lib
from analytics_lib.core.errors import AccessError, ParameterError
from analytics_lib.reporting import runs
from analytics_lib.reporting.batch import run_batch
from analytics_lib.reporting.executors.cluster import ClusterExecutor
from analytics_lib.reporting.outcomes import last_state
from analytics_lib.reporting.planning import plan_due, plan_for
from analytics_lib.reporting.questions import select_questions

GOOD = (
    "from analytics_lib import display\n"
    'display.answer("Forty users.", id="answer", results={"users": 40})'
)
CHART = (
    "import polars as pl\nfrom IPython.display import display as show\n"
    f"from analytics_lib import display\nshow({GOOD.splitlines()[1]})\n"
    'display.bar(pl.DataFrame({"kind": ["a", "b"], "value": [40, 50]}), id="bars", '
    'title="Two bars.", subtitle="Made up", category="kind", value="value", '
    'unit="users", category_label="Kind", value_label="Users")'
)
KILL_THE_WORKER = """
import os, signal
from pathlib import Path

def parent(pid):
    return int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])

def is_worker(pid):
    return b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()

pid = os.getppid()
while not is_worker(pid):
    pid = parent(pid)
"""


def set_answer(project, source):
    path = project.notebooks / "tiny.ipynb"
    content = json.loads(path.read_text())
    content["cells"][-1]["source"] = source
    path.write_text(json.dumps(content))


def planned(project, now):
    return plan_due(project, select_questions(project, []), now=now)


def tree(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture
def executor(cluster):
    return ClusterExecutor(scheduler=cluster.scheduler_address)


def test_a_cluster_publishes_the_bytes_of_this_machine(lake_project, now, executor):
    set_answer(lake_project, CHART)
    (lake_project.parameters / "tiny" / "weekly.yaml").write_text("title: Weekly\n")
    away = run_batch(lake_project, planned(lake_project, now), executor=executor)
    assert [(outcome.status, outcome.error) for outcome in away] == [("published", "")] * 2
    before = tree(lake_project.site)
    here = run_batch(lake_project, planned(lake_project, now), workers=1, force=True)
    assert {outcome.status for outcome in here} == {"identical"}
    assert tree(lake_project.site) == before


def test_dates_of_one_run_are_published_in_their_order(lake_project, now, executor):
    questions = select_questions(lake_project, [])
    dates = [f"2014-01-{day:02}" for day in (29, 30, 31)]
    asked = plan_for(lake_project, questions, dates=[dt.date.fromisoformat(day) for day in dates])
    told = []
    outcomes = run_batch(lake_project, asked, executor=executor, on_outcome=told.append)
    assert [(str(outcome.as_of), outcome.status) for outcome in outcomes] == [
        (day, "published") for day in dates
    ]
    log = [json.loads(line) for line in lake_project.audit_log.read_text().splitlines()]
    order = [line["as_of"] for line in log if line["event"] == "published"]
    assert order == dates
    assert len(told) == 3


def test_a_failed_notebook_keeps_its_exit_code_and_the_last_good_page(published, now, executor):
    good = tree(published.site)
    set_answer(
        published, "from analytics_lib.core.errors import SchemaError\nraise SchemaError('x')"
    )
    (outcome,) = run_batch(published, planned(published, now), executor=executor)
    assert (outcome.status, outcome.exit_code) == ("failed", 3)
    assert "failed in cell" in outcome.error
    assert tree(published.site) == good
    assert (published.root / outcome.log / "executed.ipynb").is_file()
    assert last_state(published, "tiny/monthly")["kind"] == "SchemaError"


@pytest.fixture
def published(lake_project, now):
    """A project with one good page up."""
    (outcome,) = run_batch(lake_project, planned(lake_project, now), workers=1)
    assert outcome.status == "published", outcome.error
    return lake_project


def test_a_dead_worker_leaves_the_last_good_page(published, now, executor):
    good = tree(published.site)
    set_answer(published, f"{KILL_THE_WORKER}os.kill(pid, signal.SIGKILL)\n{GOOD}")
    (outcome,) = run_batch(published, planned(published, now), executor=executor)
    assert (outcome.status, outcome.exit_code) == ("failed", 8)
    assert "the worker that ran it died" in outcome.error
    assert tree(published.site) == good
    assert last_state(published, "tiny/monthly")["kind"] == "KernelDiedError"
    assert len(list((published.root / outcome.log).parent.iterdir())) == 2  # the good one, this one


def test_a_dead_worker_is_made_up_for_by_a_retry(published, now, executor, monkeypatch):
    monkeypatch.setattr(runs, "FIRST_PAUSE_S", 0.1)
    path = published.parameters / "tiny" / "monthly.yaml"
    path.write_text(path.read_text() + "retries: 1\n")
    once = published.root / "once"
    set_answer(
        published,
        f"{KILL_THE_WORKER}once = Path({str(once)!r})\n"
        f"if not once.exists():\n    once.touch()\n    os.kill(pid, signal.SIGKILL)\n{GOOD}",
    )
    (outcome,) = run_batch(published, planned(published, now), executor=executor)
    assert (outcome.status, outcome.error) == ("published", "")
    assert once.exists()


def test_a_worker_with_other_code_is_refused(published, now, executor):
    set_answer(published, GOOD.replace("Forty", "All forty"))
    (plan,) = planned(published, now)
    other = replace(plan, fingerprint=plan.fingerprint | {"package": "0" * 64})
    (outcome,) = run_batch(published, [other], executor=executor)
    assert outcome.exit_code == 7
    assert "other versions than the machine that asked: ['analytics-lib']" in outcome.error


def test_nobody_there_is_said_before_anything_runs(lake_project, now):
    plans = planned(lake_project, now)
    silent = ClusterExecutor(scheduler="tcp://127.0.0.1:9", connect_timeout_s=0.5)
    with pytest.raises(AccessError, match=r"No scheduler answers at tcp://127\.0\.0\.1:9"):
        run_batch(lake_project, plans, executor=silent)
    with pytest.raises(ParameterError, match="it must be an address such as"):
        run_batch(lake_project, plans, executor=ClusterExecutor(scheduler="nowhere://x"))
    assert not (lake_project.runs / "tiny").exists()


def test_a_scheduler_without_workers_is_refused(lake_project, now):
    with distributed.LocalCluster(n_workers=0, dashboard_address=":0") as empty:
        executor = ClusterExecutor(scheduler=empty.scheduler_address, connect_timeout_s=0.5)
        with pytest.raises(AccessError, match="has no worker"):
            run_batch(lake_project, planned(lake_project, now), executor=executor)


def test_nothing_to_run_connects_to_nobody(published, now):
    nobody = ClusterExecutor(scheduler="tcp://127.0.0.1:9")
    outcomes = run_batch(published, planned(published, now), executor=nobody)
    assert [outcome.status for outcome in outcomes] == ["unchanged"]


def test_the_command_line_ends_without_a_warning(lake_project, cluster):
    words = "run tiny --as-of 2014-01-31 --executor dask --scheduler"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "analytics_lib.cli", *words.split(),
         cluster.scheduler_address],
        cwd=lake_project.root, check=False, capture_output=True, text=True,
        env={**os.environ, "PYTHONPATH": str(Path(analytics_lib.__file__).parents[1])},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stderr.splitlines()[1:] == [
        "1 executed; 1 published.",
        "Open outputs/site/index.html in a browser.",
    ]
