"""A drawing in pixels: boxes below, rules above them, texts on top.

Marks of one look share one layer: a chart of fifty texts is five layers, not
fifty, and is drawn in a tenth of the time.
"""

from collections.abc import Sequence
from typing import Any

from analytics_lib.display.marks import LINE_HEIGHT, Align, data_of
from analytics_lib.display.theme import FONT_SIZE, INK, RULE, Token

_Rows = list[dict[str, Any]]


class Drawing:
    """Collects marks by their look; `layers` hands them out in drawing order."""

    def __init__(self) -> None:
        self._boxes: dict[str, _Rows] = {}
        self._rules: dict[tuple[str, float], _Rows] = {}
        self._texts: dict[tuple[str, Align, bool, float], _Rows] = {}

    def box(self, *, x: float, y: float, x2: float, y2: float, token: Token) -> None:
        """A filled box."""
        row = {"x": x, "y": y, "x2": x2, "y2": y2}
        self._boxes.setdefault(token.light, []).append(row)

    def rule(
        self, *, x: float, y: float, x2: float, y2: float, token: Token = RULE, width: float = 1
    ) -> None:
        """A straight line."""
        row = {"x": x, "y": y, "x2": x2, "y2": y2}
        self._rules.setdefault((token.light, width), []).append(row)

    def text(
        self,
        lines: Sequence[str],
        *,
        x: float,
        y: float,
        token: Token = INK,
        align: Align = "left",
        bold: bool = False,
        size: float = FONT_SIZE,
    ) -> None:
        """A text whose block is centred on `y`."""
        rows = self._texts.setdefault((token.light, align, bold, size), [])
        top = y - (len(lines) - 1) * LINE_HEIGHT / 2
        rows += [
            {"x": x, "y": top + number * LINE_HEIGHT, "text": line}
            for number, line in enumerate(lines)
            if line
        ]

    def chart(self, *, width: float, height: float, padding: dict[str, float]) -> Any:  # noqa: ANN401 - an Altair chart
        """Everything collected, as a chart."""
        import altair as alt  # noqa: PLC0415 - a third of a second: only when a chart is drawn

        return alt.layer(*self._layers()).properties(
            width=width, height=height, autosize="none", padding=padding
        )

    def _layers(self) -> list[Any]:
        boxes = [
            data_of(rows).mark_rect(color=colour).encode(**_places("x", "y", "x2", "y2"))
            for colour, rows in self._boxes.items()
        ]
        rules = [
            data_of(rows)
            .mark_rule(color=colour, strokeWidth=width)
            .encode(**_places("x", "y", "x2", "y2"))
            for (colour, width), rows in self._rules.items()
        ]
        return [*boxes, *rules, *(_texts(*look, rows) for look, rows in self._texts.items())]


def _texts(colour: str, align: Align, bold: bool, size: float, rows: _Rows) -> Any:  # noqa: ANN401, FBT001 - an Altair chart; the look of a text
    mark = data_of(rows).mark_text(
        color=colour,
        align=align,
        baseline="middle",
        fontSize=size,
        fontWeight="bold" if bold else "normal",
    )
    return mark.encode(**_places("x", "y", "text"))


def _places(*channels: str) -> dict[str, Any]:
    """Columns that hold pixels: no scale, no axis; and the column of the words."""
    import altair as alt  # noqa: PLC0415 - see Drawing.chart

    made: dict[str, Any] = {
        "x": lambda: alt.X("x:Q", scale=None, axis=None),
        "y": lambda: alt.Y("y:Q", scale=None, axis=None),
        "x2": lambda: alt.X2("x2:Q"),
        "y2": lambda: alt.Y2("y2:Q"),
        "text": lambda: alt.Text("text:N"),
    }
    return {channel: made[channel]() for channel in channels}
