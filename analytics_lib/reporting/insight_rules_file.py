"""Insight rules in files: `parameters/insight_rules/<name>.yaml`, named by a question."""

from pathlib import Path
from typing import TYPE_CHECKING

from analytics_lib.core.checks import suggest
from analytics_lib.core.errors import ParameterError
from analytics_lib.core.strict import validate
from analytics_lib.reporting.project import Project, find_project
from analytics_lib.reporting.yaml_files import read_yaml

if TYPE_CHECKING:
    from analytics_lib.metrics.insights import InsightRules

PARAMETER = "insight_rules"


def read_insight_rules(name: str, *, project: Project | None = None) -> "InsightRules":
    """Read and check `parameters/insight_rules/<name>.yaml`.

    The tables, columns and results that it names are checked where they are
    looked at (`find_insights`, `judge_rules`).

    Args:
        name: The file's stem.
        project: The project; the one at or above the current folder where None.

    Returns:
        The comparisons, for `find_insights`, and the rules, for `judge_rules`.

    Raises:
        ParameterError: There is no such file, or it holds a mistake; the
            message names each with the nearest valid name.
    """
    from analytics_lib.metrics.insights import InsightRules  # noqa: PLC0415 - loads polars

    path = insight_rules_path(name, project=project or find_project())
    label = f"parameters/{PARAMETER}/{name}.yaml"
    return validate(InsightRules, read_yaml(path, label=label), name=label)


def insight_rules_path(name: str, *, project: Project) -> Path:
    """The file of the rules of that name.

    Raises:
        ParameterError: There is none.
    """
    known = {path.stem: path for path in sorted(project.insight_rules.glob("*.yaml"))}
    if name not in known:
        raise ParameterError(
            f"`{PARAMETER}` is {name!r}, but there is no `parameters/{PARAMETER}/{name}.yaml`; "
            f"rules are {sorted(known)}." + suggest(name, known)
        )
    return known[name]
