"""Which executor a command asks for."""

import sys

import pytest

from analytics_lib.core.errors import AccessError, ParameterError
from analytics_lib.reporting.batch import run_batch
from analytics_lib.reporting.executors.cluster import ClusterExecutor
from analytics_lib.reporting.executors.executor import choose_executor
from analytics_lib.reporting.executors.processes import ProcessExecutor
from analytics_lib.reporting.planning import plan_due
from analytics_lib.reporting.questions import select_questions


def test_a_command_chooses_processes_or_a_cluster():
    assert choose_executor("processes", scheduler=None, workers=None) is None
    assert choose_executor("processes", scheduler=None, workers=3) == ProcessExecutor(workers=3)
    assert choose_executor("dask", scheduler="tcp://h:1", workers=None) == ClusterExecutor(
        scheduler="tcp://h:1"
    )


@pytest.mark.parametrize(
    ("kind", "given", "words"),
    [
        ("desk", {}, "Did you mean 'dask'"),
        ("dask", {}, "needs `--scheduler`"),
        ("processes", {"scheduler": "tcp://h:1"}, "needs `--executor dask`"),
        ("dask", {"scheduler": "tcp://h:1", "workers": 2}, "the workers it has"),
    ],
)
def test_what_does_not_fit_is_refused(kind, given, words):
    with pytest.raises(ParameterError, match=words):
        choose_executor(kind, **{"scheduler": None, "workers": None} | given)


def test_a_missing_package_is_named_with_what_to_install(lake_project, now, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    plans = plan_due(lake_project, select_questions(lake_project, []), now=now)
    with pytest.raises(AccessError, match=r"analytics-lib\[distributed\]"):
        run_batch(lake_project, plans, executor=ClusterExecutor(scheduler="tcp://h:1"))
