"""Tables that a person, a screen reader and a spreadsheet all understand."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from analytics_lib.core.checks import require_at_least, require_choice
from analytics_lib.core.errors import ParameterError
from analytics_lib.display.frames import Cell, Field, as_json, read_columns, require_id
from analytics_lib.display.numerals import NO_VALUE, SUPPRESSED, bare, date_words
from analytics_lib.display.shown import Shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """How one column is shown.

    Attributes:
        label: Heading.
        unit: `"share"` (0 to 1, shown in percent), `"EUR"`, `"days"` and the like.
        decimals: Digits after the point; left out, as many as the number needs.
        missing: What an empty cell says: `"no value"`, `"not complete"`, `"suppressed"`.
        reason: Column of the frame that says it row by row, in words or as a boolean that
            is true where the value was suppressed; it is not shown itself.
    """

    label: str
    unit: str | None = None
    decimals: int | None = None
    missing: str = NO_VALUE
    reason: str | None = None

    def __post_init__(self) -> None:
        """Refuse an empty heading and a negative number of digits."""
        if not self.label.strip():
            raise ParameterError("`label` is empty; a column needs a heading.")
        if self.decimals is not None:
            require_at_least(self.decimals, 0, name="decimals")


@dataclass(frozen=True, slots=True, kw_only=True)
class Table(Shown):
    """A table of the page.

    Attributes:
        id: Stable name.
        title: Caption.
        columns: How each column is shown, by its name.
        rows: One mapping a row.
        note: A sentence below; empty for none.
        metric: The metric whose result it is; empty where none is named.
    """

    id: str
    title: str
    columns: Mapping[str, Column]
    rows: Sequence[Mapping[str, Cell]]
    note: str = ""
    metric: str = ""

    def to_html(self) -> str:
        """The table in a region that scrolls by itself on a phone."""
        note = f'<p class="figure-note">{escape(self.note)}</p>' if self.note else ""
        inner = table_html(self.columns, self.rows, id_=self.id, title=self.title)
        return f'<div class="table-block" id="{self.id}">{inner}{note}</div>'

    def to_text(self) -> str:
        """Caption and lines, columns split by two spaces."""
        lines = [[column.label for column in self.columns.values()]]
        lines += [
            [cell_text(row, name, column) for name, column in self.columns.items()]
            for row in self.rows
        ]
        return "\n".join([self.title, *("  ".join(line) for line in lines)])

    def to_payload(self) -> dict[str, Any]:
        """Kind, id, title and the raw data."""
        return {
            "kind": "table",
            "id": self.id,
            "title": self.title,
            **data_payload(self.columns, self.rows),
            **metric_payload(self.metric),
            "results": {},
        }


def table(
    frame: Any,  # noqa: ANN401 - any frame
    *,
    id: str,  # noqa: A002 - the word of the page
    title: str,
    columns: Mapping[str, str | Column],
    note: str = "",
    metric: str = "",
) -> Table:
    """Show columns of an aggregated frame as a table.

    Only the named columns are read. An empty cell says why it is empty; the
    first column heads its row.

    Args:
        frame: Aggregated frame of polars or pandas, shown in its own order.
        id: Stable name, unique on the page.
        title: Caption: the finding or what the numbers are, with their base.
        columns: Heading or `Column` for each column, in the order shown.
        note: A sentence below.
        metric: Function whose result the frame is, such as `lifecycle`. Its card says which
            counts are of people who may be in several periods, so that the release gate takes
            no number that happens to fit for their total. Not for columns of another metric.

    Returns:
        The table; one row that says so where the frame is empty.

    Raises:
        SchemaError: A column is missing or holds what cannot be shown.
        ParameterError: `id` is not a stable name, there is no title or no column, or no such
            metric.

    Examples:
        >>> import polars as pl
        >>> frame = pl.DataFrame({"course": ["AAA"], "share": [0.25], "email": ["x"]})
        >>> spec = {"course": "Course", "share": Column(label="Withdrawn", unit="share")}
        >>> print(table(frame, id="withdrawn", title="Withdrawn", columns=spec).to_text())
        Withdrawn
        Course  Withdrawn
        AAA  25.0%
    """
    require_id(id)
    require_title(title, name=id)
    if not columns:
        raise ParameterError(f"`columns` of {id!r} is empty; name at least one column.")
    shown = {
        name: Column(label=spec) if isinstance(spec, str) else spec
        for name, spec in columns.items()
    }
    reasons = [column.reason for column in shown.values() if column.reason]
    rows = read_columns(frame, [*shown, *reasons], name=id)
    return Table(
        id=id, title=title, columns=shown, rows=rows, note=note, metric=require_metric(metric)
    )


def require_metric(name: str) -> str:
    """Return `name`, that of a metric or empty.

    Raises:
        ParameterError: There is no such metric.
    """
    if name:
        from analytics_lib.metrics.registry import METRICS  # noqa: PLC0415 - loads every metric

        require_choice(name, METRICS, name="metric")
    return name


def metric_payload(name: str) -> dict[str, str]:
    """What the press is told of the metric whose result is shown, where one is named."""
    return {"metric": name} if name else {}


def require_title(title: str, *, name: str) -> None:
    """Raise `ParameterError` where a title is empty."""
    if not title.strip():
        raise ParameterError(f"`title` of {name!r} is empty; it must state the finding.")


def table_html(
    columns: Mapping[str, Column], rows: Sequence[Mapping[str, Cell]], *, id_: str, title: str
) -> str:
    """A semantic table in a focusable scroll region."""
    numeric = {name for name in columns if _is_numeric(name, columns[name], rows)}
    head = "".join(
        f'<th scope="col"{_class(name, numeric)}>{escape(column.label)}{_unit_html(column)}</th>'
        for name, column in columns.items()
    )
    body = "".join(_row_html(row, columns, numeric) for row in rows)
    if not rows:
        body = f'<tr><td colspan="{len(columns)}" class="missing">There are no rows.</td></tr>'
    return (
        f'<div class="table-scroll" role="region" tabindex="0" aria-labelledby="{id_}-caption">'
        f'<table class="data"><caption id="{id_}-caption"><span>{escape(title)}</span></caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def cell_text(row: Mapping[str, Cell], name: str, column: Column) -> str:
    """What a cell says."""
    value = row[name]
    if value is None:
        return _why_empty(row, column)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return bare(value, column.unit or "", decimals=column.decimals)
    if isinstance(value, dt.date):
        return date_words(value, short=True)
    return value


def _why_empty(row: Mapping[str, Cell], column: Column) -> str:
    reason = row[column.reason] if column.reason else None
    if reason is True:
        return SUPPRESSED
    return reason if isinstance(reason, str) and reason else column.missing


def data_payload(
    columns: Mapping[str, Column], rows: Sequence[Mapping[str, Cell]]
) -> dict[str, Any]:
    """Columns and raw rows for the press; the reason of an empty cell comes along."""
    fields: list[Field] = []
    for name, column in columns.items():
        fields.append(Field(name=name, label=column.label, unit=column.unit))
        if column.reason and column.reason not in columns:
            fields.append(Field(name=column.reason, label=f"{column.label}: why empty"))
    fields = list({field.name: field for field in fields}.values())
    return {
        "columns": [
            {"name": field.name, "label": field.label, "unit": field.unit} for field in fields
        ],
        "rows": [[as_json(row[field.name]) for field in fields] for row in rows],
    }


def _row_html(row: Mapping[str, Cell], columns: Mapping[str, Column], numeric: set[str]) -> str:
    cells = []
    for at, (name, column) in enumerate(columns.items()):
        text = escape(cell_text(row, name, column))
        if row[name] is None:
            text = f'<span class="missing">{text}</span>'
        opening = '<th scope="row"' if at == 0 else "<td"
        cells.append(f"{opening}{_class(name, numeric)}>{text}</{'th' if at == 0 else 'td'}>")
    return f"<tr>{''.join(cells)}</tr>"


def _is_numeric(name: str, column: Column, rows: Sequence[Mapping[str, Cell]]) -> bool:
    values = [row[name] for row in rows if row[name] is not None]
    if not values:
        return column.unit is not None
    return all(isinstance(value, int | float) and not isinstance(value, bool) for value in values)


def _class(name: str, numeric: set[str]) -> str:
    return ' class="number"' if name in numeric else ""


def _unit_html(column: Column) -> str:
    if column.unit is None or column.unit in ("share", "EUR", "GBP", "USD"):
        return ""
    if column.unit.lower() in column.label.lower():
        return ""
    return f' <span class="unit">({escape(column.unit)})</span>'
