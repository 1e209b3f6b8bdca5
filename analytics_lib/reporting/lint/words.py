"""Rules about the words of a page: a text cell shows nothing that comes from elsewhere."""

import re
from collections.abc import Iterator

from analytics_lib.reporting.lint.pages import Problem

_REMOTE = r"(?:(?:https?|ftp):)?//"
_IMAGE = re.compile(rf"!\[[^\]]*\]\(\s*<?\s*{_REMOTE}", re.IGNORECASE)
_ELEMENT = re.compile(
    r"<(?:audio|embed|iframe|image|img|input|link|object|script|source|track|use|video)\b[^>]*?"
    rf"\b(?:data|href|poster|src|srcset)\s*=\s*[\"']?\s*{_REMOTE}",
    re.IGNORECASE,
)
_STYLE = re.compile(rf"(?:url\(|@import)\s*[\"']?\s*{_REMOTE}", re.IGNORECASE)
_NAMED_IMAGE = re.compile(r"!\[([^\]]*)\](?:\[([^\]]*)\])?(?!\()")
_NAMED_ADDRESS = re.compile(rf"^ {{0,3}}\[([^\]]+)\]:\s*<?{_REMOTE}", re.IGNORECASE | re.MULTILINE)


def words_problems(text: str) -> Iterator[Problem]:
    """Broken rules of a Markdown cell: rule, what was found, remedy. A link is none.

    Examples:
        >>> [found for _, found, _ in words_problems("![A cat](https://example.org/cat.png)")]
        ['an image from the network']
        >>> list(words_problems("[A page](https://example.org) and ![a cat](cat.png)"))
        []
    """
    if _is_shown_from_elsewhere(text):
        yield (
            "no network",
            "an image from the network",
            "draw it with `display`; a page is whole without any request",
        )


def _is_shown_from_elsewhere(text: str) -> bool:
    if any(pattern.search(text) for pattern in (_IMAGE, _ELEMENT, _STYLE)):
        return True
    shown = {(name or words).strip().lower() for words, name in _NAMED_IMAGE.findall(text)}
    return any(name.strip().lower() in shown for name in _NAMED_ADDRESS.findall(text))
