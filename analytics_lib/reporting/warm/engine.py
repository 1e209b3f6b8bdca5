"""How papermill is told: `papermill --engine analytics_warm`, or the same from Python.

The engine is papermill's own with another way to start a kernel: cells are
run, outputs collected and errors raised by the very code that does it for an
ordinary kernel, so the outputs are equal by construction.
"""

from copy import deepcopy
from typing import Any

from papermill.engines import NBClientEngine, papermill_engines
from traitlets.config import Config

from analytics_lib.reporting.warm.kernels import WarmKernelManager
from analytics_lib.reporting.warm.press import press_of_this_process

NAME = "analytics_warm"


class WarmEngine(NBClientEngine):  # type: ignore[misc]
    """papermill's engine on kernels that are forked from a process with everything loaded.

    Without a `config` that names a press, the first run starts one for this
    process; it pays off from the second run on.
    """

    @classmethod
    def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, **settings: Any) -> Any:  # noqa: ANN401 - papermill is untyped
        """Run the cells of the notebook that `nb_man` holds."""
        config = deepcopy(settings.pop("config", None) or Config())
        config.NotebookClient.kernel_manager_class = WarmKernelManager
        if "zygote" not in config.WarmKernelManager:
            press = press_of_this_process()
            config.WarmKernelManager.update({"zygote": press.zygote, "charts": press.charts})
        return super().execute_managed_notebook(nb_man, kernel_name, config=config, **settings)


def register() -> str:
    """Make the engine known to papermill where its entry point is not, and return its name."""
    papermill_engines.register(NAME, WarmEngine)
    return NAME
