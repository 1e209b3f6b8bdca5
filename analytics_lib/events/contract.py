"""What a table promises: columns, types, units, key, and the privacy role of each column."""

import warnings
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Literal, get_args

import polars as pl

from analytics_lib.core.checks import require_choice
from analytics_lib.core.errors import ParameterError

if TYPE_CHECKING:
    import pandera.polars as pa

Role = Literal["direct_identifier", "pseudonym", "quasi_identifier", "sensitive", "safe"]
Kind = Literal["string", "int64", "int32", "float64", "boolean"]

DTYPES: dict[Kind, pl.DataType] = {
    "string": pl.String(),
    "int64": pl.Int64(),
    "int32": pl.Int32(),
    "float64": pl.Float64(),
    "boolean": pl.Boolean(),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of a table.

    Attributes:
        name: Column name.
        kind: Type of its values.
        role: What it reveals about a person. `pseudonym` is a keyed digest of
            a direct identifier; no direct identifier is ever stored.
        description: What a value means, for the data dictionary.
        unit: Unit of a number, `day number` for days since 1970-01-01.
        required: Whether every row must have a value.
        allowed: The only values, where they are few and known.
        minimum: Least value of a number.
        maximum: Greatest value of a number.
        pattern: Regular expression a text must match as a whole.
    """

    name: str
    kind: Kind
    role: Role
    description: str
    unit: str | None = None
    required: bool = False
    allowed: tuple[str, ...] | None = None
    minimum: float | None = None
    maximum: float | None = None
    pattern: str | None = None

    def __post_init__(self) -> None:
        """Refuse a role or a type that does not exist."""
        require_choice(self.role, get_args(Role), name="role")
        require_choice(self.kind, get_args(Kind), name="kind")

    def checks(self) -> "list[pa.Check]":
        """The limits as pandera checks, each named in words for the quarantine."""
        library = _pandera()
        found: list[pa.Check] = []
        if self.allowed is not None:
            words = f"must be one of {sorted(self.allowed)}"
            found.append(library.Check.isin(list(self.allowed), error=words))
        if self.minimum is not None:
            found.append(library.Check.ge(self.minimum, error=f"must be at least {self.minimum:g}"))
        if self.maximum is not None:
            found.append(library.Check.le(self.maximum, error=f"must be at most {self.maximum:g}"))
        if self.pattern is not None:
            pattern = rf"^(?:{self.pattern})$"
            found.append(library.Check.str_matches(pattern, error=f"must match {self.pattern}"))
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class TableContract:
    """What a table promises.

    Attributes:
        name: Table name.
        grain: What one row is.
        key: Columns that together name a row once.
        columns: Every column, in order.
    """

    name: str
    grain: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]

    def __post_init__(self) -> None:
        """Refuse a key that is not among the columns."""
        missing = [part for part in self.key if part not in self.names]
        if missing:
            raise ParameterError(f"The key of `{self.name}` names unknown columns {missing}.")

    @property
    def names(self) -> list[str]:
        """Column names, in order."""
        return [column.name for column in self.columns]

    @property
    def polars_schema(self) -> dict[str, pl.DataType]:
        """Column types for polars."""
        return {column.name: DTYPES[column.kind] for column in self.columns}

    def columns_with_role(self, *roles: Role) -> list[str]:
        """Names of the columns that have one of the roles."""
        return [column.name for column in self.columns if column.role in roles]

    def schema(self) -> "pa.DataFrameSchema":
        """The contract as a pandera schema: exactly these columns, types and limits.

        The key is not part of it: duplicates are counted and dropped at the
        door, they are no reason for quarantine.
        """
        library = _pandera()
        columns = {
            column.name: library.Column(
                DTYPES[column.kind],
                checks=column.checks(),
                nullable=not column.required,
                description=column.description,
                metadata={"role": column.role, "unit": column.unit},
            )
            for column in self.columns
        }
        made: pa.DataFrameSchema = library.DataFrameSchema(
            columns, name=self.name, strict=True, ordered=True
        )
        return made


@cache
def _pandera() -> Any:  # noqa: ANN401 - pandera is untyped
    """pandera, half a second: only where rows are checked."""
    with warnings.catch_warnings():
        # It looks for PySpark, which warns of pandas 3; frames reach it as Arrow only.
        warnings.filterwarnings("ignore", message="PySpark does not yet", category=FutureWarning)
        import pandera.polars as pa  # noqa: PLC0415 - start-up time
    return pa
