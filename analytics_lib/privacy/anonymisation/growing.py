"""Classes that grow: what it costs each to take another in, for all of them at once."""

from collections.abc import Sequence

import numpy as np

from analytics_lib.privacy.anonymisation.coding import CodedTable, Floats
from analytics_lib.privacy.anonymisation.criteria import class_counts
from analytics_lib.privacy.anonymisation.partition import (
    Partition,
    class_losses,
    label_losses,
    partition_of,
)
from analytics_lib.privacy.hierarchies.hierarchy import Codes

_LARGEST_TABLE = 2_000_000
EVERY = slice(None)


class GrowingClasses:
    """The classes of a partition, suppressed rows being classes of one, and their losses.

    `totals` is the loss of each class times its rows. A class that was joined
    to another has no rows and stays in place, so that the others keep their numbers.
    """

    def __init__(self, coded: CodedTable, partition: Partition) -> None:
        classes = partition.classes.copy()
        left = np.flatnonzero(classes < 0)
        classes[left] = len(partition.sizes) + np.arange(len(left))
        whole = partition_of(coded, classes)
        self.sizes = whole.sizes
        self.totals = class_losses(coded, whole) * whole.sizes
        self.counts = class_counts(
            coded.sensitive, coded.sensitive_sizes, classes, len(whole.sizes)
        )
        self._coded = coded
        self._classes = classes
        self._into = np.arange(len(whole.sizes))
        self.low, self._high = whole.low, whole.high
        self._tables = [_pair_table(coded, column) for column in range(coded.width)]

    def increases(self, number: int, among: Codes | slice) -> Floats:
        """What the loss of all rows rises by if a class is joined with each of the others."""
        loss = np.zeros(len(self.sizes[among]))
        for column, table in enumerate(self._tables):
            low = np.minimum(self.low[column, among], self.low[column, number])
            high = np.maximum(self._high[column, among], self._high[column, number])
            if table is None:
                loss += label_losses(self._coded, column, low, high)
            else:
                low *= len(self._coded.hierarchies[column].values)
                low += high
                loss += table.take(low)
        loss *= self.sizes[among] + self.sizes[number]
        loss /= self._coded.width
        loss -= self.totals[among]
        loss -= self.totals[number]
        return loss

    def join(self, into: int, other: int, increase: float) -> None:
        """Join one class to another; the loss of all rows rises by `increase`."""
        self.low[:, into] = np.minimum(self.low[:, into], self.low[:, other])
        self._high[:, into] = np.maximum(self._high[:, into], self._high[:, other])
        self.sizes[into] += self.sizes[other]
        self.totals[into] += increase + self.totals[other]
        for table in self.counts:
            table[:, into] += table[:, other]
            table[:, other] = 0
        self.sizes[other] = 0
        self.totals[other] = 0
        self._into[other] = into

    def partition(self, suppressed: Sequence[int] = ()) -> Partition:
        """The classes as they are now, without those that are suppressed."""
        into = self._into
        while True:  # a class may have been joined to one that was joined itself
            further = into[into]
            if np.array_equal(further, into):
                break
            into = further
        kept = np.setdiff1d(into, list(suppressed))
        numbers = np.full(len(into), -1, dtype=np.int64)
        numbers[kept] = np.arange(len(kept))
        return partition_of(self._coded, numbers[into][self._classes])


def _pair_table(coded: CodedTable, column: int) -> Floats | None:
    """Loss by both ends, for columns with few enough values."""
    size = len(coded.hierarchies[column].values)
    if size * size > _LARGEST_TABLE:
        return None
    low, high = np.divmod(np.arange(size * size), size)
    return label_losses(coded, column, low, high)
