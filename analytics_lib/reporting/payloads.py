"""What the objects of `display` tell the press: charts, tables, tiles, answers, results."""

import csv
import io
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from analytics_lib.core.errors import IncompleteError

if TYPE_CHECKING:
    from nbformat import NotebookNode

MIME = "application/vnd.analytics-lib+json"
GROUP = "group"
_FORMULA = re.compile(r"^[=+\-@\t\r]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Payload:
    """One shown object.

    Attributes:
        kind: `figure`, `table`, `tiles`, `answer` or `note`.
        id: Stable name, unique on the page.
        title: Its title; for an answer the sentence itself.
        columns: Column descriptions of its data, where it has data.
        rows: The data.
        results: Named results it declares.
        protects: Objects whose sums it says are protected.
        rule: The rule they were protected by; it is never published.
        metric: The metric whose result its data are; empty where it names none.
    """

    kind: str
    id: str
    title: str
    columns: list[dict[str, Any]]
    rows: list[list[Any]]
    results: dict[str, Any]
    protects: tuple[str, ...] = ()
    rule: dict[str, Any] | None = None
    metric: str = ""

    def to_dict(self) -> dict[str, Any]:
        """The object as JSON, for `data.json`."""
        return {
            "kind": self.kind,
            "id": self.id,
            "title": self.title,
            "columns": self.columns,
            "rows": self.rows,
            "results": self.results,
        }

    def to_csv(self) -> str:
        """The data as CSV; a text that a spreadsheet would run as a formula is quoted off."""
        buffer = io.StringIO()
        writer = csv.writer(buffer, lineterminator="\n")
        writer.writerow([column["name"] for column in self.columns])
        for row in self.rows:
            writer.writerow([_safe_cell(value) for value in row])
        return buffer.getvalue()


def payloads_of(notebook: "NotebookNode", *, name: str) -> list[Payload]:
    """Everything the notebook shows, in order.

    Raises:
        IncompleteError: A cell shows something that did not come from `display` (a
            frame printed by mistake would publish its rows), or two objects
            share an id.
    """
    found: list[Payload] = []
    for number, cell in enumerate(notebook.cells, start=1):
        for output in cell.get("outputs", []):
            if output.output_type not in ("display_data", "execute_result"):
                continue
            if MIME not in output.data:
                raise IncompleteError(
                    f"`{name}`: cell {number} shows something that did not come from `display`; "
                    "only charts, tables, tiles and sentences of `display` are published."
                )
            found += [payload_of(data) for data in _members(output.data[MIME])]
    ids = [payload.id for payload in found]
    twice = sorted({id_ for id_ in ids if ids.count(id_) > 1})
    if twice:
        raise IncompleteError(f"`{name}`: ids {twice} are used more than once on the page.")
    return found


def results_of(payloads: list[Payload]) -> dict[str, Any]:
    """Every named result of the page."""
    return {key: value for payload in payloads for key, value in payload.results.items()}


def payload_of(data: dict[str, Any]) -> Payload:
    """An object from its JSON."""
    return Payload(
        kind=data["kind"],
        id=data["id"],
        title=data.get("title") or "",
        columns=data.get("columns") or [],
        rows=data.get("rows") or [],
        results=data.get("results") or {},
        protects=tuple(data.get("protects") or ()),
        rule=data.get("rule"),
        metric=data.get("metric") or "",
    )


def _members(data: dict[str, Any]) -> list[dict[str, Any]]:
    """The objects of a group; anything else is its only member."""
    return list(data["objects"]) if data["kind"] == GROUP else [data]


def _safe_cell(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    return f"'{value}" if isinstance(value, str) and _FORMULA.match(value) else value
