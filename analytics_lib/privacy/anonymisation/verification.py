"""A look at what would be released, independent of how it was made."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from analytics_lib.core.errors import DisclosureError
from analytics_lib.privacy.anonymisation.criteria import TOLERANCE, Criteria, Distance

_ROWS, _SHARE = "__rows", "__share"
DISTANCE = "distance"


@dataclass(frozen=True, slots=True, kw_only=True)
class Achieved:
    """What a released table has: its classes counted from its labels alone.

    Attributes:
        classes: Classes of rows with the same labels.
        k: Rows of the smallest class.
        l: Fewest distinct values of a sensitive column in a class; None without one.
        t: Largest distance of a class from the original table; None without one.
    """

    classes: int
    k: int
    l: int | None  # noqa: E741 - its name since Machanavajjhala et al.
    t: float | None


def achieved(
    released: pl.DataFrame,
    original: pl.DataFrame,
    *,
    quasi_identifiers: Sequence[str],
    sensitive: Sequence[str],
    distance: Distance,
) -> Achieved:
    """Count the classes of a released table; distances are from the original one's distribution."""
    sizes = released.group_by(quasi_identifiers).len()["len"]
    kinds = [
        released.group_by(quasi_identifiers).agg(pl.col(name).n_unique())[name].min()
        for name in sensitive
    ]
    distances = [
        _farthest(released, original[name], list(quasi_identifiers), distance=distance)
        for name in sensitive
    ]
    return Achieved(
        classes=len(sizes),
        k=int(str(sizes.min() or 0)),
        l=min((int(str(kind or 0)) for kind in kinds), default=None),
        t=max(distances, default=None),
    )


def verify(found: Achieved, criteria: Criteria, *, suppressed: int, most_suppressed: int) -> None:
    """Refuse what does not meet the demands.

    Raises:
        DisclosureError: A class has fewer than k rows or l values or is farther than t, more
            rows are suppressed than allowed, or no row is left.
    """
    if found.classes == 0:
        raise DisclosureError("No row is left to release; ask for less, or coarsen the columns.")
    if suppressed > most_suppressed:
        raise DisclosureError(
            f"{suppressed} rows would have to be suppressed; the limit allows {most_suppressed}."
        )
    if found.k < criteria.k:
        raise DisclosureError(f"A class has {found.k} rows; `k` is {criteria.k}.")
    if criteria.l is not None and (found.l is None or found.l < criteria.l):
        raise DisclosureError(f"A class has {found.l} sensitive values; `l` is {criteria.l}.")
    if criteria.t is not None and (found.t is None or found.t > criteria.t + TOLERANCE):
        raise DisclosureError(f"A class is {found.t} from the table; `t` is {criteria.t}.")


def class_distances(
    released: pl.DataFrame,
    original: pl.Series,
    *,
    quasi_identifiers: Sequence[str],
    distance: Distance,
) -> pl.DataFrame:
    """How far is each class from the original distribution of one sensitive column?

    Args:
        released: The released rows.
        original: The sensitive column of the original table.
        quasi_identifiers: The columns whose labels make the classes.
        distance: "equal" (what a class has too much of each value) or "ordered" (what is moved).

    Returns:
        One row a class: its labels, and `distance` from 0 to 1.
    """
    by, name = list(quasi_identifiers), original.name
    shares = original.to_frame().group_by(name).agg((pl.len() / len(original)).alias(_SHARE))
    sizes = released.group_by(by).agg(pl.len().alias(_ROWS))
    counts = released.group_by([*by, name]).agg(pl.len().alias("__count"))
    if distance == "ordered":
        grid = sizes.join(shares, how="cross").join(
            counts, on=[*by, name], how="left", nulls_equal=True
        )
        return (
            grid.sort(name, nulls_last=True)
            .with_columns(
                (pl.col("__count").fill_null(0) / pl.col(_ROWS) - pl.col(_SHARE))
                .cum_sum()
                .over(by)
                .abs()
                .alias("__moved")
            )
            .group_by(by)
            .agg((pl.col("__moved").sum() / max(len(shares) - 1, 1)).alias(DISTANCE))
        )
    return (
        counts.join(sizes, on=by, nulls_equal=True)
        .join(shares, on=name, nulls_equal=True)
        .with_columns(
            (pl.col("__count") / pl.col(_ROWS) - pl.col(_SHARE)).clip(lower_bound=0).alias("__more")
        )
        .group_by(by)
        .agg(pl.col("__more").sum().alias(DISTANCE))
    )


def _farthest(
    released: pl.DataFrame, original: pl.Series, by: list[str], *, distance: Distance
) -> float:
    found = class_distances(released, original, quasi_identifiers=by, distance=distance)
    return float(str(found[DISTANCE].max() or 0.0))
