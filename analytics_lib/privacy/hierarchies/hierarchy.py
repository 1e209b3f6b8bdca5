"""A checked hierarchy of one column, its labels coded as whole numbers for speed."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import polars as pl

from analytics_lib.core.errors import SchemaError

ANYTHING = "*"
Codes = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Hierarchy:
    """The labels that may stand for each value of one column, from itself up to one for all.

    The values are in an order in which all values under one label are
    neighbours, so a label is a range of codes, and the narrowest label over a
    set of values is the one over its first and its last.

    Attributes:
        name: The column, for messages.
        values: The values as text; None stands for a missing value.
        codes: One row a level, one column a value: the number of its label at this level.
            Row 0 is 0, 1, 2, ...; the last row is 0 throughout.
        labels: The labels of each level, by number.
        positions: Where the values lie on a scale, if the column is numeric; else None.
            The loss of a numeric label is its width, that of another its share of values.
    """

    name: str
    values: tuple[str | None, ...]
    codes: Codes
    labels: tuple[tuple[str | None, ...], ...]
    positions: npt.NDArray[np.float64] | None = None

    @property
    def height(self) -> int:
        """The highest level: 0 is the value itself, `height` the label for all."""
        return len(self.labels) - 1

    def with_missing(self) -> "Hierarchy":
        """The hierarchy with the missing value as one more, apart from all others below the top.

        A missing value is a value of its own: taken for a wildcard it would
        make every class it could belong to look bigger than it is.
        """
        if None in self.values:
            return self
        added = np.array([[len(level)] for level in self.labels])
        added[-1] = 0
        nowhere = None if self.positions is None else np.append(self.positions, np.nan)
        return replace(
            self,
            values=(*self.values, None),
            codes=np.hstack([self.codes, added]),
            labels=(*((*level, None) for level in self.labels[:-1]), self.labels[-1]),
            positions=nowhere,
        )

    def encode(self, column: pl.Series) -> tuple["Hierarchy", Codes]:
        """The column as numbers of its values, and the hierarchy they refer to.

        Returns:
            The hierarchy, with the missing value where the column has any, and
            the codes, one a row.

        Raises:
            SchemaError: The hierarchy lacks values of the column. The message counts them
                and shows none: a value of a quasi-identifier is personal.
        """
        texts = as_text(column)
        used = self.with_missing() if texts.null_count() else self
        known = [value for value in self.values if value is not None]
        found = texts.replace_strict(
            known, range(len(known)), default=None, return_dtype=pl.Int64
        ).to_numpy()
        absent = texts.is_null().to_numpy()
        unknown = np.isnan(found) & ~absent if found.dtype.kind == "f" else absent & False
        if unknown.any():
            kinds = texts.filter(pl.Series(unknown)).n_unique()
            raise SchemaError(
                f"The hierarchy of `{self.name}` lacks {kinds} distinct "
                f"{'value' if kinds == 1 else 'values'} of the column, in {int(unknown.sum())} "
                f"of {len(texts)} rows; it must cover every value."
            )
        filled = np.where(absent, len(used.values) - 1, found)
        return used, filled.astype(np.int64)


def as_text(column: pl.Series) -> pl.Series:
    """Values as text; whole numbers alike whether they came as integers or as floats."""
    if column.dtype.is_float():
        column = column.fill_nan(None)
        if (column.drop_nulls() % 1 == 0).all():
            column = column.cast(pl.Int64)
    return column.cast(pl.String)


def checked_hierarchy(
    name: str, levels: Sequence[Sequence[str]], *, positions: Sequence[float] | None = None
) -> Hierarchy:
    """A hierarchy of equally long columns of labels, the values first.

    Raises:
        SchemaError: There is no level above the values, a value is there twice, a label has
            two labels above it, or the highest level has more than one label.
    """
    codes = np.array([np.unique(np.array(level), return_inverse=True)[1] for level in levels])
    _check(name, codes)

    given = range(codes.shape[1]) if positions is None else positions
    place = np.array(given, dtype=np.float64)
    order = np.lexsort([_rank_by_start(level, place) for level in codes])
    names = [np.array(level, dtype=object)[order] for level in levels]
    ordered = [_numbered(level[order]) for level in codes]
    return Hierarchy(
        name=name,
        values=tuple(names[0]),
        codes=np.array([numbers for numbers, _ in ordered]),
        labels=tuple(
            tuple(texts[firsts]) for texts, (_, firsts) in zip(names, ordered, strict=True)
        ),
        positions=None if positions is None else place[order],
    )


def _check(name: str, codes: Codes) -> None:
    if len(codes) == 1:
        raise SchemaError(f"The hierarchy of `{name}` has no level above the values.")
    wide = codes.shape[1]
    distinct = len(np.unique(codes[0]))
    if distinct < wide:
        raise SchemaError(
            f"The hierarchy of `{name}` has {wide - distinct} rows for values that it has "
            "already; every value must be there once."
        )
    for level in range(len(codes) - 1):
        pairs = np.unique(codes[level : level + 2], axis=1)
        torn = pairs.shape[1] - len(np.unique(codes[level]))
        if torn:
            raise SchemaError(
                f"The hierarchy of `{name}` is no coarsening from level {level} to level "
                f"{level + 1}: {torn} labels too many; every label must have exactly one label "
                "above it."
            )
    top = len(np.unique(codes[-1]))
    if top != 1:
        raise SchemaError(
            f"The highest level of the hierarchy of `{name}` has {top} labels; it must have "
            f"one, such as {ANYTHING!r}."
        )


def _rank_by_start(level: Codes, place: npt.NDArray[np.float64]) -> Codes:
    """For each value the rank of its label among those of the level, by where they begin."""
    begins = np.full(int(level.max()) + 1, np.inf)
    np.minimum.at(begins, level, place)
    rank = np.empty(len(begins), dtype=np.int64)
    rank[np.argsort(begins, kind="stable")] = np.arange(len(begins))
    return rank[level]


def _numbered(level: Codes) -> tuple[Codes, Codes]:
    """Labels numbered in the order they come, and where each comes first."""
    starts = np.flatnonzero(np.append(True, level[1:] != level[:-1]))
    return np.cumsum(np.append(0, level[1:] != level[:-1])), starts
