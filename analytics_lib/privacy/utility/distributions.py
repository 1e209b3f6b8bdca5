"""How far the distribution of each column has moved."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl

from analytics_lib.privacy.assessment.classes import Floats
from analytics_lib.privacy.assessment.roles import require_names, require_records
from analytics_lib.privacy.utility.coverage import (
    Hierarchy,
    label_coverage,
    require_known_labels,
)


def distribution_distances(
    released: pl.DataFrame,
    *,
    original: pl.DataFrame,
    columns: Sequence[str],
    hierarchies: Mapping[str, Hierarchy] | None = None,
) -> pl.DataFrame:
    """How different is each column from the original to somebody who has the release alone?

    The trap: labels cannot be compared with values. Here a label is spread in equal parts over
    the values it covers, which is the best a reader can do who does not know them.
    Spreading it as the original is distributed would hide exactly the loss.

    Args:
        released: One row a released record, any order.
        original: One row a person.
        columns: Columns to compare; missing is a value.
        hierarchies: Of a recoded column, of each value its labels from the finest to the root.

    Returns:
        One row a column: `column`; `total_variation` (half the sum of absolute differences of
        shares, 0 to 1); `mean_shift` (earth mover's distance over the range of the numbers that are
        there, 0 to 1; null where the column holds no numbers).

    Raises:
        ParameterError: A name is unknown, or a value or label is in no hierarchy.
        SchemaError: A table is empty.

    Examples:
        >>> people = pl.DataFrame({"age": [20, 20, 20, 30]})
        >>> coarse = pl.DataFrame({"age": ["20-30"] * 4})
        >>> tree = {20: ["20-30"], 30: ["20-30"]}
        >>> distribution_distances(
        ...     coarse, original=people, columns=["age"], hierarchies={"age": tree}
        ... ).rows()
        [('age', 0.25, 0.25)]
    """
    for frame in (released, original):
        require_names(frame.columns, columns, name="columns")
    require_names(columns, list(hierarchies or {}), name="hierarchies")
    require_records(released.height, name="released")
    require_records(original.height, name="original")

    rows = [
        _distances(original[column], released[column], (hierarchies or {}).get(column))
        for column in columns
    ]
    return pl.DataFrame(
        [(column, *row) for column, row in zip(columns, rows, strict=True)],
        schema={"column": pl.String, "total_variation": pl.Float64, "mean_shift": pl.Float64},
        orient="row",
    )


def _distances(
    original: pl.Series, released: pl.Series, hierarchy: Hierarchy | None
) -> tuple[float, float | None]:
    coverage = label_coverage(original, hierarchy=hierarchy)
    labels = require_known_labels(released, coverage)
    values: list[Any] = original.drop_nulls().unique().sort().to_list()
    place = {value: index for index, value in enumerate(values)}
    before, after = np.zeros(len(values)), np.zeros(len(values))
    for value, count in original.drop_nulls().value_counts().iter_rows():
        before[place[value]] = count / len(original)
    for label, count in sorted(labels.drop_nulls().value_counts().iter_rows()):
        covered = [place[value] for value in coverage[label]]
        after[covered] += count / len(labels) / len(covered)
    missing = original.null_count() / len(original) - labels.null_count() / len(labels)
    moved = float((np.abs(before - after).sum() + abs(missing)) / 2)
    return moved, _shift(before, after, values) if original.dtype.is_numeric() else None


def _shift(before: Floats, after: Floats, values: list[Any]) -> float | None:
    if len(values) < 2 or not after.sum():  # noqa: PLR2004 - one number cannot move
        return None if not after.sum() else 0.0
    steps = np.diff(np.asarray(values, dtype=np.float64))
    gap = np.abs(np.cumsum(before / before.sum()) - np.cumsum(after / after.sum()))[:-1]
    return float((gap * steps).sum() / steps.sum())
