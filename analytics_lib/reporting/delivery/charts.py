"""The charts of a published page as PNG, for mails: drawn from the very SVG of the page."""

import re
from dataclasses import dataclass
from html import unescape

_SVG = re.compile(r'<svg aria-labelledby="[^"]*-wide-title[^"]*".*?</svg>', re.DOTALL)
_TITLE = re.compile(r"<title[^>]*>(.*?)</title>", re.DOTALL)
_SIZE = re.compile(r'viewbox="0 0 (\d+) (\d+)"', re.IGNORECASE)
_LARGEST = 400_000
_NAMES = {"viewbox=": "viewBox=", "clippath": "clipPath", "lineargradient": "linearGradient"}
_SCALE = 1.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A chart as a mail shows it.

    Attributes:
        png: The picture.
        title: What it shows, in words; also its text alternative.
        width: Pixels it is shown at.
        height: Likewise.
    """

    png: bytes
    title: str
    width: int
    height: int


def page_charts(page: str, *, most: int) -> list[Picture]:
    """The first charts of a page; one that cannot be drawn is left out.

    Args:
        page: HTML of the published page.
        most: How many are asked for.
    """
    pictures: list[Picture] = []
    for svg in _SVG.findall(page) if most else ():
        picture = _drawn(svg)
        if picture is not None:
            pictures.append(picture)
        if len(pictures) == most:
            break
    return pictures


def _drawn(svg: str) -> Picture | None:
    title, size = _TITLE.search(svg), _SIZE.search(svg)
    if title is None or size is None:
        return None
    import vl_convert  # noqa: PLC0415 - starts a JavaScript engine: only where a mail shows a chart

    try:
        png = vl_convert.svg_to_png(_as_xml(svg), scale=_SCALE)
    except (ValueError, RuntimeError):
        return None
    width, height = int(size.group(1)), int(size.group(2))
    words = unescape(title.group(1))
    picture = Picture(png=png, title=words, width=width, height=height)
    return picture if len(png) <= _LARGEST else None


def _as_xml(svg: str) -> str:
    """The SVG of an HTML page as a picture of its own, on white."""
    text = svg
    for small, proper in _NAMES.items():
        text = re.sub(rf"(?<=[<\s/]){small}", proper, text)
    opening, _, rest = text.partition(">")
    opening = opening.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"', 1)
    return f'{opening}><rect width="100%" height="100%" fill="#ffffff"></rect>{rest}'
