"""What stands below the labels of a class: the values they cover, and the finer labels."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from analytics_lib.privacy.attacks.matching import Flags, ReleasedClasses, covered_values
from analytics_lib.privacy.attacks.tracing import numbered_classes, source_codes
from analytics_lib.privacy.hierarchies.hierarchy import Hierarchy

Counts = npt.NDArray[np.int64]
Shares = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LabelColumn:
    """One quasi-identifier of the classes of a release.

    Attributes:
        name: The column.
        hierarchy: Its hierarchy, with the missing value.
        covered: One row a class, one column a value: whether its label stands for the value.
    """

    name: str
    hierarchy: Hierarchy
    covered: Flags

    def parts(self, number: int) -> list[Flags]:
        """The labels right below that of a class, as sets of values; empty where it hides none.

        Below means the coarsest level that tells the values of the label apart.
        """
        covered = self.covered[number]
        for codes in self.hierarchy.codes[::-1]:
            found = np.unique(codes[covered])
            if len(found) > 1:
                return [covered & (codes == code) for code in found]
        return []


def label_column(classes: ReleasedClasses, name: str) -> LabelColumn:
    """A quasi-identifier of the classes."""
    return LabelColumn(
        name=name,
        hierarchy=classes.hierarchies[name].with_missing(),
        covered=covered_values(classes, name),
    )


def source_counts(traced: pl.DataFrame, classes: ReleasedClasses, *, column: str) -> Counts:
    """Rows of each class (row) that were made from each value (column)."""
    hierarchy, codes = source_codes(traced, column=column, hierarchies=classes.hierarchies)
    size, height = len(hierarchy.values), classes.labels.height
    numbers = numbered_classes(traced, classes)
    return np.bincount(numbers * size + codes, minlength=height * size).reshape(height, size)
