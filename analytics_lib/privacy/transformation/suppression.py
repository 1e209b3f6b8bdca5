"""Records and cells left out, until every class has k records."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from analytics_lib.privacy.assessment.roles import (
    require_k,
    require_records,
    require_roles,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Suppressed:
    """A table with records or cells left out.

    Attributes:
        table: What is left, in the order it had.
        records: Records left out.
        cells: Cells blanked in the records that are left.
    """

    table: pl.DataFrame
    records: int
    cells: int


def suppress_records(
    table: pl.DataFrame, *, quasi_identifiers: Sequence[str], k: int
) -> Suppressed:
    """Leave out every record whose class has fewer than k.

    The trap: those left out are not a random part, they are the unusual people.
    Whatever is computed from the rest is computed without them: say how many
    there were, and compare t-closeness with the original as well.

    Args:
        table: One row a person.
        quasi_identifiers: Columns that an attacker may know; a missing value is a value.
        k: Records each class must have, 2 or more.

    Returns:
        The records in classes of k or more; maybe none.

    Raises:
        ParameterError: A name is unknown; `k` is below 2 or above the number of records.
        SchemaError: The table is empty.

    Examples:
        >>> people = pl.DataFrame({"age": [30, 41, 30], "ill": ["a", "b", "c"]})
        >>> found = suppress_records(people, quasi_identifiers=["age"], k=2)
        >>> found.table["ill"].to_list(), found.records
        (['a', 'c'], 1)
    """
    _require(table, quasi_identifiers, k)

    kept = table.filter(pl.len().over(quasi_identifiers) >= k)
    return Suppressed(table=kept, records=table.height - kept.height, cells=0)


def suppress_cells(table: pl.DataFrame, *, quasi_identifiers: Sequence[str], k: int) -> Suppressed:
    """Blank cells of the records in small classes, until their classes are large enough.

    One column after the other is blanked, in the records that are still in a
    class below k. What is then still below k has lost all its quasi-identifiers
    and is left out.

    The trap: a blank is a value of its own here, so a record with a blank is
    alike only to others with the same blank. Tools that let a blank match
    anything call tables k-anonymous in which a record can be told apart.

    Args:
        table: One row a person.
        quasi_identifiers: Columns that an attacker may know, the most dispensable first.
        k: Records each class must have, 2 or more.

    Returns:
        The table with blanks, its order kept, all classes with k records or more.

    Raises:
        ParameterError: A name is unknown; `k` is below 2 or above the number of records.
        SchemaError: The table is empty.

    Examples:
        >>> people = pl.DataFrame({"age": [30, 31, 40, 40], "sex": ["f", "f", "m", "m"]})
        >>> found = suppress_cells(people, quasi_identifiers=["age", "sex"], k=2)
        >>> found.table["age"].to_list(), found.cells, found.records
        ([None, None, 40, 40], 2, 0)
    """
    _require(table, quasi_identifiers, k)

    blanked = table
    for column in quasi_identifiers:
        small = pl.len().over(quasi_identifiers) < k
        blanked = blanked.with_columns(pl.when(~small).then(pl.col(column)).alias(column))
    kept = blanked.with_row_index("row").filter(pl.len().over(quasi_identifiers) >= k)
    before = table.select(quasi_identifiers)[kept["row"]]
    cells = sum(kept[name].null_count() - before[name].null_count() for name in quasi_identifiers)
    return Suppressed(table=kept.drop("row"), records=table.height - kept.height, cells=cells)


def _require(table: pl.DataFrame, quasi_identifiers: Sequence[str], k: int) -> None:
    require_roles(table.columns, quasi_identifiers=quasi_identifiers)
    require_records(table.height)
    require_k(k, records=table.height)
