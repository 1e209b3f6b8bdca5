"""Lines over time or age, with their intervals and their names at their ends."""

from collections.abc import Sequence
from typing import Any

from analytics_lib.core.errors import ParameterError
from analytics_lib.display.figures import Canvas, Figure
from analytics_lib.display.frames import (
    Cell,
    read_columns,
    require_id,
    require_numbers,
    require_unique,
)
from analytics_lib.display.line_marks import Line, Plot, Point, draw_lines
from analytics_lib.display.numerals import NOT_COMPLETE, count, percent
from analytics_lib.display.scales import is_calendar, position
from analytics_lib.display.tables import Column, cell_text, require_metric, require_title
from analytics_lib.display.theme import SERIES
from analytics_lib.display.wording import trend_sentence

_Row = dict[str, Cell]


def line_with_interval(
    frame: Any,  # noqa: ANN401 - any frame
    *,
    id: str,  # noqa: A002 - the word of the page
    title: str,
    subtitle: str,
    x: str,
    y: str,
    unit: str,
    ci_lower: str | None = None,
    ci_upper: str | None = None,
    series: str | None = None,
    complete: str | None = None,
    x_label: str = "",
    y_label: str = "",
    series_label: str = "",
    confidence_level: float = 0.95,
    description: str = "",
    metric: str = "",
) -> Figure:
    """Draw values over time or age, with their interval as a band.

    The value axis starts at zero. Lines carry their names at their ends. A
    missing value is a gap, never a zero; a period that is not complete is
    marked, because it would read as a fall.

    Args:
        frame: One row for each position (and series), at most 10,000.
        id: Stable name, unique on the page.
        title: The finding, as a sentence.
        subtitle: Definition and base.
        x: Column of dates, ISO periods (`2014-W05`) or numbers such as ages.
        y: Column of values.
        unit: `"share"` for values from 0 to 1, shown in percent; else `"students"` and the like.
        ci_lower: Column of the lower ends of the intervals.
        ci_upper: Column of the upper ends of the intervals.
        series: Column of names, at most six different ones.
        complete: Column of booleans; `False` marks a period that is not complete.
        x_label: Words for the horizontal axis; dates need none.
        y_label: Heading of the values in the data table; left out, the unit.
        series_label: Heading of the names in the data table; left out, the column name.
        confidence_level: Coverage of the intervals, for the note below the chart.
        description: Text alternative; left out, it is made from the data.
        metric: Function whose result the frame is, as for `table`.

    Returns:
        The figure; in words that there is nothing to draw where the frame is empty.

    Raises:
        SchemaError: A column is missing or of the wrong type, or two rows share
            a position (and series): the frame is not aggregated.
        ParameterError: More than six series, only one end of the interval, or no such metric.
    """
    require_id(id)
    require_title(title, name=id)
    if (ci_lower is None) != (ci_upper is None):
        raise ParameterError("`ci_lower` and `ci_upper` must be given together or not at all.")

    bounds = [column for column in (ci_lower, ci_upper) if column]
    names = [column for column in (series, x, y, *bounds, complete) if column]
    rows = read_columns(frame, names, name=id)
    require_numbers(rows, [y, *bounds], name=id)
    rows.sort(key=lambda row: position(row[x], column=x))
    require_unique(rows, [column for column in (series, x) if column], name=id)
    groups = _groups(rows, series, id_=id)
    calendar = bool(rows) and is_calendar(rows[0][x])
    plot = Plot(
        lines=tuple(
            Line(name=name, points=_points(group, x, y, ci_lower, ci_upper, complete))
            for name, group in groups.items()
        ),
        unit=unit,
        x_label=x_label,
        calendar=calendar,
        incomplete_from=_incomplete_from(rows, x, complete),
    )

    def draw(canvas: Canvas) -> Any:  # noqa: ANN401 - an Altair chart
        return draw_lines(plot, canvas)

    columns = {
        **({series: Column(label=series_label or series)} if series else {}),
        x: Column(label=x_label or ("Period" if calendar else x)),
        y: Column(label=y_label or _unit_heading(unit), unit=unit),
        **{
            column: Column(label=label, unit=unit)
            for column, label in zip(bounds, ("Interval from", "Interval to"), strict=False)
        },
        **({complete: Column(label="Complete")} if complete else {}),
    }
    return Figure(
        id=id,
        title=title,
        subtitle=subtitle,
        description=description or _describe(groups, x=x, y=y, unit=unit, complete=complete),
        columns=columns,
        rows=rows,
        draw=draw,
        notes=_notes(plot, level=confidence_level if bounds else None),
        metric=require_metric(metric),
    )


def _groups(rows: Sequence[_Row], series: str | None, *, id_: str) -> dict[str, list[_Row]]:
    groups: dict[str, list[_Row]] = {}
    for row in rows:
        name = cell_text(row, series, Column(label=series)) if series else ""
        groups.setdefault(name, []).append(row)
    if len(groups) > len(SERIES):
        raise ParameterError(
            f"`{id_}` has {len(groups)} series; at most {len(SERIES)} can be told apart. "
            "Show the most important ones, or several charts."
        )
    return groups


def _points(
    rows: Sequence[_Row], x: str, y: str, low: str | None, high: str | None, complete: str | None
) -> tuple[Point, ...]:
    def number(row: _Row, column: str | None) -> float | None:
        value = row[column] if column else None
        return float(value) if isinstance(value, int | float) else None

    return tuple(
        Point(
            x=position(row[x], column=x),
            y=number(row, y),
            low=number(row, low),
            high=number(row, high),
            complete=row[complete] is not False if complete else True,
        )
        for row in rows
    )


def _incomplete_from(rows: Sequence[_Row], x: str, complete: str | None) -> float | None:
    """Half a step before the first position from which on nothing is complete."""
    if complete is None:
        return None
    done = [position(row[x], column=x) for row in rows if row[complete] is not False]
    places = sorted({position(row[x], column=x) for row in rows})
    after = [place for place in places if not done or place > max(done)]
    if not after:
        return None
    return (max(done) + after[0]) / 2 if done else places[0]


def _unit_heading(unit: str) -> str:
    return "Share" if unit == "share" else unit[:1].upper() + unit[1:]


def _notes(plot: Plot, *, level: float | None) -> tuple[str, ...]:
    notes = []
    if level is not None:
        words = percent(level, decimals=1).replace(".0%", "%")
        notes.append(f"The shaded band is the {words} interval.")
    if any(not point.complete for line in plot.lines for point in line.points):
        notes.append(f"Periods marked “{NOT_COMPLETE}” may still change.")
    if any(line.has_gap for line in plot.lines):
        notes.append("A gap is a position without a value, not a zero.")
    return tuple(notes)


def _describe(
    groups: dict[str, list[_Row]], *, x: str, y: str, unit: str, complete: str | None
) -> str:
    """In words: how many series and where each starts, ends, peaks; complete periods only."""
    if not groups:
        return "Line chart without data."
    amount = "one series" if len(groups) == 1 else f"{len(groups)} series"
    sentences = [f"Line chart with {amount}."]
    for name, rows in groups.items():
        done = [row for row in rows if complete is None or row[complete] is not False]
        points = [(cell_text(row, x, Column(label=x)), row[y]) for row in done]
        sentences.append(trend_sentence(points, what=name or _unit_heading(unit), unit=unit))
        if len(done) < len(rows):
            left_out = count(len(rows) - len(done), "periods")
            sentences.append(f"{left_out} at the end not complete.")
    return " ".join(sentences)
