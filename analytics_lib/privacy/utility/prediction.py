"""What a classifier learns from a release, measured on people it has never seen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np
import polars as pl

from analytics_lib.core.checks import require_at_least
from analytics_lib.core.errors import AccessError, ParameterError
from analytics_lib.privacy.assessment.classes import Floats
from analytics_lib.privacy.assessment.roles import require_names, require_roles
from analytics_lib.privacy.utility.coverage import (
    Hierarchy,
    label_coverage,
    require_known_labels,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DownstreamScore:
    """Area under the ROC curve on the same unseen people.

    Attributes:
        original_auc: Trained on the original, 0.5 (chance) to 1.
        released_auc: Trained on the release.
        loss: The first minus the second.
        holdout: People it was measured on.
    """

    original_auc: float
    released_auc: float
    loss: float
    holdout: int


def downstream_score(
    released: pl.DataFrame,
    *,
    original: pl.DataFrame,
    holdout: pl.DataFrame,
    features: Sequence[str],
    target: str,
    positive: Any,  # noqa: ANN401 - a value of the target
    hierarchies: Mapping[str, Hierarchy] | None = None,
    seed: int,
) -> DownstreamScore:
    """How much worse is a classifier trained on the release than one trained on the original?

    The trap: tested on released records it may even seem better, for labels are
    easier to learn than people. It is tested on original records, of people that neither
    training table holds. A category becomes one column a value, and a label gives an
    equal part to each of the values it covers, so that labels and values can be mixed; a number
    becomes the mean of the values its label covers.

    Args:
        released: One row a released record of the people in `original`, any order.
        original: One row a person to train on.
        holdout: Original records of other people.
        features: Columns to predict from.
        target: Column to predict; records without it are passed over.
        positive: The value of the target to predict.
        hierarchies: Of a recoded feature, of each value its labels from the finest to the root.
        seed: Seed of the classifier (gradient-boosted trees).

    Returns:
        Both scores and the loss; negative where the release did better, which is noise.

    Raises:
        ParameterError: A name is unknown, a label is in no hierarchy, or a table does not have
            both classes of the target.
        AccessError: scikit-learn is not installed.

    Examples:
        >>> people = pl.DataFrame({"age": [20, 60] * 50, "pays": ["no", "yes"] * 50})
        >>> score = downstream_score(
        ...     people,
        ...     original=people,
        ...     holdout=people,
        ...     features=["age"],
        ...     target="pays",
        ...     positive="yes",
        ...     seed=1,
        ... )
        >>> score.original_auc, score.loss
        (1.0, 0.0)
    """
    tables = {"released": released, "original": original, "holdout": holdout}
    require_at_least(seed, 0, name="seed")
    require_names(features, list(hierarchies or {}), name="hierarchies")
    known = {}
    for name, frame in tables.items():
        require_roles(frame.columns, quasi_identifiers=features, sensitive=[target])
        known[name] = frame.filter(pl.col(target).is_not_null())
        _require_both(known[name][target], positive, name=name)

    values = pl.concat([original.select(features), holdout.select(features)])
    coverage = {
        column: label_coverage(values[column], hierarchy=(hierarchies or {}).get(column))
        for column in features
    }
    points = {name: _points(frame, values, coverage) for name, frame in known.items()}
    hits = {name: (frame[target] == positive).to_numpy() for name, frame in known.items()}
    scores = {
        name: _auc((points[name], hits[name]), (points["holdout"], hits["holdout"]), seed)
        for name in ("original", "released")
    }
    return DownstreamScore(
        original_auc=scores["original"],
        released_auc=scores["released"],
        loss=scores["original"] - scores["released"],
        holdout=known["holdout"].height,
    )


def _require_both(target: pl.Series, positive: Any, *, name: str) -> None:  # noqa: ANN401
    hits = int((target == positive).sum())
    if not 0 < hits < target.len():
        raise ParameterError(
            f"`positive` is the target of {hits} of {target.len()} records of `{name}`; both "
            "classes must be there."
        )


def _points(
    frame: pl.DataFrame, values: pl.DataFrame, coverage: Mapping[str, Mapping[str, Sequence[Any]]]
) -> Floats:
    parts = []
    for column, covered in coverage.items():
        labels = require_known_labels(frame[column], covered)
        if values[column].dtype.is_numeric():
            means = {label: float(np.mean(found)) for label, found in covered.items()}
            parts.append(np.array([[means.get(label, np.nan)] for label in labels]))
            continue
        present = values[column].drop_nulls().unique().sort()
        place = {value: index for index, value in enumerate(present)}
        rows: dict[str | None, Floats] = {None: np.zeros(len(place))}
        for label, found in covered.items():
            rows[label] = np.zeros(len(place))
            rows[label][[place[value] for value in found]] = 1 / len(found)
        parts.append(np.array([rows[label] for label in labels]))
    return np.hstack(parts)


def _auc(train: tuple[Floats, Any], test: tuple[Floats, Any], seed: int) -> float:
    model = _sklearn("sklearn.ensemble").HistGradientBoostingClassifier(random_state=seed)
    with _sklearn("threadpoolctl").threadpool_limits(1):  # sums in one order: same bits
        chances = model.fit(*train).predict_proba(test[0])[:, 1]
    return float(_sklearn("sklearn.metrics").roc_auc_score(test[1], chances))


def _sklearn(module: str) -> Any:  # noqa: ANN401 - a module without types
    try:
        return import_module(module)
    except ImportError:
        raise AccessError(
            "The score of a classifier needs scikit-learn, which is not installed; it is part of "
            "the extra `research`: install `analytics-lib[research]`."
        ) from None
