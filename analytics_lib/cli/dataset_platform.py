"""What the commands about research data work on: the project, its platform, a data set."""

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from analytics_lib.cli.output import print_json, say, say_damage

if TYPE_CHECKING:
    from analytics_lib.privacy.differential import Account
    from analytics_lib.publishing.definition import DatasetDefinition
    from analytics_lib.publishing.programme import DataPlatform, Source
    from analytics_lib.reporting.project import Project

_WAIT_S = 60
AsJson = Annotated[bool, typer.Option("--json", help="Print as JSON.")]


def open_platform() -> "tuple[Project, DataPlatform]":
    """The project of the current folder and its data platform."""
    from analytics_lib.core.yaml_files import read_yaml  # noqa: PLC0415
    from analytics_lib.publishing.policy import research_policy  # noqa: PLC0415 - start-up time
    from analytics_lib.publishing.programme import DataPlatform  # noqa: PLC0415
    from analytics_lib.reporting.project import find_project  # noqa: PLC0415

    project = find_project()
    policy = research_policy(read_yaml(project.research_policy, label="`research_policy.yaml`"))
    return project, DataPlatform(
        folder=project.datasets, policy=policy, ledgers=ledgers_of(project)
    )


def has_project() -> bool:
    """Whether the current folder is in a project; whoever received a package has none."""
    from analytics_lib.core.errors import ParameterError  # noqa: PLC0415 - start-up time
    from analytics_lib.reporting.project import find_project  # noqa: PLC0415

    try:
        find_project()
    except ParameterError:
        return False
    return True


def definition_of(project: "Project", name: str) -> "DatasetDefinition":
    """The definition of a data set that may be asked for.

    Raises:
        ParameterError: There is none of that name, or it holds a mistake.
    """
    from analytics_lib.core.checks import require_choice  # noqa: PLC0415 - start-up time
    from analytics_lib.core.yaml_files import read_yaml  # noqa: PLC0415
    from analytics_lib.publishing.definition import dataset_definition  # noqa: PLC0415

    known = sorted(path.stem for path in project.dataset_definitions.glob("*.yaml"))
    require_choice(name, known, name="dataset")
    path = project.dataset_definitions / f"{name}.yaml"
    return dataset_definition(read_yaml(path, label=f"`{path.name}`"), name=path.name)


def material_of(
    project: "Project", platform: "DataPlatform", name: str
) -> "tuple[DatasetDefinition, Source]":
    """The definition that a request asks for, and the table it is made of."""
    definition = definition_of(project, str(platform.register.entry(name).content["dataset"]))
    return definition, source_of(project, definition)


def source_of(project: "Project", definition: "DatasetDefinition") -> "Source":
    """The table of a data set, with where it comes from and the key of its lake."""
    from analytics_lib.publishing.programme import Source  # noqa: PLC0415 - start-up time
    from analytics_lib.warehouse import open_lake  # noqa: PLC0415

    lake = open_lake(project.lake_of(definition.lake))
    sources = [source for source in lake.sources() if definition.table in source.tables]
    return Source(
        table=lake.table(definition.table).collect(),
        identity=lake.identity(definition.table),
        sources=tuple(sources),
        key=lake.key(),
    )


def ledgers_of(project: "Project") -> Path:
    """The folder of the privacy ledgers."""
    return project.root / "outputs" / "privacy"


def account_of(project: "Project", dataset: str, by: str) -> "Account | None":
    """The privacy budget of a data set, where it has one."""
    from analytics_lib.warehouse.privacy_ledger import (  # noqa: PLC0415 - start-up time
        ledger_names,
        open_ledger,
    )

    folder = ledgers_of(project)
    if dataset not in ledger_names(folder):
        return None
    return open_ledger(folder, table=dataset).account(who=by, clock=now)


def follow_on_site(project: "Project", *, at: dt.datetime) -> None:
    """Take pages about packages that have expired off the site, where there is one.

    Raises:
        AccessError: Another process has been publishing for a minute; the package has expired all
            the same, and the next run takes its page off.
    """
    from analytics_lib.reporting.batch import exclusive  # noqa: PLC0415 - start-up time
    from analytics_lib.reporting.refresh import refresh_site  # noqa: PLC0415

    if any((tree.site / "index.html").is_file() for tree in project.trees()):
        with exclusive(project, wait_s=_WAIT_S):
            say_damage(refresh_site(project, now=at))


def note_in_log(project: "Project", event: str, **facts: Any) -> None:  # noqa: ANN401 - JSON values
    """Note something in the audit log."""
    from analytics_lib.reporting.evidence.audit_log import record  # noqa: PLC0415 - start-up time

    record(project, event, **facts)


def now() -> dt.datetime:
    """The clock, in UTC."""
    return dt.datetime.now(dt.UTC)


def tell(shown: dict[str, Any], *lines: str, as_json: bool) -> None:
    """Print lines, or the same as JSON."""
    if as_json:
        print_json(shown)
        return
    for line in lines:
        say(line)
