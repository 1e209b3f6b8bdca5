"""Population uniques where the sizes of classes, less one, are negative binomial."""

import numpy as np
from scipy.optimize import least_squares
from scipy.special import expit

from analytics_lib.privacy.assessment.classes import Floats, Integers

_STARTS = ((0.0, 0.0), (-1.0, -2.0), (-2.0, -4.0), (1.0, 2.0))
_FARTHEST = 20.0
_FITTED = 1e-6


def slide_negative_binomial(sizes: Integers, *, people: int) -> float:
    """How many people of the population are alone, if class sizes are 1 + negative binomial?

    The number of classes of the population is estimated from all sizes of the sample; then both
    parameters are those that give as many classes of one and of two records in a sample of this
    fraction as there are.

    Args:
        sizes: Records of each class of the sample, at least one of them 1.
        people: People of the population.

    Returns:
        The expected number; nan where no parameters give these classes of one and two.

    References:
        Chen G., Keller-McNulty S. (1998), J. Off. Stat. 14, 79-95 (the model); Haas P. J., Stokes
        L. (1998), J. Am. Stat. Assoc. 93, 1475-1487 (number of classes, their D_Sh3).
    """
    fraction = float(sizes.sum()) / people
    once, twice = float((sizes == 1).sum()), float((sizes == 2).sum())  # noqa: PLR2004
    classes = population_classes(sizes, fraction=fraction)
    if not twice or not np.isfinite(classes):
        return float("nan")

    def apart(point: Floats) -> Floats:
        expected = classes * seen_once_and_twice(
            float(np.exp(point[0])), float(expit(point[1])), fraction=fraction
        )
        return np.log(expected / [once, twice])

    fits = [
        least_squares(apart, start, bounds=(-_FARTHEST, _FARTHEST), xtol=1e-12, ftol=1e-12)
        for start in _STARTS
    ]
    best = min(fits, key=lambda fit: float(fit.cost))
    if best.cost > _FITTED:
        return float("nan")
    alpha, beta = float(np.exp(best.x[0])), float(expit(best.x[1]))
    return float(classes * beta**alpha)


def seen_once_and_twice(alpha: float, beta: float, *, fraction: float) -> Floats:
    """Chances that a class of the population has one, and two, records in the sample.

    Of a class 1 + X, X negative binomial (P(X = 0) = beta ** alpha), each record is drawn with
    the same chance; what is drawn of X is negative binomial too.
    """
    left = 1 - (1 - fraction) * (1 - beta)
    none = (beta / left) ** alpha
    ratio = fraction * (1 - beta) / left
    one, two = none * alpha * ratio, none * alpha * (alpha + 1) / 2 * ratio**2
    return np.array([fraction * none + (1 - fraction) * one, fraction * one + (1 - fraction) * two])


def population_classes(sizes: Integers, *, fraction: float) -> float:
    """Classes of the population, from the sizes in a random sample (Haas and Stokes, D_Sh3)."""
    size, classes = (part.astype(np.float64) for part in np.unique(sizes, return_counts=True))
    missed = 1 - fraction
    squared = fraction**2
    expected = np.sum(size * squared * (1 - squared) ** (size - 1) * classes)
    gone = np.sum(missed**size * ((1 + fraction) ** size - 1) * classes)
    factor = np.sum(missed**size * classes) / np.sum(
        size * fraction * missed ** (size - 1) * classes
    )
    alone = float((sizes == 1).sum())
    return float(len(sizes) + alone * expected / gone * factor**2)
