"""The checker of report notebooks, in the words of its findings."""

import pytest

from analytics_lib.reporting.lint import lint_file, lint_notebook


def said(finding):
    return f"{finding.cell}: {finding.found}" if finding.cell else finding.found


@pytest.fixture
def check():
    """The checker, on a path or on a notebook; a sentence for each finding."""

    def run(notebook):
        if isinstance(notebook, dict):
            return [said(finding) for finding in lint_notebook(notebook, name="planted")]
        return [said(finding) for finding in lint_file(notebook)]

    return run
