"""Secrets of a run: read from the environment by name, and kept out of every file."""

import html
import json
import os
from collections.abc import Collection, Sequence
from pathlib import Path

from analytics_lib.core.errors import AccessError

HIDDEN = "[secret]"


def secret_values(names: Sequence[str], *, run: str) -> list[str]:
    """The values of the environment variables a run declares.

    Raises:
        AccessError: One is not set, or is empty.
    """
    missing = [name for name in names if not os.environ.get(name)]
    if missing:
        raise AccessError(
            f"`{run}` needs the secrets {missing}; set these environment variables for the run."
        )
    return [os.environ[name] for name in names]


def spellings(secret: str) -> set[str]:
    r"""A secret as a text, a page, Python and JSON write it, JSON that holds a page too.

    Examples:
        >>> sorted(spellings('a"b'))
        ['a"b', 'a&#34;b', 'a&quot;b', 'a\\"b']
    """
    by_template = html.escape(secret).replace("&quot;", "&#34;").replace("&#x27;", "&#39;")
    plain = {secret, html.escape(secret), html.escape(secret, quote=False), by_template}
    quoted = {form for text in plain for form in (repr(text)[1:-1], *_in_json(text))}
    return plain | quoted


def _in_json(text: str) -> tuple[str, str]:
    return json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1]


def hide_secrets(folder: Path, secrets: Collection[str]) -> None:
    """Replace secrets in whatever a run left behind, notebooks and logs, in any spelling."""
    forms = {form for secret in secrets for form in spellings(secret)}
    for path in folder.rglob("*") if secrets else ():
        if path.is_file():
            content = path.read_bytes()
            hidden = content
            for form in sorted(forms, key=len, reverse=True):
                hidden = hidden.replace(form.encode(), HIDDEN.encode())
            if hidden != content:
                path.write_bytes(hidden)


def without_secrets(text: str, secrets: Collection[str]) -> str:
    """A message with every secret replaced."""
    for secret in secrets:
        text = text.replace(secret, HIDDEN)
    return text
