"""The columns that are released: every row under the labels of its class."""

from collections.abc import Sequence

import numpy as np
import polars as pl

from analytics_lib.privacy.anonymisation.coding import CodedTable
from analytics_lib.privacy.anonymisation.partition import Partition, lowest_levels
from analytics_lib.privacy.anonymisation.value_sets import Basis
from analytics_lib.privacy.hierarchies.hierarchy import ANYTHING, Codes, Hierarchy

MISSING = "(missing)"


def labelled(
    coded: CodedTable,
    names: Sequence[str],
    partition: Partition,
    *,
    basis: Basis,
    levels: Sequence[int] | None = None,
) -> pl.DataFrame:
    """The quasi-identifiers of every row as text; rows that are suppressed are null throughout.

    Args:
        coded: The table.
        names: The quasi-identifiers.
        partition: The classes.
        basis: Labels of the hierarchy, or ranges and sets of the values of each class.
        levels: One level a column for all rows; without it the lowest that each class allows.
    """
    columns = []
    for column, name in enumerate(names):
        if levels is not None:
            texts = _at_level(coded, column, partition, levels[column])
        elif basis == "hierarchy":
            texts = _lowest(coded, column, partition)
        else:
            texts = _values(coded, column, partition)
        labels = pl.Series(name, [*texts, None], dtype=pl.String)
        columns.append(
            labels.gather(np.where(partition.classes < 0, len(texts), partition.classes))
        )
    return pl.DataFrame(columns)


def _at_level(coded: CodedTable, column: int, partition: Partition, level: int) -> list[str | None]:
    hierarchy = coded.hierarchies[column]
    return [hierarchy.labels[level][i] for i in hierarchy.codes[level][partition.low[column]]]


def _lowest(coded: CodedTable, column: int, partition: Partition) -> list[str | None]:
    hierarchy = coded.hierarchies[column]
    low = partition.low[column]
    levels = lowest_levels(coded, column, low, partition.high[column])
    numbers = hierarchy.codes[levels, low]
    return [hierarchy.labels[level][i] for level, i in zip(levels, numbers, strict=True)]


def _values(coded: CodedTable, column: int, partition: Partition) -> list[str | None]:
    hierarchy = coded.hierarchies[column]
    ends = zip(partition.low[column], partition.high[column], strict=True)
    if hierarchy.positions is not None:
        return [_range(hierarchy, int(low), int(high)) for low, high in ends]
    size = len(hierarchy.values)
    kept = partition.classes >= 0
    pairs = np.unique(partition.classes[kept] * size + coded.codes[column][kept])
    starts = np.searchsorted(pairs // size, np.arange(1, len(partition.sizes)))
    return [_set(hierarchy, codes) for codes in np.split(pairs % size, starts)]


def _range(hierarchy: Hierarchy, low: int, high: int) -> str | None:
    if low == high:
        return hierarchy.values[low]
    if hierarchy.values[high] is None:
        return ANYTHING
    return f"[{hierarchy.values[low]}, {hierarchy.values[high]}]"


def _set(hierarchy: Hierarchy, codes: Codes) -> str | None:
    values = [hierarchy.values[int(code)] for code in codes]
    if len(values) == 1:
        return values[0]
    return "{" + ", ".join(MISSING if value is None else value for value in values) + "}"
