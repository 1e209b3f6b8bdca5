"""Marks placed in pixels: texts, rules and boxes beside the data of a chart."""

from collections.abc import Sequence
from typing import Any, Literal

from analytics_lib.display.scales import Scale
from analytics_lib.display.theme import FONT_SIZE, INK, RULE, SURFACE, Token

LINE_HEIGHT = 16
Align = Literal["left", "center", "right"]


def text_mark(
    lines: Sequence[str],
    *,
    x: float,
    y: float,
    token: Token = INK,
    align: Align = "left",
    bold: bool = False,
    size: float = FONT_SIZE,
    halo: bool = False,
) -> list[Any]:
    """A text whose block is centred on `y`; with a halo it can be read on top of lines."""
    settings: dict[str, Any] = {
        "text": list(lines),
        "align": align,
        "baseline": "middle",
        "lineHeight": LINE_HEIGHT,
        "fontSize": size,
        "fontWeight": "bold" if bold else "normal",
    }
    outline = {"color": SURFACE.light, "stroke": SURFACE.light, "strokeWidth": 4}
    place = {"x": x, "y": y - (len(lines) - 1) * LINE_HEIGHT / 2}
    halos = [_placed(_single().mark_text(**settings, **outline), **place)] if halo else []
    return [*halos, _placed(_single().mark_text(**settings, color=token.light), **place)]


def rule_mark(
    *, x: float, y: float, x2: float, y2: float, token: Token = RULE, width: float = 1
) -> Any:  # noqa: ANN401 - an Altair chart
    """A straight line."""
    mark = _single().mark_rule(color=token.light, strokeWidth=width)
    return _placed(mark, x=x, y=y, x2=x2, y2=y2)


def box_mark(*, x: float, y: float, x2: float, y2: float, token: Token) -> Any:  # noqa: ANN401 - an Altair chart
    """A filled box."""
    return _placed(_single().mark_rect(color=token.light), x=x, y=y, x2=x2, y2=y2)


def data_of(rows: Sequence[dict[str, Any]]) -> Any:  # noqa: ANN401 - an Altair chart
    """A chart of exactly these rows."""
    import altair as alt  # noqa: PLC0415 - a third of a second: only when a chart is drawn

    return alt.Chart(alt.InlineData(values=list(rows)))


def axis_of(scale: Scale, *, grid: bool) -> Any:  # noqa: ANN401 - altair.Axis
    """The axis of a scale, with exactly its ticks and their labels."""
    import altair as alt  # noqa: PLC0415 - see data_of

    return alt.Axis(
        values=scale.tick_values, labelExpr=scale.label_expression, grid=grid, title=None
    )


def scale_of(scale: Scale) -> Any:  # noqa: ANN401 - altair.Scale
    """The scale with exactly its domain."""
    import altair as alt  # noqa: PLC0415 - see data_of

    return alt.Scale(domain=[scale.low, scale.high], nice=False, zero=False)


def _single() -> Any:  # noqa: ANN401 - an Altair chart
    return data_of([{}])


def _placed(chart: Any, **pixels: float) -> Any:  # noqa: ANN401 - an Altair chart
    import altair as alt  # noqa: PLC0415 - see data_of

    # Named classes: what Altair has to find the class of takes thirty times as long.
    kinds: dict[str, Any] = {
        "x": alt.XValue,
        "y": alt.YValue,
        "x2": alt.X2Value,
        "y2": alt.Y2Value,
    }
    return chart.encode(**{channel: kinds[channel](value) for channel, value in pixels.items()})
