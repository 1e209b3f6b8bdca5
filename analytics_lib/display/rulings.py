"""Recommendations and alerts on the page, each with its evidence."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from analytics_lib.core.checks import require_choice
from analytics_lib.core.errors import ParameterError
from analytics_lib.display.frames import Cell, read_columns, require_id
from analytics_lib.display.numerals import date_words, plural, quantity
from analytics_lib.display.tables import Column, Table, require_title

Kind = Literal["recommendation", "alert"]
_COLUMNS = (
    "kind", "severity", "owner", "sentence", "result", "status", "evidence", "value", "operator",
    "limit", "unit", "as_of",
)  # fmt: skip
_SHOWN = {
    "what": Column(label="What"),
    "evidence": Column(label="Evidence"),
    "owner": Column(label="For", missing="nobody"),
}
_ORDER = ("critical", "warning", "info")
_PART = {"ci_lower": ", lower end of the interval", "ci_upper": ", upper end of the interval"}


def rulings(
    judged: Any,  # noqa: ANN401 - any frame
    *,
    kind: Kind,
    id: str,  # noqa: A002 - the word of the page
    title: str,
) -> Table:
    """Show what rules recommend or raise, and what they cannot know.

    Raised ones come first, the most severe before the others; then those whose evidence is
    missing, which say so. How many were looked at and are not raised stands below.

    Args:
        judged: What `judge_rules` gives.
        kind: Which rules are shown.
        id: Stable name, unique on the page.
        title: Caption.

    Returns:
        The table; one row that says so where there is nothing to recommend or raise.

    Raises:
        SchemaError: A column is missing.
        ParameterError: `kind` is unknown, `id` is not a stable name, or there is no title.
    """
    require_id(id)
    require_title(title, name=id)
    require_choice(kind, ("alert", "recommendation"), name="kind")
    rows = [row for row in read_columns(judged, _COLUMNS, name=id) if row["kind"] == kind]
    raised = _of_status(rows, "raised")
    unknown = _of_status(rows, "not known")
    shown = [_line(row) for row in (*raised, *unknown)]
    quiet = len(rows) - len(shown)
    word = plural("rules", len(rows))
    if not shown:
        nothing: dict[str, Cell] = dict.fromkeys(_SHOWN)
        shown = [nothing | {"what": "None.", "evidence": f"{len(rows)} {word} looked at"}]
    note = f"{len(rows)} {word} looked at: {len(raised)} raised, {quiet} not raised, "
    return Table(
        id=id, title=title, columns=_SHOWN, rows=shown, note=f"{note}{len(unknown)} not known."
    )


def _of_status(rows: Sequence[Mapping[str, Cell]], status: str) -> list[Mapping[str, Cell]]:
    chosen = [row for row in rows if row["status"] == status]
    return sorted(chosen, key=lambda row: _ORDER.index(str(row["severity"])))


def _line(row: Mapping[str, Cell]) -> dict[str, Cell]:
    is_known = row["status"] == "raised"
    what = str(row["sentence"])
    return {
        "what": what if is_known else f"Not known whether this is so: {what}",
        "evidence": _evidence(row, is_known=is_known),
        "owner": f"{row['owner']} ({row['severity']})",
    }


def _evidence(row: Mapping[str, Cell], *, is_known: bool) -> str:
    name = str(row["result"]).replace("_", " ")
    name = f"{name[:1].upper()}{name[1:]}{_PART.get(str(row['evidence']), '')}"
    unit = str(row["unit"] or "")
    limit = f"{str(row['operator']).replace('_', ' ')} {quantity(_number(row['limit']), unit)}"
    found = quantity(_number(row["value"]), unit) if is_known else "no value"
    return f"{name}: {found} (limit: {limit}), {_day(row['as_of'])}"


def _number(cell: Cell) -> float:
    if isinstance(cell, int | float):
        return float(cell)
    raise ParameterError(f"`judged` has {cell!r} where a number must be.")


def _day(cell: Cell) -> str:
    return date_words(cell, short=True) if isinstance(cell, dt.date) else str(cell)
