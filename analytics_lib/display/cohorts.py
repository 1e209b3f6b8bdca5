"""The cohort heat map: who came when, and how many of them are still there."""

from collections.abc import Sequence
from typing import Any

from analytics_lib.display.cohort_marks import (
    MARKS,
    OTHER_MARK,
    Grid,
    HeatCell,
    bin_edges,
    draw_grid,
)
from analytics_lib.display.figures import Canvas, Figure
from analytics_lib.display.frames import (
    Cell,
    read_columns,
    require_id,
    require_numbers,
    require_unique,
)
from analytics_lib.display.numerals import NOT_COMPLETE, count, is_missing, number
from analytics_lib.display.tables import Column, cell_text, require_title
from analytics_lib.display.wording import trend_sentence

_Row = dict[str, Cell]


def cohort_heatmap(
    frame: Any,  # noqa: ANN401 - any frame
    *,
    id: str,  # noqa: A002 - the word of the page
    title: str,
    subtitle: str,
    cohort: str,
    age: str,
    share: str,
    users: str,
    reason: str | None = None,
    cohort_label: str = "Cohort",
    age_label: str = "Age",
    users_label: str = "users",
    share_label: str = "Share",
    description: str = "",
) -> Figure:
    """Draw the share of each cohort that is there at each age.

    The colours are bins with named edges, so that two cells of one colour can
    be compared and dark mode can keep them apart. The first age does not set
    the scale: it is 100 % by definition.

    Args:
        frame: One row for each cohort and age. A share that is null because
            the period is not over yet stays without a colour and is marked.
        id: Stable name, unique on the page.
        title: The finding, as a sentence.
        subtitle: Definition and base.
        cohort: Column of dates, periods or names; rows in order of the frame.
        age: Column of whole numbers.
        share: Column of shares, 0 to 1.
        users: Column of the size of the cohort, the same in each of its rows.
        reason: Column that says why a share is missing: text, or a boolean that is
            true where it was suppressed, as `suppress_small_counts` gives. Any other
            missing share is "not complete".
        cohort_label: Heading of the cohorts in the data table.
        age_label: What an age is, such as `"Weeks since the first active week"`.
        users_label: What a size counts, such as `"students"`.
        share_label: Heading of the shares in the data table.
        description: Text alternative; left out, it is made from the data.

    Raises:
        SchemaError: A column is missing or of the wrong type, or a cohort has
            an age twice: the frame is not aggregated.
    """
    require_id(id)
    require_title(title, name=id)

    names = [column for column in (cohort, users, age, share, reason) if column]
    rows = read_columns(frame, names, name=id)
    require_numbers(rows, [age, share, users], name=id)
    require_unique(rows, [cohort, age], name=id)
    columns = {
        cohort: Column(label=cohort_label),
        users: Column(label=users_label[:1].upper() + users_label[1:]),
        age: Column(label=age_label),
        share: Column(label=share_label, unit="share", missing=NOT_COMPLETE, reason=reason),
    }
    labels = [cell_text(row, cohort, columns[cohort]) for row in rows]
    missing = [cell_text(row, share, columns[share]) if row[share] is None else "" for row in rows]
    grid = _grid(rows, labels, missing, age=age, share=share, users=users, age_label=age_label,
                 size_label=users_label)  # fmt: skip

    def draw(canvas: Canvas) -> Any:  # noqa: ANN401 - an Altair chart
        return draw_grid(grid, canvas)

    return Figure(
        id=id,
        title=title,
        subtitle=subtitle,
        description=description or _describe(grid),
        columns=columns,
        rows=rows,
        draw=draw,
        notes=_notes(missing),
    )


def _grid(
    rows: Sequence[_Row],
    labels: Sequence[str],
    missing: Sequence[str],
    *,
    age: str,
    share: str,
    users: str,
    age_label: str,
    size_label: str,
) -> Grid:
    cohorts = list(dict.fromkeys(labels))
    ages = sorted({_number(row[age]) for row in rows})
    sizes: dict[str, float | None] = {}
    for label, row in zip(labels, rows, strict=True):
        size = row[users]
        sizes.setdefault(label, size if isinstance(size, int | float) else None)
    cells = tuple(
        HeatCell(
            row=cohorts.index(label),
            column=ages.index(_number(row[age])),
            share=None if row[share] is None else _number(row[share]),
            missing=why,
        )
        for label, row, why in zip(labels, rows, missing, strict=True)
    )
    later = [cell.share for cell in cells if cell.share is not None and cell.column > 0]
    return Grid(
        cohorts=tuple(cohorts),
        sizes=tuple(OTHER_MARK if is_missing(size) else number(size) for size in sizes.values()),
        ages=tuple(number(value) for value in ages),
        cells=cells,
        edges=bin_edges(later),
        age_label=age_label,
        size_label=size_label,
    )


def _number(cell: Cell) -> float:
    return float(cell) if isinstance(cell, int | float) else 0.0


def _notes(missing: Sequence[str]) -> tuple[str, ...]:
    said = [
        f"“{MARKS.get(why, OTHER_MARK)}” {why}"
        for why in dict.fromkeys(word for word in missing if word)
    ]
    legend = ["Each colour begins at the share written above it."]
    return (*legend, *([f"{'; '.join(said)}."] if said else []))


def _describe(grid: Grid) -> str:
    if not grid.cells:
        return "Heat map without data."
    rows = f"{count(len(grid.cohorts), 'cohorts')} (rows, {grid.cohorts[0]} to {grid.cohorts[-1]})"
    columns = f"{grid.age_label} (columns, {grid.ages[0]} to {grid.ages[-1]})"
    words = [f"Heat map of {rows} by {columns}."]
    points: list[tuple[str, Cell]] = []
    for column, age in enumerate(grid.ages):
        shares = [c.share for c in grid.cells if c.column == column and c.share is not None]
        points.append((f"age {age}", sum(shares) / len(shares) if shares else None))
    words.append(trend_sentence(points, what="Unweighted mean of the cohorts", unit="share"))
    return " ".join(words)
