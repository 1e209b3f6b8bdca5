"""Rules for report notebooks: what makes one a page rather than a program."""

from analytics_lib.reporting.lint.findings import Finding
from analytics_lib.reporting.lint.notebooks import lint_file, lint_notebook, lint_project

__all__ = ["Finding", "lint_file", "lint_notebook", "lint_project"]
