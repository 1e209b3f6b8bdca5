"""Clusters of users that resemble each other, and how much to believe in them."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import numpy.typing as npt
import polars as pl

from analytics_lib.core.checks import require_at_least
from analytics_lib.core.errors import AccessError, ParameterError, SchemaError
from analytics_lib.events.boundary import as_table

Floats = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]
_STARTS = 10  # fits from different starts, the best of which is kept
DEFAULT_COUNTS = (2, 3, 4, 5, 6, 7, 8)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clusters:
    """Users in clusters.

    Attributes:
        labels: One row a user, sorted by `user_id`: `user_id`, `cluster` (1 the
            largest; null where a value is missing).
        k: Number of clusters.
        silhouette_by_k: One row a number tried: `k`, `silhouette` (-1 to 1).
        stability: Mean adjusted Rand index, up to 1, between the clusters and
            those found in bootstrap resamples; 0 is chance. `nan` without resamples.
        resamples: Resamples that `stability` rests on.
        centres: One row a cluster: `cluster`, `users`, and the mean of each
            column in its own unit.
    """

    labels: pl.DataFrame
    k: int
    silhouette_by_k: pl.DataFrame
    stability: float
    resamples: int
    centres: pl.DataFrame


def cluster_users(
    users: Any,  # noqa: ANN401 - any supported frame
    *,
    columns: Sequence[str],
    seed: int,
    counts: Iterable[int] = DEFAULT_COUNTS,
    resamples: int = 20,
    silhouette_users: int = 5_000,
) -> Clusters:
    """Which groups of users resemble each other in some numbers, and are they real?

    The trap: k-means divides anything, a round cloud too. So the number of
    clusters is the one with the highest silhouette, which is returned for each
    number tried, beside the stability of the result: below a silhouette of
    about 0.25 there is no structure, and with a stability far below 1 other
    users of the same kind would have been divided otherwise. Columns are
    standardised, so that none counts more for its unit; take the logarithm of
    a skewed one first, or a few users become a cluster.

    Args:
        users: One row a user: `user_id` and the columns.
        columns: Columns of numbers to compare users by; a user with a missing
            one belongs to no cluster.
        seed: Seed of all randomness; the same seed and users, in any order, give the same.
        counts: Numbers of clusters to try, 2 or more.
        resamples: Bootstrap resamples for the stability, 0 or more.
        silhouette_users: Silhouettes compare every user with every other one;
            of more users than this a random part is taken, the same for each number.

    Returns:
        The clusters, whose frames are polars.

    Raises:
        SchemaError: A column is missing, is no number, holds an infinite
            number or the same one for everybody; or a user is there twice.
        ParameterError: No column or count is given, a count is below 2,
            `silhouette_users` is not above the counts, or there are not more
            different users than clusters.
        AccessError: scikit-learn is not installed.

    Examples:
        >>> users = pl.DataFrame(
        ...     {"user_id": list("abcdef"), "days": [1.0, 2.0, 1.5, 20.0, 21.0, 20.5]}
        ... )
        >>> found = cluster_users(users, columns=["days"], seed=1, counts=[2, 3])
        >>> found.k, found.centres["days"].to_list()
        (2, [1.5, 20.5])

    References:
        Rousseeuw P. J. (1987), J. Comput. Appl. Math. 20, 53-65; Hubert L.,
        Arabie P. (1985), J. Classification 2, 193-218; Hennig C. (2007),
        Comput. Stat. Data Anal. 52, 258-271. 0.25: Kaufman L., Rousseeuw P. J.
        (1990), Finding Groups in Data, chapter 2.
    """
    tried = sorted(set(counts))
    require_at_least(min(tried, default=0), 2, name="counts")
    require_at_least(resamples, 0, name="resamples")
    require_at_least(silhouette_users, tried[-1] + 1, name="silhouette_users")
    people = _people(users, columns=columns)
    known = people.drop_nulls()
    raw = known.select(columns).to_numpy().astype(np.float64)
    _require_variety(raw, columns=columns, most=tried[-1])

    points = (raw - raw.mean(axis=0)) / raw.std(axis=0)
    with import_sklearn("threadpoolctl").threadpool_limits(1):  # sums in one order: same bits
        silhouettes = _silhouettes(points, tried, seed=seed, users=silhouette_users)
        k = max(silhouettes, key=lambda count: (silhouettes[count], -count))
        labels = _fit(points, k, seed=seed).labels_
        indices = _agreements(points, labels, k=k, seed=seed, resamples=resamples)
    numbers = _by_size(labels, raw)
    return Clusters(
        labels=people.select("user_id").join(
            known.select("user_id", cluster=pl.Series(numbers, dtype=pl.Int64)),
            on="user_id",
            how="left",
            maintain_order="left",
        ),
        k=k,
        silhouette_by_k=pl.DataFrame(
            {"k": list(silhouettes), "silhouette": list(silhouettes.values())},
            schema={"k": pl.Int64, "silhouette": pl.Float64},
        ),
        stability=math.fsum(indices) / len(indices) if indices else math.nan,
        resamples=len(indices),
        centres=known.with_columns(cluster=pl.Series(numbers, dtype=pl.Int64))
        .group_by("cluster")
        .agg(pl.len().cast(pl.Int64).alias("users"), pl.col(columns).mean())
        .sort("cluster"),
    )


def import_sklearn(module: str) -> Any:  # noqa: ANN401 - a module without types
    """A module of scikit-learn, or of what comes with it.

    Raises:
        AccessError: It is not installed.
    """
    try:
        return import_module(module)
    except ImportError:
        raise AccessError(
            "Clusters need scikit-learn, which is not installed; it is part of the extra "
            "`research`: install `analytics-lib[research]`."
        ) from None


def _people(users: Any, *, columns: Sequence[str]) -> pl.DataFrame:  # noqa: ANN401 - any frame
    """`user_id` and the columns, in order of `user_id`, what is not a number missing."""
    if not columns:
        raise ParameterError("`columns` is empty; name at least one column to compare users by.")
    table = as_table(users, ["user_id", *columns], name="users")
    schema = table.collect_schema()
    for name in columns:
        if not schema[name].is_numeric():
            raise SchemaError(
                f"`{name}` is {schema[name]}; a column to cluster by must be numbers."
            )
    numbers = [nw.col(name).cast(nw.Float64) for name in columns]
    people: pl.DataFrame = table.select("user_id", *numbers).collect(backend="polars").to_native()
    if people["user_id"].null_count() or people["user_id"].is_duplicated().any():
        raise SchemaError("`users` must have one row a user, each with its own `user_id`.")
    if people.select(pl.any_horizontal(pl.col(columns).is_infinite().any())).item():
        raise SchemaError("`users` holds an infinite number; a distance to it has no meaning.")
    return people.with_columns(pl.col(columns).fill_nan(None)).sort("user_id")


def _require_variety(raw: Floats, *, columns: Sequence[str], most: int) -> None:
    different = len(np.unique(raw, axis=0)) if len(raw) else 0
    if different < most or len(raw) <= most:
        raise ParameterError(
            f"`counts` goes up to {most} clusters, but there are {len(raw)} users with "
            f"all values, {different} of them different; there must be more users than clusters."
        )
    for name, values in zip(columns, raw.T, strict=True):
        if values.min() == values.max():
            raise SchemaError(f"`{name}` is the same for everybody; leave it out.")


def _fit(points: Floats, k: int, *, seed: int) -> Any:  # noqa: ANN401 - a fitted scikit-learn model
    kmeans = import_sklearn("sklearn.cluster").KMeans
    return kmeans(n_clusters=k, n_init=_STARTS, random_state=seed).fit(points)


def _silhouettes(
    points: Floats, tried: Sequence[int], *, seed: int, users: int
) -> dict[int, float]:
    score = import_sklearn("sklearn.metrics").silhouette_score
    part = np.arange(len(points))
    if len(points) > users:
        part = np.random.default_rng(seed).choice(len(points), users, replace=False)
    found = {}
    for k in tried:
        labels = _fit(points, k, seed=seed).labels_
        # A cluster of a few users may lie outside the part: one of each is added.
        these = np.union1d(part, np.unique(labels, return_index=True)[1])
        found[k] = float(score(points[these], labels[these]))
    return found


def _agreements(points: Floats, labels: Whole, *, k: int, seed: int, resamples: int) -> list[float]:
    """How far clusters of each resample agree on all users; too uniform ones are left out."""
    agree = import_sklearn("sklearn.metrics").adjusted_rand_score
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(resamples):
        drawn = points[rng.integers(0, len(points), len(points))]
        if len(np.unique(drawn, axis=0)) >= k:
            found.append(float(agree(labels, _fit(drawn, k, seed=seed).predict(points))))
    return found


def _by_size(labels: Whole, raw: Floats) -> list[int]:
    """Clusters numbered from 1, the largest first, equal ones by their centres."""
    order = sorted(
        set(labels.tolist()),
        key=lambda label: (-int(np.sum(labels == label)), *raw[labels == label].mean(axis=0)),
    )
    number = {label: position for position, label in enumerate(order, start=1)}
    return [number[label] for label in labels.tolist()]
