"""Faults of time, of the machine and of its power: the last good page stays, byte for byte."""

import datetime as dt
import json
import signal
import subprocess
import sys
import time
from dataclasses import replace

import pytest

from analytics_lib.core.errors import StorageError
from analytics_lib.reporting import runs
from analytics_lib.reporting.batch import run_batch
from analytics_lib.reporting.evidence.verification import verify_site
from analytics_lib.reporting.planning import plan_due, plan_for
from analytics_lib.reporting.questions import select_questions
from analytics_lib.reporting.runs import run_plan
from analytics_lib.reporting.turns import turns_of
from analytics_lib.reporting.versions import published_versions
from analytics_lib.warehouse.whole_files import remove_leftovers

GOOD = 'from analytics_lib import display\ndisplay.answer("A.", id="a", results={"users": 40})'

POWER_CUT = """
import datetime as dt, os, signal, sys
from pathlib import Path
from analytics_lib.reporting import planning, questions, runs
from analytics_lib.reporting.project import Project
from analytics_lib.warehouse import whole_files

def cut(*words):
    os.kill(os.getpid(), signal.SIGKILL)

what = sys.argv[2]
if what == "rename":
    Path.rename = cut
elif what == "last file":
    write = whole_files.write_synced
    whole_files.write_synced = lambda path, text: (
        cut() if path.name == "manifest.json" else write(path, text)
    )
project = Project(root=Path(sys.argv[1]))
asked = questions.select_questions(project, [])
now = dt.datetime(2014, 2, 15, 12, tzinfo=dt.UTC)
runs.run_plan(project, planning.plan_due(project, asked, now=now)[0], timeout_s=60)
"""


def set_answer(project, source):
    path = project.notebooks / "tiny.ipynb"
    content = json.loads(path.read_text())
    content["cells"][-1]["source"] = source
    path.write_text(json.dumps(content))


def set_option(project, line):
    path = project.parameters / "tiny" / "monthly.yaml"
    path.write_text(path.read_text() + line + "\n")


def plan(project, now):
    return plan_due(project, select_questions(project, []), now=now)[0]


def bytes_of(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


@pytest.fixture
def published(lake_project, now):
    """A project with one good page up, and its folder."""
    outcome = run_plan(lake_project, plan(lake_project, now), timeout_s=60)
    assert outcome.status == "published", outcome.error
    return lake_project, lake_project.site / outcome.folder


@pytest.mark.parametrize("when", ["last file", "rename"])
def test_a_power_cut_while_publishing_leaves_the_last_good_page(published, now, when):
    project, folder = published
    good = bytes_of(folder)
    set_answer(project, GOOD.replace("A.", "B."))
    words = [sys.executable, "-c", POWER_CUT, str(project.root), when]
    done = subprocess.run(words, check=False, capture_output=True)
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert [version.path for version in published_versions(project, "tiny/monthly")] == [folder]
    assert bytes_of(folder) == good
    assert list(folder.parent.glob(".staging-*"))
    outcome = run_plan(project, plan(project, now), timeout_s=60)
    assert outcome.status == "published", outcome.error
    assert not list(folder.parent.glob(".staging-*"))
    assert verify_site(project, []).problems == ()


def test_a_full_disk_has_its_own_exit_code(published, now, monkeypatch):
    project, folder = published
    good = bytes_of(folder)
    set_answer(project, GOOD.replace("A.", "B."))

    def full(*words, **more):
        raise StorageError("No space left on device")

    monkeypatch.setattr(runs, "publish_version", full)
    outcome = run_plan(project, plan(project, now), timeout_s=60)
    assert (outcome.status, outcome.exit_code) == ("failed", 10)
    assert bytes_of(folder) == good
    remove_leftovers(folder.parent)


def test_a_run_has_a_limit_of_its_own(lake_project, now):
    set_option(lake_project, "timeout_minutes: 0.05")
    set_answer(lake_project, "import time\ntime.sleep(30)\n" + GOOD)
    started = time.monotonic()
    outcome = run_plan(lake_project, plan(lake_project, now), timeout_s=60)
    assert outcome.exit_code == 9
    assert "the run took longer" in outcome.error
    assert time.monotonic() - started < 25


DIES_ONCE = """
import os, pathlib, signal
mark = pathlib.Path("died")
if not mark.exists():
    mark.touch()
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize(("retries", "status"), [(0, "failed"), (1, "published")])
def test_a_failure_that_may_pass_is_tried_again(lake_project, now, monkeypatch, retries, status):
    monkeypatch.setattr(runs, "FIRST_PAUSE_S", 0.01)
    set_option(lake_project, f"retries: {retries}")
    set_answer(lake_project, DIES_ONCE + GOOD)
    outcome = run_plan(lake_project, plan(lake_project, now), timeout_s=60)
    assert outcome.status == status, outcome.error
    assert len(list((lake_project.runs / "tiny/monthly/2014-01-31").iterdir())) == retries + 1


def test_a_failure_that_stays_is_not_tried_again(lake_project, now):
    set_option(lake_project, "retries: 3")
    set_answer(lake_project, "1 / 0")
    assert run_plan(lake_project, plan(lake_project, now), timeout_s=60).exit_code == 7
    assert len(list((lake_project.runs / "tiny/monthly/2014-01-31").iterdir())) == 1


def test_pauses_double(lake_project, now, monkeypatch):
    pauses = []
    monkeypatch.setattr(runs.time, "sleep", pauses.append)
    set_option(lake_project, "retries: 3\nsecrets: [TINY_NOT_SET]")
    monkeypatch.delenv("TINY_NOT_SET", raising=False)
    assert run_plan(lake_project, plan(lake_project, now), timeout_s=60).exit_code == 6
    assert pauses == [5, 10, 20]


def test_plans_of_one_run_follow_each_other(lake_project, tmp_path):
    dates = [dt.date(2013, 11, 30), dt.date(2013, 12, 31)]
    plans = plan_for(lake_project, select_questions(lake_project, []), dates=dates)
    other = replace(plans[0], question=replace(plans[0].question, run="other"))
    turns = turns_of([plans[0], other, plans[1]], folder=tmp_path)
    first, second = turns[plans[0].label], turns[plans[1].label]
    assert (first.before, second.before) == (None, first.own)
    assert turns[other.label].before is None
    first.wait()
    first.done()
    second.wait()


def test_pages_made_at_once_are_the_pages_made_one_after_the_other(lake_project, now):
    dates = [dt.date(2013, 10, 31), dt.date(2013, 11, 30), dt.date(2013, 12, 31)]
    plans = plan_for(lake_project, select_questions(lake_project, []), dates=dates)
    together = run_batch(lake_project, plans, workers=3)
    assert [made.status for made in together] == ["published"] * 3, together
    pages = [(lake_project.site / made.folder / "index.html").read_bytes() for made in together]
    assert b"Against" in pages[2]
    lake_project.site.rename(lake_project.root / "away")
    lake_project.audit_log.unlink()
    plans = plan_for(lake_project, select_questions(lake_project, []), dates=dates)
    alone = run_batch(lake_project, plans, workers=1)
    assert pages == [
        (lake_project.site / made.folder / "index.html").read_bytes() for made in alone
    ]
