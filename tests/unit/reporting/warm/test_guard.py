"""What may be forked: nothing with a living thread, and nothing but on Linux."""

import threading

import pytest

from analytics_lib.reporting.warm import guard
from analytics_lib.reporting.warm.guard import Thread, other_threads, why_not_fork


@pytest.fixture(autouse=True)
def linux(monkeypatch):
    monkeypatch.setattr(guard.sys, "platform", "linux")


@pytest.mark.parametrize(
    ("threads", "said"),
    [
        ([], ""),
        ([Thread(name="polars-ooc-clea", state="S")], ""),
        ([Thread(name="polars-ooc-clea", state="R")], "threads are alive: polars-ooc-clea (R)"),
        ([Thread(name="polars-0", state="S")], "threads are alive: polars-0 (S)"),
        (
            [Thread(name="b", state="S"), Thread(name="a", state="R")],
            "threads are alive: a (R), b (S)",
        ),
    ],
)
def test_only_a_known_sleeper_may_be_alive(threads, said):
    assert why_not_fork(threads) == said


def test_elsewhere_nothing_is_forked(monkeypatch):
    monkeypatch.setattr(guard.sys, "platform", "darwin")
    assert why_not_fork([]) == "forking is not known to be safe on darwin"


@pytest.mark.skipif(not guard.can_fork_here(), reason="needs /proc")
def test_a_thread_of_this_process_is_seen():
    before = len(other_threads())
    stop = threading.Event()
    thread = threading.Thread(target=stop.wait)
    thread.start()
    try:
        assert len(other_threads()) == before + 1
        assert "threads are alive" in why_not_fork()
    finally:
        stop.set()
        thread.join()
