"""Numbers made coarser: extremes cut off, the rest rounded."""

import polars as pl

from analytics_lib.core.checks import require_finite
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
            or one has a fraction, or is too large for the type, where the column has whole
            numbers.
        SchemaError: The column holds no numbers.

    Examples:
        >>> code_extremes(pl.Series("age", [17, 40, 97, None]), bottom=18, top=90).to_list()
        [18, 40, 90, None]
    """
    _require_numbers(values)
    if bottom is None and top is None:
        raise ParameterError("`bottom` and `top` are both missing; at least one must be given.")
    for name, bound in (("bottom", bottom), ("top", top)):
        if bound is not None:
            require_finite(bound, name=name)
    if bottom is not None and top is not None and not bottom <= top:
        raise ParameterError(f"`bottom` is {bottom}; it must be at most `top`, {top}.")
    return (
        _cut_whole(values, bottom, top) if values.dtype.is_integer() else values.clip(bottom, top)
    )


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
        ParameterError: `base` is not above 0, or has a fraction for whole numbers; or a multiple
            is too large for the type of the column.
        SchemaError: The column holds no numbers.

    Examples:
        >>> round_to(pl.Series("income", [5, 14, 15, -5, None]), base=10).to_list()
        [10, 10, 20, 0, None]
    """
    _require_numbers(values)
    require_finite(base, name="base")
    if not base > 0:
        raise ParameterError(f"`base` is {base}; it must be above 0.")
    if values.dtype.is_integer():
        if base % 1:
            raise ParameterError(f"`{values.name}` has whole numbers; `base` must be whole too.")
        return _whole_multiples(values, step=int(base))
    return (values / base + 0.5).floor() * base


def _cut_whole(values: pl.Series, bottom: float | None, top: float | None) -> pl.Series:
    """Cut within what the type can hold; a bound beyond that on its own side hides nothing."""
    if any(bound is not None and bound % 1 for bound in (bottom, top)):
        raise ParameterError(
            f"`{values.name}` has whole numbers; `bottom` and `top` must be whole too."
        )
    low, high = values.lower_bound().item(), values.upper_bound().item()
    if (bottom is not None and bottom > high) or (top is not None and top < low):
        raise ParameterError(
            f"`{values.name}` is {values.dtype}, which cannot hold the bound; cast it to a "
            "larger type first."
        )
    bottom = None if bottom is None or bottom <= low else int(bottom)
    top = None if top is None or top >= high else int(top)
    return values.clip(bottom, top)


def _whole_multiples(values: pl.Series, *, step: int) -> pl.Series:
    """In 128 bits, as twice a large number has no place in 64."""
    one, two = pl.lit(step, dtype=pl.Int128), pl.lit(2 * step, dtype=pl.Int128)
    twice = pl.col("n").cast(pl.Int128) * pl.lit(2, dtype=pl.Int128)
    found = pl.DataFrame({"n": values}).select((twice + one) // two * one)["n"]
    rounded = found.cast(values.dtype, strict=False)
    if rounded.null_count() > values.null_count():
        raise ParameterError(
            f"`{values.name}` is {values.dtype}, too small for the multiple of {step} that one of "
            "its numbers rounds to; cast it to a larger type first."
        )
    return rounded.alias(values.name)


def _require_numbers(values: pl.Series) -> None:
    if not values.dtype.is_numeric():
        raise SchemaError(f"`{values.name}` is {values.dtype}; it must hold numbers.")
