"""Noise on whole numbers, drawn by OpenDP from the system's own randomness; it has no seed.

Floating-point noise gives values away by their last bits, so none is made here.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from analytics_lib.core.errors import AccessError

CONFIDENCE = 0.95


def opendp() -> ModuleType:
    """OpenDP, once it is needed.

    Raises:
        AccessError: It is not installed.
    """
    try:
        import opendp.prelude as dp  # noqa: PLC0415 - an extra
    except ImportError:
        raise AccessError(
            "Differential privacy needs `opendp`, which is not installed; install the extra "
            "`research`: pip install 'analytics-lib[research]'."
        ) from None
    dp.enable_features("contrib")
    return dp


@dataclass(frozen=True, slots=True, kw_only=True)
class IntegerLaplace:
    """Discrete Laplace noise for a list of whole numbers; made by `integer_laplace`.

    Attributes:
        scale: Its scale; the standard deviation is about 1.4 times as much.
        measurement: OpenDP's measurement.
    """

    scale: float
    measurement: Any

    def release(self, values: Sequence[int]) -> list[int]:
        """The numbers with noise."""
        return [int(value) for value in self.measurement([int(value) for value in values])]

    def half_width(self, *, confidence: float = CONFIDENCE) -> int:
        """Least whole number that the noise of one number exceeds with a chance of 1 - confidence.

        The chance of noise of `n` or more either way is `2 r^n / (1 + r)`, r = exp(-1/scale).
        """
        log_r = -1 / self.scale
        tail = (1 - confidence) * (1 + math.exp(log_r)) / 2
        return max(0, math.ceil(math.log(tail) / log_r - 1e-12) - 1)


def integer_laplace(*, sensitivity: int, epsilon: float) -> IntegerLaplace:
    """Noise that hides a change of all numbers together by at most `sensitivity`.

    OpenDP itself must agree that the loss is at most `epsilon`, rounding errors included.

    Raises:
        AccessError: OpenDP is not installed.

    Examples:
        >>> found = integer_laplace(sensitivity=1, epsilon=1.0)
        >>> found.half_width(), len(found.release([3, 5]))
        (3, 2)

    References:
        Canonne C., Kamath G., Steinke T. (2020), NeurIPS 33, 15676-15688.
    """
    dp = opendp()
    space = dp.vector_domain(dp.atom_domain(T="i64")), dp.l1_distance(T="i64")
    scale = sensitivity / epsilon
    made = dp.m.make_laplace(*space, scale=scale)
    while made.map(sensitivity) > epsilon:
        scale *= 1 + 2**-50
        made = dp.m.make_laplace(*space, scale=scale)
    return IntegerLaplace(scale=scale, measurement=made)


@dataclass(frozen=True, slots=True, kw_only=True)
class ThresholdLaplace:
    """Noise for counts whose keys are not known beforehand; made by `threshold_laplace`.

    Attributes:
        scale: Scale of the noise.
        threshold: Only noisy counts above are released, and their keys.
        measurement: OpenDP's measurement.
    """

    scale: float
    threshold: int
    measurement: Any

    def release(self, counts: Mapping[str, int]) -> dict[str, int]:
        """The counts above the threshold, with noise, sorted by key.

        OpenDP 0.16.0 also releases counts at the threshold, which its delta does not include;
        they are left out here.
        """
        found = sorted(self.measurement(dict(counts)).items())
        return {key: count for key, count in found if count > self.threshold}


def threshold_laplace(
    *, rows: int, rows_in_group: int, epsilon: float, delta: float
) -> ThresholdLaplace:
    """Noise and the threshold below which a group may exist because of one person.

    Args:
        rows: By how much one person may change all groups together, and how many of them.
        rows_in_group: By how much they may change each.
        epsilon: Privacy loss.
        delta: Chance that a group shows that exists because of one person.

    Raises:
        AccessError: OpenDP is not installed.

    References:
        Rogers R. (2023), arXiv:2309.09170. The count at the threshold: opendp/opendp#2922.
    """
    dp = opendp()
    scale = integer_laplace(sensitivity=rows, epsilon=epsilon).scale
    space = (
        dp.map_domain(dp.atom_domain(T=str), dp.atom_domain(T="i64")),
        dp.l01inf_distance(dp.absolute_distance(T="i64")),
    )
    reach = (rows, rows, rows_in_group)
    threshold = rows_in_group + max(1, math.ceil(scale * math.log(rows / (2 * delta))))
    while True:
        made = dp.m.make_laplace_threshold(*space, scale=scale, threshold=threshold)
        loss = made.map(reach)
        if loss[0] <= epsilon and loss[1] <= delta:
            return ThresholdLaplace(scale=scale, threshold=threshold, measurement=made)
        threshold += 1


@dataclass(frozen=True, slots=True, kw_only=True)
class NoisyChoice:
    """Chooses the candidate with nearly the least score; made by `noisy_choice`.

    Attributes:
        scale: Scale of the noise on the scores.
        measurement: OpenDP's measurement.
    """

    scale: float
    measurement: Any

    def choose(self, scores: Sequence[int]) -> int:
        """Place of the chosen candidate."""
        return int(self.measurement([int(score) for score in scores]))

    def excess(self, *, candidates: int, confidence: float = CONFIDENCE) -> float:
        """By how much the chosen score exceeds the least one at most, with that confidence."""
        return self.scale * math.log(candidates / (1 - confidence))


def noisy_choice(*, sensitivity: int, epsilon: float) -> NoisyChoice:
    """A choice by scores of which each changes by at most `sensitivity`.

    Raises:
        AccessError: OpenDP is not installed.

    References:
        McKenna R., Sheldon D. (2020), NeurIPS 33, 193-203 (permute and flip).
    """
    dp = opendp()
    space = dp.vector_domain(dp.atom_domain(T="i64")), dp.linf_distance(T="i64")
    scale = 2 * sensitivity / epsilon
    made = dp.m.make_noisy_max(*space, dp.max_divergence(), scale=scale, negate=True)
    while made.map(sensitivity) > epsilon:
        scale *= 1 + 2**-50
        made = dp.m.make_noisy_max(*space, dp.max_divergence(), scale=scale, negate=True)
    return NoisyChoice(scale=scale, measurement=made)
