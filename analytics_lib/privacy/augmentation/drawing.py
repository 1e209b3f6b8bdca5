"""Drawing rows within the equivalence classes of a release, none of them a real one."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from analytics_lib.privacy.assessment.classes import Integers

_CLASS = "__class"
_AT = "__at"
_SIZE = "__size"
_PRESENT = "__present"
_ROUNDS = 200


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Classes:
    """A release sorted by class.

    Attributes:
        rows: The real rows, those of a class together.
        first: Place of the first row of each class.
        sizes: Rows of each class.
        room: Whether the values of a class make any combination that none of its rows is.
    """

    rows: pl.DataFrame
    first: Integers
    sizes: Integers
    room: np.ndarray[tuple[int], np.dtype[np.bool_]]


def classes_with_room(table: pl.DataFrame, *, quasi_identifiers: Sequence[str]) -> Classes:
    """Sort a release by class, and find where rows can be drawn that are no copies.

    All values of a class may be combined, so a class has room exactly where the product of
    the numbers of its distinct values exceeds the number of its distinct rows.
    """
    others = [name for name in table.columns if name not in quasi_identifiers]
    numbered = table.with_columns(
        pl.struct(quasi_identifiers).rank("dense").cast(pl.Int64).alias(_CLASS)
    ).sort(_CLASS, maintain_order=True)
    distinct = [pl.col(name).n_unique().cast(pl.Float64).alias(name) for name in others]
    present = pl.struct(others).n_unique() if others else pl.len()
    counted = (
        numbered.group_by(_CLASS)
        .agg(pl.len().alias(_SIZE), present.alias(_PRESENT), *distinct)
        .sort(_CLASS)
    )
    possible = np.ones(counted.height)
    for name in others:
        possible *= counted[name].to_numpy()
    sizes = counted[_SIZE].cast(pl.Int64).to_numpy()
    return Classes(
        rows=numbered.drop(_CLASS),
        first=np.cumsum(sizes) - sizes,
        sizes=sizes,
        room=possible > counted[_PRESENT].to_numpy(),
    )


def drawn_rows(
    classes: Classes, *, number: int, quasi_identifiers: Sequence[str], rng: np.random.Generator
) -> pl.DataFrame:
    """Draw rows: a class by its size, then each other column by itself from rows of that class.

    Copies are drawn again, class and all, so that a class in which few other rows are possible
    gets few and not the same rare one many times. Where there is little room in all that may not
    succeed within 200 rounds; then fewer rows come back.
    """
    weights = np.where(classes.room, classes.sizes, 0)
    if not weights.any() or not number:
        return classes.rows.clear()
    kept = [classes.rows.clear()]
    for _ in range(_ROUNDS):
        of_class = rng.choice(len(weights), size=number, p=weights / weights.sum())
        drawn = _combined(classes, of_class, quasi_identifiers, rng)
        kept.append(drawn.filter(~_copies(drawn, classes.rows)))
        number -= kept[-1].height
        if not number:
            break
    return pl.concat(kept)


def _combined(
    classes: Classes, of_class: Integers, quasi_identifiers: Sequence[str], rng: np.random.Generator
) -> pl.DataFrame:
    """One row for each class asked for; the values of a row come of as many people as columns."""

    def places() -> pl.Series:
        steps = np.floor(rng.random(len(of_class)) * classes.sizes[of_class]).astype(np.int64)
        return pl.Series(classes.first[of_class] + steps)

    start = pl.Series(classes.first[of_class])
    return pl.DataFrame(
        [
            classes.rows[name].gather(start if name in quasi_identifiers else places())
            for name in classes.rows.columns
        ]
    )


def _copies(drawn: pl.DataFrame, real: pl.DataFrame) -> pl.Series:
    """Whether each row is one of the real ones, in all columns; a missing value is a value."""
    names = drawn.columns
    found = drawn.with_row_index(_AT).join(real.unique(), on=names, how="semi", nulls_equal=True)
    return drawn.with_row_index(_AT)[_AT].is_in(found[_AT].implode())
