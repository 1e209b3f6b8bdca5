"""The order of rows, which must say nothing."""

import numpy as np
import polars as pl

from analytics_lib.core.errors import DisclosureError

_CERTAIN = 20  # fewer rows may be numbered by chance


def shuffle_rows(table: pl.DataFrame, *, rng: np.random.Generator) -> pl.DataFrame:
    """Put the rows into a random order, once it is sure that no column numbers them.

    The trap: a release in the order of its source, or with the old row numbers
    left in a column called `index`, is joined with the source by counting. A
    generator whose seed can be guessed can be run backwards: seed it from the
    system's entropy, and publish no seed.

    Args:
        table: One row a person.
        rng: Source of all randomness.

    Returns:
        The same rows in another order.

    Raises:
        DisclosureError: A column numbers the rows.

    Examples:
        >>> people = pl.DataFrame({"age": [30, 41, 57]})
        >>> sorted(shuffle_rows(people, rng=np.random.default_rng(1))["age"])
        [30, 41, 57]
    """
    refuse_row_numbers(table)

    return table[rng.permutation(table.height)]


def refuse_row_numbers(table: pl.DataFrame) -> None:
    """Refuse a table with a column that numbers its rows, in whatever order they are now.

    A column of whole numbers, or of text that spells them, numbers the rows where
    no number is there twice and nine in ten of the range between the least and the largest are
    there (a source with a few records left out leaves gaps). Below 20 rows that may be chance and
    only numbers from 0 or 1 without a gap are refused.

    Raises:
        DisclosureError: Such a column is there.
    """
    found = [name for name in table.columns if _numbers_rows(table[name])]
    if found:
        raise DisclosureError(
            f"`table` has columns {found} that number its rows; leave them out, they join the "
            "release with its source."
        )


def _numbers_rows(values: pl.Series) -> bool:
    if not (values.dtype.is_integer() or values.dtype in {pl.String, pl.Float64, pl.Float32}):
        return False
    known = values.drop_nulls()
    numbers = known.cast(pl.Float64, strict=False)
    whole = numbers.drop_nulls()
    rows = len(whole)
    if rows < len(known) or rows < 2 or not (whole % 1 == 0).all():  # noqa: PLR2004 - one row is itself
        return False
    if whole.n_unique() < rows:
        return False
    low, high = (float(str(end)) for end in (whole.min(), whole.max()))
    if rows < _CERTAIN:
        return low in {0, 1} and high - low + 1 == rows
    return rows >= 0.9 * (high - low + 1)
