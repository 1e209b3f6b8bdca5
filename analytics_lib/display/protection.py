"""What the reader and the release gate are told of sums that were protected."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from analytics_lib.core.errors import ParameterError, SchemaError
from analytics_lib.display.frames import read_columns, require_id
from analytics_lib.display.shown import Shown
from analytics_lib.privacy.dominance import PROTECTION

WORDS = (
    "Sums that one or two people make up almost alone are held back, and others with them where "
    "a total would give them away."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtectedSums(Shown):
    """A note that the sums of some objects of the page are protected, with the proof."""

    id: str
    objects: tuple[str, ...]
    rule: dict[str, Any]

    def to_html(self) -> str:
        """The sentence."""
        return f'<p class="note" id="{self.id}"><strong>Data.</strong> {escape(WORDS)}</p>'

    def to_text(self) -> str:
        """The sentence."""
        return f"Data. {WORDS}"

    def to_payload(self) -> dict[str, Any]:
        """Kind, id, the sentence, and for the gate the objects and the rule."""
        return {
            "kind": "note",
            "id": self.id,
            "title": self.to_text(),
            "results": {},
            "protects": list(self.objects),
            "rule": self.rule,
        }


def protected_sums(
    frame: Any,  # noqa: ANN401 - any frame
    *,
    objects: Sequence[str],
    id: str = "protected-sums",  # noqa: A002 - the word of the page
) -> ProtectedSums:
    """Say that the sums shown by some objects are protected; the release gate looks for it.

    Args:
        frame: What `protect_sums` gave, and what the objects are made of.
        objects: Ids of the charts and tables made of it.
        id: Stable name, unique on the page.

    Raises:
        SchemaError: The frame is not from `protect_sums`.
        ParameterError: No object is named.
    """
    require_id(id)
    if not objects:
        raise ParameterError("`objects` is empty; name the charts and tables made of the frame.")
    stated = {row[PROTECTION] for row in read_columns(frame, [PROTECTION], name=id)}
    if len(stated) > 1:
        raise SchemaError(
            f"`{PROTECTION}` of {id!r} holds {len(stated)} rules; give what `protect_sums` gave."
        )
    rule = json.loads(str(stated.pop())) if stated else {}  # no row, nothing to protect
    return ProtectedSums(id=id, objects=tuple(objects), rule=rule)
