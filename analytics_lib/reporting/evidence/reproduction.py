"""Making a published page again, and whether it comes out the same to the byte."""

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from analytics_lib.core.checks import suggest
from analytics_lib.core.errors import ParameterError
from analytics_lib.reporting.contents import page_files
from analytics_lib.reporting.evidence.earlier import pages_named
from analytics_lib.reporting.execution import execute, require_complete
from analytics_lib.reporting.fingerprint import explain
from analytics_lib.reporting.gate.override import Override
from analytics_lib.reporting.gate.release import Verdict
from analytics_lib.reporting.matrix import run_names
from analytics_lib.reporting.planning import Plan, plan_again
from analytics_lib.reporting.project import Project
from analytics_lib.reporting.questions import load_question
from analytics_lib.reporting.versions import Version, published_versions
from analytics_lib.warehouse.whole_files import checksums


@dataclass(frozen=True, slots=True, kw_only=True)
class Reproduction:
    """What became of making a page again.

    Attributes:
        folder: The published version, `report/run/folder`.
        same: Files that came out the same to the byte.
        different: Files that did not, or are only in one of the two.
        changed: What the page depends on that is not what it was then, in words.
    """

    folder: str
    same: tuple[str, ...]
    different: tuple[str, ...]
    changed: tuple[str, ...]


def find_version(project: Project, name: str) -> tuple[str, Version]:
    """A published version by `report/run` (the newest) or `report/run/folder`.

    Raises:
        ParameterError: There is none.
    """
    parts = name.strip("/").split("/")
    run, folder = "/".join(parts[:2]), "/".join(parts[2:])
    versions = sorted(
        version for tree in project.trees() for version in published_versions(tree, run)
    )
    if not versions:
        runs = run_names(project)
        raise ParameterError(
            f"Nothing of `{run}` is published; runs are {runs}." + suggest(run, runs)
        )
    if not folder:
        return run, versions[-1]
    folders = [version.folder for version in versions]
    if folder not in folders:
        raise ParameterError(
            f"`{run}` has no version `{folder}`; versions are {folders}." + suggest(folder, folders)
        )
    return run, versions[folders.index(folder)]


def reproduce(project: Project, name: str, *, timeout_s: float) -> Reproduction:
    """Run a published page's question again on the same table versions.

    Nothing is published. The page holds the digest of the code that made it,
    so other code can give the same numbers but not the same bytes.

    Args:
        project: The project.
        name: `report/run` or `report/run/folder`.
        timeout_s: Longest time for one cell.

    Raises:
        ParameterError: There is no such version, or a table version is gone.
        RunError: It did not run through.
    """
    run, version = find_version(project, name)
    manifest = version.manifest()
    plan = _plan_of(project, run, version, manifest)
    with TemporaryDirectory(prefix="reproduce-") as scratch:
        notebook = execute(
            project,
            plan.question,
            parameters=manifest["parameters"],
            executed=Path(scratch) / "executed.ipynb",
            timeout_s=timeout_s,
        )
    payloads = require_complete(plan.question, notebook)
    contents = page_files(
        project,
        plan,
        notebook,
        payloads,
        verdict=_verdict(manifest),
        compared_with=pages_named(
            project.for_audience(plan.question.spec.audience), run, manifest["compared_with"]
        ),
        data_checks=manifest.get("data_checks", []),
    )
    made = checksums(contents)
    expected: dict[str, str] = manifest["files"]
    same = [path for path in sorted(expected) if made.get(path) == expected[path]]
    return Reproduction(
        folder=f"{run}/{version.folder}",
        same=tuple(same),
        different=tuple(sorted({*expected, *made} - set(same))),
        changed=tuple(explain(manifest["fingerprint"], plan.fingerprint)),
    )


def _plan_of(project: Project, run: str, version: Version, manifest: dict[str, Any]) -> Plan:
    press = {"as_of", "table_versions"}
    asked = {key: value for key, value in manifest["parameters"].items() if key not in press}
    question = load_question(project, run, overrides=asked)
    return plan_again(
        project, question, as_of=version.as_of, table_versions=manifest["table_versions"]
    )


def _verdict(manifest: dict[str, Any]) -> Verdict:
    signed = manifest["gate"]["override"]
    override = Override(name=signed["name"], reason=signed["reason"]) if signed else None
    return Verdict(findings=(), override=override, objects=0, cells=0)
