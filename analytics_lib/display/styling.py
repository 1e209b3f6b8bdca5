"""The stylesheet: once in each published page, or once in a notebook."""

from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from analytics_lib.display.shown import Shown
from analytics_lib.display.theme import dark_marks_css, tokens_css

_COMPONENTS = "/* components */\n"
_LAB_DARK = 'body[data-jp-theme-light="false"]'


@cache
def stylesheet() -> str:
    """The whole stylesheet of a published page: tokens, light and dark, page, components, print."""
    dark = tokens_css("dark") + "color-scheme:dark"
    return (
        f":root{{{tokens_css('light')}color-scheme:light}}\n"
        f"@media screen and (prefers-color-scheme:dark){{:root{{{dark}}}"
        f"{dark_marks_css('svg ')}}}\n{_source()}"
    )


@cache
def notebook_stylesheet() -> str:
    """Tokens and components only, dark with the dark theme of JupyterLab."""
    return (
        f":root{{{tokens_css('light')}}}\n{_LAB_DARK}{{{tokens_css('dark')}}}\n"
        f"{dark_marks_css(_LAB_DARK + ' .figure svg ')}\n{_source().partition(_COMPONENTS)[2]}"
    )


@dataclass(frozen=True, slots=True)
class NotebookStyle(Shown):
    """Styles the objects of this room inside a notebook; publishes nothing itself."""

    def to_html(self) -> str:
        """A style element."""
        return f"<style>{notebook_stylesheet()}</style>"

    def to_text(self) -> str:
        """One line."""
        return "Charts, tiles and tables are styled in this notebook."

    def to_payload(self) -> dict[str, Any]:
        """A note without content."""
        return {"kind": "note", "id": "notebook-style", "title": "", "results": {}}


def use_in_notebook() -> NotebookStyle:
    """Style charts, tiles and tables in JupyterLab. Call it once, as the last line of a cell.

    A published page has the stylesheet already; leave the call out of
    `notebooks/reports`. Without it charts and tables are readable all the same.
    """
    return NotebookStyle()


def _source() -> str:
    package = resources.files("analytics_lib.display")
    return package.joinpath("stylesheet.css").read_text(encoding="utf-8")
