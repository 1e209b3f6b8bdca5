"""The process that loads everything once and forks a kernel for each request.

It runs one thread. Each connection is one kernel: it carries the request, then
the process id, then, when the kernel has ended, its exit code. Whoever closes
the connection early has died or lost interest, and the kernel is killed. When
the zygote itself dies the system kills all its kernels.
"""

import os
import selectors
import signal
import socket
import sys
import warnings
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from analytics_lib.reporting.warm import wire
from analytics_lib.reporting.warm.guard import why_not_fork

REQUEST_TIMEOUT_S = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Birth:
    """What a fork has to become.

    Attributes:
        request: The request.
        log: Open file that takes what the process prints.
        connection: Where its process id is told.
    """

    request: dict[str, Any]
    log: int
    connection: socket.socket


class Zygote:
    """Serves requests until its lifeline breaks."""

    def __init__(self, listener: socket.socket, *, lifeline: int) -> None:
        self._listener = listener
        self._lifeline = lifeline
        self._kernels: dict[int, socket.socket] = {}
        self._selector = selectors.DefaultSelector()
        self._bell, self._ringer = socket.socketpair()

    def serve(self) -> Birth | None:
        """Fork for each request: a birth in the fork, `None` when it is all over."""
        for end in (self._bell, self._ringer):
            end.settimeout(0)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self._ringer.fileno())
        for source in (self._listener, self._lifeline, self._bell):
            self._selector.register(source, selectors.EVENT_READ)
        while True:
            for key, _ in self._selector.select():
                if key.fd == self._lifeline:
                    return None
                birth = self._attend(key)
                if birth is not None:
                    return birth

    def _attend(self, key: selectors.SelectorKey) -> Birth | None:
        if key.fd == self._listener.fileno():
            return self._accept()
        if key.fd == self._bell.fileno():
            self._bury()
        else:
            self._abandon(key.data)
        return None

    def _accept(self) -> Birth | None:
        connection, _ = self._listener.accept()
        connection.settimeout(REQUEST_TIMEOUT_S)
        try:
            received = wire.receive_with_file(connection)
        except (OSError, ValueError):
            received = None
        if received is None:
            connection.close()
            return None
        request, log = received
        reason = why_not_fork()
        if reason:
            with suppress(OSError):
                wire.send(connection, {"refused": reason})
            os.close(log)
            connection.close()
            return None
        with warnings.catch_warnings():  # from 3.12 on, of threads; they have been looked at
            warnings.simplefilter("ignore", DeprecationWarning)
            pid = os.fork()
        if pid == 0:
            self._let_go()
            return Birth(request=request, log=log, connection=connection)
        os.close(log)
        self._kernels[pid] = connection
        self._selector.register(connection, selectors.EVENT_READ, data=pid)
        return None

    def _let_go(self) -> None:
        """In the fork: nothing of the zygote stays open or rings."""
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        self._selector.close()
        for connection in (self._listener, self._bell, self._ringer, *self._kernels.values()):
            connection.close()

    def _bury(self) -> None:
        """Tell the exit code of every kernel that has ended."""
        with suppress(BlockingIOError):
            self._bell.recv(4096)
        with suppress(ChildProcessError):
            while True:
                pid, status = os.waitpid(-1, os.WNOHANG)
                if pid == 0:
                    return
                connection = self._kernels.pop(pid)
                with suppress(KeyError):
                    self._selector.unregister(connection)
                with suppress(OSError):
                    wire.send(connection, {"exit": os.waitstatus_to_exitcode(status)})
                connection.close()

    def _abandon(self, pid: int) -> None:
        """Kill the kernel whose owner has gone; its burial follows."""
        connection = self._kernels.get(pid)
        if connection is None:
            return
        self._selector.unregister(connection)
        for kill in (os.killpg, os.kill):
            with suppress(ProcessLookupError):
                kill(pid, signal.SIGKILL)


def main() -> None:
    """Load everything, then serve; the socket is given by number, the lifeline is stdin."""
    from analytics_lib.reporting.warm.preload import preload  # noqa: PLC0415 - not for importers

    listener = socket.socket(fileno=int(sys.argv[1]))
    preload()
    birth = Zygote(listener, lifeline=0).serve()
    if birth is None:
        os._exit(0)  # nothing to clear up; the system ends the kernels
    from analytics_lib.reporting.warm.child import live  # noqa: PLC0415 - in a fork only

    live(birth)


if __name__ == "__main__":
    main()
