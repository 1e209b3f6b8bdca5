"""Identifiers and secrets in the bytes that would be published."""

import base64
import html
import re
from collections.abc import Collection, Iterator
from urllib.parse import quote

from analytics_lib.core.errors import DisclosureError
from analytics_lib.reporting.gate.findings import Finding
from analytics_lib.reporting.secrets import spellings

SHORTEST_SECRET = 6
_PSEUDONYM = re.compile(r"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])", flags=re.IGNORECASE)
_EMAIL = re.compile(
    r"[\w.+-]+(?:@|%40|&#64;|&commat;)[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}", re.IGNORECASE
)
_ADDRESS = re.compile(
    r"(?<![\d.])(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?![\d.])"
)
_TOKENS = re.compile(
    r"eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,}"  # JSON web token
    r"|(?:AKIA|ASIA)[0-9A-Z]{16}"  # cloud access key
    r"|gh[pousr]_[A-Za-z0-9]{30,}"  # code host token
    r"|xox[abprs]-[A-Za-z0-9-]{10,}"  # chat token
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----"
)
_KINDS = {
    "pseudonyms": _PSEUDONYM,
    "e-mail addresses": _EMAIL,
    "network addresses": _ADDRESS,
    "access tokens": _TOKENS,
}


def identifier_findings(
    text: str, *, where: str, secrets: Collection[str] = ()
) -> Iterator[Finding]:
    """What identifies a person or opens a door, in the text of one file.

    Args:
        text: The file as it would be published.
        where: Its name.
        secrets: Values that were known to the run and must stay there; they are
            looked for as they are and as HTML, URLs and base64 write them.
    """
    plain = html.unescape(text)
    for kind, pattern in _KINDS.items():
        found = max(len(pattern.findall(text)), len(pattern.findall(plain)))
        if found:
            yield Finding(rule="identifier", where=where, words=f"{found} {kind}", absolute=True)
    leaked = sum(any(form in text for form in _forms(secret)) for secret in secrets)
    if leaked:
        yield Finding(rule="secret", where=where, words=f"{leaked} secrets", absolute=True)


def require_no_identifier(text: str, *, name: str) -> None:
    """Refuse bytes that hold a pseudonym, an address of a person or machine, or a token.

    Raises:
        DisclosureError: They do; the message says how many, not which.
    """
    found = list(identifier_findings(text, where=name))
    if found:
        raise DisclosureError(
            f"`{name}` was not published: it holds {', '.join(f.words for f in found)}. "
            "Show aggregated frames only."
        )


def _forms(secret: str) -> set[str]:
    """A secret as different formats write it; one too short to be told from a word is left out."""
    if len(secret) < SHORTEST_SECRET:
        return set()
    raw = secret.encode()
    coded = {base64.b64encode(raw[shift:]).decode().rstrip("=")[1:-1] for shift in range(3)}
    return {*spellings(secret), quote(secret, safe=""), raw.hex()} | {
        form for form in coded if len(form) >= SHORTEST_SECRET
    }
