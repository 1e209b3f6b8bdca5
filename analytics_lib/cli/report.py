"""`analytics report`: custom reports, written and checked without code."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from analytics_lib.cli.output import fail, print_json, say
from analytics_lib.core.errors import ParameterError, SchemaError

if TYPE_CHECKING:
    from analytics_lib.reporting.custom.definition import Section, Tile

app = typer.Typer(help="Custom reports: write one, check them.", no_args_is_help=True)

_IN_SHORT = (
    "`metric`, `metric:period` or `metric:period:column`, such as `active_users:month`, and "
    "`name=value` for more, such as `day_n_retention n=7`"
)
_WRONG = 2
_Chosen = Annotated[list[str] | None, typer.Option(help=f"A key figure: {_IN_SHORT}.")]


@app.command("new")
def new_report(
    name: Annotated[str, typer.Argument(help="Name of the file to write.")],
    *,
    title: Annotated[str, typer.Option(help="Words for the index.")] = "",
    question: Annotated[str, typer.Option(help="The page's title; it ends in `?`.")] = "",
    text: Annotated[str, typer.Option(help="Words below the title.")] = "",
    lake: Annotated[str, typer.Option(help="Name of the lake; the default one without it.")] = "",
    tile: _Chosen = None,
    section: Annotated[
        list[str] | None, typer.Option(help="A chart or table, written like a key figure.")
    ] = None,
    columns: Annotated[int, typer.Option(min=1, max=2, help="Charts side by side.")] = 1,
    ask: Annotated[
        bool, typer.Option("--ask/--no-ask", help="Ask for whatever no option says.")
    ] = True,
) -> None:
    """Ask what a page shall show and write `parameters/custom/<name>.yaml`.

    What an option says is not asked. Nothing is overwritten, and nothing is
    written that `analytics report check` would refuse.
    """
    from analytics_lib.reporting.custom.definition import (  # noqa: PLC0415 - start-up time
        Section,
        Tile,
    )
    from analytics_lib.reporting.custom.short_form import measure_in_short  # noqa: PLC0415
    from analytics_lib.reporting.custom.writing import write_report  # noqa: PLC0415
    from analytics_lib.reporting.project import find_project  # noqa: PLC0415

    path = write_report(
        find_project(),
        name,
        title=title or _asked("Title in the list of reports", name.replace("_", " "), ask=ask),
        question=question
        or _asked("Which question does the page answer?", "How are we doing?", ask=ask),
        text=text,
        lake=(lake or _asked("Name of the lake (empty for the default one)", "", ask=ask)) or None,
        tiles=[measure_in_short(word) for word in tile or ()]
        or _several("key figure", Tile, ask=ask),
        sections=[measure_in_short(word) for word in section or ()]
        or _several("chart", Section, ask=ask),
        columns=columns,
    )
    say(f"Wrote parameters/custom/{path.name}. Publish it with: analytics run custom/{path.stem}")


@app.command("check")
def check_reports(
    names: Annotated[
        list[str] | None, typer.Argument(help="Custom reports, by file name; all without any.")
    ] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """Explain every mistake of custom reports; exit code 2 where there is one."""
    from analytics_lib.reporting.custom.verdicts import check_files  # noqa: PLC0415 - start-up time
    from analytics_lib.reporting.project import find_project  # noqa: PLC0415

    verdicts = check_files(find_project(), names or [])
    if as_json:
        print_json(verdicts)
    else:
        _say_verdicts(verdicts)
    wrong = sum(bool(verdict["mistakes"]) for verdict in verdicts)
    if wrong:
        fail(f"{wrong} of {len(verdicts)} custom reports hold mistakes.", exit_code=_WRONG)


def _say_verdicts(verdicts: list[dict[str, Any]]) -> None:
    for verdict in verdicts:
        reads = ", ".join(verdict["reads"])
        state = "mistakes" if verdict["mistakes"] else f"good; reads {reads}"
        say(f"{verdict['name']}: {state}")
        for mistake in verdict["mistakes"]:
            say(f"  {mistake}")


def _asked(question: str, default: str, *, ask: bool) -> str:
    return str(typer.prompt(question, default=default)) if ask else default


def _several(what: str, kind: "type[Tile | Section]", *, ask: bool) -> list[dict[str, Any]]:
    """Answers until an empty one; a wrong one is explained and asked for again."""
    if not ask:
        return []
    from analytics_lib.reporting.custom.short_form import checked_measure  # noqa: PLC0415

    say(f"Each {what} is a metric of `analytics metrics list`: {_IN_SHORT}. Empty to go on.")
    found: list[dict[str, Any]] = []
    while word := str(typer.prompt(f"{what.capitalize()} {len(found) + 1}", default="")):
        try:
            found.append(checked_measure(word, kind))
        except (ParameterError, SchemaError) as error:
            say(f"  {error}")
    return found
