"""`analytics dataset demonstrate`: a package that shows what one looks like."""

from pathlib import Path
from typing import Annotated

import typer

from analytics_lib.cli.dataset_platform import (
    AsJson,
    definition_of,
    note_in_log,
    now,
    open_platform,
    source_of,
    tell,
)


def demonstrate(
    file: Annotated[Path, typer.Argument(help="The request (YAML), with `demonstration: true`.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Release a declared demonstration of a data set that the policy names for it, once."""
    from analytics_lib.core.yaml_files import read_yaml  # noqa: PLC0415
    from analytics_lib.publishing.demonstration import demonstrate as take  # noqa: PLC0415
    from analytics_lib.publishing.request import dataset_request  # noqa: PLC0415

    project, platform = open_platform()
    content = read_yaml(file, label=f"`{file.name}`")
    definition = definition_of(project, str(content.get("dataset")))
    asked = dataset_request(content, policy=platform.policy, definition=definition, name=file.name)
    package, is_new = take(
        platform,
        asked,
        definition=definition,
        source=lambda: source_of(project, definition),
        at=now(),
        before_writing=lambda version: note_in_log(
            project, "dataset_releasing", name=asked.name, version=version, by="demonstration"
        ),
    )
    facts = {"name": package.name, "version": package.version, "expires_on": package.expires_on}
    if is_new:
        note_in_log(
            project, "dataset_released", by="demonstration", **facts,
            manifest_sha256=package.manifest_sha256,
        )  # fmt: skip
    state = "is released" if is_new else "is there already"
    tell(
        facts | {"new": is_new},
        f"Demonstration `{package.name}` version {package.version} {state}, valid until "
        f"{package.expires_on}.",
        as_json=as_json,
    )
