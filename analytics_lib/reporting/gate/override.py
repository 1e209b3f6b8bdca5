"""A signed release of what the gate would hold."""

from dataclasses import dataclass

from analytics_lib.core.errors import ParameterError


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """Somebody's signed decision to release a page in spite of what the gate found.

    Attributes:
        name: Who; the policy names those who may.
        reason: Why; it is shown on the page.
    """

    name: str
    reason: str


def parse_override(text: str | None) -> Override | None:
    """Read `Name: reason`.

    Raises:
        ParameterError: One of the two is missing.

    Examples:
        >>> parse_override("Ann Lee: agreed with the school").name
        'Ann Lee'
    """
    if text is None:
        return None
    name, _, reason = (part.strip() for part in text.partition(":"))
    if not name or not reason:
        raise ParameterError("`override` must look like `Name: reason`, both given.")
    return Override(name=name, reason=reason)
