"""Who is alone: in the table, and by estimate in the population it was drawn from."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit, gammaln

from analytics_lib.core.checks import require_choice
from analytics_lib.core.errors import ParameterError
from analytics_lib.privacy.assessment.classes import (
    EquivalenceClasses,
    Floats,
    Integers,
    equivalence_classes,
)
from analytics_lib.privacy.assessment.slide_negative_binomial import slide_negative_binomial

Estimator = Literal["pitman", "zayatz", "snb"]
_LIMIT = 1 - 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Uniqueness:
    """How many records are alone in their class.

    Attributes:
        records: Records of the table.
        sample_uniques: Records alone in the table.
        sample_share: The same as a share of the records, 0 to 1.
        population_size: People of the population; 0 where it was not given.
        estimator: How `population_uniques` was estimated.
        population_uniques: Estimated number of people alone in the population; `nan` where
            there is no estimate.
        population_share: The same as a share of the population, 0 to 1.
        unique_if_sample_unique: Estimated probability that a record alone in the table is alone in
            the population too.
    """

    records: int
    sample_uniques: int
    sample_share: float
    population_size: int
    estimator: Estimator
    population_uniques: float
    population_share: float
    unique_if_sample_unique: float


def assess_uniqueness(
    table: Any,  # noqa: ANN401 - any supported frame
    *,
    quasi_identifiers: Sequence[str],
    population_size: int | None = None,
    estimator: Estimator = "pitman",
) -> Uniqueness:
    """How many people are alone, in the table and in the population?

    The trap: being alone in a sample of 1 % says little, being alone in a sample
    of 50 % says nearly everything, and a model stands between the two. Pitman's
    assumes that classes arise as in his sampling formula and is the better one below
    a sampling fraction of about 10 %; Zayatz takes the sizes in the sample for the
    sizes in the population and so errs towards too many uniques in small
    samples. SNB (slide negative binomial) takes class sizes to be 1 + negative binomial; it needs
    the number of classes of the population, whose estimate is good from about 30 % on and much
    too large in small samples. None sees how the sample was drawn: it must be a simple random
    one. And each is one number from one sample: of the Adult census, 14,021 of whose 30,162 people
    are alone, Pitman says 12,100 to 14,700 from samples of 10 %, but 4,200 to 19,700 from samples
    of 1 %; SNB says 13,900 to 14,500 from 30 %, but 17,700 to 18,200 from 10 %. Take the larger
    where the decision matters.

    Args:
        table: One row a person; any supported frame.
        quasi_identifiers: Columns that an attacker may know; a missing value is a value.
        population_size: People of the population the table is a random sample of.
        estimator: `"pitman"`, `"zayatz"` or `"snb"`.

    Returns:
        Counts of the table, and the estimate; without `population_size` it is `nan`, and
        likewise where every record, or none, is alone and nothing can be estimated, and for SNB
        where no class has two records or its parameters fit no sample like this.

    Raises:
        ParameterError: A name or the estimator is unknown, or the population is smaller than the
            table.
        SchemaError: The table is empty or of an unknown library.

    Examples:
        >>> import polars as pl
        >>> people = pl.DataFrame({"age": [30, 30, 41, 57]})
        >>> found = assess_uniqueness(people, quasi_identifiers=["age"], population_size=4)
        >>> found.sample_uniques, found.population_uniques  # the table is the population
        (2, 2.0)

    References:
        Hoshino N. (2001), J. Off. Stat. 17, 499-520 (Pitman); Zayatz L. (1991), Estimation of the
        percent of unique population elements, US Bureau of the Census; Chen G., Keller-McNulty S.
        (1998), J. Off. Stat. 14, 79-95 (SNB); Dankar F. K. et al.
        (2012), BMC Med. Inform. Decis. Mak. 12, 66 (which to choose).
    """
    classes = equivalence_classes(table, quasi_identifiers=quasi_identifiers)
    return uniqueness(classes, population_size=population_size, estimator=estimator)


def uniqueness(
    classes: EquivalenceClasses,
    *,
    population_size: int | None = None,
    estimator: Estimator = "pitman",
) -> Uniqueness:
    """Uniqueness of classes already counted; see `assess_uniqueness`."""
    require_choice(estimator, get_args(Estimator), name="estimator")
    records = classes.records
    if population_size is not None and population_size < records:
        raise ParameterError(
            f"`population_size` is {population_size}, but the table has {records} records; the "
            "population must hold them."
        )

    alone = int((classes.sizes == 1).sum())
    estimated = _population_uniques(classes.sizes, population_size, estimator)
    people = population_size or 0
    chance = estimated * records / people / alone if people and alone else np.nan
    return Uniqueness(
        records=records,
        sample_uniques=alone,
        sample_share=alone / records,
        population_size=people,
        estimator=estimator,
        population_uniques=estimated,
        population_share=estimated / people if people else np.nan,
        unique_if_sample_unique=min(chance, 1.0),
    )


def _population_uniques(sizes: Integers, people: int | None, estimator: Estimator) -> float:
    records, alone = int(sizes.sum()), int((sizes == 1).sum())
    if people is None:
        return float("nan")
    if people == records:
        return float(alone)
    if alone in {0, records}:
        return float("nan")
    estimate = _ESTIMATES[estimator](sizes, people)
    return float(np.minimum(estimate, people))


def _zayatz(sizes: Integers, people: int) -> float:
    """Sample sizes of classes stand for those of the population; Bayes' rule gives the rest."""
    records = int(sizes.sum())
    size, classes = np.unique(sizes, return_counts=True)
    once = np.exp(
        np.log(size)
        + _log_choose(people - size, records - 1)
        - _log_choose(np.float64(people), records)
    )  # chance that a class of that size in the population has one record in the sample
    alone = float(classes[0])  # the smallest size is 1 where anybody is alone
    share = alone * once[0] / float(np.sum(classes * once))
    return float(share * alone * people / records)


def _pitman(sizes: Integers, people: int) -> float:
    """Expected uniques among `people` under Pitman's formula, fitted by maximum likelihood."""
    records = int(sizes.sum())
    size, classes = np.unique(sizes, return_counts=True)

    def loss(point: Floats) -> float:
        alpha, theta = float(expit(point[0])) * _LIMIT, float(np.exp(point[1]))
        new = gammaln(theta / alpha + len(sizes)) - gammaln(theta / alpha + 1)
        new += (len(sizes) - 1) * np.log(alpha)
        grown = np.sum(classes * (gammaln(size - alpha) - gammaln(1 - alpha)))
        return -float(new + grown - gammaln(theta + records) + gammaln(theta + 1))

    fits = [
        minimize(loss, start, method="Nelder-Mead", options={"maxiter": 4000, "fatol": 1e-10})
        for start in ((0.0, np.log(len(sizes))), (-3.0, np.log(len(sizes))), (1.0, 0.0))
    ]
    best = min(fits, key=lambda fit: float(fit.fun))
    alpha, theta = float(expit(best.x[0])) * _LIMIT, float(np.exp(best.x[1]))
    log_share = gammaln(theta + alpha + people - 1) - gammaln(theta + alpha)
    log_share += gammaln(theta + 1) - gammaln(theta + people)
    return float(people * np.exp(log_share))


def _snb(sizes: Integers, people: int) -> float:
    return slide_negative_binomial(sizes, people=people)


_ESTIMATES: dict[Estimator, Callable[[Integers, int], float]] = {
    "pitman": _pitman,
    "zayatz": _zayatz,
    "snb": _snb,
}


def _log_choose(total: Any, taken: int) -> Any:  # noqa: ANN401 - numbers or arrays
    with np.errstate(invalid="ignore"):
        logs = gammaln(total + 1) - gammaln(taken + 1) - gammaln(total - taken + 1)
    return np.where(total >= taken, logs, -np.inf)
