"""What classes lose when each is labelled by its own values: sets of them, or ranges."""

from typing import Literal

import numpy as np

from analytics_lib.privacy.anonymisation.coding import CodedTable, Floats
from analytics_lib.privacy.anonymisation.partition import Partition
from analytics_lib.privacy.hierarchies.hierarchy import Codes

Basis = Literal["hierarchy", "values"]


def value_ncp(coded: CodedTable, partition: Partition) -> float:
    """Normalised certainty penalty by value sets and ranges; suppressed rows lose 1.

    A class says of a numeric column its range, of any other the set of its
    values. Never to be compared with a penalty by hierarchy labels.
    """
    sizes = partition.sizes
    total = np.zeros(len(sizes))
    for column, codes in enumerate(coded.codes):
        total += _set_losses(coded, column, codes, partition)
    kept = float(np.sum(total / coded.width * sizes))
    return (kept + coded.rows - int(sizes.sum())) / coded.rows


def _set_losses(coded: CodedTable, column: int, codes: Codes, partition: Partition) -> Floats:
    """Loss of each class's range or set of values in one column."""
    hierarchy = coded.hierarchies[column]
    if hierarchy.positions is not None:
        return range_losses(coded, column, partition.low[column], partition.high[column])
    size = len(hierarchy.values)
    kept = partition.classes >= 0
    pairs = np.unique(partition.classes[kept] * size + codes[kept])
    found = np.bincount(pairs // size, minlength=len(partition.sizes))
    return np.where(found > 1, found / coded.spans[column], 0.0)


def range_losses(coded: CodedTable, column: int, low: Codes, high: Codes) -> Floats:
    """Width between two values against the range of the column; 1 if one of them is missing."""
    positions = coded.hierarchies[column].positions
    if positions is None:  # asked of numeric columns only
        return np.ones(low.shape)
    width = (positions[high] - positions[low]) / coded.spans[column]
    return np.where(low == high, 0.0, np.nan_to_num(width, nan=1.0))
