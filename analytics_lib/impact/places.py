"""Places as codes: a figure of one place never meets a number of another."""

import re

from analytics_lib.core.errors import ParameterError

GLOBAL = "global"
_CODE = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,3})?(/[^/]+)?")


def require_place(place: str, *, name: str = "region") -> str:
    """The place itself, once it is known to be well formed.

    Args:
        place: `global`, a country (`GB`, ISO 3166-1), a part of one (`GB-SCT`,
            ISO 3166-2) or a city of it (`GB-SCT/Leith`).
        name: What the message calls it.

    Raises:
        ParameterError: It is none of these.
    """
    if place != GLOBAL and not _CODE.fullmatch(str(place)):
        raise ParameterError(
            f"`{name}` is {place!r}; it must be {GLOBAL!r}, a country such as 'GB', a part of one "
            "such as 'US-CA', or a city of it such as 'US-CA/Oakland'."
        )
    return place


def covers(outer: str, inner: str) -> bool:
    """Whether `inner` lies within `outer`, or is it.

    Examples:
        >>> covers("GB", "GB-SCT"), covers("GB-SCT", "GB"), covers("global", "US-CA")
        (True, False, True)
    """
    if outer in {GLOBAL, inner}:
        return True
    return inner.startswith((f"{outer}-", f"{outer}/"))


def country_of(place: str) -> str:
    """The country of a place.

    Examples:
        >>> country_of("US-CA/Oakland")
        'US'
    """
    return require_place(place) if place == GLOBAL else require_place(place)[:2]
