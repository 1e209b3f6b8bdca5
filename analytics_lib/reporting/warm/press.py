"""Starting and ending the warm processes, for one batch or for the life of a program."""

import atexit
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from analytics_lib.reporting.warm.guard import SINGLE_THREADED, can_fork_here

SWITCH = "ANALYTICS_WARM"
KERNEL_ENVIRONMENT = {"OPENBLAS_NUM_THREADS": "1", "PYDEVD_DISABLE_FILE_VALIDATION": "1"}
"""What every kernel of the press is given, forked or not."""
_END_TIMEOUT_S = 5.0
_BACKLOG = 64
_PLACE = "analytics_lib.reporting.warm"
_PYTHON = (sys.executable, "-P", "-Xfrozen_modules=off")  # as Jupyter starts its kernels


@dataclass(frozen=True, slots=True, kw_only=True)
class Press:
    """Where the warm processes listen; the empty press has none.

    Attributes:
        zygote: Socket of the process that forks kernels.
        charts: Socket of the process that draws.
    """

    zygote: str = ""
    charts: str = ""


COLD = Press()


@contextmanager
def warm_press() -> Iterator[Press]:
    """Start the warm processes and end them with everything they started.

    Yields:
        Where they listen; `COLD` where forking is not known to be safe, where they
        cannot be started, or where the environment says `ANALYTICS_WARM=0`. They
        load while work goes on: who asks too early waits.
    """
    if not can_fork_here() or os.environ.get(SWITCH) == "0":
        yield COLD
        return
    with ExitStack() as stack:
        try:
            press = _start(stack)
        except OSError:  # a full disk, or a folder whose name is too long for a socket
            press = COLD
        yield press


def _start(stack: ExitStack) -> Press:
    folder = Path(stack.enter_context(TemporaryDirectory(prefix="press-")))
    press = Press(zygote=str(folder / "zygote"), charts=str(folder / "charts"))
    stack.enter_context(_process("renderer", press.charts))
    stack.enter_context(_process("zygote", press.zygote))
    return press


@cache
def press_of_this_process() -> Press:
    """The press of this process, started when first asked for, ended at its exit."""
    stack = ExitStack()
    press = stack.enter_context(warm_press())
    atexit.register(stack.close)
    return press


@contextmanager
def _process(module: str, address: str) -> Iterator[None]:
    """A process that listens at `address`; the socket is there before the process is."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(address)
        listener.listen(_BACKLOG)
        number = listener.fileno()
        process = subprocess.Popen(  # noqa: S603 - our own module
            [*_PYTHON, "-m", f"{_PLACE}.{module}", str(number)],
            env={**os.environ, **SINGLE_THREADED, **KERNEL_ENVIRONMENT},
            stdin=subprocess.PIPE,
            pass_fds=[number],
            start_new_session=True,
        )
    try:
        yield
    finally:
        _end(process)


def _end(process: "subprocess.Popen[bytes]") -> None:
    if process.stdin is not None:
        process.stdin.close()
    try:
        process.wait(_END_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
