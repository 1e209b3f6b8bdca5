"""What goes into a published folder: the page, its numbers and what the manifest says of them."""

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from analytics_lib.reporting.catalogue.branding import load_branding
from analytics_lib.reporting.checks.verdict import MANIFEST_KEY, notices
from analytics_lib.reporting.evidence.comparison import Change
from analytics_lib.reporting.evidence.earlier import (
    DATA,
    EarlierPage,
    as_json,
    comparisons,
    folders_of,
    published_payloads,
)
from analytics_lib.reporting.exports.files import PDF, Export, data_files, print_files
from analytics_lib.reporting.gate.differences import Earlier
from analytics_lib.reporting.gate.policy import DisclosurePolicy
from analytics_lib.reporting.gate.release import Verdict, judge_content
from analytics_lib.reporting.matrix import split_name
from analytics_lib.reporting.page import PageContext, answer_of, kinds_in_words, render_page
from analytics_lib.reporting.page_checks import require_safe_page
from analytics_lib.reporting.payloads import Payload, results_of
from analytics_lib.reporting.planning import Plan
from analytics_lib.reporting.project import Project
from analytics_lib.reporting.provenance import code_version, git_state
from analytics_lib.reporting.research_packages import PARAMETER as RESEARCH_PACKAGE
from analytics_lib.reporting.research_packages import package_shown, read_research_package
from analytics_lib.reporting.rules_files import named_kinds, rules_path
from analytics_lib.reporting.versions import Version, ever_published
from analytics_lib.warehouse import Lake, open_lake

if TYPE_CHECKING:
    from nbformat import NotebookNode

CHECKS = [
    "every cell ran",
    "declared results present",
    "release gate passed",
    "page runs and loads nothing",
    "no identifier in any file",
]


def judge(
    project: Project,
    plan: Plan,
    notebook: "NotebookNode",
    payloads: Sequence[Payload],
    *,
    policy: DisclosurePolicy,
) -> Verdict:
    """What the gate says of everything the page shows.

    Raises:
        DisclosureError: It is held.
        AccessError: It was signed for by somebody who may not.
    """
    lake = _lake(project, plan)
    return judge_content(
        payloads,
        tables={name: lake.table(name) for name in plan.table_versions},
        earlier=_earlier(project, plan),
        policy=policy,
        override=plan.override,
        sources=[*(cell.source for cell in notebook.cells), *_written(project, plan)],
        sums=plan.question.notebook.card.sums,
        name=plan.question.name,
    )


def _written(project: Project, plan: Plan) -> list[str]:
    """What was written in the parameters of a run and in the files and packages they name."""
    files = [project.parameters_file(split_name(plan.question.name)[0])]
    given = plan.question.parameters
    files += [rules_path(kind, given[kind], project=project) for kind in named_kinds(given)]
    texts = [path.read_text(encoding="utf-8") for path in files if path.is_file()]
    package = given.get(RESEARCH_PACKAGE)
    if package is not None:
        texts += read_research_package(package, project=project).words()
    return [*texts, str(given)]


def page_files(
    project: Project,
    plan: Plan,
    notebook: "NotebookNode",
    payloads: list[Payload],
    *,
    verdict: Verdict,
    compared_with: Sequence[EarlierPage],
    data_checks: Sequence[Mapping[str, str]] = (),
) -> dict[str, str | bytes]:
    """Every file of the published folder but the manifest, by its path.

    Raises:
        RunError: The page would run or load something.
    """
    question = plan.question
    context = _context(project, plan, verdict, data_checks)
    numbers = data_files(question, payloads, context=context, answer=answer_of(payloads))
    changes = comparisons(payloads, compared_with)
    page = render_page(
        question,
        notebook,
        payloads,
        context=context,
        downloads=_downloads(question.spec.exports, numbers),
        changes=changes,
    )
    require_safe_page(page, name=question.name)
    exports = {**numbers, **print_files(question, page)}
    return {
        "index.html": page,
        DATA: _data_json(plan, payloads, context, changes),
        **{path: export.content for path, export in exports.items()},
    }


def _downloads(exports: Sequence[str], numbers: Mapping[str, Export]) -> list[dict[str, str]]:
    """What the page links to; the PDF is made of the page, so its link is there before it is."""
    links = [
        {"path": path, "title": export.title, "kind": export.kind}
        for path, export in numbers.items()
    ]
    links += [{"path": DATA, "title": "All numbers for programs", "kind": "JSON"}]
    if "pdf" in exports:
        links += [{"path": PDF, "title": "This page", "kind": "PDF"}]
    return links


def manifest_of(
    project: Project,
    plan: Plan,
    payloads: list[Payload],
    *,
    parameters: dict[str, Any],
    compared_with: Sequence[EarlierPage],
    data_checks: Sequence[Mapping[str, str]] = (),
) -> dict[str, Any]:
    """What the manifest says of the page.

    Raises:
        RunError: The research package that it shows has expired, or is another one by now.
    """
    question, now = plan.question, dt.datetime.now(dt.UTC)
    shown = package_shown(
        question.parameters,
        project=project,
        today=now.date(),
        digest=plan.fingerprint.get("research package"),
    )
    sources = _lake(project, plan).sources()
    return {
        "report": question.report,
        "run": question.run,
        "title": question.notebook.title,
        "run_title": question.spec.title,
        "audience": question.spec.audience,
        "as_of": plan.as_of.isoformat(),
        "status": "published",
        "answer": answer_of(payloads),
        "data": kinds_in_words(sources),
        "results": results_of(payloads),
        "parameters": parameters,
        "table_versions": plan.table_versions,
        "fingerprint": plan.fingerprint,
        "compared_with": folders_of(compared_with),
        "code_version": code_version(),
        "git": git_state(project.root),
        "checks": CHECKS,
        MANIFEST_KEY: list(data_checks),
        "published_at": now.isoformat(timespec="seconds"),
        **shown,
    }


def _earlier(project: Project, plan: Plan) -> list[Earlier]:
    """The newest page of this date, the one before it and the one after it, expired ones too."""
    versions = ever_published(project, plan.question.name)
    same = [version for version in versions if version.as_of == plan.as_of][-1:]
    before = [version for version in versions if version.as_of < plan.as_of][-1:]
    after = [version for version in versions if version.as_of > plan.as_of]
    newest_after = [version for version in after if version.as_of == after[0].as_of][-1:]
    return [
        Earlier(same_date=version.as_of == plan.as_of, payloads=published_payloads(version))
        for version in (*same, *before, *newest_after)
    ]


def _data_json(
    plan: Plan,
    payloads: Sequence[Payload],
    context: PageContext,
    changes: Mapping[str, tuple[Version, list[Change]]],
) -> str:
    """The numbers of the page for programs; the same as on the page, cell for cell."""
    content = {
        "report": plan.question.report,
        "run": plan.question.run,
        "title": plan.question.notebook.title,
        "as_of": plan.as_of.isoformat(),
        "zone": context.zone,
        "data": kinds_in_words(context.sources),
        "parameters": plan.question.parameters,
        "table_versions": plan.table_versions,
        "code_version": context.code_version,
        "changes": as_json(changes),
        "notices": list(context.notices),
        "objects": [payload.to_dict() for payload in payloads],
    }
    return json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def _context(
    project: Project, plan: Plan, verdict: Verdict, data_checks: Sequence[Mapping[str, str]]
) -> PageContext:
    lake = _lake(project, plan)
    return PageContext(
        as_of=plan.as_of,
        zone=lake.zone,
        sources=lake.sources(),
        versions=plan.table_versions,
        code_version=code_version(),
        override=verdict.override,
        brand=load_branding(project),
        notices=notices(data_checks),
    )


def _lake(project: Project, plan: Plan) -> Lake:
    return open_lake(project.lake_of(plan.question.spec.lake), versions=plan.table_versions)
