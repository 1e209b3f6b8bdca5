"""From the fork to the first answer: nobody waits for a silence, and nobody waits for ever."""

import asyncio
import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import Empty
from threading import Thread

import pytest

from analytics_lib.reporting.warm import kernels
from analytics_lib.reporting.warm.kernels import PromptClient, WarmKernelManager


def finished(coroutine):
    """What a coroutine returns; in a thread, since a browser may have left a loop in this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, coroutine).result()


class Channel:
    """A channel that gives what it was filled with, and then nothing; `Empty` is a silence."""

    def __init__(self, *messages):
        self._messages = [*messages]

    async def get_msg(self, timeout):  # noqa: ASYNC109 - Jupyter's
        assert timeout <= 1
        found = self._messages.pop(0) if self._messages else Empty
        if found is Empty:
            raise Empty
        return found


def message(parent, **content):
    return {"parent_header": {"msg_id": parent}, "content": content}


def silent_client(monkeypatch, *, shell, iopub, alive=True):
    """A client whose questions are numbered and whose channels hold what is given."""
    asked = []
    client = PromptClient()
    monkeypatch.setattr(PromptClient, "shell_channel", shell, raising=False)
    monkeypatch.setattr(PromptClient, "iopub_channel", iopub, raising=False)

    async def is_alive():
        return alive

    monkeypatch.setattr(client, "kernel_info", lambda: asked.append(1) or f"q{len(asked)}")
    monkeypatch.setattr(client, "is_alive", is_alive)
    monkeypatch.setattr(client, "_handle_kernel_info_reply", lambda _: None)
    return client, asked


def test_the_manager_gives_the_client_that_does_not_wait_for_silence():
    # jupyter_client ignores `client_class` of an asynchronous manager
    assert type(WarmKernelManager().client()) is PromptClient


def test_a_forked_kernel_is_ready_after_one_question(warm, tmp_path, monkeypatch):
    for patience in ("_WELCOME_S", "_SILENCE_S"):  # however busy the machine is
        monkeypatch.setattr(kernels, patience, 60)
    asked = []
    ask = PromptClient.kernel_info
    monkeypatch.setattr(PromptClient, "kernel_info", lambda self: asked.append(1) or ask(self))

    async def ready():
        manager = WarmKernelManager(
            kernel_name="python3", transport="ipc", ip=str(tmp_path / "k"), zygote=warm.zygote,
            charts=warm.charts, log_file=str(tmp_path / "log"),
        )  # fmt: skip
        await manager.start_kernel()
        client = manager.client()
        client.start_channels()
        await client.wait_for_ready()
        assert await client.is_alive()
        client.stop_channels()
        await manager.shutdown_kernel(now=True)
        return await manager.is_alive()

    assert finished(ready()) is False
    assert asked == [1]
    assert "Ordinary kernel" not in (tmp_path / "log").read_text()


def test_what_is_about_another_question_is_passed_over(monkeypatch):
    shell = Channel(message("earlier"), message("q1"))
    iopub = Channel(
        message(None, subscription=""), message("q1", execution_state="busy"),
        message("earlier", execution_state="idle"), message("q1", execution_state="idle"),
        message("next"),
    )  # fmt: skip
    client, asked = silent_client(monkeypatch, shell=shell, iopub=iopub)
    finished(client.wait_for_ready())
    assert asked == [1]
    assert finished(iopub.get_msg(timeout=1)) == message("next")  # left for the reader


def test_a_kernel_that_was_not_heard_is_asked_again(monkeypatch):
    heard = [message(None, subscription=""), message("q1", execution_state="busy"), Empty]
    iopub = Channel(*heard, message("q2", execution_state="idle"))
    client, asked = silent_client(
        monkeypatch, shell=Channel(message("q1"), message("q2")), iopub=iopub
    )
    finished(client.wait_for_ready())
    assert asked == [1, 1]


def test_a_dead_kernel_ends_the_wait(monkeypatch):
    client, _ = silent_client(monkeypatch, shell=Channel(), iopub=Channel(), alive=False)
    with pytest.raises(RuntimeError, match="died before replying"):
        finished(client.wait_for_ready())


def test_a_silent_kernel_ends_the_wait_when_time_is_over(monkeypatch):
    client, asked = silent_client(monkeypatch, shell=Channel(), iopub=Channel())
    with pytest.raises(RuntimeError, match="did not answer in time"):
        finished(client.wait_for_ready(timeout=0))
    assert asked == [1]


def started(manager, **settings):
    """Start and end a kernel; what its log says."""

    async def run():
        await manager.start_kernel(**settings)
        await manager.shutdown_kernel(now=True)

    finished(run())
    return Path(manager.log_file).read_text()


def test_a_fork_that_cannot_become_a_kernel_leaves_it_to_an_ordinary_one(warm, tmp_path):
    manager = WarmKernelManager(
        kernel_name="python3", zygote=warm.zygote, log_file=str(tmp_path / "log")
    )
    said = started(manager, extra_arguments=["--IPKernelApp.transport=pigeon"])
    assert "pigeon" in said
    assert "Ordinary kernel: the fork ended before it began." in said


def test_where_the_zygote_hangs_up_the_kernel_is_an_ordinary_one(tmp_path):
    with socket.socket(socket.AF_UNIX) as zygote:
        zygote.bind(str(tmp_path / "z"))
        zygote.listen()

        def hang_up():
            zygote.accept()[0].close()

        hanging_up = Thread(target=hang_up)
        hanging_up.start()
        manager = WarmKernelManager(
            kernel_name="python3", zygote=str(tmp_path / "z"), log_file=str(tmp_path / "log")
        )
        assert "Ordinary kernel: " in started(manager)
        hanging_up.join()
