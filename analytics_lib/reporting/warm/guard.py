"""Whether this process may be forked: a fork takes one thread with it and everybody's locks."""

import os
import sys
from dataclasses import dataclass
from pathlib import Path

SINGLE_THREADED = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "_RJEM_MALLOC_CONF": "background_thread:false",
    "JE_ARROW_MALLOC_CONF": "background_thread:false",
}
"""Settings under which the preloaded libraries start no thread of their own when imported."""

KNOWN_SLEEPERS = frozenset({"polars-ooc-clea"})
"""Threads that hold no lock while asleep: polars' cleaner of spilled frames, until one is."""

_ASLEEP = "S"


@dataclass(frozen=True, slots=True, kw_only=True)
class Thread:
    """One thread of a process.

    Attributes:
        name: As the system knows it, at most fifteen characters.
        state: The letter of `/proc`, `S` for asleep.
    """

    name: str
    state: str


def can_fork_here() -> bool:
    """Whether the platform forks and tells of every thread: Linux only.

    On macOS the system's own libraries start threads that nobody can name.
    """
    return sys.platform == "linux" and hasattr(os, "fork")


def other_threads() -> list[Thread]:
    """Every thread of this process but the one that asks, native ones among them."""
    main = str(os.getpid())
    folders = [path for path in Path("/proc/self/task").iterdir() if path.name != main]
    return [_thread(folder) for folder in folders]


def why_not_fork(threads: list[Thread] | None = None) -> str:
    """Why a fork would be unsafe now; empty where it is safe.

    Args:
        threads: The other threads of this process; looked up where not given.

    Examples:
        >>> why_not_fork([])
        ''
        >>> why_not_fork([Thread(name="polars-ooc-clea", state="S")])
        ''
        >>> why_not_fork([Thread(name="pool-1", state="S")])
        'threads are alive: pool-1 (S)'
    """
    if not can_fork_here():
        return f"forking is not known to be safe on {sys.platform}"
    found = other_threads() if threads is None else threads
    unsafe = [
        f"{thread.name} ({thread.state})"
        for thread in found
        if thread.name not in KNOWN_SLEEPERS or thread.state != _ASLEEP
    ]
    return f"threads are alive: {', '.join(sorted(unsafe))}" if unsafe else ""


def _thread(folder: Path) -> Thread:
    try:
        name, _, rest = (folder / "stat").read_text().partition("(")[2].rpartition(")")
    except OSError:  # it ended between the listing and the look
        return Thread(name="gone", state=_ASLEEP)
    return Thread(name=name, state=rest.split()[0])
