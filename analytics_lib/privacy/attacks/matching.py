"""Which released classes could a person be in: generalised labels read as sets of values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from analytics_lib.core.errors import SchemaError
from analytics_lib.privacy.hierarchies.hierarchy import Hierarchy, as_text

Flags = npt.NDArray[np.bool_]
_SIZE = "__size"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ReleasedClasses:
    """The classes of a release, seen by somebody who knows the hierarchies.

    Attributes:
        labels: One row a class: its labels, as text.
        sizes: Released rows of each class.
        hierarchies: The hierarchies of the quasi-identifiers; other columns are known exactly.
    """

    labels: pl.DataFrame
    sizes: npt.NDArray[np.float64]
    hierarchies: Mapping[str, Hierarchy]

    def fitting(self, people: pl.DataFrame, *, columns: Sequence[str]) -> Flags:
        """For each person (row) and class (column): may the person be in it, by these columns?

        Raises:
            SchemaError: A value of a person is in no hierarchy.
        """
        fits = np.ones((people.height, self.labels.height), dtype=bool)
        for name in columns:
            fits &= self._column_fits(people[name], self.labels[name])
        return fits

    def _column_fits(self, values: pl.Series, labels: pl.Series) -> Flags:
        if values.name not in self.hierarchies:
            known = as_text(values).fill_null(MISSING).to_numpy()
            return np.asarray(
                known[:, None] == labels.fill_null(MISSING).to_numpy()[None, :], dtype=bool
            )
        hierarchy = self.hierarchies[values.name].with_missing()
        _, codes = hierarchy.encode(values)
        distinct = labels.unique(maintain_order=True)
        covered = np.array([_covered(hierarchy, label) for label in distinct])
        place = {label: row for row, label in enumerate(distinct)}
        rows = np.array([place[label] for label in labels], dtype=np.int64)
        found: Flags = covered[:, codes].T[:, rows]
        return found


MISSING = "\0missing"


def released_classes(
    released: pl.DataFrame, *, hierarchies: Mapping[str, Hierarchy], exact: Sequence[str] = ()
) -> ReleasedClasses:
    """The distinct label combinations of a release.

    Args:
        released: The released rows.
        hierarchies: Hierarchy of each quasi-identifier.
        exact: Further columns an attacker may know, released as they are.
    """
    columns = [*hierarchies, *exact]
    counted = (
        released.select(as_text(released[name]) for name in columns)
        .group_by(columns)
        .agg(pl.len().alias(_SIZE))
        .sort(columns)
    )
    return ReleasedClasses(
        labels=counted.drop(_SIZE),
        sizes=counted[_SIZE].cast(pl.Float64).to_numpy(),
        hierarchies=hierarchies,
    )


def covered_values(classes: ReleasedClasses, column: str) -> Flags:
    """Of each class (row) the values (columns) that its label of a quasi-identifier stands for."""
    hierarchy = classes.hierarchies[column].with_missing()
    labels = classes.labels[column]
    distinct = labels.unique(maintain_order=True)
    covered = np.array([_covered(hierarchy, label) for label in distinct])
    place = {label: row for row, label in enumerate(distinct)}
    found: Flags = covered[np.array([place[label] for label in labels], dtype=np.int64)]
    return found


def sensitive_table(
    released: pl.DataFrame, classes: ReleasedClasses, *, column: str, values: Sequence[str | None]
) -> npt.NDArray[np.float64]:
    """Rows of each class (row) with each value (column) of a sensitive column."""
    names = classes.labels.columns
    keyed = released.select(
        *[as_text(released[name]) for name in names], as_text(released[column]).alias(_SIZE)
    )
    numbered = classes.labels.with_row_index("__class")
    joined = keyed.join(numbered, on=names, nulls_equal=True)
    place = {value: index for index, value in enumerate(values)}
    table = np.zeros((classes.labels.height, len(values)))
    np.add.at(
        table,
        (joined["__class"].to_numpy(), np.array([place[value] for value in joined[_SIZE]])),
        1,
    )
    return table


def _covered(hierarchy: Hierarchy, label: str | None) -> Flags:
    """Which values a label stands for, at whatever level it is."""
    covered = np.zeros(len(hierarchy.values), dtype=bool)
    for codes, labels in zip(hierarchy.codes, hierarchy.labels, strict=True):
        for number, name in enumerate(labels):
            if name == label:
                covered |= codes == number
    if not covered.any():
        raise SchemaError(
            f"`{hierarchy.name}` has a released label that is no label of its hierarchy."
        )
    return covered
