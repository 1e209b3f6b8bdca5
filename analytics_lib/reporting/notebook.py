"""What a report notebook says of itself, read without starting anything."""

import ast
import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import Field

from analytics_lib.core.errors import ParameterError
from analytics_lib.core.strict import StrictModel, validate

PRESS_PARAMETERS = ("as_of", "table_versions")
RESEARCH_PACKAGE = "research_package"


class ReportCard(StrictModel):
    """`metadata.analytics` of a notebook: what it reads and what it must answer.

    Attributes:
        reads: Tables of the lake; a report sees no others. Empty for a report about a released
            research package, which sees no lake at all.
        results: Names of the results it must declare to be complete.
        sums: Ids of charts and tables that show sums of what people contributed, or means of
            them; the release gate holds them unless they are protected.
    """

    reads: list[str]
    results: list[str] = Field(min_length=1)
    sums: list[str] = Field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterSlot:
    """One line of the parameters cell.

    Attributes:
        name: Parameter name.
        annotation: Its type as written.
        default: Its literal value.
        help: The trailing comment.
    """

    name: str
    annotation: str
    default: Any
    help: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportNotebook:
    """A report notebook.

    Attributes:
        name: Report name (the file's stem).
        path: The file.
        title: Its first heading: the question it answers.
        card: What it reads and must answer.
        slots: Its parameters, those of the press among them.
        sha256: Digest of its cells and card; outputs and editor metadata do not count.
    """

    name: str
    path: Path
    title: str
    card: ReportCard
    slots: tuple[ParameterSlot, ...]
    sha256: str


def read_notebook(path: Path) -> ReportNotebook:
    """Read a report notebook.

    Raises:
        ParameterError: It is no notebook, or lacks its title, its card or its
            parameters cell.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        cells = content["cells"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ParameterError(f"`{path.name}` is not a readable notebook.") from error
    card = validate(
        ReportCard, content.get("metadata", {}).get("analytics", {}), name=f"{path.name} metadata"
    )
    title, slots = _title(cells, path), _slots(cells, path)
    if not card.reads and RESEARCH_PACKAGE not in {slot.name for slot in slots}:
        raise ParameterError(
            f"`{path.name}` reads nothing; its card must name tables, or its parameters cell must "
            f"declare `{RESEARCH_PACKAGE}`."
        )
    return ReportNotebook(
        name=path.stem,
        path=path,
        title=title,
        card=card,
        slots=slots,
        sha256=_digest(cells, card),
    )


def source_of(cell: dict[str, Any]) -> str:
    """Source of a cell as one text (the format allows a list of lines)."""
    source = cell.get("source", "")
    return source if isinstance(source, str) else "".join(source)


def tags_of(cell: dict[str, Any]) -> list[str]:
    """Tags of a cell."""
    return list(cell.get("metadata", {}).get("tags", []))


def _title(cells: list[dict[str, Any]], path: Path) -> str:
    for cell in cells:
        if cell.get("cell_type") == "markdown":
            match = re.search(r"^# (.+)$", source_of(cell), flags=re.MULTILINE)
            if match:
                return match.group(1).strip()
    raise ParameterError(f"`{path.name}` has no first-level heading; it must ask its question.")


def _slots(cells: list[dict[str, Any]], path: Path) -> tuple[ParameterSlot, ...]:
    tagged = [cell for cell in cells if "parameters" in tags_of(cell)]
    if len(tagged) != 1:
        raise ParameterError(
            f"`{path.name}` has {len(tagged)} cells tagged 'parameters'; it must have one."
        )
    source = source_of(tagged[0])
    lines = source.splitlines()
    slots = []
    for node in ast.parse(source).body:
        if not isinstance(node, ast.AnnAssign) or not isinstance(node.target, ast.Name):
            raise ParameterError(
                f"`{path.name}`: line {node.lineno} of the parameters cell is not an annotated "
                "literal such as `horizon: int = 12  # Ages shown.`"
            )
        comment = lines[(node.end_lineno or node.lineno) - 1].partition("  # ")[2].strip()
        slots.append(
            ParameterSlot(
                name=node.target.id,
                annotation=ast.unparse(node.annotation),
                default=ast.literal_eval(node.value) if node.value else None,
                help=comment,
            )
        )
    missing = [name for name in PRESS_PARAMETERS if name not in {slot.name for slot in slots}]
    if missing:
        raise ParameterError(f"`{path.name}` does not declare {missing}, which the press sets.")
    return tuple(slots)


def _digest(cells: list[dict[str, Any]], card: ReportCard) -> str:
    essence = {
        "cells": [[cell.get("cell_type"), tags_of(cell), source_of(cell)] for cell in cells],
        "card": card.model_dump(),
    }
    return hashlib.sha256(json.dumps(essence, sort_keys=True).encode()).hexdigest()
