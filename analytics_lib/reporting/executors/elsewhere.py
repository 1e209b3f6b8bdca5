"""What a run needs to know where its notebook is executed on another machine."""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from analytics_lib.reporting.planning import Plan
from analytics_lib.reporting.project import Project

if TYPE_CHECKING:
    from nbformat import NotebookNode


class Execution(Protocol):
    """Executes the notebook of a plan, wherever that is."""

    def __call__(
        self, project: Project, plan: Plan, *, folder: Path, timeout_s: float
    ) -> "NotebookNode":
        """The notebook with its outputs; what it leaves behind lies in `folder`."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Elsewhere:
    """Notebooks are executed elsewhere; publishing stays here, one page at a time.

    Attributes:
        execute: Executes the notebook of a plan.
        publishing: Held while a page is published.
    """

    execute: Execution
    publishing: AbstractContextManager[Any]
