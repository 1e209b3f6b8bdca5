"""From a chart to a picture that stands in a page: small, named, and silent.

Vega writes every encoded field into `aria-label` and gives its own roles to
each mark. All of that goes; what stays is geometry, colours of the theme and
the texts that are drawn.
"""

import base64
import re
from contextvars import ContextVar
from copy import deepcopy
from html import escape
from typing import Any, Protocol
from xml.etree import ElementTree as ET

from analytics_lib.core.errors import ParameterError
from analytics_lib.display.theme import FONT_STACK, SURFACE, TOKENS

MAX_MARKS = 2_000
PNG_SCALE = 2
_KEPT = {
    *("d", "fill", "stroke", "transform", "x", "y", "x1", "x2", "y1", "y2", "width", "height"),
    *("cx", "cy", "r", "rx", "ry", "points", "fill-opacity", "stroke-opacity", "opacity"),
    *("stroke-width", "stroke-dasharray", "stroke-linecap", "stroke-linejoin", "text-anchor"),
    *("font-size", "font-weight", "font-style", "clip-path", "id", "dx", "dy"),
}
_INHERITED = (
    *("fill", "stroke", "stroke-width", "font-size", "font-weight", "text-anchor"),
    *("fill-opacity", "stroke-linecap", "stroke-dasharray"),
)
_DEFAULTS = {
    *(("opacity", "1"), ("stroke-width", "1"), ("text-anchor", "start"), ("fill-opacity", "1")),
    *(("transform", "translate(0,0)"), ("font-weight", "normal"), ("font-style", "normal")),
}
_DRAWN = {"path", "rect", "line", "text", "circle", "ellipse", "polygon", "polyline", "image"}
_EMPTY_PATHS = {"", "M0,0h0v0h0Z"}
_COLOURS = {token.light for token in TOKENS} | {"none", "transparent"}
_GEOMETRY = {"d", "transform", "points", "x", "y", "x1", "x2", "y1", "y2", "width", "height", "r"}


class Renderer(Protocol):
    """Something that draws; every renderer gives the same picture."""

    def to_svg(self, spec: dict[str, Any]) -> str:
        """A Vega-Lite specification as SVG."""

    def to_png(self, spec: dict[str, Any], *, scale: float) -> bytes:
        """A Vega-Lite specification as PNG."""


class LocalRenderer:
    """Draws in this process; the first picture starts a JavaScript engine."""

    def to_svg(self, spec: dict[str, Any]) -> str:
        """A Vega-Lite specification as SVG.

        Raises:
            ValueError: It cannot be drawn.
        """
        import vl_convert  # noqa: PLC0415 - starts a JavaScript engine: only when a chart is drawn

        text: str = vl_convert.vegalite_to_svg(spec)
        return text

    def to_png(self, spec: dict[str, Any], *, scale: float) -> bytes:
        """A Vega-Lite specification as PNG.

        Raises:
            ValueError: It cannot be drawn.
        """
        import vl_convert  # noqa: PLC0415 - see to_svg

        picture: bytes = vl_convert.vegalite_to_png(spec, scale=scale)
        return picture


_renderer: ContextVar[Renderer] = ContextVar("renderer")
_LOCAL = LocalRenderer()


def use_renderer(renderer: Renderer) -> None:
    """Draw every chart of this process with `renderer`, such as one that is already warm."""
    _renderer.set(renderer)


def render_svg(spec: dict[str, Any]) -> ET.Element:
    """Draw a Vega-Lite specification and strip everything that is not drawn.

    Raises:
        ParameterError: It uses a colour that is no token of the theme; such a
            colour has no twin in dark mode and no tested contrast.
    """
    text = _renderer.get(_LOCAL).to_svg(spec)
    text = re.sub(r'\sxmlns(:\w+)?="[^"]*"', "", text)
    root = ET.fromstring(text)  # noqa: S314 - made by our own renderer a line above
    tidy(root)
    _require_tokens(root)
    return root


def render_png(spec: dict[str, Any]) -> str:
    """Draw a Vega-Lite specification as a PNG in a `data:` address, on the light surface."""
    opaque = {**spec, "background": SURFACE.light}
    picture = _renderer.get(_LOCAL).to_png(opaque, scale=PNG_SCALE)
    return "data:image/png;base64," + base64.b64encode(picture).decode("ascii")


def count_marks(root: ET.Element) -> int:
    """Number of drawn elements."""
    return sum(1 for element in root.iter() if element.tag in _DRAWN)


def svg_html(root: ET.Element, *, id_: str, title: str, description: str) -> str:
    """The picture as inline SVG with its name and its text alternative.

    Args:
        root: What `render_svg` returned.
        id_: Prefix of every id inside, unique on the page.
        title: Its name.
        description: Its text alternative.
    """
    _, _, width, height = root.get("viewBox", "0 0 0 0").split()
    named = deepcopy(root)
    for element in named.iter():
        _prefix_ids(element, f"{id_}-")
    inner = "".join(ET.tostring(child, encoding="unicode") for child in named)
    return (
        f'<svg viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" '
        f'aria-labelledby="{id_}-title {id_}-desc" font-family="{escape(FONT_STACK)}">'
        f'<title id="{id_}-title">{escape(title)}</title>'
        f'<desc id="{id_}-desc">{escape(description)}</desc>{inner}</svg>'
    )


def _prefix_ids(element: ET.Element, prefix: str) -> None:
    if "id" in element.attrib:
        element.set("id", prefix + element.attrib["id"])
    if "clip-path" in element.attrib:
        element.set("clip-path", element.attrib["clip-path"].replace("url(#", f"url(#{prefix}"))


def tidy(element: ET.Element) -> None:
    """Remove what is not drawn, say the rest briefly; in place."""
    for child in list(element):
        if _is_invisible(child):
            element.remove(child)
            continue
        tidy(child)
        _trim(child)
        _hoist(child)
        if child.tag == "g" and (len(child) == 0 or not child.attrib):
            at = list(element).index(child)
            element[at : at + 1] = list(child)


def _hoist(group: ET.Element) -> None:
    """Say once, on the group, what all its marks have in common."""
    if group.tag != "g" or len(group) < 2:  # noqa: PLR2004 - one mark has nothing in common
        return
    for name in _INHERITED:
        values = {child.get(name) for child in group}
        value = values.pop()
        if value is not None and not values:
            group.set(name, value)
            for child in group:
                del child.attrib[name]


def _is_invisible(element: ET.Element) -> bool:
    if element.tag in ("title", "desc") or element.get("display") == "none":
        return True
    if element.get("opacity") == "0":
        return True
    if element.tag == "path":
        return element.get("d", "") in _EMPTY_PATHS or element.get("class") == "background"
    return element.tag == "rect" and element.get("fill") == "white"


def _trim(element: ET.Element) -> None:
    for name, value in list(element.attrib.items()):
        short = _rounded(value) if name in _GEOMETRY else value
        if name == "font-size":
            short = value.removesuffix("px")
        if name not in _KEPT or (name, short) in _DEFAULTS:
            del element.attrib[name]
        else:
            element.set(name, short.lower() if name in ("fill", "stroke") else short)


def _rounded(value: str) -> str:
    """Numbers to a tenth of a pixel: finer cannot be seen and doubles the weight."""
    return re.sub(
        r"-?(?:\d+\.?\d*|\.\d+)(?:e-?\d+)?",
        lambda match: f"{round(float(match[0]), 1) + 0:g}",
        value,
    )


def _require_tokens(root: ET.Element) -> None:
    used = {element.get(name) for element in root.iter() for name in ("fill", "stroke")}
    foreign = sorted(colour for colour in used if colour is not None and colour not in _COLOURS)
    if foreign:
        raise ParameterError(
            f"The chart uses the colours {foreign}; it must use those of "
            "`analytics_lib.display.theme`, which have a twin in dark mode."
        )
