"""The pseudonym key: where it comes from, and that it never lies with the data.

Whoever has both the lake and the key can undo the pseudonyms by trying names;
therefore the lake holds only a fingerprint of the key, by which another key is
noticed before it splits every user in two.
"""

import os
import re
import secrets
import stat
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from analytics_lib.core.errors import AccessError
from analytics_lib.privacy.pseudonyms import MINIMUM_KEY_BYTES, keyed_digest

KEY_VARIABLE = "ANALYTICS_PSEUDONYM_KEY"
KEY_FILE_VARIABLE = "ANALYTICS_KEY_FILE"
_FINGERPRINT_DIGITS = 16


def load_key(
    *, lake: Path, fingerprint: str | None, environment: Mapping[str, str] | None = None
) -> bytes:
    """The key of a lake: from the environment, else from the key file, made at first need.

    Args:
        lake: Folder of the lake, which must not hold the key file.
        fingerprint: Fingerprint of the key the lake was filled with; None for a new lake.
        environment: Variables to read; those of the process where none are given.

    Raises:
        AccessError: The key is missing although the lake has data, is
            malformed, lies inside the lake, may be read by others, or is not
            the key of this lake.
    """
    variables = os.environ if environment is None else environment
    given = variables.get(KEY_VARIABLE)
    if given is not None:
        key = _parse(given, where=f"the variable `{KEY_VARIABLE}`")
    else:
        key = _from_file(key_file(variables), lake=lake, known=fingerprint is not None)
    if fingerprint is not None and key_fingerprint(key) != fingerprint:
        raise AccessError(
            f"The lake was filled with the pseudonym key {fingerprint}, but the key at hand is "
            f"{key_fingerprint(key)} (fingerprints). With another key every user would be a new "
            f"one; set `{KEY_VARIABLE}` or `{KEY_FILE_VARIABLE}` to the lake's own key."
        )
    return key


def key_file(variables: Mapping[str, str]) -> Path:
    """Where the key file lies or will lie."""
    given = variables.get(KEY_FILE_VARIABLE)
    if given:
        return Path(given)
    base = variables.get("XDG_CONFIG_HOME")
    folder = Path(base) if base else Path.home() / ".config"
    return folder / "analytics_lib" / "pseudonym.key"


def key_fingerprint(key: bytes) -> str:
    """A short digest that names the key and does not reveal it."""
    return keyed_digest(key, "analytics_lib/fingerprint")[:_FINGERPRINT_DIGITS]


def _from_file(path: Path, *, lake: Path, known: bool) -> bytes:
    if path.resolve().is_relative_to(lake.resolve()):
        raise AccessError(
            "The key file lies inside the lake; a key stored with the data protects nothing. "
            f"Set `{KEY_FILE_VARIABLE}` to a place outside."
        )
    if not path.exists():
        if known:
            raise AccessError(
                f"The pseudonym key of this lake is missing: no key file at {str(path)!r} and no "
                f"`{KEY_VARIABLE}`. Restore it, or ingest into a new lake."
            )
        _create(path)
    try:
        mode = path.stat().st_mode
        text = path.read_text(encoding="ascii", errors="replace")
    except OSError as error:
        raise AccessError(f"The key file cannot be read ({error.strerror}).") from None
    if os.name == "posix" and stat.S_IMODE(mode) & 0o077:
        raise AccessError(
            f"The key file {str(path)!r} may be read by others; run `chmod 600` on it."
        )
    return _parse(text, where=f"the key file {str(path)!r}")


def _create(path: Path) -> None:
    """Write a new key whole beside its place and link it there, so that a race has one winner."""
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as stream:
            stream.write(secrets.token_hex(MINIMUM_KEY_BYTES) + "\n")
        _link(fresh, path)
    except OSError as error:
        raise AccessError(
            f"The key file {str(path)!r} cannot be made ({error.strerror}); set "
            f"`{KEY_FILE_VARIABLE}` to a place that can be written, or `{KEY_VARIABLE}`."
        ) from None
    finally:
        with suppress(OSError):
            fresh.unlink()


def _link(fresh: Path, path: Path) -> None:
    with suppress(FileExistsError):
        path.hardlink_to(fresh)


def _parse(text: str, *, where: str) -> bytes:
    digits = text.strip()
    if not re.fullmatch(r"(?:[0-9a-fA-F]{2})+", digits) or len(digits) < 2 * MINIMUM_KEY_BYTES:
        raise AccessError(
            f"The pseudonym key in {where} is malformed; it must be at least "
            f"{2 * MINIMUM_KEY_BYTES} hexadecimal digits, as `openssl rand -hex 32` prints."
        )
    return bytes.fromhex(digits)
