"""How papermill is told: `papermill --engine analytics_warm`, or the same from Python.

The engine is papermill's own with another way to start a kernel: cells are
run, outputs collected and errors raised by the very code that does it for an
ordinary kernel, so the outputs are equal by construction.

papermill loads this module by its entry point while papermill itself is still
being imported, so nothing of papermill is imported before it is used.
"""

from copy import deepcopy
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nbformat import NotebookNode
    from traitlets.config import Config

NAME = "analytics_warm"


class WarmEngine:
    """papermill's engine on kernels that are forked from a process with everything loaded.

    Without a `config` that names a press, the first run starts one for this
    process; it pays off from the second run on.
    """

    @staticmethod
    def execute_notebook(nb: "NotebookNode", kernel_name: str, **settings: Any) -> "NotebookNode":  # noqa: ANN401 - papermill is untyped
        """Run the cells of `nb`; the settings are those of papermill's own engine."""
        from papermill.engines import NBClientEngine  # noqa: PLC0415 - see the module

        config = _on_warm_kernels(settings.pop("config", None))
        done: NotebookNode = NBClientEngine.execute_notebook(
            nb, kernel_name, config=config, **settings
        )
        return done

    @staticmethod
    def nb_kernel_name(nb: "NotebookNode", name: str | None = None) -> str:
        """The kernel that the notebook or the caller asks for."""
        from papermill.engines import NBClientEngine  # noqa: PLC0415 - see the module

        return str(NBClientEngine.nb_kernel_name(nb, name))

    @staticmethod
    def nb_language(nb: "NotebookNode", language: str | None = None) -> str:
        """The language that the notebook or the caller names."""
        from papermill.engines import NBClientEngine  # noqa: PLC0415 - see the module

        return str(NBClientEngine.nb_language(nb, language))


def _on_warm_kernels(config: "Config | None") -> "Config":
    """The client's settings, with the kernel manager that asks the press for a fork."""
    from traitlets.config import Config  # noqa: PLC0415 - see the module

    from analytics_lib.reporting.warm.kernels import WarmKernelManager  # noqa: PLC0415
    from analytics_lib.reporting.warm.press import press_of_this_process  # noqa: PLC0415

    warm = deepcopy(config) if config else Config()
    warm.NotebookClient.kernel_manager_class = WarmKernelManager
    if "zygote" not in warm.WarmKernelManager:
        press = press_of_this_process()
        warm.WarmKernelManager.update({"zygote": press.zygote, "charts": press.charts})
    return warm


def register() -> str:
    """Make the engine known to papermill where its entry point is not, and return its name."""
    from papermill.engines import papermill_engines  # noqa: PLC0415 - see the module

    papermill_engines.register(NAME, WarmEngine)
    return NAME
