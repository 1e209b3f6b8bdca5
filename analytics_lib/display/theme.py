"""Colours and chart settings: one palette, light and dark, used by page and charts alike.

The six series colours keep the hue order of Okabe and Ito ("Color Universal
Design", 2008) and were moved until each can also carry text (4.5 to 1) and
every pair stays apart for readers with protanopia, deuteranopia and tritanopia.
The tests compute both. A chart is drawn in the light colours; in dark mode the
stylesheet maps each of them to its dark twin, so no two tokens may share a
light colour unless they share the dark one too.
"""

from dataclasses import dataclass
from typing import Any, Literal

Mode = Literal["light", "dark"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """One colour by its role.

    Attributes:
        name: Name of the custom property, without the two dashes.
        light: Colour on the light page, as `#rrggbb`.
        dark: Colour on the dark page, as `#rrggbb`.
    """

    name: str
    light: str
    dark: str


def _token(name: str, light: str, dark: str) -> Token:
    return Token(name=name, light=light, dark=dark)


SURFACE = _token("surface", "#ffffff", "#14181d")
RAISED = _token("raised", "#f4f6f8", "#1e242b")
INK = _token("ink", "#17202a", "#e8ecf1")
MUTED = _token("muted", "#586471", "#a6b1bd")
RULE = _token("rule", "#7b8691", "#77838f")
GRID = _token("grid", "#dfe3e8", "#323b45")
BAND = _token("band", "#eef0f3", "#252c34")
ACCENT = _token("accent", "#0b54b5", "#8cbaf2")
GOOD = _token("good", "#00703d", "#5fcb8d")
BAD = _token("bad", "#b3271f", "#ff9c90")

SERIES = (
    _token("series-1", "#0d59c6", "#6a9dd4"),
    _token("series-2", "#c25200", "#d87d3f"),
    _token("series-3", "#00864b", "#2fd78b"),
    _token("series-4", "#a6468a", "#c799ad"),
    _token("series-5", "#543813", "#e4e375"),
    _token("series-6", "#1d2b50", "#9b83ff"),
)

HEAT = (
    _token("heat-1", "#edf3fb", "#1b2632"),
    _token("heat-2", "#d2e2f7", "#21384f"),
    _token("heat-3", "#aecdf1", "#264d6f"),
    _token("heat-4", "#83b2e8", "#2e6593"),
    _token("heat-5", "#2f6bc4", "#7fb4ea"),
    _token("heat-6", "#1d4f9f", "#aad0f5"),
    _token("heat-7", "#0e3270", "#d7e9fc"),
)
HEAT_INK_LOW = _token("heat-ink-low", "#17202b", "#f0f4f8")
HEAT_INK_HIGH = _token("heat-ink-high", "#fffffe", "#0c1722")
_FIRST_HIGH_BIN = 4

TOKENS = (
    *(SURFACE, RAISED, INK, MUTED, RULE, GRID, BAND, ACCENT, GOOD, BAD),
    *(*SERIES, *HEAT, HEAT_INK_LOW, HEAT_INK_HIGH),
)

FONT_STACK = (
    "-apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', 'Noto Sans', 'Liberation Sans', "
    "Arial, sans-serif"
)
MEASURED_FONT = "Liberation Sans"
FONT_SIZE = 13
CHARACTER_WIDTH = 0.6
BOLD_WIDTH = 0.65


def heat_ink(bin_number: int) -> Token:
    """The text colour that can be read on a heat map bin (0 is the lowest)."""
    return HEAT_INK_HIGH if bin_number >= _FIRST_HIGH_BIN else HEAT_INK_LOW


def text_width(text: str, *, size: float = FONT_SIZE, bold: bool = False) -> float:
    """Width to keep free for a text, in pixels.

    An estimate on purpose: measuring would make the bytes of a chart depend on
    the fonts of the machine that draws it.

    Examples:
        >>> round(text_width("1,203"), 1)
        39.0
    """
    return len(text) * size * (BOLD_WIDTH if bold else CHARACTER_WIDTH)


def tokens_css(mode: Mode) -> str:
    """The tokens as custom properties, without a selector around them."""
    return "".join(f"--{token.name}:{getattr(token, mode)};" for token in TOKENS)


def dark_marks_css(prefix: str) -> str:
    """Rules that give each mark of a chart its dark colour.

    Args:
        prefix: What every selector starts with, such as `"svg "`.
    """
    drawn = [token for token in TOKENS if token not in (RAISED, GOOD, BAD)]
    return "".join(
        f'{prefix}[{attribute}="{token.light}"]{{{attribute}:var(--{token.name})}}'
        for token in drawn
        for attribute in _attributes(token)
    )


def _attributes(token: Token) -> tuple[str, ...]:
    """The attributes a token is used for: heat map cells are only ever filled."""
    return ("fill",) if token.name.startswith(("heat", "band")) else ("fill", "stroke")


def chart_config() -> dict[str, Any]:
    """The Vega-Lite configuration of every chart: quiet grid, no frame, no automatic aria."""
    axis = {
        "domain": False,
        "ticks": False,
        "grid": False,
        "labelColor": MUTED.light,
        "labelFontSize": FONT_SIZE,
        "labelPadding": 6,
        "labelOverlap": False,
        "labelBound": False,
        "labelFlush": False,
        "gridColor": GRID.light,
        "tickColor": RULE.light,
        "domainColor": RULE.light,
        "titleColor": MUTED.light,
        "titleFontSize": FONT_SIZE,
        "titleFontWeight": "normal",
    }
    return {
        "aria": False,
        "background": None,
        "font": MEASURED_FONT,
        "view": {"stroke": None},
        "axis": axis,
        "axisY": {"grid": True},
        "mark": {"color": SERIES[0].light},
        "text": {"color": INK.light, "fontSize": FONT_SIZE},
        "line": {"strokeWidth": 2.5, "strokeCap": "round"},
        "point": {"filled": True},
        "rule": {"color": RULE.light},
        "range": {"category": [token.light for token in SERIES]},
    }
