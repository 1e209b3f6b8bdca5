"""Models: near what is true where the noise is small, and refused where anything is undeclared."""

import sys

import numpy as np
import polars as pl
import pytest

from analytics_lib.core.errors import AccessError, BudgetError, ParameterError, SchemaError
from analytics_lib.privacy.differential import Bounded
from analytics_lib.privacy.differential.models import private_model

pytest.importorskip("diffprivlib")
X = Bounded(column="x", low=0, high=10, step=0.001)
Y = Bounded(column="y", low=0, high=30, step=0.001)


@pytest.fixture
def people():
    """y = 2 x + 5; `high` where x is above 5."""
    x = np.round(np.linspace(0, 10, 1001), 3)
    return pl.DataFrame({"id": range(1001), "x": x, "y": 2 * x + 5}).with_columns(
        high=pl.when(pl.col("x") > 5).then(pl.lit("yes")).otherwise(pl.lit("no"))
    )


ASKED = {
    "logistic_regression": {"target": "high", "classes": ["no", "yes"]},
    "naive_bayes": {"target": "high", "classes": ["no", "yes"]},
    "linear_regression": {"target": Y},
    "k_means": {"clusters": 2},
}


@pytest.mark.parametrize("kind", ["logistic_regression", "naive_bayes"])
def test_classes(people, terms, kind):
    found = private_model(people, terms=terms(), kind=kind, features=[X], **ASKED[kind])
    assert found.predict(pl.DataFrame({"x": [1.0, 9.0]})).to_list() == ["no", "yes"]
    assert (found.epsilon, found.delta, found.publishable) == (1e6, 0, False)


def test_a_line(people, terms):
    found = private_model(
        people, terms=terms(epsilon=1e9), kind="linear_regression", features=[X], target=Y
    )
    # origin: by hand; y = 2 x + 5
    assert found.predict(pl.DataFrame({"x": [0.0, 10.0]})).to_list() == pytest.approx(
        [5, 25], abs=0.1
    )


def test_clusters(terms):
    people = pl.DataFrame({"id": range(400), "x": [1.0] * 200 + [9.0] * 200})
    found = private_model(people, terms=terms(), kind="k_means", features=[X], clusters=2)
    assert found.predict(pl.DataFrame({"x": [0.0, 10.0]})).n_unique() == 2


@pytest.mark.parametrize("kind", ASKED)
def test_charged_in_full_and_split_over_the_rows_of_a_person(people, terms, purse, kind):
    found = private_model(
        people, terms=terms(epsilon=8.0, rows_per_person=4), kind=kind, features=[X], **ASKED[kind]
    )
    assert [charge.epsilon for charge in purse.charges] == [8.0]
    assert found.model.epsilon == 2.0
    assert "not for publication" in found.mechanism


@pytest.mark.parametrize("kind", ASKED)
def test_beyond_the_budget(people, poor, kind):
    with pytest.raises(BudgetError):
        private_model(people, terms=poor, kind=kind, features=[X], **ASKED[kind])


@pytest.mark.parametrize("given", [
    {"kind": "forest"}, {"features": []}, {"features": ["x"]}, {"target": None},
    {"classes": None}, {"classes": ["yes"]}, {"kind": "linear_regression"}, {"kind": "k_means"},
    {"kind": "k_means", "target": None, "clusters": 0}, {"features": [Bounded(column="high",
    low=0, high=1)], "target": "id"},
])  # fmt: skip
def test_misuse_costs_nothing(people, terms, purse, given):
    asked = {
        "kind": "naive_bayes", "features": [X], "target": "high", "classes": ["no", "yes"], **given,
    }  # fmt: skip
    with pytest.raises(ParameterError):
        private_model(people, terms=terms(), **asked)
    with pytest.raises(ParameterError, match="delta"):
        private_model(people, terms=terms(delta=0.1), **{**asked, "kind": "naive_bayes"})
    assert purse.charges == []


def test_missing_values_and_classes(people, terms):
    hole = people.with_columns(x=pl.when(pl.col("x") > 1).then("x"))
    asked = {"kind": "naive_bayes", "features": [X], "target": "high"}
    with pytest.raises(SchemaError, match="missing values"):
        private_model(hole, terms=terms(), classes=["no", "yes"], **asked)
    with pytest.raises(SchemaError, match="declared classes"):
        private_model(people, terms=terms(), classes=["no", "yes", "maybe"], **asked)
    found = private_model(people, terms=terms(), classes=["no", "yes"], **asked)
    for rows in (pl.DataFrame({"z": [1]}), pl.DataFrame({"x": [1.0, None]})):
        with pytest.raises(SchemaError, match="features"):
            found.predict(rows)


def test_missing_library_costs_nothing(people, terms, purse, monkeypatch):
    monkeypatch.setitem(sys.modules, "diffprivlib.models", None)
    with pytest.raises(AccessError, match=r"research.*|scikit-learn below 1\.8"):
        private_model(people, terms=terms(), kind="k_means", features=[X], clusters=2)
    assert purse.charges == []
