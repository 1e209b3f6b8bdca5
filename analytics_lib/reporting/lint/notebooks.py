"""Every broken rule of report notebooks."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from analytics_lib.core.errors import ParameterError
from analytics_lib.reporting.lint.code import code_problems
from analytics_lib.reporting.lint.findings import Finding
from analytics_lib.reporting.lint.pages import Problem, page_problems
from analytics_lib.reporting.lint.words import words_problems
from analytics_lib.reporting.notebook import source_of
from analytics_lib.reporting.project import Project


def lint_notebook(notebook: dict[str, Any], *, name: str) -> list[Finding]:
    """Every way in which a notebook is not a thin page; empty for a good one.

    Args:
        notebook: Its content, as JSON.
        name: What findings call it.

    Examples:
        >>> found = lint_notebook({"metadata": {}, "cells": []}, name="empty")
        >>> sorted(finding.rule for finding in found)
        ['card', 'one first-level heading', 'parameters cell']
    """
    return list(_findings(notebook, name))


def lint_file(path: Path) -> list[Finding]:
    """Every broken rule of a notebook in a file.

    Raises:
        ParameterError: It is no notebook.
    """
    try:
        notebook = json.loads(path.read_text(encoding="utf-8"))
        return lint_notebook(notebook, name=path.stem)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ParameterError(f"`{path.name}` is not a readable notebook.") from error


def lint_project(project: Project, names: list[str]) -> list[Finding]:
    """Every broken rule of the named reports, or of all.

    Args:
        project: The project.
        names: Report names, or paths of their notebooks; all where empty.

    Raises:
        ParameterError: There is no such report.
    """
    chosen = [_report(name) for name in names] or project.report_names()
    return [finding for name in chosen for finding in lint_file(project.notebook(name))]


def _report(name: str) -> str:
    return Path(name).stem if name.endswith(".ipynb") else name


def _findings(notebook: dict[str, Any], name: str) -> Iterator[Finding]:
    for rule, found, remedy in page_problems(notebook):
        yield Finding(notebook=name, cell="", rule=rule, found=found, remedy=remedy)
    for cell in notebook["cells"]:
        for rule, found, remedy in _cell_problems(cell):
            id_ = cell.get("id", "")
            yield Finding(notebook=name, cell=id_, rule=rule, found=found, remedy=remedy)


def _cell_problems(cell: dict[str, Any]) -> Iterator[Problem]:
    if cell["cell_type"] == "code":
        yield from code_problems(cell)
    elif cell["cell_type"] == "markdown":
        yield from words_problems(source_of(cell))
