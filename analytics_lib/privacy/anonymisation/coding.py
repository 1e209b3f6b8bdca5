"""A table of quasi-identifiers as whole numbers, with what each label loses."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import polars as pl

from analytics_lib.privacy.hierarchies.hierarchy import Codes, Hierarchy, as_text

Floats = npt.NDArray[np.float64]
_LARGEST_KEY = 2**62


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CodedTable:
    """The quasi-identifiers and sensitive columns of a table, coded.

    Attributes:
        hierarchies: One a quasi-identifier, in the order of its columns.
        codes: One array a quasi-identifier: the number of each row's value.
        losses: For each quasi-identifier and level the loss of each label, from 0 to 1.
        spans: For each quasi-identifier the range of its values in this table, or their
            number if it is not numeric.
        sensitive: One array a sensitive column: the number of each row's value.
        sensitive_sizes: How many values each sensitive column has.
    """

    hierarchies: tuple[Hierarchy, ...]
    codes: tuple[Codes, ...]
    losses: tuple[tuple[Floats, ...], ...]
    spans: tuple[float, ...]
    sensitive: tuple[Codes, ...]
    sensitive_sizes: tuple[int, ...]

    @property
    def rows(self) -> int:
        """Number of rows."""
        return len(self.codes[0])

    @property
    def width(self) -> int:
        """Number of quasi-identifiers."""
        return len(self.codes)

    def heights(self) -> list[int]:
        """The highest level of each hierarchy."""
        return [hierarchy.height for hierarchy in self.hierarchies]

    def sizes(self, column: int) -> list[int]:
        """Number of labels of one quasi-identifier, by level."""
        return [len(labels) for labels in self.hierarchies[column].labels]


def coded_table(
    table: pl.DataFrame, hierarchies: Mapping[str, Hierarchy], *, sensitive: Sequence[str] = ()
) -> CodedTable:
    """Code the columns; what a label loses is counted among the values of this table.

    Raises:
        SchemaError: A hierarchy lacks a value of its column.
    """
    encoded = [
        replace(hierarchy, name=name).encode(table[name]) for name, hierarchy in hierarchies.items()
    ]
    secrets = [_ranked(table[name]) for name in sensitive]
    return CodedTable(
        hierarchies=tuple(hierarchy for hierarchy, _ in encoded),
        codes=tuple(codes for _, codes in encoded),
        losses=tuple(level_losses(hierarchy, codes) for hierarchy, codes in encoded),
        spans=tuple(_span(hierarchy, codes) for hierarchy, codes in encoded),
        sensitive=tuple(codes for codes, _ in secrets),
        sensitive_sizes=tuple(size for _, size in secrets),
    )


def level_losses(hierarchy: Hierarchy, codes: Codes) -> tuple[Floats, ...]:
    """The normalised certainty penalty of every label: 0 for a value itself, 1 at the top.

    Between them it is the share of the column's values under the label, or of
    the column's range if it is numeric. Values of the hierarchy that the
    table does not have do not count. A label that is the value once more (as
    that of the missing value is) loses nothing.

    References:
        Xu et al., "Utility-based anonymization using local recoding", KDD 2006.
    """
    present = np.unique(codes)
    losses = [np.zeros(len(hierarchy.labels[0]))]
    for level in range(1, hierarchy.height):
        of_value = hierarchy.codes[level][present]
        size = len(hierarchy.labels[level])
        if hierarchy.positions is None:
            losses.append(np.bincount(of_value, minlength=size) / max(len(present), 1))
        else:
            losses.append(_widths(hierarchy.positions[present], of_value, size))
        losses[-1][_repeats(hierarchy, level)] = 0
    return (*losses, np.ones(1))


def mixed_keys(columns: Sequence[Codes], sizes: Sequence[int]) -> Codes:
    """One number a row that is the same where all columns are the same, and else another."""
    keys, reach = columns[0], sizes[0]
    for column, size in zip(columns[1:], sizes[1:], strict=True):
        if size == 1:
            continue
        if reach * size > _LARGEST_KEY:
            keys = np.unique(keys, return_inverse=True)[1]
            reach = len(keys)
        keys = keys * size + column
        reach *= size
    return keys


def _widths(positions: Floats, labels: Codes, size: int) -> Floats:
    """Width of the values under each label against the width of all; a missing one has none."""
    low, high = np.full(size, np.inf), np.full(size, -np.inf)
    somewhere = ~np.isnan(positions)
    np.minimum.at(low, labels[somewhere], positions[somewhere])
    np.maximum.at(high, labels[somewhere], positions[somewhere])
    return np.where(high > low, high - low, 0.0) / _range(positions)


def _repeats(hierarchy: Hierarchy, level: int) -> list[int]:
    """The labels of a level that stand for one value only, and read like it."""
    numbers = hierarchy.codes[level]
    alone = np.flatnonzero(np.bincount(numbers)[numbers] == 1)
    labels = hierarchy.labels[level]
    return [
        int(numbers[value]) for value in alone if labels[numbers[value]] == hierarchy.values[value]
    ]


def _span(hierarchy: Hierarchy, codes: Codes) -> float:
    present = np.unique(codes)
    if hierarchy.positions is None:
        return float(len(present))
    return _range(hierarchy.positions[present])


def _range(positions: Floats) -> float:
    there = positions[~np.isnan(positions)]
    return (float(np.ptp(there)) if len(there) else 0.0) or 1.0


def _ranked(column: pl.Series) -> tuple[Codes, int]:
    """Values by rank, a missing one after all others: it is a value of its own."""
    plain = column if column.dtype.is_numeric() else as_text(column)
    ranks = plain.rank("dense").cast(pl.Int64) - 1
    size = plain.n_unique()
    return ranks.fill_null(size - 1).to_numpy(), size
