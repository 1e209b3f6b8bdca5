"""`analytics dataset`: from a researcher's request to a package that expires."""

from pathlib import Path
from typing import Annotated, Any

import typer

from analytics_lib.cli.dataset_demonstration import demonstrate
from analytics_lib.cli.dataset_platform import (
    AsJson,
    account_of,
    definition_of,
    follow_on_site,
    has_project,
    material_of,
    note_in_log,
    now,
    open_platform,
    tell,
)
from analytics_lib.cli.dataset_programme import outcome, steps
from analytics_lib.cli.output import print_json, say
from analytics_lib.core.errors import RunError

app = typer.Typer(help="Research data: requests, decisions, packages.", no_args_is_help=True)
app.command("demonstrate")(demonstrate)
app.command("outcome")(outcome)
app.command("steps")(steps)

Name = Annotated[str, typer.Argument(help="Name of the request.")]
By = Annotated[str, typer.Option("--by", help="Who acts, as the research policy names them.")]
NoteText = Annotated[str, typer.Option("--note", help="What there is to say about it.")]


@app.command("request")
def request(
    file: Annotated[
        Path | None, typer.Argument(help="The request (YAML); asked for in words without it.")
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Put a request into the register, or say why it is refused."""
    from analytics_lib.cli.dataset_questions import ask  # noqa: PLC0415 - start-up time
    from analytics_lib.core.yaml_files import read_yaml  # noqa: PLC0415
    from analytics_lib.publishing.decisions import submit  # noqa: PLC0415
    from analytics_lib.publishing.request import dataset_request  # noqa: PLC0415

    project, platform = open_platform()
    content = ask(platform.policy) if file is None else read_yaml(file, label=f"`{file.name}`")
    asked = dataset_request(
        content,
        policy=platform.policy,
        definition=definition_of(project, str(content.get("dataset"))),
        name=file.name if file else "the request",
    )
    entry = submit(platform.register, asked, at=now())
    note_in_log(project, "dataset_requested", name=entry.name, area=asked.area)
    tell(asked.public() | {"state": entry.state}, f"`{entry.name}` is requested.", as_json=as_json)


@app.command("review")
def review(name: Name, *, by: By, note: NoteText = "", as_json: AsJson = False) -> None:
    """Try a request out on the data, attack the result, and note the review; nothing is written."""
    from analytics_lib.publishing.decisions import review as note_review  # noqa: PLC0415 - start-up
    from analytics_lib.publishing.entries import require_role  # noqa: PLC0415

    project, platform = open_platform()
    require_role(by, platform.policy.roles.reviewer, role="reviewer")
    definition, source = material_of(project, platform, name)
    report = platform.trial(name, definition=definition, source=source)
    entry = note_review(platform.register, name, policy=platform.policy, by=by, at=now(), note=note)
    note_in_log(project, "dataset_reviewed", name=name, by=by)
    if report.get("kind") == "tables":
        tell(
            {"name": name, "state": entry.state, **report},
            *_of_tables(name, report),
            as_json=as_json,
        )
        return
    shown = {key: report[key] for key in ("achieved", "rows", "attacks", "utility")}
    lines = [
        f"`{name}` is reviewed.",
        f"{report['rows']['released']} rows; smallest class {report['achieved']['k']}.",
        f"Quality score {report['utility']['quality_score']['value']}.",
        *(
            f"  {attack['attack']}: {attack['success']:.1%}, baseline {attack['baseline']:.1%}"
            for attack in report["attacks"]
        ),
    ]
    tell({"name": name, "state": entry.state, **shown}, *lines, as_json=as_json)


def _of_tables(name: str, report: dict[str, Any]) -> list[str]:
    """What a review of tables alone says: nothing was counted yet."""
    return [
        f"`{name}` is reviewed; no rows are asked for, and nothing was counted.",
        f"Epsilon {report['epsilon']:g} would be spent on:",
        *(
            f"  people by {' and '.join(one['by'])}, {one['cells']} cells"
            for one in report["tables"]
        ),
    ]


@app.command("approve")
def approve(name: Name, *, by: By, note: NoteText = "", as_json: AsJson = False) -> None:
    """Approve a reviewed request; not by who asked for it or reviewed it."""
    from analytics_lib.publishing.decisions import approve as note_approval  # noqa: PLC0415

    project, platform = open_platform()
    entry = note_approval(
        platform.register, name, policy=platform.policy, by=by, at=now(), note=note
    )
    note_in_log(project, "dataset_approved", name=name, by=by)
    tell({"name": name, "state": entry.state}, f"`{name}` is approved.", as_json=as_json)


@app.command("reject")
def reject(name: Name, *, by: By, note: NoteText, as_json: AsJson = False) -> None:
    """Reject a request that is not released yet, with the reason."""
    from analytics_lib.publishing.decisions import reject as note_rejection  # noqa: PLC0415

    project, platform = open_platform()
    entry = note_rejection(
        platform.register, name, policy=platform.policy, by=by, at=now(), note=note
    )
    note_in_log(project, "dataset_rejected", name=name, by=by)
    tell({"name": name, "state": entry.state}, f"`{name}` is rejected.", as_json=as_json)


@app.command("release")
def release(name: Name, *, by: By, as_json: AsJson = False) -> None:
    """Make, attack and write the package of an approved request; all of it or nothing."""
    project, platform = open_platform()
    definition, source = material_of(project, platform, name)
    package = platform.release(
        name,
        definition=definition,
        source=source,
        by=by,
        at=now(),
        before_writing=lambda version: note_in_log(
            project, "dataset_releasing", name=name, version=version, by=by
        ),
        account=account_of(project, str(platform.register.entry(name).content["dataset"]), by),
    )
    facts = {
        "name": package.name,
        "version": package.version,
        "expires_on": package.expires_on,
        "manifest_sha256": package.manifest_sha256,
    }
    note_in_log(project, "dataset_released", by=by, **facts)
    folder = f"outputs/datasets/{package.name}/{package.version}"
    tell(
        facts | {"folder": folder},
        f"`{name}` version {package.version} is in {folder}, valid until {package.expires_on}.",
        as_json=as_json,
    )


@app.command("verify")
def verify(
    name: Annotated[str, typer.Argument(help="`name`, `name/version`, or a folder.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Hold a package against its manifest and the register; refuse what has expired."""
    from analytics_lib.publishing.verification import verify_package  # noqa: PLC0415 - start-up

    today, folder = now().date(), Path(name)
    if not (folder / "manifest.json").is_file():
        found = open_platform()[1].verify(name, today=today)
    elif has_project():
        found = open_platform()[1].verify_folder(folder, today=today)
    else:
        found = verify_package(folder, today=today)
    shown = {
        "name": found.name, "files": found.files, "k": found.k, "problems": list(found.problems),
        "registered": found.registered,
    }  # fmt: skip
    agree = (
        "files as they were released"
        if found.registered
        else "files agree with their manifest, which no register here has"
    )
    lines = [f"{found.name}: {problem}." for problem in found.problems] or [
        f"{found.name}: {found.files} {agree}; "
        + (f"smallest class {found.k} rows." if found.k else "tables of noisy counts, no rows.")
    ]
    tell(shown, *lines, as_json=as_json)
    if found.problems:
        raise RunError(f"`{found.name}` must not be used.")


@app.command("expire")
def expire(
    name: Annotated[str | None, typer.Argument(help="A package; all that are due without.")] = None,
    *,
    by: By = "the calendar",
    note: NoteText = "",
    as_json: AsJson = False,
) -> None:
    """End packages that have reached their day, or one before it; the site no longer shows them."""
    project, platform = open_platform()
    at = now()
    names = [name] if name else [entry.name for entry in platform.due(today=at.date())]
    for one in names:
        platform.expire(one, by=by, at=at, note=note)
        note_in_log(project, "dataset_expired", name=one, by=by)
    follow_on_site(project, at=at)
    lines = [f"`{one}` has expired." for one in names] or ["No package is due."]
    tell({"expired": names}, *lines, as_json=as_json)


@app.command("list")
def list_requests(
    *,
    everything: Annotated[bool, typer.Option("--all", help="Expired ones too.")] = False,
    as_json: AsJson = False,
) -> None:
    """List requests and packages; who to contact is never shown."""
    rows = open_platform()[1].listed(today=now().date(), everything=everything)
    lines = [
        f"{row['name']}  {row['state']}  {row['area']}  {row['organisation']}"
        + (f"  version {row['version']} until {row['expires_on']}" if row["version"] else "")
        for row in rows
    ] or ["Nothing is asked for."]
    if as_json:
        print_json(rows)
        return
    for line in lines:
        say(line)
