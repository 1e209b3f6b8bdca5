"""A new custom report as a file: what was asked for, checked, in an order people read."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from analytics_lib.core.errors import ParameterError
from analytics_lib.core.strict import validate
from analytics_lib.reporting.custom.checking import mistakes_of
from analytics_lib.reporting.custom.definition import REPORT, Custom
from analytics_lib.reporting.custom.verdicts import sums_without_proof
from analytics_lib.reporting.project import Project
from analytics_lib.reporting.questions import RunSpec

_NAME = re.compile(r"[a-z][a-z0-9_]*")


def write_report(
    project: Project,
    name: str,
    *,
    title: str,
    question: str,
    lake: str | None,
    tiles: Sequence[Mapping[str, Any]],
    sections: Sequence[Mapping[str, Any]] = (),
    text: str = "",
    columns: int = 1,
) -> Path:
    """Check a custom report and write `parameters/custom/<name>.yaml`; nothing is overwritten.

    Args:
        project: The project.
        name: The file's stem.
        title: Words for the index.
        question: The page's title.
        lake: Name of the lake; the default one where None.
        tiles: Key figures; the first is the answer.
        sections: Charts and tables.
        text: Words below the title.
        columns: Sections side by side.

    Returns:
        The file.

    Raises:
        ParameterError: The file exists, or something in it would be a mistake; nothing is
            written then.
    """
    label = f"parameters/{REPORT}/{name}.yaml"
    path = project.parameters_file(f"{REPORT}/{name}")
    if not _NAME.fullmatch(name):
        raise ParameterError(
            f"`name` is {name!r}; it must hold lower-case letters, digits and underscores."
        )
    if path.exists():
        raise ParameterError(f"{label} exists; give another name, or edit it.")
    parameters: dict[str, Any] = {
        "question": question,
        "text": text,
        "columns": columns,
        "tiles": [dict(tile) for tile in tiles],
        "sections": [dict(section) for section in sections],
    }
    report = validate(Custom, parameters, name=f"{label} parameters")
    mistakes = mistakes_of(report) or sums_without_proof(project, report)
    if mistakes:
        raise ParameterError(f"{label}: {' '.join(mistakes)}")
    content = {
        "title": title,
        **({"lake": lake} if lake else {}),
        "parameters": {k: v for k, v in parameters.items() if v not in ("", [], 1)},
    }
    validate(RunSpec, content, name=label)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=96), encoding="utf-8"
    )
    return path
