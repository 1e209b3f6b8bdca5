"""Classes of rows, each with the narrowest label of its hierarchy for every quasi-identifier."""

from dataclasses import dataclass

import numpy as np

from analytics_lib.privacy.anonymisation.coding import CodedTable, Floats
from analytics_lib.privacy.hierarchies.hierarchy import Codes


@dataclass(slots=True, kw_only=True, eq=False)
class Partition:
    """Rows in classes; the values under one label are neighbours, so a class has two ends.

    Attributes:
        classes: Class of each row, from 0; -1 where the row is suppressed.
        low: Smallest code by quasi-identifier and class.
        high: Largest code by quasi-identifier and class.
        sizes: Rows of each class.
    """

    classes: Codes
    low: Codes
    high: Codes
    sizes: Codes


def partition_of(coded: CodedTable, classes: Codes) -> Partition:
    """The classes with their ends; every class must have a row."""
    order = np.argsort(classes, kind="stable")
    order = order[np.searchsorted(classes[order], 0) :]
    sizes = np.bincount(classes[order])
    starts = np.cumsum(sizes) - sizes
    if not len(sizes):
        empty = np.zeros((coded.width, 0), dtype=np.int64)
        return Partition(classes=classes, low=empty, high=empty, sizes=sizes)
    return Partition(
        classes=classes,
        low=np.array([np.minimum.reduceat(codes[order], starts) for codes in coded.codes]),
        high=np.array([np.maximum.reduceat(codes[order], starts) for codes in coded.codes]),
        sizes=sizes,
    )


def lowest_levels(coded: CodedTable, column: int, low: Codes, high: Codes) -> Codes:
    """The lowest level at which both ends have the same label."""
    levels = np.full(low.shape, coded.hierarchies[column].height)
    for level in range(coded.hierarchies[column].height - 1, -1, -1):
        of_value = coded.hierarchies[column].codes[level]
        levels[of_value[low] == of_value[high]] = level
    return levels


def label_losses(coded: CodedTable, column: int, low: Codes, high: Codes) -> Floats:
    """Loss of the narrowest label over each pair of ends."""
    losses = np.ones(low.shape)
    for level in range(coded.hierarchies[column].height - 1, -1, -1):
        of_value = coded.hierarchies[column].codes[level]
        label = of_value[low]
        losses = np.where(label == of_value[high], coded.losses[column][level][label], losses)
    return losses


def class_losses(coded: CodedTable, partition: Partition) -> Floats:
    """Mean loss of a row of each class, over its quasi-identifiers."""
    total = np.zeros(len(partition.sizes))
    for column in range(coded.width):
        total += label_losses(coded, column, partition.low[column], partition.high[column])
    return total / coded.width


def hierarchy_ncp(coded: CodedTable, partition: Partition) -> float:
    """Normalised certainty penalty by hierarchy labels; suppressed rows lose 1."""
    kept = float(np.sum(class_losses(coded, partition) * partition.sizes))
    return (kept + coded.rows - int(partition.sizes.sum())) / coded.rows
