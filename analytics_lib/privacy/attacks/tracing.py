"""Released rows beside what they were made from: the truth that guesses are held against."""

from collections.abc import Mapping, Sequence

import polars as pl

from analytics_lib.privacy.attacks.matching import MISSING, ReleasedClasses
from analytics_lib.privacy.hierarchies.hierarchy import Codes, Hierarchy, as_text

_SOURCE = "__source "


def with_sources(people: pl.DataFrame, *, columns: Sequence[str]) -> pl.DataFrame:
    """People with a copy of each column that generalisation leaves alone.

    The trap: a copy that is released undoes everything. It is for the attacks alone, so whoever
    adds it selects the columns of the release by name afterwards.

    Examples:
        >>> with_sources(pl.DataFrame({"age": [30]}), columns=["age"]).columns
        ['age', '__source age']
    """
    return people.with_columns(pl.col(name).alias(source_of(name)) for name in columns)


def source_of(column: str) -> str:
    """Name of the copy of a column."""
    return f"{_SOURCE}{column}"


def numbered_classes(rows: pl.DataFrame, classes: ReleasedClasses) -> Codes:
    """Of each row the number of its class, by the labels of its quasi-identifiers and the rest."""
    names = classes.labels.columns
    keyed = rows.select(as_text(rows[name]).fill_null(MISSING) for name in names)
    known = classes.labels.select(pl.col(names).fill_null(MISSING)).with_row_index("__class")
    found = keyed.join(known, on=names, how="left", maintain_order="left")["__class"]
    codes: Codes = found.cast(pl.Int64).to_numpy()
    return codes


def source_codes(
    rows: pl.DataFrame, *, column: str, hierarchies: Mapping[str, Hierarchy]
) -> tuple[Hierarchy, Codes]:
    """The hierarchy with the missing value, and of each row the value it was made from."""
    return hierarchies[column].with_missing().encode(rows[source_of(column)].alias(column))
