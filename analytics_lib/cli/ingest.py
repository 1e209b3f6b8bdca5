"""`analytics ingest`: bring data through the door."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from analytics_lib.cli.output import print_json, progress_bar, say

if TYPE_CHECKING:
    from analytics_lib.warehouse import IngestReport


def ingest_source(
    sources: Annotated[
        list[str],
        typer.Argument(
            help="Mappings (parameters/sources/x.yaml), files, folders, DuckDB files or "
            "PostgreSQL addresses."
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
    """Ingest sources into the warehouse, with privacy at the door.

    Identifiers are pseudonymised, bad rows quarantined with the reason and the
    line, duplicates dropped. Ingesting the same source twice changes nothing.
    """
    from analytics_lib.reporting.project import find_project  # noqa: PLC0415 - start-up time
    from analytics_lib.warehouse import lake_of_mapping  # noqa: PLC0415

    project = find_project()
    folders = [project.lake_of(lake or lake_of_mapping(mapping or source)) for source in sources]
    reports = []
    for source, folder in zip(sources, folders, strict=True):
        report = _ingest(source, lake=folder, table=table, mapping=mapping)
        reports.append(report.to_dict())
        if not as_json:
            for line in report.lines():
                say(line)
    if as_json:
        print_json(reports[0] if len(reports) == 1 else reports)


def _ingest(source: str, *, lake: Path, table: str | None, mapping: Path | None) -> "IngestReport":
    from analytics_lib.warehouse import ingest  # noqa: PLC0415 - start-up time

    with progress_bar() as bar:
        tasks: dict[str, int] = {}

        def tell(done: int, total: int | None, label: str) -> None:
            if label not in tasks:
                tasks[label] = bar.add_task(label, total=total)
            bar.update(tasks[label], completed=done, total=total)  # type: ignore[arg-type]

        return ingest(source, lake=lake, table=table, mapping=mapping, on_progress=tell)
