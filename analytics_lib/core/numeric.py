"""Arithmetic whose edge cases are decided once."""

import math


def divide(numerator: float, denominator: float) -> float:
    """Quotient, `nan` where it is undefined (denominator zero or either side `nan`).

    Examples:
        >>> divide(1, 4)
        0.25
        >>> divide(1, 0)
        nan
    """
    if denominator == 0 or math.isnan(numerator) or math.isnan(denominator):
        return math.nan
    return numerator / denominator


def relative_change(current: float, base: float) -> float:
    """Change of `current` against `base` as a share of `base`; `nan` where undefined.

    Examples:
        >>> relative_change(110, 100)
        0.1
        >>> relative_change(1, 0)
        nan
    """
    return divide(current - base, base)
