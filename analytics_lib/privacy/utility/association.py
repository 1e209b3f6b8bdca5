"""Whether columns still go together as they did: Cramér's V of every pair."""

import math
from collections.abc import Sequence
from itertools import combinations

import polars as pl

from analytics_lib.core.errors import ParameterError
from analytics_lib.privacy.assessment.roles import require_names, require_records

_A_PAIR = 2


def association_change(
    released: pl.DataFrame, *, original: pl.DataFrame, columns: Sequence[str]
) -> pl.DataFrame:
    """How much has the association of each pair of columns changed?

    The trap: V grows with the number of values by chance alone, and a release
    has fewer of them, so plain V seems to fall where nothing was lost. Bergsma's
    correction takes that part away. Columns with nearly as many values as
    records have no association that could be measured, corrected or not.

    Args:
        released: One row a released record, any order.
        original: One row a person.
        columns: Two or more columns; their values count as categories, missing as one of them.

    Returns:
        One row a pair, in the order of `columns`: `first`, `second`, `original`, `released` (V, 0
        to 1; null where a column has one value) and `change` (released minus original).

    Raises:
        ParameterError: A name is unknown, or there are fewer than two.
        SchemaError: A table is empty.

    Examples:
        >>> people = pl.DataFrame({"sex": ["f", "m"] * 50, "team": ["a", "b"] * 50})
        >>> mixed = people.with_columns(team=pl.Series(["a", "a", "b", "b"] * 25))
        >>> found = association_change(mixed, original=people, columns=["sex", "team"])
        >>> found["original"][0], found["released"][0]
        (1.0, 0.0)

    References:
        Bergsma W. (2013), J. Korean Stat. Soc. 42, 323-328.
    """
    for frame in (released, original):
        require_names(frame.columns, columns, name="columns")
    if len(columns) < _A_PAIR:
        raise ParameterError(f"`columns` has {len(columns)} names; it must have at least two.")
    require_records(released.height, name="released")
    require_records(original.height, name="original")

    rows = []
    for first, second in combinations(columns, 2):
        before, after = (_cramers_v(frame, first, second) for frame in (original, released))
        change = None if before is None or after is None else after - before
        rows.append((first, second, before, after, change))
    numbers = dict.fromkeys(("original", "released", "change"), pl.Float64)
    schema = {"first": pl.String, "second": pl.String, **numbers}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _cramers_v(frame: pl.DataFrame, first: str, second: str) -> float | None:
    n = frame.height
    cells = frame.group_by(pl.col(first).alias("x"), pl.col(second).alias("y")).agg(n=pl.len())
    expected = pl.col("n").sum().over("x") * pl.col("n").sum().over("y") / n
    occupied = math.fsum(cells.select(pl.col("n") ** 2 / expected).to_series())
    rows, columns = cells["x"].n_unique(), cells["y"].n_unique()
    if min(rows, columns) < _A_PAIR or n < _A_PAIR:
        return None
    phi = max(occupied / n - 1 - (rows - 1) * (columns - 1) / (n - 1), 0.0)
    effective = [size - (size - 1) ** 2 / (n - 1) for size in (rows, columns)]
    most = min(effective) - 1
    return min(math.sqrt(phi / most), 1.0) if most > 0 else None
