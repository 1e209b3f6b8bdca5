"""`Figure`: a chart as a picture that needs no script, with its words and its numbers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from importlib import import_module
from typing import Any

from analytics_lib.core.errors import ParameterError
from analytics_lib.display.frames import Cell, as_json, read_columns, require_id
from analytics_lib.display.shown import Shown
from analytics_lib.display.svg import MAX_MARKS, count_marks, render_png, render_svg, svg_html
from analytics_lib.display.tables import (
    Column,
    data_payload,
    metric_payload,
    require_title,
    table_html,
)
from analytics_lib.display.theme import chart_config

WIDE = 720
NARROW = 340


@dataclass(frozen=True, slots=True, kw_only=True)
class Canvas:
    """What a chart is drawn on.

    Attributes:
        width: Pixels from edge to edge: 720 on a page, 340 on a phone.
        narrow: Whether it is the phone.
    """

    width: int
    narrow: bool


Draw = Callable[[Canvas], Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure(Shown):
    """A chart of the page.

    Attributes:
        id: Stable name.
        title: The finding, as a sentence.
        subtitle: Definition, unit and base.
        description: Text alternative.
        columns: How each column of its data table is shown, by name.
        rows: Its data: the drawn columns and no other.
        draw: Makes the Altair chart for a canvas.
        notes: Sentences below the chart.
        metric: The metric whose result it shows; empty where none is named.
    """

    id: str
    title: str
    subtitle: str
    description: str
    columns: Mapping[str, Column]
    rows: Sequence[Mapping[str, Cell]]
    draw: Draw
    notes: tuple[str, ...] = ()
    metric: str = ""

    def __post_init__(self) -> None:
        """Load the drawing library where the figure is made.

        Deep in IPython's display hook the same import was measured to take three
        times as long: CPython 3.11 then maps and unmaps a piece of its frame
        stack at every call.
        """
        if self.rows:
            import_module("altair")

    def to_html(self) -> str:
        """Caption, picture for two widths, notes, and the numbers to unfold."""
        note = escape(" ".join(self.notes))
        notes = f'<p class="figure-note">{note}</p>' if note else ""
        numbers = table_html(
            self.columns, self.rows, id_=f"{self.id}-numbers", title=f"Numbers: {self.title}"
        )
        return (
            f'<figure class="figure" id="{self.id}" aria-labelledby="{self.id}-title">'
            f'<figcaption><p class="figure-title" id="{self.id}-title">'
            f"<strong>{escape(self.title)}</strong></p>"
            f'<p class="figure-subtitle">{escape(self.subtitle)}</p></figcaption>'
            f"{self._pictures()}{notes}"
            '<details class="figure-data"><summary>Show the numbers'
            f'<span class="visually-hidden"> of: {escape(self.title)}</span></summary>'
            f"{numbers}</details></figure>"
        )

    def to_text(self) -> str:
        """Title, subtitle and text alternative."""
        return f"{self.title}\n{self.subtitle}\n{self.description}"

    def to_payload(self) -> dict[str, Any]:
        """Kind, id, title, text alternative and the raw data."""
        return {
            "kind": "figure",
            "id": self.id,
            "title": self.title,
            "subtitle": self.subtitle,
            "description": self.description,
            **data_payload(self.columns, self.rows),
            **metric_payload(self.metric),
            "results": {},
        }

    def _pictures(self) -> str:
        if not self.rows:
            return '<p class="missing">There is nothing to draw: the table has no rows.</p>'
        wide = self._picture(Canvas(width=WIDE, narrow=False))
        narrow = self._picture(Canvas(width=NARROW, narrow=True))
        return (
            f'<div class="figure-wide">{wide}</div><div class="figure-narrow" hidden>{narrow}</div>'
        )

    def _picture(self, canvas: Canvas) -> str:
        spec = _specification(self.draw(canvas))
        root = render_svg(spec)
        if count_marks(root) > MAX_MARKS:
            text = escape(f"{self.title} {self.description}")
            return f'<img src="{render_png(spec)}" width="{canvas.width}" alt="{text}">'
        size = "narrow" if canvas.narrow else "wide"
        return svg_html(
            root, id_=f"{self.id}-{size}", title=self.title, description=self.description
        )


def figure(
    frame: Any,  # noqa: ANN401 - any frame
    *,
    id: str,  # noqa: A002 - the word of the page
    title: str,
    subtitle: str,
    description: str,
    columns: Mapping[str, str | Column],
    draw: Callable[[Any, Canvas], Any],
    notes: Sequence[str] = (),
) -> Figure:
    """Publish an Altair chart of your own in the house style.

    Altair embeds every column it is given, drawn or not, so the chart is given
    the named columns only.

    Args:
        frame: Aggregated frame of polars or pandas.
        id: Stable name, unique on the page.
        title: The finding.
        subtitle: Definition, unit and base.
        description: Text alternative: what the picture shows, in words.
        columns: Heading or `Column` for each drawn column.
        draw: Takes the data (`altair.InlineData`) and a `Canvas`, returns a chart
            in colours of `theme`.
        notes: Sentences below the chart.

    Raises:
        SchemaError: A column is missing or holds what cannot be shown.
        ParameterError: `id` is not a stable name, or title or description are empty.
    """
    require_id(id)
    require_title(title, name=id)
    if not description.strip():
        raise ParameterError(f"`description` of {id!r} is empty; say in words what is drawn.")
    shown = {
        name: Column(label=spec) if isinstance(spec, str) else spec
        for name, spec in columns.items()
    }
    rows = read_columns(frame, list(shown), name=id)

    def draw_rows(canvas: Canvas) -> Any:  # noqa: ANN401 - an Altair chart
        return draw(inline_data(rows), canvas)

    return Figure(
        id=id,
        title=title,
        subtitle=subtitle,
        description=description,
        columns=shown,
        rows=rows,
        draw=draw_rows,
        notes=tuple(notes),
    )


def inline_data(rows: Sequence[Mapping[str, Cell]]) -> Any:  # noqa: ANN401 - altair.InlineData
    """Rows as Altair data: exactly these values, dates in ISO form."""
    import altair as alt  # noqa: PLC0415 - a third of a second: only when a chart is drawn

    return alt.InlineData(
        values=[{key: as_json(value) for key, value in row.items()} for row in rows]
    )


def _specification(chart: Any) -> dict[str, Any]:  # noqa: ANN401 - an Altair chart
    """The chart as Vega-Lite in the settings of the theme, whatever is set globally."""
    import altair as alt  # noqa: PLC0415 - see inline_data

    with alt.data_transformers.enable("default"):
        spec: dict[str, Any] = chart.to_dict()
    spec["config"] = chart_config()
    return spec
