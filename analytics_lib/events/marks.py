"""Marks on events: 0 or 1 in a column, the same on every engine."""

from typing import Any

import narwhals.stable.v2 as nw

COUNTED = "__counted"
_FAR = 2**62


def flag(condition: nw.Expr) -> nw.Expr:
    """1 where the condition holds, else 0, where it is null too: engines add up numbers alike."""
    return nw.when(condition).then(nw.lit(1)).otherwise(nw.lit(0))


def without_missing(name: str, dtype: Any) -> nw.Expr:  # noqa: ANN401 - a Narwhals type
    """A column to sort or to partition by: numbers or texts, a missing value last or empty.

    Engines sort missing values to different ends, and some leave them out of
    partitions.
    """
    column = nw.col(name)
    if dtype.is_integer():
        return column.cast(nw.Int64).fill_null(_FAR)
    if dtype.is_numeric():
        # In pandas whole numbers become floats as soon as one is missing.
        return column.fill_null(_FAR).cast(nw.Int64)
    return column.cast(nw.String).fill_null("")
