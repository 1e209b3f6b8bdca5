"""What the register holds: requests with their steps, and packages."""

import datetime as dt
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from analytics_lib.core.checks import suggest
from analytics_lib.core.errors import AccessError

State = Literal["requested", "reviewed", "approved", "rejected", "released", "expired"]
DEMONSTRATION = "demonstration: taken by the program, nobody decided"  # note of such a step
OVER: tuple[State, ...] = ("rejected", "expired")


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """A released package.

    Attributes:
        name: Its name.
        version: Its version, from 1.
        manifest_sha256: Digest of its manifest.
        expires_on: The first day it is no longer valid, ISO.
    """

    name: str
    version: int
    manifest_sha256: str
    expires_on: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A request and how far it has come.

    Attributes:
        number: Number in the register.
        name: Name of the request.
        state: How far it has come.
        content: What was asked for, the contact included.
        steps: Each step with who took it, when, and what they noted.
        package: What was released; None before.
    """

    number: int
    name: str
    state: State
    content: Mapping[str, Any]
    steps: tuple[dict[str, str], ...]
    package: Package | None

    def taken_by(self, step: str) -> str | None:
        """Who took a step last; None where nobody has."""
        found = [taken["by"] for taken in self.steps if taken["step"] == step]
        return found[-1] if found else None

    def approver(self) -> str:
        """Who approved it last, in words for its package; "nobody" where the program took the step.

        The traps: a name of the policy may be that of a person, and a package goes to strangers.
        So the package says where the name stands, and the register keeps it. And a demonstration
        takes its steps under the names of the policy; its package would say that somebody
        approved what nobody has seen.
        """
        steps = [taken for taken in self.steps if taken["step"] == "approved"]
        if not steps:
            return "nobody"
        if steps[-1]["note"] == DEMONSTRATION:
            return f"nobody ({DEMONSTRATION})"
        return f"the approver named in the register, entry {self.number}"

    def ended_on(self, *, today: dt.date) -> dt.date | None:
        """The first day its package was no longer valid.

        The trap: the register notes an expiry when somebody looks, which may be later than the
        day itself, and an early end before it. The earlier of both counts.

        Args:
            today: Today.

        Returns:
            That day; None while the package is valid, and where there is none.
        """
        if self.package is None:
            return None
        noted = [dt.date.fromisoformat(s["at"][:10]) for s in self.steps if s["step"] == "expired"]
        day = min([dt.date.fromisoformat(self.package.expires_on), *noted])
        return day if self.state == "expired" or day <= today else None


def require_role(by: str, names: list[str], *, role: str) -> None:
    """Refuse whom the policy does not name for a role.

    Raises:
        AccessError: The policy names others.
    """
    if by not in names:
        raise AccessError(f"{by!r} is no {role}; the policy names {names}." + suggest(by, names))


def is_same_person(one: str, other: str) -> bool:
    """Do two names mean one person?

    The trap: "Officer " and "Officer" are two texts. Whoever asks under the one could decide under
    the other. Case, spaces and characters that nobody sees make no difference here.

    Examples:
        >>> is_same_person("Data Officer", " data  officer")
        True
    """
    return _as_seen(one) == _as_seen(other)


def _as_seen(name: str) -> str:
    plain = unicodedata.normalize("NFKC", name)
    seen = "".join(sign for sign in plain if unicodedata.category(sign) != "Cf")
    return " ".join(seen.split()).casefold()
