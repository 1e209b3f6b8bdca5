"""Segment rules in files: `parameters/segment_rules/<name>.yaml`, named by a question."""

from pathlib import Path
from typing import TYPE_CHECKING

from analytics_lib.core.checks import suggest
from analytics_lib.core.errors import ParameterError
from analytics_lib.core.strict import validate
from analytics_lib.reporting.project import Project, find_project
from analytics_lib.reporting.yaml_files import read_yaml

if TYPE_CHECKING:
    from analytics_lib.metrics.segment_rules import SegmentRules

PARAMETER = "segment_rules"


def read_segment_rules(name: str, *, project: Project | None = None) -> "SegmentRules":
    """Read and check `parameters/segment_rules/<name>.yaml`.

    The columns that the rules name are checked where they are applied
    (`segment_by_rules`): the same rules may be asked of different users.

    Args:
        name: The file's stem.
        project: The project; the one at or above the current folder where None.

    Returns:
        The rules, for `segment_by_rules`.

    Raises:
        ParameterError: There is no such file, or it holds a mistake; the
            message names each with the nearest valid name.
    """
    from analytics_lib.metrics.segment_rules import SegmentRules  # noqa: PLC0415 - loads polars

    path = segment_rules_path(name, project=project or find_project())
    label = f"parameters/{PARAMETER}/{name}.yaml"
    return validate(SegmentRules, read_yaml(path, label=label), name=label)


def segment_rules_path(name: str, *, project: Project) -> Path:
    """The file of the rules of that name.

    Raises:
        ParameterError: There is none.
    """
    known = {path.stem: path for path in sorted(project.segment_rules.glob("*.yaml"))}
    if name not in known:
        raise ParameterError(
            f"`{PARAMETER}` is {name!r}, but there is no `parameters/{PARAMETER}/{name}.yaml`; "
            f"rules are {sorted(known)}." + suggest(name, known)
        )
    return known[name]
