"""Rules in files: `parameters/<kind>/<name>.yaml`, named by the question's parameter `<kind>`."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analytics_lib.core.checks import suggest
from analytics_lib.core.errors import ParameterError
from analytics_lib.core.strict import validate
from analytics_lib.core.yaml_files import read_yaml
from analytics_lib.reporting.digests import file_digest
from analytics_lib.reporting.project import Project, find_project

if TYPE_CHECKING:
    from analytics_lib.metrics.insights import InsightRules
    from analytics_lib.metrics.segment_rules import SegmentRules

SEGMENT_RULES, INSIGHT_RULES = KINDS = ("segment_rules", "insight_rules")


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

    content, label = _read(SEGMENT_RULES, name, project=project or find_project())
    return validate(SegmentRules, content, name=label)


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

    content, label = _read(INSIGHT_RULES, name, project=project or find_project())
    return validate(InsightRules, content, name=label)


def require_rules(parameters: Mapping[str, Any], *, project: Project) -> None:
    """Read every rules file that a question names.

    Raises:
        ParameterError: There is no such file, or it holds a mistake.
    """
    readers = {SEGMENT_RULES: read_segment_rules, INSIGHT_RULES: read_insight_rules}
    for kind in named_kinds(parameters):
        readers[kind](parameters[kind], project=project)


def named_kinds(parameters: Mapping[str, Any]) -> list[str]:
    """The kinds of rules that a question names a file of."""
    return [kind for kind in KINDS if kind in parameters]


def rules_path(kind: str, name: str, *, project: Project) -> Path:
    """The file of the rules of that kind and name.

    Raises:
        ParameterError: There is none.
    """
    known = {path.stem: path for path in rules_of_kind(kind, project=project)}
    if name not in known:
        raise ParameterError(
            f"`{kind}` is {name!r}, but there is no `parameters/{kind}/{name}.yaml`; "
            f"rules are {sorted(known)}." + suggest(name, known)
        )
    return known[name]


def rules_of_kind(kind: str, *, project: Project) -> list[Path]:
    """Every file of rules of that kind; the folder holds no questions."""
    return sorted((project.parameters / kind).glob("*.yaml"))


def rules_digests(project: Project) -> dict[str, str]:
    """The digest of every file of rules there is."""
    return {
        f"{kind}/{path.name}": file_digest(path)
        for kind in KINDS
        for path in rules_of_kind(kind, project=project)
    }


def _read(kind: str, name: str, *, project: Project) -> tuple[dict[str, Any], str]:
    label = f"parameters/{kind}/{name}.yaml"
    return read_yaml(rules_path(kind, name, project=project), label=label), label
