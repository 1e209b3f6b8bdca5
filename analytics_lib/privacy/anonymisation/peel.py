"""Lattice peel: local recoding that takes the finest classes off first."""

import itertools
import math

import numpy as np

from analytics_lib.privacy.anonymisation.coding import CodedTable, mixed_keys
from analytics_lib.privacy.hierarchies.hierarchy import Codes

_MOST_NODES = 100_000
_WORK = 150_000_000
_SHRINKAGE = 8  # rows leave as the visits go on: their mean number is a fraction of that at first


def peel(coded: CodedTable, k: int, *, work: int = _WORK) -> Codes:
    """Which rows form classes of at least k, each at the lowest loss that still gives one?

    The generalisations are visited by rising average loss. Whatever rows
    share their labels with k - 1 others there become a class and leave; the
    next generalisation sees the rest. So a rare row does not coarsen the
    common ones, as it does when every column has one level.

    On tables of millions of rows, where a visit is dear, generalisations
    are skipped evenly, fewer and fewer as rows leave.

    Args:
        coded: The table.
        k: Fewest rows of a class, at least 2.
        work: Rows looked at, over all visits, before generalisations are skipped.

    Returns:
        The class of each row, from 0; -1 for fewer than k rows that are left.
    """
    classes = np.full(coded.rows, -1, dtype=np.int64)
    live = np.arange(coded.rows)
    columns = list(coded.codes)
    nodes = _by_loss(coded)
    number, at = 0, 0
    while at < len(nodes) and len(live) >= k:
        keys = _keys(coded, columns, nodes[at])
        common = _repeated(keys, k)
        if len(common):
            places = np.searchsorted(common, keys)
            found = common[np.minimum(places, len(common) - 1)] == keys
            classes[live[found]] = number + places[found]
            number += len(common)
            live = live[~found]
            columns = [codes[~found] for codes in columns]
        work -= len(keys)
        at = _next(at, len(nodes), len(live), work)
    return classes


def _by_loss(coded: CodedTable) -> Codes:
    """The levels of each generalisation, those first that lose least on average."""
    levels = thinned([list(range(height + 1)) for height in coded.heights()])
    nodes = np.array(list(itertools.product(*levels)), dtype=np.int64)
    average = np.zeros(len(nodes))
    for column, (hierarchy, codes) in enumerate(zip(coded.hierarchies, coded.codes, strict=True)):
        counts = np.bincount(codes, minlength=len(hierarchy.values))
        means = np.array(
            [
                np.sum(counts * losses[of_value])
                for losses, of_value in zip(coded.losses[column], hierarchy.codes, strict=True)
            ]
        )
        average += means[nodes[:, column]]
    return nodes[np.argsort(average, kind="stable")]


def thinned(levels: list[list[int]]) -> list[list[int]]:
    """Levels left out, one at a time where there are most, until the lattice is small enough.

    The highest level of each column stays, and the lowest as long as it can. What is left
    out only coarsens which rows are seen together: their labels are the lowest all the same.
    """
    while math.prod(len(column) for column in levels) > _MOST_NODES:
        longest = max(levels, key=len)
        if len(longest) == 2:  # noqa: PLR2004 - lowest and highest
            longest.pop(0)
        else:
            longest.pop(len(longest) // 2)
    return levels


def _keys(coded: CodedTable, columns: list[Codes], node: Codes) -> Codes:
    used = [column for column, level in enumerate(node) if level < coded.hierarchies[column].height]
    if not used:
        return np.zeros(len(columns[0]), dtype=np.int64)
    labels = [coded.hierarchies[column].codes[node[column]][columns[column]] for column in used]
    return mixed_keys(labels, [coded.sizes(column)[node[column]] for column in used])


def _repeated(keys: Codes, k: int) -> Codes:
    """The keys that at least k rows have, sorted."""
    ordered = np.sort(keys)
    return np.unique(ordered[k - 1 :][ordered[k - 1 :] == ordered[: len(ordered) - k + 1]])


def _next(at: int, nodes: int, rows: int, work: int) -> int:
    """The next visit: the last always, the others as the work left allows."""
    if at >= nodes - 1:
        return nodes
    cost = (nodes - at) * rows // _SHRINKAGE
    stride = 1 if cost <= work else math.ceil(cost / max(work, rows, 1))
    return min(at + stride, nodes - 1)
