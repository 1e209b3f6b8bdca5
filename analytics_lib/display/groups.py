"""Parts of a page in one: headings with their words, side by side where there is room."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Literal

from analytics_lib.core.errors import ParameterError
from analytics_lib.display.frames import require_id
from analytics_lib.display.shown import Shown

_STRONG = re.compile(r"\*\*(?=\S)(.+?)(?<=\S)\*\*")
_EMPHASIS = re.compile(r"\*(?=\S)(.+?)(?<=\S)\*")
_CODE = re.compile(r"`([^`]+)`")


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part of a group.

    Attributes:
        id: Stable name of its heading.
        title: Heading; none where empty.
        text: Words below the heading.
        shown: The chart, table or note.
    """

    id: str
    title: str = ""
    text: str = ""
    shown: Shown | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Group(Shown):
    """Parts of a page that one cell of a notebook shows.

    Attributes:
        id: Stable name.
        parts: The parts in order.
        columns: How many stand side by side on a wide screen.
    """

    id: str
    parts: tuple[Part, ...]
    columns: Literal[1, 2] = 1

    def to_html(self) -> str:
        """The parts, each in a section of its own."""
        inner = "".join(_part_html(part) for part in self.parts)
        wide = " side-by-side" if self.columns > 1 else ""
        return f'<div class="group{wide}" id="{self.id}">{inner}</div>'

    def to_text(self) -> str:
        """The parts in plain words."""
        return "\n\n".join(
            "\n".join(
                words
                for words in (part.title, part.text, part.shown.to_text() if part.shown else "")
                if words
            )
            for part in self.parts
        )

    def to_payload(self) -> dict[str, Any]:
        """What each part says to the press."""
        return {
            "kind": "group",
            "id": self.id,
            "objects": [part.shown.to_payload() for part in self.parts if part.shown],
        }


def group(
    parts: Sequence[Part],
    *,
    id: str,  # noqa: A002 - the word of the page
    columns: Literal[1, 2] = 1,
) -> Group:
    """Show several charts and tables, with their headings and words, as one.

    Args:
        parts: The parts in order.
        id: Stable name, unique on the page.
        columns: Parts side by side on a wide screen.

    Raises:
        ParameterError: An id is not a stable name or comes twice.

    Examples:
        >>> whole = group([Part(id="why", title="Why?", text="- *Because*.")], id="reasons")
        >>> print(whole.to_text())
        Why?
        - *Because*.
    """
    ids = [require_id(id), *(require_id(part.id) for part in parts)]
    twice = sorted({name for name in ids if ids.count(name) > 1})
    if twice:
        raise ParameterError(f"`parts` holds the ids {twice} more than once.")
    return Group(id=id, parts=tuple(parts), columns=columns)


def words_html(text: str) -> str:
    """Plain words as HTML: paragraphs, `- ` lists, **strong**, *emphasis*, `code`.

    Nothing else of Markdown is known and HTML is shown as it is written, so a
    text can bring neither a script nor a request onto the page.

    Examples:
        >>> words_html("Up **ten**.")
        '<p>Up <strong>ten</strong>.</p>'
        >>> words_html("<b>")
        '<p>&lt;b&gt;</p>'
    """
    blocks = [block.strip() for block in re.split(r"\n\s*\n", text.strip())]
    return "".join(_block_html(block) for block in blocks if block)


def _block_html(block: str) -> str:
    lines = [line.strip() for line in block.splitlines()]
    if all(line.startswith("- ") for line in lines):
        items = "".join(f"<li>{_inline(line[2:])}</li>" for line in lines)
        return f"<ul>{items}</ul>"
    return f"<p>{_inline(' '.join(lines))}</p>"


def _inline(text: str) -> str:
    safe = _STRONG.sub(r"<strong>\1</strong>", escape(text))
    return _CODE.sub(r"<code>\1</code>", _EMPHASIS.sub(r"<em>\1</em>", safe))


def _part_html(part: Part) -> str:
    title = f'<h2 id="{part.id}">{escape(part.title)}</h2>' if part.title else ""
    shown = part.shown.to_html() if part.shown else ""
    return f'<section class="part">{title}{words_html(part.text)}{shown}</section>'
