"""Secrets of a run: read from the environment by name, and kept out of every file."""

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


def hide_secrets(folder: Path, secrets: Collection[str]) -> None:
    """Replace secrets in whatever a run left behind: notebooks and logs."""
    for path in folder.rglob("*") if secrets else ():
        if path.is_file():
            content = path.read_bytes()
            hidden = content
            for secret in secrets:
                hidden = hidden.replace(secret.encode(), HIDDEN.encode())
            if hidden != content:
                path.write_bytes(hidden)


def without_secrets(text: str, secrets: Collection[str]) -> str:
    """A message with every secret replaced."""
    for secret in secrets:
        text = text.replace(secret, HIDDEN)
    return text
