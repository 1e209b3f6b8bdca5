"""`analytics verify`, `reproduce` and `diff`: what was published, held against itself."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from analytics_lib.cli.output import print_json, say
from analytics_lib.core.errors import RunError

if TYPE_CHECKING:
    from analytics_lib.reporting.evidence.comparison import Change

MOST_SHOWN = 20


def verify(
    names: Annotated[
        list[str] | None, typer.Argument(help="Runs (`retention/monthly`); all by default.")
    ] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """Find any byte that changed since it was published.

    Every file is held against its manifest, every manifest and the pages around
    the reports against the audit log, and every line of the log against the one before.
    """
    from analytics_lib.reporting.evidence.verification import verify_site  # noqa: PLC0415 - start-up
    from analytics_lib.reporting.project import find_project  # noqa: PLC0415

    found = verify_site(find_project(), names or [])
    if as_json:
        print_json(
            {"versions": found.versions, "files": found.files, "problems": list(found.problems)}
        )
    else:
        for problem in found.problems:
            say(f"changed  {problem}")
        say(f"{found.versions} versions with {found.files} files looked at.")
    if found.problems:
        raise RunError(f"{len(found.problems)} things are not as they were published.")
    if not found.versions:
        raise RunError("Nothing is published, so nothing could be verified.")


def reproduce(
    name: Annotated[
        str, typer.Argument(help="`retention/monthly`, or with its date `…/2015-06-30`.")
    ],
    *,
    timeout: Annotated[float, typer.Option(help="Longest time for one cell, in seconds.")] = 600,
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """Make a published page again on the same table versions; publish nothing.

    Ends with 0 only where every file comes out the same to the byte.
    """
    from analytics_lib.reporting.evidence.reproduction import (  # noqa: PLC0415 - start-up time
        reproduce as make_again,
    )
    from analytics_lib.reporting.project import find_project  # noqa: PLC0415

    made = make_again(find_project(), name, timeout_s=timeout)
    if as_json:
        print_json(
            {
                "folder": made.folder,
                "same": list(made.same),
                "different": list(made.different),
                "changed": list(made.changed),
            }
        )
    else:
        say(f"{made.folder}: {len(made.same)} files came out the same to the byte.")
        for path in made.different:
            say(f"differs  {path}")
        for reason in made.changed:
            say(f"since then  {reason}")
    if made.different:
        raise RunError(f"{len(made.different)} files of `{made.folder}` came out differently.")


def diff(
    before: Annotated[str, typer.Argument(help="A version, such as `revenue/monthly/1998-05-31`.")],
    now: Annotated[str, typer.Argument(help="The version it is compared with.")],
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """Compare the named results of two published pages, with intervals and tests."""
    from analytics_lib.reporting.evidence.comparison import (  # noqa: PLC0415 - start-up time
        compare_results,
        named_results,
    )
    from analytics_lib.reporting.evidence.earlier import (  # noqa: PLC0415
        published_payloads,
        rows_of,
    )
    from analytics_lib.reporting.evidence.reproduction import find_version  # noqa: PLC0415
    from analytics_lib.reporting.project import find_project  # noqa: PLC0415

    project = find_project()
    pages = [find_version(project, name)[1] for name in (before, now)]
    old, new = (named_results(published_payloads(page)) for page in pages)
    changes: list[Change] = compare_results(new, old)
    if as_json:
        print_json({"before": before, "now": now, "changes": [c.to_dict() for c in changes]})
        return
    rows: list[dict[str, Any]] = rows_of(changes)
    for row in rows:
        say(f"{row['label']}: {row['before']} → {row['now']}, {row['change']}, {row['judgement']}")
