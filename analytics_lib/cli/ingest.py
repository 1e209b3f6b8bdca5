"""`analytics ingest`: bring data through the door."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from analytics_lib.cli.output import print_json, progress_bar, say

if TYPE_CHECKING:
    from analytics_lib.warehouse import IngestReport


def ingest_source(
    source: Annotated[
        str,
        typer.Argument(
            help="A mapping (parameters/sources/x.yaml), a file, a folder, a DuckDB file or a "
            "PostgreSQL address."
        ),
    ],
    *,
    table: Annotated[
        str | None, typer.Option("--as", help="Table to fill: events, users, ...")
    ] = None,
    mapping: Annotated[
        Path | None, typer.Option(help="Column mapping (YAML) for this source.")
    ] = None,
    lake: Annotated[
        str | None,
        typer.Option(help="Name of the lake; the mapping's own, or the default one, without it."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Ingest a source into the warehouse, with privacy at the door.

    Identifiers are pseudonymised, bad rows quarantined with the reason and the
    line, duplicates dropped. Ingesting the same source twice changes nothing.
    """
    from analytics_lib.reporting.project import find_project  # noqa: PLC0415 - start-up time
    from analytics_lib.warehouse import ingest, lake_of_mapping  # noqa: PLC0415

    project = find_project()
    folder = project.lake_of(lake or lake_of_mapping(mapping or source))
    with progress_bar() as bar:
        tasks: dict[str, int] = {}

        def tell(done: int, total: int | None, label: str) -> None:
            if label not in tasks:
                tasks[label] = bar.add_task(label, total=total)
            bar.update(tasks[label], completed=done, total=total)  # type: ignore[arg-type]

        report = ingest(source, lake=folder, table=table, mapping=mapping, on_progress=tell)
    _print(report, as_json=as_json)


def _print(report: "IngestReport", *, as_json: bool) -> None:
    if as_json:
        print_json(report.to_dict())
        return
    for line in report.lines():
        say(line)
