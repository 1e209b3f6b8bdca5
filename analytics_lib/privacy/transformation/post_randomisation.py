"""Post-randomisation (PRAM): some categories are drawn anew, by known chances."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from analytics_lib.core.checks import require_between
from analytics_lib.core.errors import SchemaError
from analytics_lib.privacy.assessment.classes import Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Randomised:
    """A column of which no single value can be trusted, and what is needed to correct for it.

    Attributes:
        values: The column, in its order.
        categories: Its distinct values before, sorted, a missing one first.
        matrix: Chance that the category of the row is released as that of the column; publish
            it, analyses need it.
        changed: Records whose value is another than before; do not publish which.
    """

    values: pl.Series
    categories: pl.Series
    matrix: Floats
    changed: int


def post_randomise(
    values: pl.Series, *, keep: float, rng: np.random.Generator, invariant: bool = True
) -> Randomised:
    """Keep each value with a chance, and draw it anew otherwise.

    Invariant draws come from the frequencies of the column itself, so that
    all counts stay right in expectation and need no correction. Otherwise every
    category is drawn alike, which protects rare ones better and bends all counts
    towards each other; correct them by the inverse of the matrix.

    The traps: a value drawn anew may be the old one, so more than `keep` of
    them stay; only draws of single columns are invariant, their associations become weaker. And
    a generator whose seed can be guessed can be run again: seed it from the system's entropy,
    never from a number in a file.

    Args:
        values: Categories; missing is one of them, and not a number is missing.
        keep: Chance that a value is not drawn anew, between 0 and 1.
        rng: Source of all randomness.
        invariant: Whether to draw by frequency (True) or all categories alike.

    Returns:
        The new values with the matrix of chances.

    Raises:
        ParameterError: `keep` is not between 0 and 1.
        SchemaError: The column is empty, or holds lists, structures or bytes.

    Examples:
        >>> found = post_randomise(
        ...     pl.Series("team", ["a", "a", "a", "b"]), keep=0.8, rng=np.random.default_rng(1)
        ... )
        >>> found.matrix.round(2).tolist()  # 3/4 of the fifth that is drawn anew becomes a
        [[0.95, 0.05], [0.15, 0.85]]

    References:
        Gouweleeuw J. M. et al. (1998), J. Off. Stat. 14, 463-478.
    """
    require_between(keep, 0, 1, name="keep")
    if values.dtype.is_nested() or values.dtype in {pl.Binary, pl.Object}:
        raise SchemaError(f"`{values.name}` is {values.dtype}; it must hold plain values.")
    if values.is_empty():
        raise SchemaError(f"`{values.name}` has no values; it must have at least one.")

    plain = values.fill_nan(None) if values.dtype.is_float() else values
    categories = plain.unique().sort(nulls_last=False)
    number = {value: place for place, value in enumerate(categories)}
    codes = np.array([number[value] for value in plain], dtype=np.int64)
    counts = np.bincount(codes, minlength=len(categories))
    weights = counts / counts.sum() if invariant else np.full(len(counts), 1 / len(counts))
    drawn = rng.choice(len(categories), size=len(codes), p=weights)
    after = np.where(rng.random(len(codes)) < keep, codes, drawn)
    return Randomised(
        values=categories[after].alias(values.name),
        categories=categories,
        matrix=keep * np.eye(len(categories)) + (1 - keep) * weights,
        changed=int((after != codes).sum()),
    )
