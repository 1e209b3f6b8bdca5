"""What a released label stands for: the values of the original that it covers."""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from analytics_lib.core.errors import ParameterError

Hierarchy = Mapping[Any, Sequence[Any]]


def label_coverage(
    values: pl.Series, *, hierarchy: Hierarchy | None = None
) -> dict[str, list[Any]]:
    """Which of the values that occur does each label cover?

    The trap: a hierarchy names values that nobody has ("never worked"). Counting
    them makes a label look coarser or finer than it is, so only values that
    occur in the original count.

    Args:
        values: The original column; missing values are passed over.
        hierarchy: Of each value its labels from the finest to the root. Without one every
            value stands for itself alone.

    Returns:
        Of each label, as text, its values, sorted; a value is a label of its own. A label that
        stands at several levels covers all that it covers at any of them.

    Raises:
        ParameterError: `hierarchy` lacks a value of the column.

    Examples:
        >>> label_coverage(pl.Series(["a", "b"]), hierarchy={"a": ["x", "*"], "b": ["y", "*"]})["*"]
        ['a', 'b']
    """
    present = values.drop_nulls().unique().sort().to_list()
    paths = {str(value): labels for value, labels in (hierarchy or {}).items()}
    lacking = sum(str(value) not in paths for value in present) if hierarchy is not None else 0
    if lacking:
        raise ParameterError(
            f"`hierarchies` lacks {lacking} of the {len(present)} values of `{values.name}`; it "
            "must have all of them."
        )
    covered: dict[str, dict[Any, None]] = {str(value): {value: None} for value in present}
    for value in present:
        for label in paths.get(str(value), ()):
            covered.setdefault(str(label), {})[value] = None
    return {label: list(found) for label, found in covered.items()}


def require_known_labels(released: pl.Series, coverage: Mapping[str, Sequence[Any]]) -> pl.Series:
    """The released column as text, once every label is known to stand for something.

    Raises:
        ParameterError: A label is neither a value of the original nor in the hierarchy.
    """
    labels = released.cast(pl.String)
    unknown = labels.drop_nulls().unique().is_in(list(coverage)).not_().sum()
    if unknown:
        raise ParameterError(
            f"`released` has {unknown} labels in `{released.name}` that are neither values of the "
            "original nor labels of its hierarchy."
        )
    return labels
