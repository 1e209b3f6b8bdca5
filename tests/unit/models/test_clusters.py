import math
import sys

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score, silhouette_score

from analytics_lib.core.errors import AccessError, ParameterError, SchemaError
from analytics_lib.models.clusters import cluster_users

CENTRES = [(2.0, 100.0), (20.0, 120.0), (10.0, 900.0)]
SIZES = (60, 40, 20)
COLUMNS = ["days", "spent"]


def planted(seed=3):
    rng = np.random.default_rng(seed)
    rows, truth = [], []
    for label, ((days, spent), size) in enumerate(zip(CENTRES, SIZES, strict=True), start=1):
        for _ in range(size):
            rows.append((rng.normal(days, 0.7), rng.normal(spent, 8)))
            truth.append(label)
    users = pl.DataFrame(rows, schema=COLUMNS, orient="row").with_row_index("number")
    return users.select(pl.format("u{}", pl.col("number") + 100).alias("user_id"), *COLUMNS), truth


@pytest.fixture(scope="module")
def found():
    return cluster_users(planted()[0], columns=COLUMNS, seed=1, counts=range(2, 6))


def test_planted_clusters_are_found(found):
    _, truth = planted()
    assert found.k == 3
    assert found.labels["cluster"].to_list() == truth  # numbered by size, as planted
    assert found.stability == pytest.approx(1.0, abs=0.01)
    assert found.resamples == 20


def test_centres_are_in_the_units_of_the_columns(found):
    users, truth = planted()
    assert found.centres["users"].to_list() == list(SIZES)
    for row in found.centres.iter_rows(named=True):
        members = users.filter(pl.Series(truth) == row["cluster"])
        assert row["days"] == pytest.approx(members["days"].mean())
        assert row["spent"] == pytest.approx(members["spent"].mean())


def test_silhouettes_are_those_of_scikit_learn(found):
    raw = planted()[0].select(COLUMNS).to_numpy()
    points = (raw - raw.mean(axis=0)) / raw.std(axis=0)
    # origin: scikit-learn on the standardised points
    expected = {
        k: silhouette_score(points, KMeans(k, n_init=10, random_state=1).fit_predict(points))
        for k in range(2, 6)
    }
    assert dict(found.silhouette_by_k.iter_rows()) == pytest.approx(expected, rel=1e-6)
    assert found.k == max(expected, key=expected.get)


def test_the_seed_decides_and_the_order_of_rows_does_not(found):
    users, _ = planted()
    shuffled = users.sample(fraction=1, shuffle=True, seed=9)
    again = cluster_users(shuffled, columns=COLUMNS, seed=1, counts=[5, 4, 3, 2])
    assert again.labels.equals(found.labels)
    assert again.centres.equals(found.centres)
    assert again.silhouette_by_k.equals(found.silhouette_by_k)
    assert again.stability == found.stability


def test_a_cloud_without_structure_is_unstable():
    rng = np.random.default_rng(0)
    cloud = pl.DataFrame(rng.normal(size=(150, 4)), schema=["a", "b", "c", "d"])
    users = cloud.with_row_index("user_id")
    asked = {"columns": ["a", "b", "c", "d"], "counts": [5]}
    found = cluster_users(users, seed=2, **asked)
    assert found.stability < 0.7
    assert found.silhouette_by_k["silhouette"][0] < 0.25
    other = cluster_users(users, seed=3, **asked)
    assert adjusted_rand_score(found.labels["cluster"], other.labels["cluster"]) < 1


def test_a_user_with_a_missing_value_belongs_to_no_cluster():
    users, truth = planted()
    holes = users.with_columns(
        days=pl.when(pl.col("user_id") == "u100").then(None).otherwise("days"),
        spent=pl.when(pl.col("user_id") == "u101").then(math.nan).otherwise("spent"),
    )
    found = cluster_users(holes, columns=COLUMNS, seed=1, counts=[3], resamples=0)
    assert found.labels["cluster"].to_list() == [None, None, *truth[2:]]
    assert found.centres["users"].to_list() == [58, 40, 20]
    assert math.isnan(found.stability)
    assert found.resamples == 0


def test_any_supported_frame_will_do():
    users, truth = planted()
    found = cluster_users(users.to_pandas(), columns=COLUMNS, seed=1, counts=[3], resamples=1)
    assert found.labels["cluster"].to_list() == truth


def test_silhouettes_of_many_users_are_taken_from_a_part():
    # One user far off is a cluster that a part of ten will hardly hold.
    users = pl.DataFrame({"user_id": range(200), "days": [*range(199), 9_000_000]})
    found = cluster_users(
        users, columns=["days"], seed=1, counts=[2], resamples=0, silhouette_users=10
    )
    assert found.centres["users"].to_list() == [199, 1]
    assert found.silhouette_by_k["silhouette"][0] > 0.8


def test_resamples_without_enough_different_users_are_left_out():
    users = pl.DataFrame({"user_id": range(4), "days": [0, 0, 0, 9]})
    found = cluster_users(users, columns=["days"], seed=1, counts=[2], resamples=50)
    # A resample of four misses the last user with probability (3 / 4) ** 4 = 0.32.
    assert 20 < found.resamples < 45
    assert found.stability == 1.0


USERS = pl.DataFrame({
    "user_id": ["a", "b", "c", "d"], "days": [1, 2, 3, 4], "same": [1, 1, 1, 1],
    "word": ["x", "y", "z", "w"], "endless": [1.0, 2.0, 3.0, math.inf],
})  # fmt: skip


@pytest.mark.parametrize(
    ("asked", "error", "words"),
    [
        ({"columns": []}, ParameterError, "`columns` is empty"),
        ({"columns": ["dayz"]}, SchemaError, "Did you mean 'days'"),
        ({"columns": ["word"]}, SchemaError, "`word` is String"),
        ({"columns": ["endless"]}, SchemaError, "infinite"),
        ({"columns": ["days", "same"]}, SchemaError, "`same` is the same for everybody"),
        ({"counts": []}, ParameterError, "`counts` is 0"),
        ({"counts": [1, 2]}, ParameterError, "`counts` is 1"),
        ({"counts": [4]}, ParameterError, "up to 4 clusters, but there are 4 users"),
        ({"resamples": -1}, ParameterError, "`resamples` is -1"),
        ({"silhouette_users": 2}, ParameterError, "`silhouette_users` is 2; it must be at least 3"),
    ],
)
def test_impossible_clusters_are_refused(asked, error, words):
    with pytest.raises(error, match=words):
        cluster_users(USERS, **{"columns": ["days"], "seed": 1, "counts": [2], **asked})


@pytest.mark.parametrize(
    "users",
    [pl.concat([USERS, USERS]), USERS.with_columns(user_id=pl.lit(None, pl.String)), USERS.clear()],
    ids=["twice", "nobody", "empty"],
)
def test_users_must_be_one_row_each(users):
    with pytest.raises((SchemaError, ParameterError)):
        cluster_users(users, columns=["days"], seed=1, counts=[2])


def test_without_scikit_learn_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn.cluster", None)
    with pytest.raises(AccessError, match=r"scikit-learn, which is not installed.*`research`"):
        cluster_users(pd.DataFrame({"user_id": [1, 2, 3], "days": [1, 2, 9]}), columns=["days"],
                      seed=1, counts=[2])  # fmt: skip
