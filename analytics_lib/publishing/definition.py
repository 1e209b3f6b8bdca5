"""A data set that may be asked for: its columns, their roles and their hierarchies."""

from collections.abc import Mapping
from typing import Any, Literal, Self

import polars as pl
from pydantic import Field, model_validator

from analytics_lib.core.errors import ParameterError, SchemaError
from analytics_lib.core.strict import StrictModel, validate
from analytics_lib.events.contract import TableContract
from analytics_lib.events.tables import CONTRACTS
from analytics_lib.privacy.hierarchies import (
    ANYTHING,
    Hierarchy,
    hierarchy_by_interval,
    hierarchy_by_prefix,
    hierarchy_by_suppression,
    hierarchy_from_table,
)

ColumnRole = Literal["quasi_identifier", "sensitive", "safe"]


class HierarchySpec(StrictModel):
    """How the values of a column are made coarser.

    Attributes:
        kind: "suppression" (as it is, or nothing), "groups", "interval" or "prefix".
        levels: For groups: of each level its labels, each with what it stands for; the values
            at the first level, the labels of the level before at the next.
        widths: For intervals: widths, each a multiple of the one before.
        keep: For prefixes: characters kept, falling.
    """

    kind: Literal["suppression", "groups", "interval", "prefix"] = "suppression"
    levels: list[dict[str, list[str]]] = Field(default_factory=list)
    widths: list[float | int] = Field(default_factory=list)
    keep: list[int] = Field(default_factory=list)

    @model_validator(mode="after")
    def _what_its_kind_needs(self) -> Self:
        needs = {"groups": self.levels, "interval": self.widths, "prefix": self.keep}
        for kind, given in needs.items():
            if (kind == self.kind) != bool(given):
                raise ValueError(
                    f"hierarchy of kind {self.kind!r} needs levels for groups, widths for "
                    "intervals, keep for prefixes, and nothing else"
                )
        return self


class ColumnSpec(StrictModel):
    """The part of one column: its role, and its hierarchy where others may know it.

    `values` declares what it may hold where neither the contract nor groups say so; cells of tables
    with differential privacy need it.
    """

    role: ColumnRole
    hierarchy: HierarchySpec | None = None
    description: str | None = None
    values: list[str] = Field(default_factory=list)

    @model_validator(mode="after")
    def _hierarchy_where_known(self) -> Self:
        if (self.role == "quasi_identifier") != (self.hierarchy is not None):
            raise ValueError("quasi-identifier needs a hierarchy, and no other role has one")
        return self


class DatasetDefinition(StrictModel):
    """A data set that may be asked for.

    Attributes:
        title: Title of the packages.
        description: What it is, in a sentence or two.
        motivation: Why the data were collected.
        table: Table of the lake it is made of.
        lake: Name of the lake; the default one where None.
        person: Column that names people; it is never released.
        one_row: What one row is, such as "one learner, with their first enrolment".
        order: Columns whose first row is a person's, where they have several.
        period_column: Column of day numbers that a request's period refers to.
        scope_column: Column that a request's geographic scope refers to.
        columns: The columns that may be asked for.
        methods: Suggested methods of analysis.
        limitations: What the data do not say.
    """

    title: str = Field(min_length=3)
    description: str = Field(min_length=10)
    motivation: str = Field(min_length=10)
    table: str
    lake: str | None = None
    person: str
    one_row: str = Field(min_length=3)
    order: list[str] = Field(min_length=1)
    period_column: str
    scope_column: str
    columns: dict[str, ColumnSpec] = Field(min_length=1)
    methods: list[str] = Field(min_length=1)
    limitations: list[str] = Field(min_length=1)

    def contract(self) -> TableContract:
        """The contract of the table it is made of."""
        return CONTRACTS[self.table]

    def declared_values(self, name: str) -> list[str]:
        """The values a column may have, declared here or in its contract, never read from rows.

        Raises:
            ParameterError: They are declared nowhere.
        """
        spec = self.columns[name]
        if spec.values:
            return spec.values
        column = next(column for column in self.contract().columns if column.name == name)
        if column.allowed is not None:
            return list(column.allowed)
        if column.kind == "boolean":
            return ["false", "true"]
        groups = spec.hierarchy.levels if spec.hierarchy is not None else []
        if groups:
            return [value for values in groups[0].values() for value in values]
        raise ParameterError(
            f"`tables` names {name!r}, whose values are declared nowhere; they cannot be read from "
            "the table. The definition must list them in `values`."
        )

    def with_role(self, role: ColumnRole, fields: list[str]) -> list[str]:
        """Those of the fields that have a role, in order."""
        return [name for name in fields if self.columns[name].role == role]


def dataset_definition(content: Mapping[str, Any], *, name: str) -> DatasetDefinition:
    """A definition from the content of its file, held against the contract of its table.

    Raises:
        ParameterError: Something is unknown, missing or of the wrong type, a column is not of
            the table, or a column that names people would be released.
    """
    made = validate(DatasetDefinition, content, name=name)
    if made.table not in CONTRACTS:
        raise ParameterError(
            f"{name}: `table` is {made.table!r}; it must be one of {sorted(CONTRACTS)}."
        )
    contract = made.contract()
    used = [*made.columns, *made.order, made.person, made.period_column, made.scope_column]
    unknown = sorted(set(used) - set(contract.names))
    if unknown:
        raise ParameterError(
            f"{name}: {unknown} are no columns of `{made.table}`; columns are {contract.names}."
        )
    roles = {column.name: column.role for column in contract.columns}
    lowered = [
        column
        for column, spec in made.columns.items()
        if roles[column] in {"direct_identifier", "pseudonym"}
        or (spec.role == "safe" and roles[column] in {"quasi_identifier", "sensitive"})
    ]
    if lowered:
        raise ParameterError(
            f"{name}: {lowered} have a stricter role in the contract of `{made.table}`; a "
            "definition cannot lower it."
        )
    return made


def build_hierarchy(spec: HierarchySpec, values: pl.Series) -> Hierarchy:
    """The hierarchy of a column, for the values there are.

    Raises:
        SchemaError: Groups have a label that stands for nothing known, or twice; there are no
            values.
        ParameterError: Widths or prefixes do not fit together.
    """
    name = values.name
    if spec.kind == "interval":
        return hierarchy_by_interval(values, name=name, widths=[float(w) for w in spec.widths])
    if spec.kind == "prefix":
        return hierarchy_by_prefix(values.drop_nulls(), name=name, keep=spec.keep)
    if spec.kind == "groups":
        return hierarchy_from_table(_grouped(spec, name), name=name)
    return hierarchy_by_suppression(values.drop_nulls(), name=name)


def _grouped(spec: HierarchySpec, name: str) -> pl.DataFrame:
    columns = [[value for values in spec.levels[0].values() for value in values]]
    for number, level in enumerate(spec.levels, start=1):
        above = {value: label for label, values in level.items() for value in values}
        below = columns[-1]
        lacking = sorted(set(below) - set(above))
        if lacking or len(above) < sum(map(len, level.values())):
            raise SchemaError(
                f"Level {number} of the hierarchy of `{name}` lacks {lacking} or names something "
                "twice; it must put everything of the level below under exactly one label."
            )
        columns.append([above[value] for value in below])
    columns.append([ANYTHING] * len(columns[0]))
    return pl.DataFrame({str(number): labels for number, labels in enumerate(columns)})
