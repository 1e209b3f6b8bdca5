"""Faults injected into real runs: each leaves the last good page byte for byte and says so.

Every test publishes a good page first, then breaks the notebook in one way
and runs it again in a real kernel.
"""

import json
from dataclasses import replace

import pytest

from analytics_lib.core.errors import AccessError
from analytics_lib.reporting.batch import default_workers, exclusive, run_batch
from analytics_lib.reporting.gate.override import Override
from analytics_lib.reporting.outcomes import last_state
from analytics_lib.reporting.planning import plan_due
from analytics_lib.reporting.questions import select_questions
from analytics_lib.reporting.refresh import refresh_site
from analytics_lib.reporting.runs import run_plan
from analytics_lib.reporting.warm.guard import can_fork_here

GOOD = 'display.answer("Forty users.", id="answer", results={"users": 40})'
ANSWER = "from analytics_lib import display\n"


def plans(project, now):
    return plan_due(project, select_questions(project, []), now=now)


def set_answer(project, source):
    path = project.notebooks / "tiny.ipynb"
    content = json.loads(path.read_text())
    content["cells"][-1]["source"] = source
    path.write_text(json.dumps(content))


def tree(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture
def published(lake_project, now):
    """A project with one good page up."""
    (outcome,) = run_batch(lake_project, plans(lake_project, now), workers=1)
    assert outcome.status == "published", outcome.error
    refresh_site(lake_project)
    return lake_project


def test_a_good_run_publishes_a_page_its_data_and_its_manifest(published, now):
    folder = published.site / "tiny/monthly/2014-01-31"
    page = (folder / "index.html").read_text()
    manifest = json.loads((folder / "manifest.json").read_text())
    assert "Forty users." in page
    assert "How many?" in page
    assert "Days are made up." in page  # the source's assumption
    assert "default-src 'none'" in page
    assert manifest["results"]["users"]["value"] == 40
    assert manifest["parameters"]["n"] == 3
    assert manifest["table_versions"] == {"events": 0}
    assert set(manifest["files"]) == {"index.html", "data.json"}
    assert manifest["gate"]["result"] == "passed"
    objects = json.loads((folder / "data.json").read_text())["objects"]
    assert [(made["id"], made["results"]["users"]["value"]) for made in objects] == [("answer", 40)]
    index = (published.site / "index.html").read_text()
    assert "tiny/monthly/2014-01-31/index.html" in index
    assert "up to date" in index
    archive = (published.site / "tiny/monthly/index.html").read_text()
    assert "2014-01-31/index.html" in archive


def test_nothing_changed_nothing_runs_and_no_byte_moves(published, now):
    before = tree(published.site)
    outcomes = run_batch(published, plans(published, now), workers=1)
    refresh_site(published)
    assert [outcome.status for outcome in outcomes] == ["unchanged"]
    assert tree(published.site) == before


def test_forced_again_it_gives_the_same_bytes(published, now):
    before = tree(published.site)
    outcomes = run_batch(published, plans(published, now), workers=1, force=True)
    assert [outcome.status for outcome in outcomes] == ["identical"]
    assert tree(published.site) == before


def test_a_changed_notebook_gives_a_revision_beside_the_old_page(published, now):
    old = tree(published.site / "tiny/monthly/2014-01-31")
    set_answer(published, ANSWER + GOOD.replace("Forty users.", "Still forty."))
    (plan,) = plans(published, now)
    assert plan.reasons == ("the notebook changed",)
    (outcome,) = run_batch(published, [plan], workers=1)
    assert outcome.folder == "tiny/monthly/2014-01-31-r2"
    assert tree(published.site / "tiny/monthly/2014-01-31") == old


FAULTS = [
    pytest.param('raise ValueError("ann@example.org")', "RunError", 7, id="a cell fails"),
    pytest.param("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)", "KernelDiedError", 8,
                 id="the kernel is killed"),
    pytest.param("import os\nos._exit(0)", "KernelDiedError", 8, id="the kernel leaves quietly"),
    pytest.param("x = 1", "IncompleteError", 11, id="a declared result is missing"),
    pytest.param("{'a': 1}", "IncompleteError", 11, id="something printed by mistake"),
    pytest.param("import resource\n"
                 "resource.setrlimit(resource.RLIMIT_AS, (2**32, 2**32))\nbytearray(2**40)",
                 "KernelDiedError", 8, id="the memory is exhausted"),
    pytest.param(ANSWER + GOOD.replace("Forty users.", "0123456789abcdef" * 4),
                 "DisclosureError", 4, id="a pseudonym on the page"),
    pytest.param(ANSWER + GOOD.replace("Forty users.", "Ask ann@example.org"),
                 "DisclosureError", 4, id="an address on the page"),
    pytest.param("from analytics_lib.core.errors import ParameterError\n"
                 "raise ParameterError('`n` is too small')",
                 "ParameterError", 2, id="an error of this package keeps its exit code"),
]  # fmt: skip


@pytest.mark.parametrize(("source", "kind", "exit_code"), FAULTS)
def test_a_fault_leaves_the_last_good_page_and_says_so(published, now, source, kind, exit_code):
    good = tree(published.site / "tiny")
    set_answer(published, source)
    (outcome,) = run_batch(published, plans(published, now), workers=1)
    refresh_site(published)
    assert (outcome.status, outcome.exit_code) == ("failed", exit_code)
    assert tree(published.site / "tiny") == good
    assert "ann@example.org" not in outcome.error
    assert last_state(published, "tiny/monthly")["kind"] == kind
    assert (published.root / outcome.log / "error.log").is_file()
    index = (published.site / "index.html").read_text()
    assert "Stale." in index
    assert "stale since 31 January 2014" in index
    assert "tiny/monthly/2014-01-31/index.html" in index


def test_a_small_count_is_refused(published, now):
    set_answer(published, ANSWER + (
        'from analytics_lib.core.results import Estimate\n'
        'display.answer("Nine.", id="answer", '
        'results={"users": Estimate(value=9, n=9, unit="users")})'
    ))  # fmt: skip
    (outcome,) = run_batch(published, plans(published, now), workers=1)
    assert outcome.exit_code == 4
    assert "small count in `answer`" in outcome.error


def test_a_held_page_is_released_by_a_signature_and_says_so(published, now):
    set_answer(published, ANSWER + GOOD.replace("40}", "9}"))
    (plan,) = plans(published, now)
    signed = Override(name="Ann", reason="nobody is real")
    assert run_batch(published, [replace(plan, override=signed)], workers=1)[0].exit_code == 6
    policy = published.disclosure_policy
    policy.write_text(policy.read_text() + "may_override: [Ann]\n")
    (plan,) = plans(published, now)
    (outcome,) = run_batch(published, [replace(plan, override=signed)], workers=1)
    assert outcome.status == "published", outcome.error
    folder = published.site / outcome.folder
    assert "Released by Ann</strong>" in (folder / "index.html").read_text()
    gate = json.loads((folder / "manifest.json").read_text())["gate"]
    assert gate["override"] == {"name": "Ann", "reason": "nobody is real"}


def test_a_good_run_after_a_failed_one_clears_the_notice(published, now):
    set_answer(published, "x = 1")
    run_batch(published, plans(published, now), workers=1)
    set_answer(published, ANSWER + GOOD)
    run_batch(published, plans(published, now), workers=1, force=True)
    refresh_site(published)
    assert "Stale" not in (published.site / "index.html").read_text()


def test_a_first_run_that_fails_is_on_the_index_without_a_page(lake_project, now):
    set_answer(lake_project, "x = 1")
    (outcome,) = run_batch(lake_project, plans(lake_project, now), workers=1)
    refresh_site(lake_project)
    assert outcome.status == "failed"
    index = (lake_project.site / "index.html").read_text()
    assert "Not published" in index
    assert 'href="tiny' not in index


def test_a_cell_that_takes_too_long_is_stopped(lake_project, now):
    set_answer(lake_project, "import time\ntime.sleep(60)")
    (plan,) = plans(lake_project, now)
    outcome = run_plan(lake_project, plan, timeout_s=2)
    assert outcome.exit_code == 9
    assert "longer than 2 seconds" in outcome.error


def test_two_workers_give_the_pages_of_one(lake_project, now, monkeypatch):
    monkeypatch.delenv("ANALYTICS_WARM")
    other = lake_project.parameters / "tiny" / "weekly.yaml"
    other.write_text("title: Weekly\nparameters: {n: 5}\n")
    outcomes = run_batch(lake_project, plans(lake_project, now), workers=2)
    assert [(outcome.name, outcome.status) for outcome in outcomes] == [
        ("tiny/monthly", "published"),
        ("tiny/weekly", "published"),
    ]
    manifests = [
        json.loads((lake_project.site / outcome.folder / "manifest.json").read_text())
        for outcome in outcomes
    ]
    assert [manifest["parameters"]["n"] for manifest in manifests] == [3, 5]
    again = run_batch(lake_project, plans(lake_project, now), workers=1, force=True)
    assert {outcome.status for outcome in again} == {"identical"}


CHART = (
    "import polars as pl\nfrom IPython.display import display as show\n"
    f"{ANSWER}show({GOOD})\n"
    'display.bar(pl.DataFrame({"kind": ["a", "b"], "value": [40, 50]}), id="bars", '
    'title="Two bars.", subtitle="Made up", category="kind", value="value", '
    'unit="users", category_label="Kind", value_label="Users")'
)


def test_warm_and_ordinary_kernels_publish_the_same_bytes(lake_project, now, monkeypatch):
    monkeypatch.delenv("ANALYTICS_WARM")
    set_answer(lake_project, CHART)
    (lake_project.parameters / "tiny" / "weekly.yaml").write_text("title: Weekly\n")
    warm = run_batch(lake_project, plans(lake_project, now), workers=1)
    assert [outcome.error for outcome in warm] == ["", ""]
    logs = [(lake_project.root / outcome.log / "kernel.log").read_text() for outcome in warm]
    if can_fork_here():
        assert "Ordinary kernel" not in "".join(logs)
    before = tree(lake_project.site)
    monkeypatch.setenv("ANALYTICS_WARM", "0")
    cold = run_batch(lake_project, plans(lake_project, now), workers=1, force=True)
    assert {outcome.status for outcome in cold} == {"identical"}
    assert tree(lake_project.site) == before


def test_a_second_publisher_is_sent_away(lake_project):
    with (
        exclusive(lake_project),
        pytest.raises(AccessError, match="Another process is publishing"),
        exclusive(lake_project),
    ):
        pass
    with exclusive(lake_project):
        pass


def test_as_many_workers_as_runs_and_processors_allow():
    assert default_workers(0) == 1
    assert default_workers(1) == 1
    assert 1 <= default_workers(100) <= 100
