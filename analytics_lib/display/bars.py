"""Horizontal bars with their values, their intervals and their base."""

from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import Any

from analytics_lib.core.errors import ParameterError
from analytics_lib.display.drawing import Drawing
from analytics_lib.display.figures import Canvas, Figure
from analytics_lib.display.frames import (
    Cell,
    read_columns,
    require_id,
    require_numbers,
    require_unique,
)
from analytics_lib.display.marks import LINE_HEIGHT
from analytics_lib.display.numerals import NO_VALUE, bare, count, percent, quantity
from analytics_lib.display.scales import Scale
from analytics_lib.display.tables import Column, cell_text, require_title
from analytics_lib.display.theme import INK, MUTED, SERIES, SURFACE, text_width
from analytics_lib.display.wording import list_in_words

_ROW = 40
_BAR = 22
_NARROW_ROW = 58
_TOP, _BOTTOM = 6, 10
_WRAP = 26
_LINES = 2
_PADDING = 12
_PHONE = 320
_NAMED_IN_WORDS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bar:
    """One bar; `None` where there is no value."""

    name: str
    base: str
    value: float | None
    low: float | None
    high: float | None
    missing: str


def bar(
    frame: Any,  # noqa: ANN401 - any frame
    *,
    id: str,  # noqa: A002 - the word of the page
    title: str,
    subtitle: str,
    category: str,
    value: str,
    unit: str,
    ci_lower: str | None = None,
    ci_upper: str | None = None,
    n: str | None = None,
    n_unit: str = "",
    reason: str | None = None,
    category_label: str = "",
    value_label: str = "",
    confidence_level: float = 0.95,
    description: str = "",
) -> Figure:
    """Draw one horizontal bar for each category, in the order of the frame.

    Bars start at zero. Each carries its value; the interval is a thin line
    across its end. A category without a value keeps its place and says why.

    Args:
        frame: One row for each category.
        id: Stable name, unique on the page.
        title: The finding, as a sentence.
        subtitle: Definition and base.
        category: Column of names.
        value: Column of values.
        unit: `"share"` for values from 0 to 1, shown in percent; else `"students"` and the like.
        ci_lower: Column of the lower ends of the intervals.
        ci_upper: Column of the upper ends of the intervals.
        n: Column of what each value rests on, shown under the name.
        n_unit: What `n` counts, such as `"enrolments"`.
        reason: Column that says why a value is missing: text, or a boolean that is true where it
            was suppressed.
        category_label: Heading of the names in the data table.
        value_label: Heading of the values in the data table.
        confidence_level: Coverage of the intervals, for the note below the chart.
        description: Text alternative; left out, it is made from the data.

    Raises:
        SchemaError: A column is missing or of the wrong type, or a category
            comes twice: the frame is not aggregated.
        ParameterError: Only one end of the interval is given.
    """
    require_id(id)
    require_title(title, name=id)
    if (ci_lower is None) != (ci_upper is None):
        raise ParameterError("`ci_lower` and `ci_upper` must be given together or not at all.")

    bounds = [column for column in (ci_lower, ci_upper) if column]
    names = [column for column in (category, value, *bounds, n, reason) if column]
    rows = read_columns(frame, names, name=id)
    require_numbers(rows, [value, *bounds, *([n] if n else [])], name=id)
    require_unique(rows, [category], name=id)
    columns = {
        category: Column(label=category_label or category),
        value: Column(label=value_label or _heading(unit), unit=unit, reason=reason),
        **{
            column: Column(label=label, unit=unit, reason=reason)
            for column, label in zip(bounds, ("Interval from", "Interval to"), strict=False)
        },
        **({n: Column(label=n_unit or "Base", unit=n_unit or None)} if n else {}),
    }
    bars = [
        _Bar(
            name=cell_text(row, category, columns[category]),
            base=count(_number(row, n), n_unit or "cases") if n else "",
            value=_number(row, value),
            low=_number(row, ci_lower),
            high=_number(row, ci_upper),
            missing=cell_text(row, value, columns[value]),
        )
        for row in rows
    ]

    def draw(canvas: Canvas) -> Any:  # noqa: ANN401 - an Altair chart
        return _draw(bars, unit, canvas)

    level = percent(confidence_level, decimals=1).replace(".0%", "%")
    return Figure(
        id=id,
        title=title,
        subtitle=subtitle,
        description=description or _describe(bars, unit),
        columns=columns,
        rows=rows,
        draw=draw,
        notes=(f"The thin line across the end of a bar is the {level} interval.",)
        if bounds
        else (),
    )


def _number(row: dict[str, Cell], column: str | None) -> float | None:
    value = row[column] if column else None
    return float(value) if isinstance(value, int | float) else None


def _heading(unit: str) -> str:
    return "Share" if unit == "share" else unit[:1].upper() + unit[1:]


def _draw(bars: Sequence[_Bar], unit: str, canvas: Canvas) -> Any:  # noqa: ANN401 - an Altair chart
    scale = _scale(bars)
    after = max(text_width(_value_words(item, unit), bold=True) for item in bars) + 16
    before = after if scale.low < 0 else 0.0
    names = 4.0 if canvas.narrow else _names_width(bars)
    width = canvas.width - names - before - after
    row = _row_height(bars, canvas)
    drawing = Drawing()
    for at, item in enumerate(bars):
        middle = at * row + (row - _BAR / 2 - 6 if canvas.narrow else row / 2)
        _draw_bar(drawing, item, unit, scale, width=width, middle=middle)
        if canvas.narrow:
            _name_above(drawing, item, x=-before, middle=middle)
        else:
            _name_beside(drawing, item, x=-before - 12, middle=middle)
        tall = _BAR / 2 + 3 if canvas.narrow else row / 2
        zero = scale.at(0, length=width)
        drawing.rule(x=zero, y=middle - tall, x2=zero, y2=middle + tall)
    return drawing.chart(
        width=width,
        height=row * len(bars),
        padding={"left": names + before, "right": after, "top": _TOP, "bottom": _BOTTOM},
    )


def _scale(bars: Sequence[_Bar]) -> Scale:
    """There are no ticks, so the axis ends where the longest bar or interval ends."""
    ends = [v for item in bars for v in (item.value, item.low, item.high) if v is not None]
    low, high = min([0.0, *ends]), max([0.0, *ends])
    return Scale(low=low, high=high if high > low else low + 1, ticks=())


def _row_height(bars: Sequence[_Bar], canvas: Canvas) -> int:
    if canvas.narrow:
        return _NARROW_ROW
    lines = max(len(_name_lines(item)) + bool(item.base) for item in bars)
    return max(_ROW, lines * LINE_HEIGHT + _PADDING)


def _names_width(bars: Sequence[_Bar]) -> float:
    lines = [line for item in bars for line in [*_name_lines(item), item.base]]
    return max(text_width(line) for line in lines) + 14


def _name_lines(item: _Bar) -> list[str]:
    lines = wrap(item.name, _WRAP) or [item.name]
    return lines if len(lines) <= _LINES else [*lines[: _LINES - 1], f"{lines[_LINES - 1]}…"]


def _value_words(item: _Bar, unit: str) -> str:
    return item.missing if item.value is None else bare(item.value, unit)


def _draw_bar(
    drawing: Drawing, item: _Bar, unit: str, scale: Scale, *, width: float, middle: float
) -> None:
    zero = scale.at(0, length=width)
    words = _value_words(item, unit)
    if item.value is None:
        drawing.text([words], x=zero + 8, y=middle, token=MUTED)
        return
    end = scale.at(item.value, length=width)
    drawing.box(x=zero, y=middle - _BAR / 2, x2=end, y2=middle + _BAR / 2, token=SERIES[0])
    low = high = end
    if item.low is not None and item.high is not None:
        low, high = (scale.at(bound, length=width) for bound in (item.low, item.high))
        _draw_interval(drawing, low, high, middle)
    if item.value < 0:
        drawing.text([words], x=min(low, end) - 8, y=middle, bold=True, align="right")
    else:
        drawing.text([words], x=max(high, end) + 8, y=middle, bold=True)


def _draw_interval(drawing: Drawing, low: float, high: float, middle: float) -> None:
    """A thin line in a light one, so that it shows on the bar as well as beside it."""
    for token, thick, cap in ((SURFACE, 4.5, 6), (INK, 1.5, 4.5)):
        drawing.rule(x=low, y=middle, x2=high, y2=middle, token=token, width=thick)
        for x in (low, high):
            drawing.rule(x=x, y=middle - cap, x2=x, y2=middle + cap, token=token, width=thick)


def _name_above(drawing: Drawing, item: _Bar, *, x: float, middle: float) -> None:
    y = middle - _BAR / 2 - LINE_HEIGHT / 2 - 2
    words = f"{item.name} ({item.base})" if item.base else item.name
    most = int(_PHONE / text_width("n"))
    shown = words if len(words) <= most else f"{item.name[: most - 1]}…"
    drawing.text([shown], x=x, y=y)


def _name_beside(drawing: Drawing, item: _Bar, *, x: float, middle: float) -> None:
    lines = _name_lines(item)
    lift = LINE_HEIGHT / 2 if item.base else 0
    drawing.text(lines, x=x, y=middle - lift, align="right")
    if item.base:
        below = middle + len(lines) * LINE_HEIGHT / 2
        drawing.text([item.base], x=x, y=below, token=MUTED, align="right", size=12)


def _describe(bars: Sequence[_Bar], unit: str) -> str:
    if not bars:
        return "Bar chart without data."
    known = [item for item in bars if item.value is not None]
    words = [f"Bar chart with {count(len(bars), 'bars')}."]
    if len(bars) <= _NAMED_IN_WORDS:
        said = [f"{item.name} {_said(item, unit)}" for item in bars]
        return f"{words[0]} {list_in_words(said)}."
    if not known:
        return f"{words[0]} None has a value."
    highest = max(known, key=lambda item: item.value or 0.0)
    lowest = min(known, key=lambda item: item.value or 0.0)
    words.append(f"Highest: {highest.name} {_said(highest, unit)}.")
    words.append(f"Lowest: {lowest.name} {_said(lowest, unit)}.")
    if len(known) < len(bars):
        words.append(f"{count(len(bars) - len(known), 'bars')} without a value.")
    return " ".join(words)


def _said(item: _Bar, unit: str) -> str:
    return (item.missing or NO_VALUE) if item.value is None else quantity(item.value, unit)
