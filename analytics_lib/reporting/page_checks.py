"""The last look at a page's bytes: no script, no request, no pseudonym leaves the house."""

import re
from collections import Counter
from html.parser import HTMLParser

from analytics_lib.core.errors import RunError
from analytics_lib.reporting.gate.identifiers import require_no_identifier

_FORBIDDEN_TAGS = {
    "script", "iframe", "frame", "object", "embed", "link", "base", "form", "audio", "video",
    "foreignobject",
}  # fmt: skip
_LOADING = {"src", "srcset", "poster", "data", "background", "action", "formaction", "ping"}
_CSS_REQUEST = re.compile(r"@import|url\((?!\s*['\"]?\s*(?:data:|#))", flags=re.IGNORECASE)


class _Inspector(HTMLParser):
    """Collects whatever would run or load something."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.problems: list[str] = []
        self.ids: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Look at one element."""
        if tag in _FORBIDDEN_TAGS:
            self.problems.append(f"a <{tag}> element")
        for name, value in attrs:
            self._look_at(tag, name, (value or "").strip())

    def _look_at(self, tag: str, name: str, value: str) -> None:
        if name == "id":
            self.ids.append(value)
        if name.startswith("on"):
            self.problems.append(f"an event handler `{name}` on <{tag}>")
        if name in _LOADING and not value.startswith("data:"):
            self.problems.append(f"`{name}` of <{tag}> loads something")
        if name in ("href", "xlink:href"):
            self._look_at_link(tag, value)
        if name == "style" and _CSS_REQUEST.search(value):
            self.problems.append(f"the style of <{tag}> loads something")

    def _look_at_link(self, tag: str, value: str) -> None:
        if value.lower().startswith(("javascript:", "vbscript:", "data:")):
            self.problems.append(f"a running link on <{tag}>")
        if tag not in ("a", "area") and not value.startswith("#"):
            self.problems.append(f"`href` of <{tag}> loads something")


def require_safe_page(html: str, *, name: str) -> None:
    """Refuse a page that runs, loads or reveals something.

    Args:
        html: The page as it would be published.
        name: What it is, for the message.

    Raises:
        RunError: It holds a script, an event handler, something that loads
            from elsewhere, or the same id twice.
        DisclosureError: It holds a pseudonym or an e-mail address.
    """
    inspector = _Inspector()
    inspector.feed(html)
    inspector.close()
    problems = list(dict.fromkeys(inspector.problems))
    styles = re.findall(r"<style[^>]*>(.*?)</style>", html, flags=re.DOTALL)
    if any(_CSS_REQUEST.search(style) for style in styles):
        problems.append("a style sheet that loads something")
    twice = sorted(id_ for id_, times in Counter(inspector.ids).items() if times > 1)
    if twice:
        problems.append(f"ids that are not unique: {twice[:5]}")
    if problems:
        raise RunError(f"`{name}` was not published, it holds {', '.join(problems)}.")
    require_no_identifier(html, name=name)
