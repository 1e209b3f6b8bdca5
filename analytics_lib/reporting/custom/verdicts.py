"""What is wrong with the files of custom reports, each explained."""

from typing import Any

from analytics_lib.core.checks import suggest
from analytics_lib.core.errors import AccessError, AnalyticsError, ParameterError
from analytics_lib.core.strict import validate
from analytics_lib.core.yaml_files import read_yaml
from analytics_lib.reporting.custom.checking import mistakes_of, sums_that_stay_back, tables_read
from analytics_lib.reporting.custom.definition import REPORT, Custom
from analytics_lib.reporting.gate.policy import load_policy
from analytics_lib.reporting.project import Project
from analytics_lib.reporting.questions import RunSpec, load_question


def check_files(project: Project, names: list[str]) -> list[dict[str, Any]]:
    """The verdict on each custom report.

    Args:
        project: The project.
        names: File names without ending, with `custom/` before them or without; all where empty.

    Returns:
        For each its `name`, the tables it `reads` and its `mistakes`, each a sentence.

    Raises:
        ParameterError: There is no such file.
    """
    known = sorted(path.stem for path in (project.parameters / REPORT).glob("*.yaml"))
    chosen = [name.removeprefix(f"{REPORT}/").removesuffix(".yaml") for name in names] or known
    for name in chosen:
        if name not in known:
            raise ParameterError(
                f"There is no custom report `{name}`; there are {known}." + suggest(name, known)
            )
    return [_verdict(project, name) for name in chosen]


def _verdict(project: Project, name: str) -> dict[str, Any]:
    verdict: dict[str, Any] = {"name": f"{REPORT}/{name}", "reads": [], "mistakes": []}
    label = f"parameters/{REPORT}/{name}.yaml"
    try:
        spec = validate(RunSpec, read_yaml(project.parameters_file(verdict["name"]), label=label),
                        name=label)  # fmt: skip
        report = validate(Custom, spec.parameters, name=f"{label} parameters")
        verdict["mistakes"] = mistakes_of(report) or sums_without_proof(project, report)
        if not verdict["mistakes"]:
            verdict["reads"] = tables_read(report)
            if not spec.matrix:
                load_question(project, verdict["name"])
            verdict["mistakes"] = _missing_tables(project, spec, verdict["reads"])
    except AnalyticsError as error:
        verdict["mistakes"] = [str(error)]
    return verdict


def sums_without_proof(project: Project, report: Custom) -> list[str]:
    """Measures whose sums the project's policy keeps back.

    Nothing where there is no policy yet; nothing is published without one either.
    """
    if not project.disclosure_policy.is_file():
        return []
    return sums_that_stay_back(report, load_policy(project))


def _missing_tables(project: Project, spec: RunSpec, reads: list[str]) -> list[str]:
    """Tables that the lake does not have; nothing where nothing was ingested yet."""
    from analytics_lib.warehouse import open_lake  # noqa: PLC0415 - start-up time

    try:
        there = open_lake(project.lake_of(spec.lake)).tables()
    except AccessError:
        return []
    return [
        f"`lake` {spec.lake or 'of the project'} has no table `{name}`; it has {there}."
        for name in reads
        if name not in there
    ]
