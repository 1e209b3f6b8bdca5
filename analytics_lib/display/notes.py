"""Words on the page: the answer, notes and definitions."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any, Literal, Protocol

from analytics_lib.core.checks import require_choice
from analytics_lib.core.errors import ParameterError
from analytics_lib.display.frames import require_id
from analytics_lib.display.shown import Result, Shown, results_json

NoteKind = Literal["assumption", "limit", "definition", "data"]
_NOTE_TITLES = {
    "assumption": "Assumption", "limit": "Limit", "definition": "Definition", "data": "Data"
}  # fmt: skip


class Defined(Protocol):
    """Anything with a name, a definition and a source, such as an entry of the metric registry."""

    @property
    def name(self) -> str:
        """What it is called."""

    @property
    def definition(self) -> str:
        """What it means."""

    @property
    def source(self) -> str:
        """Where the definition comes from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer(Shown):
    """The answer of the page in one sentence, with the results it rests on."""

    id: str
    text: str
    results: Mapping[str, Result] = field(default_factory=dict)

    def to_html(self) -> str:
        """A paragraph of its own look."""
        return f'<p class="answer" id="{self.id}">{escape(self.text)}</p>'

    def to_text(self) -> str:
        """The sentence."""
        return self.text

    def to_payload(self) -> dict[str, Any]:
        """Kind, id, the sentence as title, and the results."""
        return {
            "kind": "answer",
            "id": self.id,
            "title": self.text,
            "results": results_json(self.results),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Note(Shown):
    """A sentence the reader must know: an assumption, a limit or a definition."""

    id: str
    text: str
    kind: NoteKind

    def to_html(self) -> str:
        """A note that says what kind it is."""
        title = _NOTE_TITLES[self.kind]
        return f'<p class="note" id="{self.id}"><strong>{title}.</strong> {escape(self.text)}</p>'

    def to_text(self) -> str:
        """Kind and sentence."""
        return f"{_NOTE_TITLES[self.kind]}. {self.text}"

    def to_payload(self) -> dict[str, Any]:
        """Kind, id and sentence."""
        return {"kind": "note", "id": self.id, "title": self.to_text(), "results": {}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Definitions(Shown):
    """A list of names and what they mean."""

    id: str
    entries: tuple[tuple[str, str, str], ...]

    def to_html(self) -> str:
        """A definition list."""
        items = "".join(_entry_html(*entry) for entry in self.entries)
        return f'<dl class="definitions" id="{self.id}">{items}</dl>'

    def to_text(self) -> str:
        """One line an entry."""
        return "\n".join(_entry_text(*entry) for entry in self.entries)

    def to_payload(self) -> dict[str, Any]:
        """Kind, id and the entries in words."""
        return {"kind": "note", "id": self.id, "title": "Definitions", "results": {}}


def answer(
    text: str,
    *,
    id: str = "answer",  # noqa: A002 - the word of the page
    results: Mapping[str, Result] | None = None,
) -> Answer:
    """Give the answer of the page in one sentence.

    Args:
        text: The sentence, made by a function of `wording`.
        id: Stable name, unique on the page.
        results: The numbers in it, by the names the notebook declares.

    Raises:
        ParameterError: The text is empty, or a result is no number.
    """
    require_id(id)
    _require_text(text, name="text")
    results_json(results or {})
    return Answer(id=id, text=text, results=dict(results or {}))


def note(text: str, *, kind: NoteKind = "limit", id: str = "") -> Note:  # noqa: A002 - the word of the page
    """State an assumption, a limit, a definition or what became of the data.

    Args:
        text: The sentence.
        kind: What it is.
        id: Stable name; left out, it is made from kind and text.
    """
    require_choice(kind, _NOTE_TITLES, name="kind")
    _require_text(text, name="text")
    digest = hashlib.sha256(text.encode()).hexdigest()[:8]
    return Note(id=require_id(id or f"{kind}-{digest}"), text=text, kind=kind)


def definitions(
    names: Sequence[Defined],
    *,
    id: str = "definitions",  # noqa: A002 - the word of the page
) -> Definitions:
    """List what the words of the page mean, and who says so.

    Args:
        names: Objects with `name`, `definition` and `source`, such as entries
            of the metric registry.
        id: Stable name, unique on the page.

    Raises:
        ParameterError: There is none, or one lacks its definition.
    """
    require_id(id)
    if not names:
        raise ParameterError("`names` is empty; define at least one.")
    for item in names:
        _require_text(item.definition, name=f"definition of {item.name}")
    entries = tuple((item.name, item.definition, item.source) for item in names)
    return Definitions(id=id, entries=entries)


def _require_text(text: str, *, name: str) -> None:
    if not text.strip():
        raise ParameterError(f"`{name}` is empty; it must be a sentence.")


def _entry_html(name: str, meaning: str, source: str) -> str:
    cited = f' <span class="source">{escape(source)}</span>' if source else ""
    return f"<dt>{escape(name)}</dt><dd>{escape(meaning)}{cited}</dd>"


def _entry_text(name: str, meaning: str, source: str) -> str:
    return f"{name}: {meaning} ({source})" if source else f"{name}: {meaning}"
