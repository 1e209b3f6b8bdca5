"""The rows of a table, of each person no more than was declared."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl

from analytics_lib.core.errors import ParameterError, SchemaError
from analytics_lib.events.boundary import as_table
from analytics_lib.privacy.assessment.roles import require_names
from analytics_lib.privacy.differential.budget import Terms

Keys = Mapping[str, Sequence[Any]]
_ORDER = "__order"
_LEAST = "__least"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Question:
    """Which columns of which table are asked, checked without looking at a row.

    Attributes:
        frame: The table, lazily.
        terms: The terms.
        by: Columns whose values make the groups.
        values: Columns of numbers.
        cells: One row a group of declared keys, in the order declared; None where keys are
            unknown.
    """

    frame: nw.LazyFrame[Any]
    terms: Terms
    by: tuple[str, ...]
    values: tuple[str, ...]
    cells: pl.DataFrame | None


def question_of(
    table: Any,  # noqa: ANN401 - any supported frame
    *,
    terms: Terms,
    by: Sequence[str] = (),
    keys: Keys | None = None,
    values: Sequence[str] = (),
) -> Question:
    """Check the columns and the keys; no row is read, so it costs nothing.

    Raises:
        ParameterError: A name is unknown, a column has two roles, or keys do not fit.
        SchemaError: The person or the column of the partition is missing, or the library unknown.
    """
    part = () if terms.partition is None else (terms.partition.column,)
    frame = as_table(table, [terms.person, *part], name="table")
    schema = frame.collect_schema()
    require_names(schema.names(), by, name="by")
    require_names(schema.names(), values, name="values")
    if terms.person in {*by, *values, *part}:
        raise ParameterError(f"`{terms.person}` names the person; it can be no key and no value.")
    for column in values:
        if not schema[column].is_numeric():
            raise ParameterError(f"`{column}` holds no numbers; it must.")
    return Question(
        frame=frame,
        terms=terms,
        by=tuple(by),
        values=tuple(values),
        cells=_cells(by, keys, nw.Schema(schema).to_polars()),
    )


def bounded_rows(question: Question, *, distinct: bool = False) -> pl.DataFrame:
    """The rows of the question, at most `rows_per_person` of each person.

    Which rows of a person stay depends on that person's rows alone and favours no key. Rows
    under other keys than the declared ones go first, so they use up nothing.

    Args:
        question: Made by `question_of`, and paid for.
        distinct: Whether several rows of a person under the same key are one.

    Returns:
        Columns of the question without the partition.

    Raises:
        SchemaError: A value is missing; which one is not said.
    """
    terms = question.terms
    columns = [terms.person, *question.by, *question.values]
    rows = _known(question, columns)
    if terms.partition is not None:
        rows = _of_partition(rows, terms)
    if question.cells is not None and question.by:
        rows = rows.join(question.cells, on=question.by, how="semi")
    rows = rows.select(*dict.fromkeys(columns))
    if distinct:
        rows = rows.unique()
    return (
        rows.with_columns(pl.struct(pl.all()).hash(0).alias(_ORDER))
        .sort(terms.person, _ORDER)
        .filter(pl.int_range(pl.len()).over(terms.person) < terms.rows_per_person)
        .drop(_ORDER)
    )


def _known(question: Question, columns: Sequence[str]) -> pl.DataFrame:
    """The columns with values everywhere; categories as text, whose codes depend on all rows."""
    terms = question.terms
    wanted = [*columns, *(() if terms.partition is None else (terms.partition.column,))]
    rows: pl.DataFrame = question.frame.select(*dict.fromkeys(wanted)).collect("polars").to_native()
    rows = rows.with_columns(pl.col(pl.Categorical, pl.Enum).cast(pl.String))
    for name, dtype in rows.schema.items():
        nan = dtype.is_float() and rows[name].is_nan().any()
        if nan or rows[name].null_count():
            raise SchemaError(
                f"`{name}` has missing values; fill them or leave their rows out beforehand. A "
                "missing value would change the answer by more than the noise hides. The charge "
                "stands: that something is missing is itself known now."
            )
    return rows


def _of_partition(rows: pl.DataFrame, terms: Terms) -> pl.DataFrame:
    part = terms.partition
    assert part is not None  # noqa: S101 - for mypy
    least = pl.col(part.column).min().over(terms.person).alias(_LEAST)
    wanted = pl.col(_LEAST).cast(pl.String) == part.value
    of_people = rows.with_columns(least).filter(wanted)
    return of_people.filter(pl.col(part.column) == pl.col(_LEAST)).drop(_LEAST)


def _cells(by: Sequence[str], keys: Keys | None, schema: pl.Schema) -> pl.DataFrame | None:
    if not by:
        if keys:
            raise ParameterError("`keys` are given, but `by` names no column they belong to.")
        return pl.DataFrame({"": [0]}).select([])
    if keys is None:
        return None
    if set(keys) != set(by):
        raise ParameterError(
            f"`keys` are given for {sorted(keys)}, but `by` names {sorted(by)}; all or none "
            "must have declared keys."
        )
    cells = _series(by[0], keys[by[0]], schema).to_frame()
    for column in by[1:]:
        cells = cells.join(_series(column, keys[column], schema).to_frame(), how="cross")
    return cells


def _series(column: str, keys: Sequence[Any], schema: pl.Schema) -> pl.Series:
    dtype = schema[column]
    own = pl.String if dtype.base_type() in {pl.Categorical, pl.Enum} else dtype
    try:
        found = pl.Series(column, list(keys), dtype=own, strict=True)
    except (TypeError, OverflowError, pl.exceptions.PolarsError):
        raise ParameterError(f"`keys` of `{column}` must be of its type, {own}.") from None
    if found.is_empty() or found.null_count() or found.n_unique() < len(found):
        raise ParameterError(
            f"`keys` of `{column}` must be one or more values, each once and none missing."
        )
    return found
