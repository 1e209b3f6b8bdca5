"""Warm kernels: the same outputs as ordinary ones, a fresh state each, and an honest end."""

import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from papermill import PapermillExecutionError

from analytics_lib.reporting.warm import press
from analytics_lib.reporting.warm.engine import NAME, WarmEngine
from analytics_lib.reporting.warm.guard import can_fork_here
from analytics_lib.reporting.warm.press import COLD

CELLS = [
    "import sys, os, warnings\nprint('out')\nprint('err', file=sys.stderr)\n1 + 1",
    "from IPython.display import HTML, display\ndisplay(HTML('<b>b</b>'))\n_",
    "os.system('echo from a child process');",
    "print('long line ' * 100_000)",
    (
        "class Shown:\n    def _repr_mimebundle_(self, **_):\n"
        "        return {'text/plain': 'x', 'application/json': {'a': [1]}}\nShown()"
    ),
    "x = 3",
    "%%time\nx",
    "import asyncio\nawait asyncio.sleep(0)\nprint(end='one')\nprint(' line')",
    "__name__, __doc__, os.getcwd(), sys.path[0]",
    "warnings.warn('careful')",
    "In[1], sorted(name for name in globals() if not name.startswith('_'))",
]


def outputs(notebook):
    """Outputs and counts without what is a clock or a folder of one process."""
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    shown = [(cell.execution_count, cell.outputs) for cell in cells]
    for number, cell in enumerate(cells):
        if cell.source.startswith("%%time"):
            shown[number] = (cell.execution_count, len(cell.outputs))
        if "warnings.warn" in cell.source:
            text = cell.outputs[0].text
            shown[number] = (cell.execution_count, cell.outputs[0].name, text.partition(": ")[2])
    return shown


def test_a_warm_kernel_gives_the_outputs_of_an_ordinary_one(warm, run_cells):
    hot = run_cells(*CELLS, at=warm)
    cold = run_cells(*CELLS, at=COLD)
    assert "Ordinary kernel" not in hot.log
    for warm_cell, cold_cell in zip(outputs(hot), outputs(cold), strict=True):
        assert warm_cell == cold_cell
    assert hot.metadata.language_info == cold.metadata.language_info


def test_parameters_are_injected(warm, run_cells):
    notebook = run_cells("n", at=warm, parameters={"n": 5})
    assert notebook.cells[0].source.startswith("# Parameters")
    assert notebook.cells[1].outputs[0].data["text/plain"] == "5"


def test_no_state_survives_from_run_to_run(warm, run_cells):
    leave = (
        "import os, random, numpy, polars, sys, builtins, analytics_lib.display as display\n"
        "leftover = 1\ndisplay.leftover = 1\nbuiltins.leftover_too = 1\n"
        "os.environ['LEFTOVER'] = '1'\nsys.modules['leftover'] = display\n"
        "numpy.set_printoptions(precision=1)\nos.chdir('/')\nnumpy.random.random()"
    )
    look = (
        "import os, sys, builtins, numpy, analytics_lib.display as display\n"
        "['leftover' in globals(), hasattr(display, 'leftover'), hasattr(builtins, 'leftover_too'),"
        " 'LEFTOVER' in os.environ, 'leftover' in sys.modules,"
        " numpy.get_printoptions()['precision'] == 1, os.getcwd() == '/']"
    )
    first = run_cells(leave, at=warm).cells[0].outputs[0].data["text/plain"]
    assert run_cells(look, at=warm).cells[0].outputs[0].data["text/plain"] == str([False] * 7)
    again = run_cells(leave, at=warm).cells[0].outputs[0].data["text/plain"]
    assert first != again  # random numbers are drawn anew in every run


def test_the_environment_is_that_of_the_caller(warm, run_cells, monkeypatch):
    monkeypatch.setenv("ANALYTICS_ASKED_LATER", "yes")
    (cell,) = run_cells("import os\nos.environ['ANALYTICS_ASKED_LATER']", at=warm).cells
    assert cell.outputs[0].data["text/plain"] == "'yes'"


def test_an_error_in_a_cell_is_told_as_ever(warm, run_cells):
    found = []
    for at in (warm, COLD):
        with pytest.raises(PapermillExecutionError) as caught:
            run_cells("def f():\n    1 / 0", "f()", at=at)
        found.append(caught.value)
    hot, cold = found
    assert (hot.ename, hot.evalue, hot.cell_index) == (cold.ename, cold.evalue, cold.cell_index)
    assert [line.partition("Cell")[2] for line in hot.traceback] == [
        line.partition("Cell")[2] for line in cold.traceback
    ]


@pytest.mark.parametrize(
    "end", ["os.kill(os.getpid(), signal.SIGKILL)", "os._exit(0)", "os.abort()"]
)
def test_a_kernel_that_dies_is_noticed(warm, run_cells, end):
    with pytest.raises((DeadKernelError, RuntimeError)):
        run_cells("import os, signal", end, at=warm)
    assert run_cells("1", at=warm).cells[0].execution_count == 1  # the next one lives


def test_a_cell_that_takes_too_long_ends_with_its_process(warm, run_cells, tmp_path):
    source = f"import os, time\nopen('{tmp_path}/pid', 'w').write(str(os.getpid()))\ntime.sleep(90)"
    with pytest.raises(CellTimeoutError):
        run_cells(source, at=warm, timeout=2)
    assert is_gone(int((tmp_path / "pid").read_text()))


def is_gone(pid):
    for _ in range(100):
        if not Path(f"/proc/{pid}").exists():
            return True
        time.sleep(0.05)
    return False


def test_what_the_kernel_itself_says_goes_to_the_log(warm, run_cells):
    for at in (warm, COLD):
        notebook = run_cells("import os, sys\nprint('said', file=sys.__stderr__)", at=at)
        assert "said" in notebook.log


def test_without_a_zygote_an_ordinary_kernel_runs_and_says_why(run_cells, tmp_path, warm):
    nobody = replace(warm, zygote=str(tmp_path / "nobody"))
    notebook = run_cells("2 + 2", at=nobody)
    assert notebook.cells[0].outputs[0].data["text/plain"] == "4"
    assert "Ordinary kernel: [Errno 2]" in notebook.log


def test_a_zygote_with_a_thread_refuses(run_cells, monkeypatch):
    monkeypatch.setitem(press.SINGLE_THREADED, "_RJEM_MALLOC_CONF", "background_thread:true")
    with press.warm_press() as threaded:
        notebook = run_cells("2 + 2", at=threaded)
    assert notebook.cells[0].outputs[0].data["text/plain"] == "4"
    assert "Ordinary kernel: threads are alive: jemalloc_bg_thd" in notebook.log


def test_on_another_platform_there_is_no_press(monkeypatch):
    monkeypatch.setattr(press, "can_fork_here", lambda: False)
    with press.warm_press() as none:
        assert none == COLD


def test_the_environment_can_switch_the_press_off(monkeypatch):
    monkeypatch.setenv("ANALYTICS_WARM", "0")
    with press.warm_press() as none:
        assert none == COLD


def test_where_the_press_cannot_start_there_is_none(monkeypatch, tmp_path):
    folder = tmp_path / ("long" * 30)  # longer than the address of a socket may be
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    with press.warm_press() as none:
        assert none == COLD


def test_with_the_press_everything_ends(run_cells, tmp_path):
    source = f"import os\nopen('{tmp_path}/ids', 'w').write(f'{{os.getpid()}} {{os.getppid()}}')"
    with press.warm_press() as own:
        run_cells(source, at=own)
    assert all(is_gone(int(pid)) for pid in (tmp_path / "ids").read_text().split())


def test_when_the_zygote_is_killed_its_kernels_die_and_the_run_fails(run_cells):
    with press.warm_press() as own, pytest.raises((DeadKernelError, RuntimeError)):
        run_cells(
            f"import os, time\nos.kill(os.getppid(), {int(signal.SIGKILL)})\ntime.sleep(90)", at=own
        )


def test_papermill_on_the_command_line_knows_the_engine_by_name(tmp_path):
    # In a process of its own: here the engine may have been made known by another test.
    asked = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell("open('/proc/self/cmdline').read()", id="whose")],
        metadata={"kernelspec": {"name": "python3", "display_name": "P", "language": "python"}},
    )
    nbformat.write(asked, tmp_path / "asked.ipynb")
    subprocess.run(
        [sys.executable, "-m", "papermill", "--engine", NAME, "asked.ipynb", "done.ipynb"],
        check=True, cwd=tmp_path, capture_output=True, timeout=120,
    )  # fmt: skip
    done = nbformat.read(tmp_path / "done.ipynb", as_version=4)
    command = done.cells[0].outputs[0].data["text/plain"]
    assert ("zygote" in command) == can_fork_here()


@pytest.mark.parametrize("first", ["papermill", "analytics_lib.reporting.warm.engine"])
def test_the_engine_is_known_whichever_is_imported_first(first):
    code = (
        f"import {first}, papermill.engines as engines;"
        f"print(engines.papermill_engines.get_engine({NAME!r}).__name__)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, timeout=120
    )
    assert done.stdout == "WarmEngine\n"


def test_the_engine_names_kernel_and_language_as_papermill_does():
    notebook = nbformat.v4.new_notebook(
        metadata={"kernelspec": {"name": "python3", "display_name": "P", "language": "python"}}
    )
    assert WarmEngine.nb_kernel_name(notebook) == "python3"
    assert WarmEngine.nb_language(notebook) == "python"
    assert WarmEngine.nb_kernel_name(notebook, "other") == "other"
