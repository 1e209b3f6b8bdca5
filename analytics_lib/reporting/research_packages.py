"""Released research packages, named by a question: read from `outputs/datasets`."""

import hashlib
import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from analytics_lib.reporting.notebook import RESEARCH_PACKAGE as PARAMETER
from analytics_lib.reporting.project import Project, find_project

if TYPE_CHECKING:
    from analytics_lib.publishing.reading import ReleasedPackage

__all__ = ["PARAMETER", "package_digest", "read_research_package"]


def read_research_package(name: str, *, project: Project | None = None) -> "ReleasedPackage":
    """Read the newest released package of a name, and nothing it was made of.

    Args:
        name: Name of the package.
        project: The project; the one at or above the current folder where None.

    Returns:
        What the package says of itself, held against the register.

    Raises:
        ParameterError: There is no such package.
        RunError: It is not as it was released.
    """
    from analytics_lib.publishing.reading import read_package  # noqa: PLC0415 - loads polars

    return read_package((project or find_project()).datasets, name)


def package_digest(name: str, *, project: Project) -> str:
    """A digest of which package of a name is the newest, and of the steps of its request.

    It is what the register says; `absent` where there is no such package.
    """
    from analytics_lib.publishing.reading import newest_entry  # noqa: PLC0415 - loads polars

    entry = newest_entry(project.datasets, name)
    if entry is None:
        return "absent"
    essence = [asdict(entry)[part] for part in ("package", "state", "steps")]
    return hashlib.sha256(json.dumps(essence, sort_keys=True).encode()).hexdigest()
