"""The normalised certainty penalty (NCP): which part of its range a released cell leaves open.

By labels of a hierarchy and by sets of values are two measures with two types of result: a set
`{17, 18}` is finer than the label `15-19` that has to stand for it, so the numbers of one are lower
than those of the other for the same classes. They refuse to be compared.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import polars as pl

from analytics_lib.core.errors import ParameterError, SchemaError
from analytics_lib.privacy.assessment.roles import require_names, require_records, require_roles
from analytics_lib.privacy.utility.coverage import (
    Hierarchy,
    label_coverage,
    require_known_labels,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Penalty:
    ncp: float
    by_column: dict[str, float]
    records: int
    suppressed: int

    def change_from(self, base: Self) -> float:
        """How much more is lost than in `base`; negative where less is.

        Raises:
            ParameterError: `base` was measured in the other way.
        """
        if type(base) is not type(self):
            raise ParameterError(
                f"`base` is a {type(base).__name__}, this a {type(self).__name__}; losses by "
                "labels and by sets of values must not be compared."
            )
        return self.ncp - base.ncp


@dataclass(frozen=True, slots=True, kw_only=True)
class HierarchyLoss(_Penalty):
    """NCP of labels of hierarchies; cannot be compared with a `ValueSetLoss`.

    Attributes:
        ncp: Mean over the quasi-identifiers and all original records: 0 nothing lost, 1 all.
        by_column: The same of each quasi-identifier.
        records: Original records.
        suppressed: Records that are not in the release; each counts as 1.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueSetLoss(_Penalty):
    """NCP of sets and ranges of values; cannot be compared with a `HierarchyLoss`.

    Attributes:
        ncp: Mean over the quasi-identifiers and all original records: 0 nothing lost, 1 all.
        by_column: The same of each quasi-identifier.
        records: Original records.
        suppressed: Records that belong to no class; each counts as 1.
    """


def ncp_by_hierarchy(
    released: pl.DataFrame,
    *,
    original: pl.DataFrame,
    quasi_identifiers: Sequence[str],
    hierarchies: Mapping[str, Hierarchy],
) -> HierarchyLoss:
    """How much of its detail does a release lose, where its cells are labels of hierarchies?

    A cell costs 0 where it is exact, the share of the values that its label
    covers where they are categories, the width of its label over the width of the
    column where they are numbers, and 1 where it is suppressed.

    The trap: records left out are the largest loss of all, and a mean over what
    is left improves with each of them. Here they count as 1.

    Args:
        released: One row a released record, any order.
        original: One row a person; it has all released records and those left out.
        quasi_identifiers: Columns to measure. A missing cell counts as suppressed, except for as
            many as the original has.
        hierarchies: Of a column, of each value its labels from the finest to the root.

    Returns:
        The loss, 0 to 1.

    Raises:
        ParameterError: A name is unknown, or a value or label is in no hierarchy.
        SchemaError: The original is empty, or the release has more records than it.

    Examples:
        >>> people = pl.DataFrame({"age": [20, 30, 40]})
        >>> tree = {20: ["20-30", "*"], 30: ["20-30", "*"], 40: ["40", "*"]}
        >>> ncp_by_hierarchy(  # half the width twice, and one record left out
        ...     pl.DataFrame({"age": ["20-30", "20-30"]}),
        ...     original=people,
        ...     quasi_identifiers=["age"],
        ...     hierarchies={"age": tree},
        ... ).ncp
        0.6666666666666666

    References:
        Xu J. et al. (2006), KDD '06, 785-790.
    """
    require_roles(original.columns, quasi_identifiers=quasi_identifiers)
    require_roles(released.columns, quasi_identifiers=quasi_identifiers)
    require_names(quasi_identifiers, list(hierarchies), name="hierarchies")
    require_records(original.height, name="original")
    suppressed = original.height - released.height
    if suppressed < 0:
        raise SchemaError(
            f"`released` has {released.height} records, more than the {original.height} of "
            "`original`."
        )

    by_column = {
        column: (suppressed + _label_costs(original[column], released[column], hierarchies))
        / original.height
        for column in quasi_identifiers
    }
    return HierarchyLoss(
        ncp=sum(by_column.values()) / len(by_column),
        by_column=by_column,
        records=original.height,
        suppressed=suppressed,
    )


def ncp_by_value_sets(
    original: pl.DataFrame, *, class_column: str, quasi_identifiers: Sequence[str]
) -> ValueSetLoss:
    """How much of its detail does a release lose, where classes show the values they hold?

    A cell costs 0 where its class has one value, the share of the values that
    the class holds where they are categories, and the width of the class over the width of
    the column where they are numbers.

    Args:
        original: One row a person.
        class_column: Column that names the class each person is released in; missing where the
            record is left out, which counts as 1.
        quasi_identifiers: Columns to measure. Missing is a value; beside numbers in one class it
            costs 1.

    Returns:
        The loss, 0 to 1.

    Raises:
        ParameterError: A name is unknown, or `class_column` is a quasi-identifier.
        SchemaError: The table is empty.

    Examples:
        >>> people = pl.DataFrame({"age": [20, 30, 40, 60], "group": [1, 1, 2, None]})
        >>> ncp_by_value_sets(people, class_column="group", quasi_identifiers=["age"]).ncp
        0.375
    """
    require_roles(original.columns, quasi_identifiers=quasi_identifiers, sensitive=[class_column])
    require_records(original.height, name="original")

    kept = original.filter(pl.col(class_column).is_not_null())
    suppressed = original.height - kept.height
    by_column = {
        column: (suppressed + _set_costs(original[column], kept, class_column)) / original.height
        for column in quasi_identifiers
    }
    return ValueSetLoss(
        ncp=sum(by_column.values()) / len(by_column),
        by_column=by_column,
        records=original.height,
        suppressed=suppressed,
    )


def _label_costs(
    original: pl.Series, released: pl.Series, hierarchies: Mapping[str, Hierarchy]
) -> float:
    """Sum of the costs of the released cells of one column."""
    coverage = label_coverage(original, hierarchy=hierarchies.get(original.name))
    labels = require_known_labels(released, coverage)
    whole = original.drop_nulls().unique()
    costs = {label: _part(values, whole) for label, values in coverage.items()}
    blanked = max(labels.null_count() - original.null_count(), 0)
    counted = labels.drop_nulls().value_counts()
    cost_of = [costs[label] for label in counted[labels.name]]
    return blanked + math.fsum(counted["count"] * pl.Series(cost_of, dtype=pl.Float64))


def _part(values: Sequence[Any], whole: pl.Series) -> float:
    if len(values) == 1:
        return 0.0
    if whole.dtype.is_numeric():
        low, high = _ends(whole)
        return float((max(values) - min(values)) / (high - low))
    return len(values) / len(whole)


def _set_costs(original: pl.Series, kept: pl.DataFrame, class_column: str) -> float:
    """Sum of the costs of the kept cells of one column."""
    name = original.name
    grouped = kept.group_by(class_column).agg(
        records=pl.len(),
        values=pl.col(name).n_unique(),
        missing=pl.col(name).has_nulls(),
        **(_width(name) if original.dtype.is_numeric() else {}),
    )
    if original.dtype.is_numeric():
        low, high = _ends(original)
        part = pl.when("missing").then(1.0).otherwise(pl.col("width") / ((high - low) or 1))
    else:
        part = pl.col("values") / original.n_unique()
    cost = pl.when(pl.col("values") == 1).then(0.0).otherwise(part) * pl.col("records")
    return math.fsum(grouped.select(cost).to_series())


def _width(name: str) -> dict[str, pl.Expr]:
    return {"width": pl.col(name).max() - pl.col(name).min()}


def _ends(numbers: pl.Series) -> tuple[Any, Any]:
    known = numbers.drop_nulls()
    return (known.min(), known.max()) if len(known) else (0, 0)
