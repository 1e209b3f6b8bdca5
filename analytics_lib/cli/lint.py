"""`analytics lint`: what keeps report notebooks from being pages."""

from typing import Annotated

import typer

from analytics_lib.cli.output import fail, print_json, say

_FOUND = 2


def lint_notebooks(
    names: Annotated[
        list[str] | None, typer.Argument(help="Reports or their notebooks; all without any.")
    ] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """Check report notebooks: one title, no logic, no clock, stripped; exit code 2 on findings."""
    from analytics_lib.reporting.lint import lint_project  # noqa: PLC0415 - start-up time
    from analytics_lib.reporting.project import find_project  # noqa: PLC0415

    findings = lint_project(find_project(), names or [])
    if as_json:
        print_json([finding.to_dict() for finding in findings])
    for finding in () if as_json else findings:
        say(finding.line())
    if findings:
        fail(f"{len(findings)} findings.", exit_code=_FOUND)
    if not as_json:
        say("Every notebook is a page.")
