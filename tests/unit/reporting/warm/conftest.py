"""A press for the module, and a way to run cells on a warm or an ordinary kernel."""

import sys

import nbformat
import papermill
import pytest
from traitlets.config import Config

from analytics_lib.reporting.warm import engine, press
from analytics_lib.reporting.warm.guard import can_fork_here
from analytics_lib.reporting.warm.kernels import WarmKernelManager


@pytest.fixture(scope="session")
def warm():
    """The warm processes, shared by every test."""
    if not can_fork_here():
        pytest.skip(f"{sys.platform} has no warm engine")
    with press.warm_press() as started:
        yield started


@pytest.fixture
def run_cells(tmp_path):
    """Run sources as a notebook: the executed notebook, whatever became of it."""

    def run(*sources, at, engine_name=None, timeout=60, parameters=None):
        path = tmp_path / "cells.ipynb"
        notebook = nbformat.v4.new_notebook(
            cells=[
                nbformat.v4.new_code_cell(source, id=f"cell-{number}")
                for number, source in enumerate(sources)
            ],
            metadata={"kernelspec": {"name": "python3", "display_name": "P", "language": "python"}},
        )  # fmt: skip
        nbformat.write(notebook, path)
        log = tmp_path / "kernel.log"
        log.unlink(missing_ok=True)
        done = papermill.execute_notebook(
            str(path), str(tmp_path / "executed.ipynb"),
            engine_name=engine_name or (engine.register() if at.zygote else None),
            parameters=parameters, progress_bar=False, request_save_on_cell_execute=False,
            execution_timeout=timeout, cwd=str(tmp_path),
            config=Config({
                "KernelManager": {"transport": "ipc", "ip": str(tmp_path / "k")},
                "NotebookClient": {"kernel_manager_class": WarmKernelManager},
                "WarmKernelManager": {
                    "zygote": at.zygote, "charts": at.charts, "log_file": str(log),
                },
            }),
        )  # fmt: skip
        done.log = log.read_text() if log.exists() else ""
        return done

    return run
