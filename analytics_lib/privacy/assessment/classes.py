"""Equivalence classes: the records that an attacker cannot tell apart, counted in one pass."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from analytics_lib.core.errors import SchemaError
from analytics_lib.events.boundary import as_table
from analytics_lib.privacy.assessment.roles import require_records, require_roles

Integers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
SIZE = "size"
_ROW = "row"


@dataclass(frozen=True, slots=True, kw_only=True)
class EquivalenceClasses:
    """The classes of a table, held as counts; every measure of risk is computed from them.

    Attributes:
        quasi_identifiers: Names of the columns that an attacker may know.
        sensitive: Names of the columns that he wants to learn.
        keys: One row a class, `q0`, `q1`, ... in the order of `quasi_identifiers`.
        sizes: Records of each class, in the order of `keys`.
        cells: One row a class and combination of sensitive values: `class_id` (row of `keys`),
            `s0`, `s1`, ... in the order of `sensitive`, and `size`.
    """

    quasi_identifiers: tuple[str, ...]
    sensitive: tuple[str, ...]
    keys: pl.DataFrame
    sizes: Integers
    cells: pl.DataFrame

    @property
    def records(self) -> int:
        """How many records the table has."""
        return int(self.sizes.sum())


@dataclass(frozen=True, slots=True, kw_only=True)
class SensitiveCounts:
    """How often each value of one sensitive column occurs in each class; absent ones are left out.

    Attributes:
        column: Name of the sensitive column.
        values: Its distinct values, sorted, a missing one first.
        totals: Records of each value in the whole table, in the order of `values`.
        sizes: Records of each class.
        class_id: Class of each cell.
        code: Value of each cell, as a row of `values`.
        count: Records of each cell, never zero.
    """

    column: str
    values: pl.Series
    totals: Integers
    sizes: Integers
    class_id: Integers
    code: Integers
    count: Integers

    @property
    def records(self) -> int:
        """How many records the table has."""
        return int(self.totals.sum())

    @property
    def share_in_class(self) -> Floats:
        """Share of the cell's value in its class."""
        return self.count / self.sizes[self.class_id]

    @property
    def share_in_table(self) -> Floats:
        """Share of the cell's value in the table."""
        return (self.totals / self.records)[self.code]


def equivalence_classes(
    table: Any,  # noqa: ANN401 - any supported frame
    *,
    quasi_identifiers: Sequence[str],
    sensitive: Sequence[str] = (),
) -> EquivalenceClasses:
    """Which records share all quasi-identifiers, and which sensitive values do they have?

    The trap: dropping rows with a missing quasi-identifier, as pandas' `groupby`
    does by default, hides exactly the odd records; letting "missing" match every
    value, as sdcMicro does, calls a table k-anonymous that is not. Here a
    missing value is a value like any other and forms classes of its own; not
    a number counts as missing.

    Args:
        table: One row a person; polars (eager or lazy), pandas, a DuckDB relation, a PySpark
            frame or a pyarrow table. It is grouped once, in its own library.
        quasi_identifiers: Columns that an attacker may know.
        sensitive: Columns that he wants to learn.

    Returns:
        The classes. They hold values: publish what is assessed from them, never themselves.

    Raises:
        ParameterError: A name is unknown or twice there, or a column has two roles.
        SchemaError: The table is empty or of an unknown library.

    Examples:
        >>> people = pl.DataFrame({"age": [30, 30, None, None], "ill": ["a", "b", "a", "a"]})
        >>> found = equivalence_classes(people, quasi_identifiers=["age"], sensitive=["ill"])
        >>> sorted(found.sizes.tolist()), found.cells.height
        ([2, 2], 3)
    """
    frame = as_table(table, [], name="table")
    schema = frame.collect_schema()
    require_roles(schema.names(), quasi_identifiers=quasi_identifiers, sensitive=sensitive)
    asked = [(f"q{number}", column) for number, column in enumerate(quasi_identifiers)]
    wanted = [(f"s{number}", column) for number, column in enumerate(sensitive)]
    names = [ours for ours, _ in (*asked, *wanted)]

    chosen = frame.select(
        _known(schema[column], column).alias(ours) for ours, column in (*asked, *wanted)
    )
    cells = _plain(_collected(_counted(chosen, names, at_hand=_is_at_hand(table))))
    require_records(cells.height)
    keys, sizes, numbered = _numbered(cells, [ours for ours, _ in asked])
    return EquivalenceClasses(
        quasi_identifiers=tuple(quasi_identifiers),
        sensitive=tuple(sensitive),
        keys=keys,
        sizes=sizes,
        cells=numbered.select("class_id", *[ours for ours, _ in wanted], SIZE),
    )


def sensitive_counts(classes: EquivalenceClasses, *, column: str) -> SensitiveCounts:
    """How often does each value of a sensitive column occur in each class?

    Args:
        classes: Made by `equivalence_classes`, with the column among `sensitive`.
        column: The sensitive column.

    Returns:
        The counts, absent values left out.
    """
    ours = f"s{classes.sensitive.index(column)}"
    cells = classes.cells.select("class_id", value=ours, size=SIZE)
    if len(classes.sensitive) > 1:
        cells = cells.group_by("class_id", "value").agg(pl.col(SIZE).sum())
    totals = cells.group_by("value").agg(pl.col(SIZE).sum()).sort("value", nulls_last=False)
    codes = totals.select("value").with_row_index("code")
    coded = cells.join(codes, on="value", how="left", nulls_equal=True, maintain_order="left")
    return SensitiveCounts(
        column=column,
        values=totals["value"],
        totals=_integers(totals[SIZE]),
        sizes=classes.sizes,
        class_id=_integers(coded["class_id"]),
        code=_integers(coded["code"]),
        count=_integers(coded[SIZE]),
    )


def _is_at_hand(table: Any) -> bool:  # noqa: ANN401 - any supported frame
    return isinstance(nw.to_native(table, pass_through=True), pl.DataFrame)


def _counted(chosen: nw.LazyFrame[Any], names: list[str], *, at_hand: bool) -> nw.LazyFrame[Any]:
    """The cells; rows that are in memory already are counted at once, a sixth faster."""
    size = nw.len().alias(SIZE)
    if at_hand:
        return chosen.collect().group_by(*names).agg(size).lazy()
    return chosen.group_by(*names).agg(size)


def _collected(counted: nw.LazyFrame[Any]) -> pl.DataFrame:
    try:
        cells: pl.DataFrame = counted.collect(backend="polars").to_native()
    except pa.ArrowException:  # its message shows a value
        raise SchemaError(
            "`table` has a quasi-identifier or sensitive column with values of several types; "
            "each must be of one type."
        ) from None
    return cells


def _known(dtype: nw.dtypes.DType, column: str) -> nw.Expr:
    return nw.col(column).fill_nan(None) if dtype.is_float() else nw.col(column)


def _plain(cells: pl.DataFrame) -> pl.DataFrame:
    """Categories as text, so that two tables can be joined; counts as whole numbers."""
    categories = [
        name for name, dtype in cells.schema.items() if dtype in {pl.Categorical, pl.Enum}
    ]
    return cells.with_columns(pl.col(categories).cast(pl.String), pl.col(SIZE).cast(pl.Int64))


def _numbered(cells: pl.DataFrame, keys: list[str]) -> tuple[pl.DataFrame, Integers, pl.DataFrame]:
    """The classes, their sizes, and the cells with the number of their class."""
    first = cells.with_row_index(_ROW).select(pl.col(_ROW).min().over(keys))[_ROW].to_numpy()
    leads = first == np.arange(cells.height)
    class_id = (np.cumsum(leads) - 1)[first]
    sizes = np.zeros(int(leads.sum()), dtype=np.int64)
    np.add.at(sizes, class_id, _integers(cells[SIZE]))
    return (
        cells.select(keys).filter(pl.Series(leads)),
        sizes,
        cells.with_columns(pl.Series("class_id", class_id)),
    )


def _integers(series: pl.Series) -> Integers:
    return series.cast(pl.Int64).to_numpy()
