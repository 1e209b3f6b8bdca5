"""Joining classes that fall short of the demands to those that lose least by it."""

import heapq

import numpy as np

from analytics_lib.privacy.anonymisation.coding import CodedTable, Floats
from analytics_lib.privacy.anonymisation.criteria import Criteria
from analytics_lib.privacy.anonymisation.growing import EVERY, GrowingClasses
from analytics_lib.privacy.anonymisation.partition import Partition
from analytics_lib.privacy.hierarchies.hierarchy import Codes

_ALL_LOOKED_AT = 8_000
_NEIGHBOURS = 40
_SAMPLE = 800
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
        rng: Draws among equal choices; of more than 8,000 classes, some of those looked at:
            then only neighbours in some column and a sample are.

    Returns:
        Classes that meet the demands; what could not be joined is suppressed,
        be it beyond the limit.
    """
    growing = GrowingClasses(coded, partition)
    short = criteria.shortfall(growing.counts)
    candidates = _Candidates(growing, rng)
    waiting = [(int(growing.sizes[i]), int(i)) for i in np.flatnonzero(short > 0)]
    heapq.heapify(waiting)
    suppressed: list[int] = []
    allowance = most_suppressed
    while waiting:
        size, number = heapq.heappop(waiting)
        if size != growing.sizes[number] or short[number] <= 0:
            continue
        other, increase, left = _best_partner(growing, criteria, short, number, candidates)
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
    candidates: "_Candidates",
) -> tuple[int, float, float]:
    """The class to join with, by how much the loss rises, and what the two still lack."""
    among = candidates.of(number)
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
    best = candidates.one_of(cheapest)
    other = best if isinstance(among, slice) else int(among[best])
    return other, float(increases[best]), float(left[best])


class _Candidates:
    """The classes that one may be joined with; some may have been joined already."""

    def __init__(self, growing: GrowingClasses, rng: np.random.Generator) -> None:
        self._growing = growing
        self._rng = rng
        self._orders: list[Codes] = []
        if len(growing.sizes) > _ALL_LOOKED_AT:
            low = growing.low
            self._orders = [np.lexsort(np.roll(low, -1 - i, axis=0)) for i in range(len(low))]
        self._places = [np.argsort(order) for order in self._orders]

    def of(self, number: int) -> Codes | slice:
        """All of them, or the neighbours by each column in turn and a sample."""
        if not self._orders:
            return EVERY
        there = np.flatnonzero(self._growing.sizes > 0)
        sample = there[self._rng.integers(len(there), size=_SAMPLE)]
        near = [
            order[max(place[number] - _NEIGHBOURS, 0) : place[number] + _NEIGHBOURS]
            for order, place in zip(self._orders, self._places, strict=True)
        ]
        return np.unique(np.concatenate([sample, *near]))

    def one_of(self, places: Codes) -> int:
        """One of equal choices, at random."""
        return int(places[self._rng.integers(len(places))] if len(places) > 1 else places[0])
