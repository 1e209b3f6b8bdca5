"""Numbers made coarser: extremes cut off, the rest rounded."""

import math

import polars as pl

from analytics_lib.core.errors import ParameterError, SchemaError


def code_extremes(
    values: pl.Series, *, bottom: float | None = None, top: float | None = None
) -> pl.Series:
    """Hide how extreme the extreme values are: all below `bottom` become it, all above `top` too.

    The traps: bounds read from the data (its 99th percentile, its maximum) give
    away the values they hide, so they are arguments. And a capped column has
    another mean: publish the bounds with it, so that nobody takes "90" for an age.

    Args:
        values: Numbers; a missing one stays missing.
        bottom: Lowest number that is shown.
        top: Highest number that is shown.

    Returns:
        The numbers between the bounds, of the same type and name.

    Raises:
        ParameterError: No bound is given, one is no finite number, the lower is above the upper,
            or one has a fraction where the column has whole numbers.
        SchemaError: The column holds no numbers.

    Examples:
        >>> code_extremes(pl.Series("age", [17, 40, 97, None]), bottom=18, top=90).to_list()
        [18, 40, 90, None]
    """
    _require_numbers(values)
    if bottom is None and top is None:
        raise ParameterError("`bottom` and `top` are both missing; at least one must be given.")
    for name, bound in (("bottom", bottom), ("top", top)):
        if bound is not None and not math.isfinite(bound):
            raise ParameterError(f"`{name}` is {bound}; it would hide nothing.")
    if bottom is not None and top is not None and not bottom <= top:
        raise ParameterError(f"`bottom` is {bottom}; it must be at most `top`, {top}.")
    if values.dtype.is_integer() and any(
        bound is not None and bound % 1 for bound in (bottom, top)
    ):
        raise ParameterError(
            f"`{values.name}` has whole numbers; `bottom` and `top` must be whole too."
        )
    return values.clip(bottom, top)


def round_to(values: pl.Series, *, base: float) -> pl.Series:
    """Round every number to the nearest multiple of `base`, halves upwards.

    The trap: rounding to even sends 5 to 0 and 15 to 20 and makes some bins
    twice as wide as their neighbours. Halves go up here, always.

    Args:
        values: Numbers; a missing one stays missing.
        base: Width of the steps, above 0; a whole number for whole numbers.

    Returns:
        Multiples of `base`, of the same type and name.

    Raises:
        ParameterError: `base` is not above 0, or has a fraction for whole numbers.
        SchemaError: The column holds no numbers.

    Examples:
        >>> round_to(pl.Series("income", [5, 14, 15, -5, None]), base=10).to_list()
        [10, 10, 20, 0, None]
    """
    _require_numbers(values)
    if not 0 < base < float("inf"):
        raise ParameterError(f"`base` is {base}; it must be above 0.")
    if values.dtype.is_integer():
        if base % 1:
            raise ParameterError(f"`{values.name}` has whole numbers; `base` must be whole too.")
        step = int(base)
        wide = values.cast(pl.Int64)
        return ((2 * wide + step) // (2 * step) * step).cast(values.dtype)
    return (values / base + 0.5).floor() * base


def _require_numbers(values: pl.Series) -> None:
    if not values.dtype.is_numeric():
        raise SchemaError(f"`{values.name}` is {values.dtype}; it must hold numbers.")
