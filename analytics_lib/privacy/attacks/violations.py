"""In how many ways can a part of a class break a demand, and what would its values be then?"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, islice
from math import comb

import numpy as np
from scipy.stats import hypergeom

from analytics_lib.privacy.attacks.labels import Counts, Shares

_MOST_SETS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Demands:
    """What every class had to have.

    Attributes:
        k: Fewest rows.
        l: Fewest distinct sensitive values, if asked for.
        t: Largest distance from the distribution of the table, if asked for.
    """

    k: int
    l: int | None = None  # noqa: E741 - its name since Machanavajjhala et al.
    t: float | None = None


def expected_values(
    sizes: Counts, *, held: Counts, whole: Shares, demands: Demands
) -> tuple[float, Shares]:
    """Given that a part of a class breaks a demand, how many of each value has each part?

    Every arrangement of the values of the class over its people is equally likely beforehand. Ways
    in which several parts break a demand at once are counted for each of them.

    Args:
        sizes: People of each part.
        held: People of the class with each sensitive value.
        whole: Share of each value in the table.
        demands: What every class had to have.

    Returns:
        How likely the violations are together (a sum, so it may exceed 1), and people expected
        by part (row) and value (column); all 0 where no violation is possible.

    Examples:
        Of 4 and 6 people, 5 have a and 5 have b. One part has one value only: that must be the
        smaller one, with a or with b alike.

        >>> likely, expected = expected_values(
        ...     np.array([4, 6]),
        ...     held=np.array([5, 5]),
        ...     whole=np.array([0.5, 0.5]),
        ...     demands=Demands(k=2, l=2),
        ... )
        >>> round(likely * 210), expected.tolist()  # of the 210 ways to choose 4 of 10
        (10, [[2.0, 2.0], [3.0, 3.0]])
    """
    total = 0.0
    expected = np.zeros((len(sizes), len(held)))
    for part in range(len(sizes)):
        for likely, inside in _violations(int(sizes[part]), held, whole, demands):
            outside = (held - inside) / (held.sum() - sizes[part])
            people = sizes[:, None] * outside[None, :]
            people[part] = inside
            total += likely
            expected += likely * people
    return total, expected / total if total else expected


def _violations(
    size: int, held: Counts, whole: Shares, demands: Demands
) -> Iterator[tuple[float, Shares]]:
    """How likely each way is in which a part of a size breaks a demand, and its values then."""
    if demands.l is not None:
        yield from _too_few_values(size, held, demands.l - 1)
    if demands.t is not None:
        yield from _too_much_of_one(size, held, whole + demands.t)


def _too_few_values(size: int, held: Counts, most: int) -> Iterator[tuple[float, Shares]]:
    present = np.flatnonzero(held).tolist()
    for few in islice(combinations(present, min(most, len(present))), _MOST_SETS):
        chosen = list(few)
        together = int(held[chosen].sum())
        if together >= size:
            inside = np.zeros(len(held))
            inside[chosen] = size * held[chosen] / together
            yield comb(together, size) / comb(int(held.sum()), size), inside


def _too_much_of_one(size: int, held: Counts, limits: Shares) -> Iterator[tuple[float, Shares]]:
    rows = int(held.sum())
    for value in np.flatnonzero(held).tolist():
        have = int(held[value])
        least = int(np.floor(size * limits[value] + 1e-9)) + 1
        if least > min(size, have) or have == rows:
            continue
        likely = float(hypergeom.sf(least - 1, rows, have, size))
        if likely <= 0:
            continue
        # the mean of a hypergeometric number, given that it is at least so large
        above = float(hypergeom.sf(least - 2, rows - 1, have - 1, size - 1))
        mean = size * have / rows * above / likely
        inside = (size - mean) * held / (rows - have)
        inside[value] = mean
        yield likely, inside
