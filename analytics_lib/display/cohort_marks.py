"""The marks of a cohort heat map."""

import math
from dataclasses import dataclass
from typing import Any

from analytics_lib.display.drawing import Drawing
from analytics_lib.display.figures import Canvas
from analytics_lib.display.numerals import NOT_COMPLETE, SUPPRESSED, number, percent
from analytics_lib.display.scales import nice_step
from analytics_lib.display.theme import HEAT, MUTED, heat_ink, text_width

_ROW, _NARROW_ROW = 27, 23
_TOP, _BOTTOM = 94, 6
_EDGE = 4
_SEAM = 1.5
_SWATCH = 46
_GUTTER = 10
_LABEL, _NARROW_LABEL = 28, 13
_MOST_WIDE_CELL = 54
_FULL_TEXT, _SHORT_TEXT = 36, 25
_SMALL = 12
MARKS = {NOT_COMPLETE: "·", SUPPRESSED: "×"}  # noqa: RUF001 - a multiplication sign
OTHER_MARK = "–"  # noqa: RUF001 - a dash


@dataclass(frozen=True, slots=True, kw_only=True)
class HeatCell:
    """One cell: row and column number, its share or why there is none."""

    row: int
    column: int
    share: float | None
    missing: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """A whole heat map.

    Attributes:
        cohorts: Name of each row.
        sizes: Size of each cohort, as words.
        ages: Label of each column.
        cells: Its cells; a place without a cell stays blank.
        edges: Lower ends of the colour bins after the first.
        age_label: What a column is.
        size_label: What a size counts.
    """

    cohorts: tuple[str, ...]
    sizes: tuple[str, ...]
    ages: tuple[str, ...]
    cells: tuple[HeatCell, ...]
    edges: tuple[float, ...]
    age_label: str
    size_label: str


def bin_edges(shares: list[float]) -> tuple[float, ...]:
    """Lower ends of all bins but the first, in steps a reader can name.

    Args:
        shares: What decides the scale: the shares without the first age,
            which is 100 % by definition and would leave no colours for the rest.

    Examples:
        >>> bin_edges([0.05, 0.31]), bin_edges([0.9])
        ((0.05, 0.1, 0.15, 0.2, 0.25, 0.3), (0.2, 0.4, 0.6, 0.8))
    """
    highest = max(shares, default=1.0) or 1.0
    step = nice_step(highest, most=len(HEAT))
    edges = (round(step * index, 6) for index in range(1, len(HEAT)))
    return tuple(edge for edge in edges if edge < 1)


def bin_of(share: float, edges: tuple[float, ...]) -> int:
    """Number of the bin that holds a share; a share on an edge belongs to the higher one.

    Examples:
        >>> bin_of(0.0499, (0.05, 0.1)), bin_of(0.05, (0.05, 0.1)), bin_of(0.7, (0.05, 0.1))
        (0, 1, 2)
    """
    return sum(share >= edge for edge in edges)


def draw_grid(grid: Grid, canvas: Canvas) -> Any:  # noqa: ANN401 - an Altair chart
    """The chart for one canvas."""
    cut = _NARROW_LABEL if canvas.narrow else _LABEL
    names = [_shortened(name, cut) for name in grid.cohorts]
    heads = max(text_width(name, size=_SMALL) for name in names)
    sizes = max(text_width(size, size=_SMALL) for size in grid.sizes)
    left = heads + sizes + 2 * _GUTTER
    room = canvas.width - left - _EDGE
    cell = min(_MOST_WIDE_CELL, room / len(grid.ages))
    row = _NARROW_ROW if canvas.narrow else _ROW
    drawing = Drawing()
    _draw_legend(drawing, left, grid.edges, width=canvas.width)
    _draw_heads(drawing, grid, names, left=left, row=row)
    _draw_ages(drawing, grid, cell=cell)
    for item in grid.cells:
        _draw_cell(drawing, item, grid.edges, cell=cell, row=row)
    if not canvas.narrow:
        drawing.text([grid.size_label], x=-_GUTTER, y=-12, token=MUTED, align="right", size=_SMALL)
    return drawing.chart(
        width=room,
        height=row * len(grid.cohorts),
        padding={"left": left, "right": _EDGE, "top": _TOP, "bottom": _BOTTOM},
    )


def _shortened(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"


def _draw_cell(
    drawing: Drawing, item: HeatCell, edges: tuple[float, ...], *, cell: float, row: float
) -> None:
    """A box in the colour of its bin with its share, or nothing but the mark of its reason."""
    x, y = item.column * cell, float(item.row * row)
    if item.share is None:
        ink, words = MUTED, MARKS.get(item.missing, OTHER_MARK)
    else:
        number_of_bin = bin_of(item.share, edges)
        ink, words = heat_ink(number_of_bin), _share_words(item.share, cell)
        right, bottom = x + cell - _SEAM, y + row - _SEAM
        drawing.box(x=x, y=y, x2=right, y2=bottom, token=HEAT[number_of_bin])
    across, down = x + (cell - _SEAM) / 2, y + (row - _SEAM) / 2
    drawing.text([words], x=across, y=down, token=ink, align="center", size=_SMALL)


def _share_words(share: float, cell: float) -> str:
    if cell >= _FULL_TEXT:
        return percent(share, decimals=0)
    return number(share * 100, decimals=0) if cell >= _SHORT_TEXT else ""


def _draw_heads(drawing: Drawing, grid: Grid, names: list[str], *, left: float, row: float) -> None:
    for at, (name, size) in enumerate(zip(names, grid.sizes, strict=True)):
        y = at * row + (row - _SEAM) / 2
        drawing.text([name], x=-left, y=y, size=_SMALL)
        drawing.text([size], x=-_GUTTER, y=y, token=MUTED, align="right", size=_SMALL)


def _draw_ages(drawing: Drawing, grid: Grid, *, cell: float) -> None:
    """Column heads, thinned where they would touch, and what they are."""
    widest = max(text_width(age, size=_SMALL) for age in grid.ages) + 4
    every = math.ceil(widest / cell)
    for at, age in enumerate(grid.ages):
        if at % every == 0:
            x = at * cell + (cell - _SEAM) / 2
            drawing.text([age], x=x, y=-12, token=MUTED, align="center", size=_SMALL)
    drawing.text([grid.age_label], x=0, y=-32, token=MUTED, size=_SMALL)


def _draw_legend(drawing: Drawing, left: float, edges: tuple[float, ...], *, width: float) -> None:
    """A row of the colours, each with the share it begins at."""
    swatch = min(_SWATCH, (width - 2 * _EDGE) / len(HEAT))
    for at, (token, edge) in enumerate(zip(HEAT, (0.0, *edges), strict=False)):
        x = at * swatch - left
        drawing.box(x=x, y=26 - _TOP, x2=x + swatch - _SEAM, y2=38 - _TOP, token=token)
        drawing.text([f"{edge * 100:g}%"], x=x, y=14 - _TOP, token=MUTED, size=_SMALL)
