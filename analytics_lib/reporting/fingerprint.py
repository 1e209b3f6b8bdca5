"""What a published page depends on, so that nothing is computed in vain and nothing is stale."""

from collections.abc import Mapping

from analytics_lib.reporting.digests import file_digest, package_digest
from analytics_lib.reporting.project import Project
from analytics_lib.reporting.questions import Question
from analytics_lib.reporting.research_packages import PARAMETER as RESEARCH_PACKAGE
from analytics_lib.reporting.research_packages import package_digest as research_package_digest
from analytics_lib.reporting.rules_files import named_kinds, rules_path

WORDS = {
    "notebook": "the notebook changed",
    "parameters": "the parameters changed",
    "package": "the package source changed",
    "policy": "the disclosure policy changed",
    "branding": "the branding changed",
    "lock": "the lock of package versions changed",
    "research package": "another package was released, or it expired",
    "segment rules": "the segment rules changed",
    "insight rules": "the insight rules changed",
}


def fingerprint(
    project: Project, question: Question, *, tables: Mapping[str, str]
) -> dict[str, str]:
    """The parts a page depends on, each as a digest.

    Args:
        project: The project.
        question: The question.
        tables: Identity (table and version) of each table the report reads.
    """
    parts = {
        "notebook": question.notebook.sha256,
        "parameters": question.sha256,
        "package": package_digest(),
        "policy": file_digest(project.disclosure_policy),
        "lock": file_digest(project.lock_file),
    }
    for kind in named_kinds(question.parameters):
        rules = rules_path(kind, question.parameters[kind], project=project)
        parts[kind.replace("_", " ")] = file_digest(rules)
    if RESEARCH_PACKAGE in question.parameters:
        name = question.parameters[RESEARCH_PACKAGE]
        parts["research package"] = research_package_digest(name, project=project)
    return parts | {f"table {name}": identity for name, identity in sorted(tables.items())}


def explain(old: Mapping[str, str] | None, new: Mapping[str, str]) -> list[str]:
    """Why a run is needed, in words; empty where nothing changed.

    Examples:
        >>> explain({"notebook": "a"}, {"notebook": "b"})
        ['the notebook changed']
        >>> explain({"notebook": "a"}, {"notebook": "a"})
        []
    """
    if old is None:
        return ["it was never published"]
    changed = [part for part in sorted({*old, *new}) if old.get(part) != new.get(part)]
    return [WORDS.get(part, f"{part} changed") for part in changed]
