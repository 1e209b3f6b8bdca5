"""Names of simulated people: they look like keyed pseudonyms, and belong to nobody."""

import hashlib


def pseudonyms(role: str, count: int) -> list[str]:
    """So many pseudonyms of 64 hex digits, the same ones each time.

    Args:
        role: Who they are, such as `learner`; other roles have other names.
        count: How many.

    Examples:
        >>> len(pseudonyms("learner", 2)[1])
        64
    """
    return [
        hashlib.sha256(f"synthetic {role} {number}".encode()).hexdigest() for number in range(count)
    ]
