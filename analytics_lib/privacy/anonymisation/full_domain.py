"""Optimal full-domain generalisation: one level a column, proven to be the best one."""

import itertools
import math
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from analytics_lib.core.checks import require_choice
from analytics_lib.core.errors import ParameterError
from analytics_lib.privacy.anonymisation.coding import CodedTable, Floats, mixed_keys
from analytics_lib.privacy.anonymisation.criteria import Criteria, class_counts
from analytics_lib.privacy.anonymisation.objectives import OBJECTIVES, ObjectiveName
from analytics_lib.privacy.hierarchies.hierarchy import Codes

_MOST_NODES = 2_000_000
_SLACK = 1e-12
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class FullDomain:
    """The best generalisation that gives every column one level, and how it was found.

    Attributes:
        levels: Level of each quasi-identifier, in their order.
        loss: Loss of the whole table under the objective, suppressed rows included.
        suppressed: Rows whose class does not meet the demands.
        nodes: Generalisations there are.
        checked: Those whose classes were counted.
        pruned: Those ruled out by a bound or by a checked one above them.
        optimal: Whether every node was checked or ruled out.
    """

    levels: tuple[int, ...]
    loss: float
    suppressed: int
    nodes: int
    checked: int
    pruned: int
    optimal: bool


@dataclass(slots=True, kw_only=True)
class _Search:
    """The lattice: what is still open, and the least each node can lose."""

    levels: Codes
    plain: Floats
    bound: Floats
    per_suppressed: Floats
    open: Flags
    fits: Flags
    checked: int = 0
    best: float = math.inf
    best_node: int = -1
    best_suppressed: int = 0
    strides: Codes = field(default_factory=lambda: np.zeros(0, dtype=np.int64))


def find_full_domain(
    coded: CodedTable,
    criteria: Criteria,
    *,
    suppression_limit: float,
    objective: ObjectiveName = "ncp",
    most_checks: int | None = None,
) -> FullDomain:
    """Which level of each column loses least, with every class meeting the demands?

    With suppression the loss does not grow from node to node, so the usual
    rule (what is above a good node is worse) would cut off the optimum. Two
    bounds hold all the same. Without its suppressed rows no node loses less
    than the sum over its columns. And a row suppressed for k or l at a node
    is suppressed at every node below it, so a node suppresses at least as
    many rows as any above it. For t this is not so: there k and l alone bound.

    Args:
        coded: The table.
        criteria: The demands on each class.
        suppression_limit: Largest share of rows that may be suppressed.
        objective: "ncp", or ARX's non-uniform entropy: "entropy" does not count suppressed
            rows, "entropy_with_suppression" does.
        most_checks: Stop after so many checks, with the best so far and without proof.

    Raises:
        ParameterError: The lattice has more than 2,000,000 nodes, no node is within the
            limit, or there is no such objective.
    """
    require_choice(objective, list(OBJECTIVES), name="objective")
    counter = _Counter(coded, criteria, objective)
    search = _new_search(coded, counter)
    most = math.floor(suppression_limit * coded.rows + _SLACK)
    while most_checks is None or search.checked < most_checks:
        node = _most_promising(search)
        if node is None:
            break
        _examine(search, counter, node, most)
    if search.best_node < 0:
        raise ParameterError(
            f"`suppression_limit` is {suppression_limit}; no generalisation meets the demands "
            "with so few rows suppressed."
        )
    return FullDomain(
        levels=tuple(int(level) for level in search.levels[search.best_node]),
        loss=search.best,
        suppressed=search.best_suppressed,
        nodes=len(search.levels),
        checked=search.checked,
        pruned=len(search.levels) - search.checked - int(search.open.sum()),
        optimal=not search.open.any(),
    )


def full_domain_classes(coded: CodedTable, criteria: Criteria, levels: tuple[int, ...]) -> Codes:
    """The class of each row at the given levels; -1 where its class does not meet the demands."""
    columns = [
        hierarchy.codes[level][codes]
        for hierarchy, codes, level in zip(coded.hierarchies, coded.codes, levels, strict=True)
    ]
    keys = mixed_keys(columns, [coded.sizes(i)[level] for i, level in enumerate(levels)])
    _, classes, sizes = np.unique(keys, return_inverse=True, return_counts=True)
    counts = class_counts(coded.sensitive, coded.sensitive_sizes, classes, len(sizes))
    met = criteria.shortfall(counts) == 0
    numbers = np.where(met, np.cumsum(met) - 1, -1)
    return numbers[classes]


class _Counter:
    """Counts the classes of one node over the distinct rows of the table."""

    def __init__(self, coded: CodedTable, criteria: Criteria, objective: ObjectiveName) -> None:
        columns = [*coded.codes, *coded.sensitive]
        widths = [coded.sizes(i)[0] for i in range(coded.width)]
        keys = mixed_keys(columns, [*widths, *coded.sensitive_sizes])
        _, rows, self.weights = np.unique(keys, return_index=True, return_counts=True)
        self.coded = coded
        self.criteria = criteria
        self.lasting = criteria.for_suppression()
        self.objective = OBJECTIVES[objective](coded, rows)
        self.sensitive = [codes[rows] for codes in coded.sensitive]
        self.labels = [
            [of_value[codes[rows]] for of_value in hierarchy.codes]
            for hierarchy, codes in zip(coded.hierarchies, coded.codes, strict=True)
        ]

    def suppressed(self, levels: Codes) -> tuple[int, Codes, int]:
        """Rows that a node suppresses for k and l; the distinct rows it suppresses, and rows."""
        columns = [labels[level] for labels, level in zip(self.labels, levels, strict=True)]
        sizes = [self.coded.sizes(column)[level] for column, level in enumerate(levels)]
        classes, number = _numbered(mixed_keys(columns, sizes), math.prod(sizes))
        counts = class_counts(
            self.sensitive, self.coded.sensitive_sizes, classes, number, self.weights
        )
        rows = counts[0].sum(axis=0)
        fails = self.criteria.shortfall(counts) > 0
        lasting = fails if self.criteria.t is None else self.lasting.shortfall(counts) > 0
        gone = np.flatnonzero(fails[classes])
        return int(rows[lasting].sum()), gone, int(rows[fails].sum())


def _numbered(keys: Codes, reach: int) -> tuple[Codes, int]:
    """Classes numbered from 0; numbers without a row are harmless where there are few."""
    if reach <= len(keys):
        return keys, reach
    distinct, classes = np.unique(keys, return_inverse=True)
    return classes, len(distinct)


def _new_search(coded: CodedTable, counter: _Counter) -> _Search:
    shape = [height + 1 for height in coded.heights()]
    if math.prod(shape) > _MOST_NODES:
        raise ParameterError(
            f"There are {math.prod(shape)} combinations of levels; the search for the best takes "
            f"at most {_MOST_NODES}. Use local recoding, or hierarchies of fewer levels."
        )
    levels = np.array(list(itertools.product(*(range(size) for size in shape))), dtype=np.int64)
    plain = _added_up(counter.objective.column_losses(), levels)
    return _Search(
        levels=levels,
        plain=plain,
        bound=plain.copy(),
        per_suppressed=_added_up(counter.objective.least_per_suppressed(), levels),
        open=np.ones(len(levels), dtype=np.bool_),
        fits=np.zeros(len(levels), dtype=np.bool_),
        strides=np.array([math.prod(shape[i + 1 :]) for i in range(len(shape))]),
    )


def _added_up(by_column: list[Floats], levels: Codes) -> Floats:
    total = np.zeros(len(levels))
    for column, losses in enumerate(by_column):
        total += losses[levels[:, column]]
    return total


def _most_promising(search: _Search) -> int | None:
    if not search.open.any():
        return None
    return int(np.argmin(np.where(search.open, search.bound, np.inf)))


def _examine(search: _Search, counter: _Counter, node: int, most: int) -> None:
    """Check nodes on a way up from this one, halving it, until it is checked or ruled out."""
    way = _way_up(search, node)
    while search.open[node]:
        middle = way[len(way) // 2]
        _check(search, counter, middle, most)
        way = way[: len(way) // 2] or [node]


def _way_up(search: _Search, node: int) -> list[int]:
    """Nodes from this one upwards, by the cheapest step each, as long as they may not fit."""
    top = search.levels[-1]
    way = [node]
    while True:
        at = way[-1]
        steps = [at + int(search.strides[i]) for i in np.flatnonzero(search.levels[at] < top)]
        steps = [step for step in steps if search.open[step] and not search.fits[step]]
        if not steps:
            return way
        way.append(min(steps, key=lambda step: float(search.plain[step])))


def _check(search: _Search, counter: _Counter, node: int, most: int) -> None:
    levels = search.levels[node]
    least, gone, suppressed = counter.suppressed(levels)
    search.checked += 1
    search.open[node] = False
    below = (search.levels <= levels).all(axis=1)
    if least > most:
        search.open[below] = False
        return
    search.fits |= (search.levels >= levels).all(axis=1)
    raised = search.plain[below] + least * search.per_suppressed[below]
    search.bound[below] = np.maximum(search.bound[below], raised)
    if suppressed <= most:
        added = counter.objective.added(levels, gone, counter.weights[gone])
        loss = float(search.plain[node]) + added
        if loss < search.best:
            search.best, search.best_node, search.best_suppressed = loss, node, suppressed
    search.open &= search.bound < search.best - _SLACK
