"""The marks of a line chart; every place is decided here, nothing is left to be measured."""

from dataclasses import dataclass
from itertools import pairwise
from textwrap import wrap
from typing import Any

from analytics_lib.display.figures import Canvas
from analytics_lib.display.marks import (
    LINE_HEIGHT,
    axis_of,
    box_mark,
    data_of,
    rule_mark,
    scale_of,
    text_mark,
)
from analytics_lib.display.numerals import NOT_COMPLETE, bare, digits_that_matter
from analytics_lib.display.scales import Scale, spread, step_scale, value_scale
from analytics_lib.display.theme import BAND, INK, MUTED, SERIES, Token, text_width

_TOP, _BOTTOM = 30, 44
_UNDER_LABELS = 34
_HEIGHT, _NARROW_HEIGHT = 300, 220
_TICKS, _NARROW_TICKS = 8, 4
_GAP, _LEADER = 9, 16
_MOVED = 6
_NEAR = 60
_EARLY = 0.97
_WRAP, _NARROW_WRAP = 24, 13
_OPACITY = 0.16
SO_FAR = "so far"


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One point of a line; `None` where there is no value."""

    x: float
    y: float | None
    low: float | None = None
    high: float | None = None
    complete: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One series: its name (empty where there is only one) and its points in order."""

    name: str
    points: tuple[Point, ...]

    @property
    def end(self) -> tuple[float, float] | None:
        """Place of its last value."""
        known = [(point.x, point.y) for point in self.points if point.y is not None]
        return known[-1] if known else None

    @property
    def has_gap(self) -> bool:
        """Whether a value is missing before its last one."""
        end = self.end
        return end is not None and any(p.y is None and p.x < end[0] for p in self.points)

    @property
    def ends_incomplete(self) -> bool:
        """Whether the period of its last value is not complete."""
        known = [point for point in self.points if point.y is not None]
        return bool(known) and not known[-1].complete


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """A whole line chart.

    Attributes:
        lines: Its series.
        unit: Unit of the values.
        x_label: What the horizontal axis holds; empty for dates.
        calendar: Whether positions are days.
        incomplete_from: Position from which on no series is complete.
    """

    lines: tuple[Line, ...]
    unit: str
    x_label: str
    calendar: bool
    incomplete_from: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Frame:
    """Scales and sizes of one drawing."""

    x: Scale
    y: Scale
    width: float
    height: float
    left: float
    right: float
    wrap: int

    def place(self, x: float, y: float) -> tuple[float, float]:
        """Pixels from the left and from the top."""
        return (
            self.x.at(x, length=self.width),
            self.height - self.y.at(y, length=self.height),
        )


def draw_lines(plot: Plot, canvas: Canvas) -> Any:  # noqa: ANN401 - an Altair chart
    """The chart for one canvas."""
    import altair as alt  # noqa: PLC0415 - a third of a second: only when a chart is drawn

    frame = _frame(plot, canvas)
    layers = _incomplete(plot, frame)
    drawn = list(zip(SERIES, plot.lines, strict=False))
    for token, line in drawn:
        layers += _interval(line, token, frame)
    layers.append(_baseline(frame))
    for token, line in drawn:
        layers += _strokes(line, token, frame)
    layers += _labels(plot, frame)
    layers += _axis_words(plot, frame)
    return alt.layer(*layers).properties(
        width=frame.width,
        height=frame.height,
        autosize="none",
        padding={
            "left": frame.left,
            "right": frame.right,
            "top": _TOP,
            "bottom": _BOTTOM + _below(plot, frame),
        },
    )


def _frame(plot: Plot, canvas: Canvas) -> _Frame:
    points = [point for line in plot.lines for point in line.points]
    values = [v for p in points for v in (p.y, p.low, p.high) if v is not None]
    y = value_scale(values, unit=plot.unit)
    ticks = _NARROW_TICKS if canvas.narrow else _TICKS
    shown = [point.x for point in points if point.y is not None or not point.complete]
    places = shown or [point.x for point in points]
    x = step_scale(places, calendar=plot.calendar, most_ticks=ticks)
    left = max(text_width(label[0]) for _, label in y.ticks) + 10
    broken = _NARROW_WRAP if canvas.narrow else _WRAP
    names = [row for line in plot.lines for row in _end_label(plot, line, broken)]
    right = max([text_width(name, bold=True) for name in names], default=0) + _LEADER + 6
    return _Frame(
        x=x,
        y=y,
        width=canvas.width - left - right,
        height=_NARROW_HEIGHT if canvas.narrow else _HEIGHT,
        left=left,
        right=right,
        wrap=broken,
    )


def _end_label(plot: Plot, line: Line, width: int) -> list[str]:
    """The name at the end of a line; the last value where there is only one."""
    if line.end is None:
        return []
    if len(plot.lines) > 1:
        return wrap(line.name, width) or [line.name]
    value = bare(line.end[1], plot.unit, decimals=digits_that_matter([line.end[1]], plot.unit))
    return [value, SO_FAR] if line.ends_incomplete else [value]


def _incomplete(plot: Plot, frame: _Frame) -> list[Any]:
    if plot.incomplete_from is None:
        return []
    x = frame.x.at(plot.incomplete_from, length=frame.width)
    words = text_mark([NOT_COMPLETE], x=frame.width, y=-10, token=MUTED, align="right")
    return [box_mark(x=x, y=0, x2=frame.width, y2=frame.height, token=BAND), *words]


def _interval(line: Line, token: Token, frame: _Frame) -> list[Any]:
    """The interval as a band; a break where it is unknown."""
    rows = [{"x": p.x, "low": p.low, "high": p.high} for p in line.points]
    if all(row["low"] is None for row in rows):
        return []
    area = data_of(rows).mark_area(color=token.light, opacity=1, fillOpacity=_OPACITY)
    return [area.encode(x=_x(frame), y=_y(frame, "low"), y2="high:Q")]


def _strokes(line: Line, token: Token, frame: _Frame) -> list[Any]:
    """The line, dashed into what is not complete, and dots where it would not show."""
    whole = [{"x": p.x, "y": p.y if p.complete else None} for p in line.points]
    layers = [_stroke(whole, token, frame)]
    open_rows = _towards_incomplete(line)
    if open_rows:
        layers.append(_stroke(open_rows, token, frame, strokeDash=[3, 4]))
    dots = [{"x": p.x, "y": p.y} for p in _alone(line)]
    if line.end is not None:
        dots.append({"x": line.end[0], "y": line.end[1]})
    if dots:
        mark = data_of(dots).mark_point(color=token.light, filled=True, size=34, opacity=1)
        layers.append(mark.encode(x=_x(frame), y=_y(frame, "y")))
    return layers


def _stroke(rows: list[dict[str, Any]], token: Token, frame: _Frame, **settings: Any) -> Any:  # noqa: ANN401 - an Altair chart
    mark = data_of(rows).mark_line(color=token.light, strokeWidth=2.5, **settings)
    return mark.encode(x=_x(frame), y=_y(frame, "y"))


def _towards_incomplete(line: Line) -> list[dict[str, Any]]:
    """The points that are not complete and the one before each stretch of them."""
    rows = []
    for before, point in pairwise(line.points):
        if not point.complete and point.y is not None:
            if before.complete:
                rows += [{"x": before.x, "y": None}, {"x": before.x, "y": before.y}]
            rows.append({"x": point.x, "y": point.y})
    return rows


def _alone(line: Line) -> list[Point]:
    """Points without a neighbour to draw a line to."""
    padded = (None, *line.points, None)
    return [
        point
        for before, point, after in zip(padded, line.points, padded[2:], strict=False)
        if point.y is not None
        and (before is None or before.y is None)
        and (after is None or after.y is None)
    ]


def _labels(plot: Plot, frame: _Frame) -> list[Any]:
    drawn = [
        (token, _end_label(plot, line, frame.wrap), frame.place(*line.end))
        for token, line in zip(SERIES, plot.lines, strict=False)
        if line.end is not None
    ]
    centres = spread(
        [place[1] for _, _, place in drawn],
        gap=[len(words) * LINE_HEIGHT for _, words, _ in drawn],
        low=-_TOP,
        high=frame.height + LINE_HEIGHT,
    )
    furthest = max((place[0] for _, _, place in drawn), default=0.0)
    columns = [furthest if furthest - place[0] < _NEAR else place[0] for _, _, place in drawn]
    has_leaders = any(
        abs(y - centre) > _MOVED or column - x > 1
        for (_, _, (x, y)), centre, column in zip(drawn, centres, columns, strict=True)
    )
    marks: list[Any] = []
    for (token, words, (x, y)), centre, column in zip(drawn, centres, columns, strict=True):
        at = column + (_LEADER if has_leaders else _GAP)
        if has_leaders:
            marks.append(rule_mark(x=x + 4, y=y, x2=at - 2, y2=centre, token=token))
        marks += text_mark(
            words,
            x=at,
            y=centre,
            token=INK if len(plot.lines) == 1 else token,
            bold=True,
            halo=column < frame.width * _EARLY,
        )
    return marks


def _axis_words(plot: Plot, frame: _Frame) -> list[Any]:
    """Unit above the value axis; what the horizontal axis holds below it."""
    words = "" if plot.unit == "share" else plot.unit
    above = text_mark([words], x=-frame.left, y=-18, token=MUTED) if words else []
    if not plot.x_label:
        return above
    middle, y = frame.width / 2, frame.height + _UNDER_LABELS + _below(plot, frame)
    return [*above, *text_mark([plot.x_label], x=middle, y=y, token=MUTED, align="center")]


def _below(plot: Plot, frame: _Frame) -> float:
    """How much further down the words of the horizontal axis stand below labels of two lines."""
    return (frame.x.label_lines - 1) * LINE_HEIGHT if plot.x_label else 0


def _baseline(frame: _Frame) -> Any:  # noqa: ANN401 - an Altair chart
    zero = frame.height - frame.y.at(0, length=frame.height)
    return rule_mark(x=0, y=zero, x2=frame.width, y2=zero)


def _x(frame: _Frame) -> Any:  # noqa: ANN401 - altair.X
    import altair as alt  # noqa: PLC0415 - see draw_lines

    return alt.X("x:Q", scale=scale_of(frame.x), axis=axis_of(frame.x, grid=False))


def _y(frame: _Frame, field: str) -> Any:  # noqa: ANN401 - altair.Y
    import altair as alt  # noqa: PLC0415 - see draw_lines

    return alt.Y(f"{field}:Q", scale=scale_of(frame.y), axis=axis_of(frame.y, grid=True))
