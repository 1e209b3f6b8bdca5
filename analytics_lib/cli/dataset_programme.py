"""`analytics dataset outcome | steps`: what came of the data, and the programme as a table."""

from pathlib import Path
from typing import Annotated

import typer

from analytics_lib.cli.dataset_platform import AsJson, note_in_log, now, open_platform, tell


def outcome(
    name: Annotated[str, typer.Argument(help="Name of the request.")],
    *,
    kind: Annotated[str, typer.Option("--kind", help="paper, policy, feedback or finding.")],
    title: Annotated[str, typer.Option("--title", help="What it is called, or says.")],
    by: Annotated[str, typer.Option("--by", help="Who reports it.")],
    reference: Annotated[str, typer.Option("--reference", help="Where it can be found.")] = "",
    score: Annotated[float | None, typer.Option("--score", help="Of feedback: 1 to 5.")] = None,
    on: Annotated[str | None, typer.Option("--on", help="Its day; today without.")] = None,
    as_json: AsJson = False,
) -> None:
    """Note what came of a released package: a paper, influence on policy, a finding, feedback."""
    from analytics_lib.core.periods import parse_date  # noqa: PLC0415 - start-up time
    from analytics_lib.publishing.reported import report_outcome  # noqa: PLC0415

    project, platform = open_platform()
    day = None if on is None else parse_date(on)
    entry = report_outcome(
        platform.register, name, policy=platform.policy, kind=kind, title=title, by=by, at=now(),
        on=day, reference=reference, score=score,
    )  # fmt: skip
    note_in_log(project, "dataset_outcome", name=name, kind=kind, by=by)
    tell(
        {"name": name, "kind": kind, "state": entry.state},
        f"A {kind} of `{name}` is noted.",
        as_json=as_json,
    )


def steps(
    file: Annotated[Path, typer.Argument(help="CSV file to write; an old one is replaced.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Write the register as the table that `research_programme` reads; nobody is named in it."""
    from analytics_lib.publishing.reported import programme_steps  # noqa: PLC0415 - start-up time
    from analytics_lib.warehouse.whole_files import replace_file  # noqa: PLC0415

    made = programme_steps(open_platform()[1].register.entries())
    replace_file(file, made.write_csv())
    tell(
        {"file": file.name, "rows": made.height},
        f"{made.height} steps are in {file.name}; point `parameters/sources/research.yaml` at it.",
        as_json=as_json,
    )
