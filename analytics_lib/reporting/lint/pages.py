"""Rules about a notebook as a whole: title, headings, card, cells."""

import re
from collections.abc import Iterator
from typing import Any

from analytics_lib.reporting.notebook import PRESS_PARAMETERS, source_of, tags_of

MOST_CODE_CELLS = 40
Problem = tuple[str, str, str]


def page_problems(notebook: dict[str, Any]) -> Iterator[Problem]:
    """Broken rules of the whole notebook: rule, what was found, remedy."""
    cells = notebook["cells"]
    yield from _headings(cells)
    yield from _card(notebook["metadata"])
    yield from _cells(cells)
    yield from _parameters_cell(cells)


def _headings(cells: list[dict[str, Any]]) -> Iterator[Problem]:
    texts = "\n".join(source_of(cell) for cell in cells if cell["cell_type"] == "markdown")
    titles = re.findall(r"^# (.+)$", texts, re.MULTILINE)
    if len(titles) != 1:
        yield (
            "one first-level heading",
            f"{len(titles)} first-level headings",
            "give the page one `# ` heading and use `## ` below it",
        )
    elif not titles[0].endswith("?") or not source_of(cells[0]).startswith("# "):
        yield (
            "title",
            "it does not begin with a question",
            "begin the first cell with `# ` and the question that the page answers",
        )


def _card(metadata: dict[str, Any]) -> Iterator[Problem]:
    if "papermill" in metadata:
        yield (
            "stripped outputs",
            "papermill metadata",
            "delete `papermill` from the notebook's metadata",
        )
    if set(metadata.get("analytics", {})) - {"sums"} != {"reads", "results"}:
        yield (
            "card",
            "no card of what it reads and answers",
            'put `"analytics": {"reads": [...], "results": [...]}` into its metadata',
        )


def _cells(cells: list[dict[str, Any]]) -> Iterator[Problem]:
    ids = [cell.get("id", "") for cell in cells]
    if len(set(ids)) != len(ids) or not all(re.fullmatch(r"[a-z]+(-[a-z]+)*", id_) for id_ in ids):
        yield (
            "cell ids",
            "cell ids are not unique lower-case words",
            "name each cell for what it shows, such as `weeks-chart`",
        )
    codes = sum(cell["cell_type"] == "code" for cell in cells)
    if codes > MOST_CODE_CELLS:
        yield (
            "length",
            f"{codes} code cells",
            f"a page has at most {MOST_CODE_CELLS}; move what belongs together into a function",
        )


def _parameters_cell(cells: list[dict[str, Any]]) -> Iterator[Problem]:
    codes = [cell for cell in cells if cell["cell_type"] == "code"]
    if not codes or tags_of(codes[0]) != ["parameters"]:
        yield (
            "parameters cell",
            "the first code cell is not tagged parameters",
            "tag the first code cell `parameters`",
        )
        return
    missing = [name for name in PRESS_PARAMETERS if f"{name}:" not in source_of(codes[0])]
    if missing:
        yield (
            "parameters cell",
            f"it does not declare {', '.join(missing)}",
            "declare what the press sets, such as `as_of: str = ...`",
        )
