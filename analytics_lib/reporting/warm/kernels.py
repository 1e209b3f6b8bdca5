"""How Jupyter is told: a kernel manager whose kernels are forks, or ordinary ones where not."""

import asyncio
import os
import signal
import socket
from contextlib import suppress
from pathlib import Path
from queue import Empty
from time import monotonic
from typing import Any

from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from traitlets import Type, Unicode

from analytics_lib.reporting.warm import wire

START_TIMEOUT_S = 120.0
_LAUNCHER = "ipykernel_launcher"
_POLL_S = 0.005
_WELCOME_S = 1.0  # kernels before ipykernel 7 say no welcome
_SILENCE_S = 0.2
_UNKNOWN_EXIT = -int(signal.SIGKILL)


class Refused(Exception):  # noqa: N818 - not an error: an ordinary kernel is started instead
    """The zygote cannot or must not fork."""


class ForkedProcess:
    """A fork of the zygote as Jupyter expects a process: what it uses of `subprocess.Popen`.

    Attributes:
        pid: Process id, also that of its group.
        returncode: Exit code once it is known to have ended.
    """

    stdin = stdout = stderr = None

    def __init__(self, pid: int, connection: socket.socket) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._connection = connection

    def poll(self) -> int | None:
        """Its exit code; `None` while it lives."""
        if self.returncode is None:
            self._connection.settimeout(0)
            try:
                self._end(wire.receive(self._connection))
            except BlockingIOError:
                return None
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end.

        Raises:
            TimeoutError: It lives longer than `timeout` seconds.
        """
        if self.returncode is None:
            self._connection.settimeout(timeout)
            self._end(wire.receive(self._connection))
        return _UNKNOWN_EXIT if self.returncode is None else self.returncode

    def send_signal(self, signum: int) -> None:
        """Send a signal unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, signum)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it."""
        self.send_signal(signal.SIGKILL)

    def _end(self, message: dict[str, Any] | None) -> None:
        """No message means that the zygote has died, and with it every fork."""
        self.returncode = int((message or {}).get("exit", _UNKNOWN_EXIT))
        self._connection.close()


class WarmProvisioner(LocalProvisioner):
    """Starts a kernel as a fork of the zygote; as a process of its own where that is refused."""

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:  # noqa: ANN401 - Popen's
        """Start the kernel that `cmd` describes."""
        manager: Any = self.parent
        try:
            process = _fork(cmd, kwargs, manager=manager)
        except (OSError, Refused) as error:
            manager.note(f"Ordinary kernel: {error}.")
            return await super().launch_kernel(cmd, **kwargs)
        self.process: Any = process
        self.pid = self.pgid = process.pid
        self.cwd = kwargs.get("cwd")
        return self.connection_info

    async def wait(self) -> int | None:
        """Wait for its end, with less patience than for an ordinary kernel."""
        while await self.poll() is None:  # noqa: ASYNC110 - a process rings no event
            await asyncio.sleep(_POLL_S)
        return await super().wait()


class PromptClient(AsyncKernelClient):
    """A client that waits for the kernel's own word, not for a fifth of a second's silence."""

    async def wait_for_ready(self, timeout: float | None = None) -> None:  # noqa: ASYNC109 - Jupyter's
        """Wait until the kernel answers and its output channel is connected.

        Raises:
            RuntimeError: It died, or does not answer in time.
        """
        end = monotonic() + (START_TIMEOUT_S if timeout is None else timeout)
        await self._is_welcome()
        while not await self._has_answered():
            if not await self.is_alive():
                raise RuntimeError("Kernel died before replying to kernel_info")
            if monotonic() > end:
                raise RuntimeError("Kernel did not answer in time")

    async def _is_welcome(self) -> None:
        """Wait for the first word of the output channel; what is said before that is lost."""
        with suppress(Empty):
            await self.iopub_channel.get_msg(timeout=_WELCOME_S)

    async def _has_answered(self) -> bool:
        asked = self.kernel_info()
        try:
            reply = await self.shell_channel.get_msg(timeout=1)
            while reply["parent_header"].get("msg_id") != asked:
                reply = await self.shell_channel.get_msg(timeout=1)
            while not _is_idle_after(asked, await self.iopub_channel.get_msg(timeout=_SILENCE_S)):
                pass
        except Empty:
            return False
        self._handle_kernel_info_reply(reply)
        return True


def _is_idle_after(asked: str, message: dict[str, Any]) -> bool:
    """Whether this is the last message about a request."""
    if message["parent_header"].get("msg_id") != asked:
        return False
    return bool(message["content"].get("execution_state") == "idle")


class WarmKernelManager(AsyncKernelManager):
    """Kernel manager of the press.

    Attributes:
        zygote: Socket of the zygote; without one every kernel is an ordinary one.
        charts: Socket of the renderer; without one charts are drawn in the kernel.
        log: File that takes what the kernel itself has to say; none means the terminal.
    """

    zygote = Unicode(config=True)
    charts = Unicode(config=True)
    client_factory = Type(PromptClient, klass=AsyncKernelClient, config=True)
    log_file = Unicode(config=True)

    async def _async_pre_start_kernel(self, **kw: Any) -> tuple[list[str], dict[str, Any]]:  # noqa: ANN401 - Popen's
        if self.provisioner is None and self.zygote:
            self.kernel_id = self.kernel_id or kw.pop("kernel_id", os.urandom(16).hex())
            self.provisioner = WarmProvisioner(
                parent=self, kernel_id=self.kernel_id, kernel_spec=self.kernel_spec
            )
        return await super()._async_pre_start_kernel(**kw)

    async def start_kernel(self, **settings: Any) -> None:  # type: ignore[override]  # noqa: ANN401 - Popen's
        """Start the kernel with its standard error in the log."""
        if not self.log_file:
            await self._async_start_kernel(**settings)
            return
        with open(self.log_file, "ab") as file:  # noqa: ASYNC230, PTH123 - a local file, opened once
            await self._async_start_kernel(stderr=file, **settings)

    async def _async_wait(self, pollinterval: float = _POLL_S) -> None:
        """Wait for the end of the kernel, with less patience than Jupyter's tenth of a second."""
        await super()._async_wait(pollinterval=min(pollinterval, _POLL_S))

    def note(self, words: str) -> None:
        """Add a line to the log."""
        if self.log_file:
            with open(self.log_file, "a", encoding="utf-8") as file:  # noqa: PTH123
                file.write(words + "\n")


def _fork(cmd: list[str], settings: dict[str, Any], *, manager: WarmKernelManager) -> ForkedProcess:
    """Ask the zygote for a kernel.

    Raises:
        Refused: It must not fork now, or the kernel is not one it could be.
        OSError: It is not there.
    """
    if _LAUNCHER not in cmd:
        raise Refused("this kernel is not IPython's")
    request = {
        "arguments": cmd[cmd.index(_LAUNCHER) + 1 :],
        "folder": str(settings.get("cwd") or Path.cwd()),
        "environment": dict(settings["env"]),
        "charts": manager.charts,
    }
    log = settings.get("stderr")
    connection = socket.socket(socket.AF_UNIX)
    try:
        connection.settimeout(START_TIMEOUT_S)
        connection.connect(manager.zygote)
        wire.send_with_file(connection, request, 2 if log is None else log.fileno())
        return ForkedProcess(_pid(wire.receive(connection)), connection)
    except BaseException:
        connection.close()
        raise


def _pid(answer: dict[str, Any] | None) -> int:
    """The process id that the zygote tells.

    Raises:
        Refused: It tells none.
    """
    if answer is None:
        raise Refused("the zygote has gone")
    if "pid" not in answer:
        raise Refused(str(answer.get("refused", "the fork ended before it began")))
    return int(answer["pid"])
