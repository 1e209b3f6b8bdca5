"""Models under differential privacy, fitted by diffprivlib; for study, not for publication."""

import importlib
import math
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import polars as pl

from analytics_lib.core.checks import require_choice
from analytics_lib.core.errors import AccessError, ParameterError, SchemaError
from analytics_lib.privacy.differential.bounds import Bounded
from analytics_lib.privacy.differential.budget import Receipt, Terms, require_whole
from analytics_lib.privacy.differential.contributions import bounded_rows, question_of

Kind = Literal["logistic_regression", "linear_regression", "naive_bayes", "k_means"]
_CLASSIFIERS = ("logistic_regression", "naive_bayes")
_TWO = 2


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PrivateModel:
    """A fitted model that hides what any one person's rows say.

    Attributes:
        kind: What was fitted.
        model: The fitted model of diffprivlib; it knows the features scaled to 0 to 1 by their
            declared bounds.
        features: The features, in its order.
        epsilon: Privacy loss.
        delta: 0.
        mechanism: What made the noise.
        unit: What is hidden. Other than in `PrivateAnswer` the number of rows counts as known.
        rows_per_person: Rows of a person that were taken at most.
        publishable: Always False: the noise is made in floating point, whose last bits can give
            the data away, so its parameters stay inside.
        receipt: The entry in the ledger.
    """

    kind: Kind
    model: Any
    features: tuple[Bounded, ...]
    epsilon: float
    mechanism: str
    rows_per_person: int
    receipt: Receipt
    delta: float = 0.0
    unit: str = "values of a person; the number of rows counts as known"
    publishable: bool = False

    def predict(self, rows: pl.DataFrame) -> pl.Series:
        """What the model says of each row: a class, a value or the number of a cluster.

        Raises:
            SchemaError: A feature is missing, or has missing values.
        """
        absent = [part.column for part in self.features if part.column not in rows.columns]
        if absent or any(rows[part.column].null_count() for part in self.features):
            raise SchemaError(f"`rows` must have all features without gaps; not there: {absent}.")
        return pl.Series("predicted", self.model.predict(_scaled(rows, self.features)))


def private_model(
    table: Any,  # noqa: ANN401 - any supported frame
    *,
    terms: Terms,
    kind: Kind,
    features: Sequence[Bounded],
    target: Bounded | str | None = None,
    classes: Sequence[Any] | None = None,
    clusters: int | None = None,
) -> PrivateModel:
    """Which model fits, without learning any one person's rows?

    The traps: a model that is given no bounds reads them from the table and only warns; so they
    are declared here. A model's promise is about one row; a person with several gets a part of
    epsilon for each. And the noise is made in floating point: study with it, publish counts.

    Args:
        table: One row a case; any supported frame.
        terms: Privacy loss, rows a person, who asks; `delta` must be 0.
        kind: "logistic_regression", "linear_regression", "naive_bayes" or "k_means".
        features: Columns with their declared bounds; values are scaled to 0 to 1 by them.
        target: Column of classes, or the column of values with its bounds (linear regression).
        classes: Declared classes, two or more; all must occur, which the answer gives away.
        clusters: Number of clusters (k-means).

    Returns:
        The fitted model.

    Raises:
        BudgetError: The ledger has not enough left; nothing was computed.
        ParameterError: What the kind needs is not declared.
        SchemaError: A column is missing, has missing values, or other classes than declared.
        AccessError: diffprivlib is not installed, or does not run with this scikit-learn.

    References:
        Holohan N. et al. (2019), arXiv:1907.02444.
    """
    _require_declared(kind, features, target, classes, clusters, terms)
    name = target.column if isinstance(target, Bounded) else target
    others = [target.column] if isinstance(target, Bounded) else []
    question = question_of(
        table,
        terms=terms,
        by=[name] if isinstance(target, str) and name else [],
        keys={target: classes} if isinstance(target, str) and classes else None,
        values=[*(part.column for part in features), *others],
    )
    library = _diffprivlib()
    accountant = library.BudgetAccountant(epsilon=terms.epsilon, delta=0)
    share = terms.epsilon / terms.rows_per_person
    make = _maker(library, kind, features, target, clusters)
    model = make(epsilon=share, accountant=accountant)
    mechanism = f"diffprivlib {library.__version__}, floating point: not for publication"
    receipt = terms.charge(question=f"{kind} of {name or 'features'}", mechanism=mechanism)

    rows = bounded_rows(question)
    aim = None if name is None else rows[name]
    if classes is not None and aim is not None and set(aim) != set(classes):
        raise SchemaError(
            f"`{name}` has not all declared classes among the rows that were taken; a model "
            "knows only those it has seen. The charge stands."
        )
    _fit(library, model, _scaled(rows, features), aim)
    return PrivateModel(
        kind=kind,
        model=model,
        features=tuple(features),
        epsilon=terms.epsilon,
        mechanism=mechanism,
        rows_per_person=terms.rows_per_person,
        receipt=receipt,
    )


def _require_declared(
    kind: Kind,
    features: Sequence[Bounded],
    target: Bounded | str | None,
    classes: Sequence[Any] | None,
    clusters: int | None,
    terms: Terms,
) -> None:
    require_choice(kind, (*_CLASSIFIERS, "linear_regression", "k_means"), name="kind")
    if terms.delta:
        raise ParameterError(f"`delta` is {terms.delta}, but models need none; it must be 0.")
    if not features or not all(isinstance(part, Bounded) for part in features):
        raise ParameterError(
            "`features` must be one or more `Bounded` columns: bounds are declared, never read "
            "from the table."
        )
    needs = {
        "linear_regression": (isinstance(target, Bounded), "`target` as a `Bounded` column"),
        "k_means": (target is None and clusters is not None, "`clusters` and no `target`"),
    }
    met, what = needs.get(
        kind,
        (isinstance(target, str) and len(classes or ()) >= _TWO, "`target` and two `classes`"),
    )
    if not met:
        raise ParameterError(f"`kind` {kind!r} needs {what}.")
    if clusters is not None:
        require_whole(clusters, name="clusters")


def _maker(
    library: Any,  # noqa: ANN401 - a module without types
    kind: Kind,
    features: Sequence[Bounded],
    target: Bounded | str | None,
    clusters: int | None,
) -> Callable[..., Any]:
    bounds = ([0.0] * len(features), [1.0] * len(features))
    models = library.models

    def made(**given: Any) -> Any:  # noqa: ANN401
        if kind == "logistic_regression":
            return models.LogisticRegression(data_norm=math.sqrt(len(features)), **given)
        if kind == "naive_bayes":
            return models.GaussianNB(bounds=bounds, **given)
        if isinstance(target, Bounded):
            limits = (target.low, target.high)
            return models.LinearRegression(bounds_X=bounds, bounds_y=limits, **given)
        return models.KMeans(n_clusters=clusters, bounds=bounds, **given)

    return made


def _fit(library: Any, model: Any, inputs: Any, aim: pl.Series | None) -> None:  # noqa: ANN401
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", library.utils.PrivacyLeakWarning)
        model.fit(inputs, None if aim is None else aim.to_numpy())


def _scaled(rows: pl.DataFrame, features: Sequence[Bounded]) -> Any:  # noqa: ANN401
    parts = []
    for part in features:
        low, high = part.units
        parts.append(((part.in_units() - low) / (high - low)).alias(part.column))
    return rows.select(parts).to_numpy()


def _diffprivlib() -> Any:  # noqa: ANN401 - a module without types
    try:
        library = importlib.import_module("diffprivlib")
        importlib.import_module("diffprivlib.models")
    except ImportError:
        raise AccessError(
            "Models under differential privacy need `diffprivlib` and scikit-learn below 1.8; "
            "install the extra `research`: pip install 'analytics-lib[research]'."
        ) from None
    return library
