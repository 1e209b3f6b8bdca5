"""Joining classes that fall short of the demands to those that lose least by it."""

import heapq

import numpy as np

from analytics_lib.privacy.anonymisation.coding import CodedTable, Floats
from analytics_lib.privacy.anonymisation.criteria import Criteria
from analytics_lib.privacy.anonymisation.growing import EVERY, GrowingClasses
from analytics_lib.privacy.anonymisation.partition import Partition
from analytics_lib.privacy.hierarchies.hierarchy import Codes

_MOST_CANDIDATES = 8_000
_PROGRESS = 1e-12


def join_short_classes(
    coded: CodedTable,
    partition: Partition,
    criteria: Criteria,
    *,
    most_suppressed: int,
    rng: np.random.Generator,
) -> Partition:
    """Which classes must be joined, at what loss, so that every one meets k, l and t?

    A peel sees only k, and what is left over at its end is too uniform to
    meet l or t by itself. So the classes that fall short are taken up one by
    one, the smallest first, and each is joined to the class with which the
    loss rises least for what is mended (of equal ones, one at random). If it
    costs less to suppress them and the limit allows, they are suppressed.

    Args:
        coded: The table.
        partition: The classes; suppressed rows are taken up as classes of one.
        criteria: The demands.
        most_suppressed: Rows that may be suppressed.
        rng: Draws among equal choices; of more than 8,000 classes, those looked at.

    Returns:
        Classes that meet the demands; what could not be joined is suppressed,
        be it beyond the limit.
    """
    growing = GrowingClasses(coded, partition)
    short = criteria.shortfall(growing.counts)
    waiting = [(int(growing.sizes[i]), int(i)) for i in np.flatnonzero(short > 0)]
    heapq.heapify(waiting)
    suppressed: list[int] = []
    allowance = most_suppressed
    while waiting:
        size, number = heapq.heappop(waiting)
        if size != growing.sizes[number] or short[number] <= 0:
            continue
        other, increase, left = _best_partner(growing, criteria, short, number, rng)
        saved = size - growing.totals[number]
        if other < 0 or (size <= allowance and increase > saved):
            allowance -= size
            suppressed.append(number)
            short[number] = 0
            continue
        growing.join(number, other, increase)
        short[number], short[other] = left, 0
        if left > 0:
            heapq.heappush(waiting, (int(growing.sizes[number]), number))
    return growing.partition(suppressed)


def _best_partner(
    growing: GrowingClasses,
    criteria: Criteria,
    short: Floats,
    number: int,
    rng: np.random.Generator,
) -> tuple[int, float, float]:
    """The class to join with, by how much the loss rises, and what the two still lack."""
    among = _candidates(growing, rng)
    increases = growing.increases(number, among)
    pairs = [table[:, among] + table[:, [number]] for table in growing.counts]
    left = criteria.shortfall(pairs)
    mended = short[number] + short[among] - left
    possible = growing.sizes[among] > 0
    possible &= np.arange(len(growing.sizes))[among] != number
    if not possible.any():
        return -1, 0.0, 0.0
    price = np.where(possible, increases / np.sqrt(np.maximum(mended, _PROGRESS)), np.inf)
    cheapest = np.flatnonzero(price == price.min())
    best = int(cheapest[rng.integers(len(cheapest))]) if len(cheapest) > 1 else int(cheapest[0])
    other = best if isinstance(among, slice) else int(among[best])
    return other, float(increases[best]), float(left[best])


def _candidates(growing: GrowingClasses, rng: np.random.Generator) -> Codes | slice:
    """All classes, or a sample of them; those without rows any more are among them."""
    if len(growing.sizes) <= _MOST_CANDIDATES:
        return EVERY
    there = np.flatnonzero(growing.sizes > 0)
    return np.unique(there[rng.integers(len(there), size=_MOST_CANDIDATES)])
