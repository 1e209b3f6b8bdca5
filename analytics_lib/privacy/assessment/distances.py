"""Earth mover's distances between each class and the table, in exact whole numbers.

A share of a class minus a share of the table is `(count * records - total * size) / (size *
records)`: everything is summed above the line and divided once, so that no rounding adds up.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import polars as pl

from analytics_lib.core.errors import ParameterError
from analytics_lib.privacy.assessment.classes import Floats, Integers, SensitiveCounts

Order = Sequence[Any] | Literal["natural"]
Hierarchy = Mapping[Any, Sequence[Any]]
_LARGEST = 2**62
_NaturalOrder = (pl.Date, pl.Datetime, pl.Time, pl.Duration, pl.Boolean)


def equal_distances(counts: SensitiveCounts) -> Floats:
    """Half the sum of the absolute differences of all shares, for each class."""
    expected = counts.totals[counts.code] * counts.sizes[counts.class_id]
    gains = np.maximum(counts.count * counts.records - expected, 0)
    return _sums(counts.class_id, gains, len(counts.sizes)) / (counts.sizes * counts.records)


def ordered_distances(counts: SensitiveCounts, *, order: Order) -> Floats:
    """Mean absolute difference of the cumulative shares over all steps, for each class.

    Only cells that occur are visited: between two of them the cumulative share
    of the class stands still while the one of the table rises, so each stretch is a
    sum known beforehand, divided where the two cross.

    Raises:
        ParameterError: `order` lacks a value or has one twice; text, or a missing value, has no
            natural order.
    """
    places, totals = _natural(counts) if isinstance(order, str) else _ordered(counts, order)
    steps = len(totals) - 1
    if steps == 0:
        return np.zeros(len(counts.sizes))
    exact = (steps + 1) * counts.records**2 < _LARGEST
    table: npt.NDArray[Any] = np.cumsum(totals).astype(np.int64 if exact else np.float64)
    areas = np.r_[0, np.cumsum(table)]  # sum of `table` before each place

    place = places[counts.code]
    by_class = np.lexsort((place, counts.class_id))
    class_id, place = counts.class_id[by_class], place[by_class]
    begin = np.flatnonzero(np.r_[True, class_id[1:] != class_id[:-1]])
    reached = _running(counts.count[by_class], begin).astype(table.dtype) * counts.records
    end = np.r_[place[1:], steps]
    end[begin[1:] - 1] = steps

    size = counts.sizes[class_id].astype(table.dtype)
    crossing = np.clip(np.searchsorted(table, -(-reached // size)), place, end)
    above = reached * (crossing - place) - size * (areas[crossing] - areas[place])
    below = size * (areas[end] - areas[crossing]) - reached * (end - crossing)
    lead = (size * areas[place])[begin]  # before its first value the class has nothing
    summed = np.add.reduceat(above + below, begin) + lead
    distances = np.empty(len(counts.sizes))
    distances[class_id[begin]] = summed / (size[begin] * counts.records) / steps
    return distances


def hierarchical_distances(counts: SensitiveCounts, *, hierarchy: Hierarchy) -> Floats:
    """Cost of moving shares up and down the tree of labels, for each class.

    At each label what its children have too much meets what they lack; the
    lesser of the two moves through it, at the height of the label. A label
    that a class does not hold has nothing to give, so only those it holds are
    visited.

    Raises:
        ParameterError: `hierarchy` lacks a value, is uneven, has no single root, or a label has
            two parents.
    """
    levels = _levels(counts, hierarchy)
    class_id, node, held, totals = counts.class_id, counts.code, counts.count, counts.totals
    cost = np.zeros(len(counts.sizes), dtype=np.int64)
    for height, parent in enumerate(levels, start=1):
        expected = totals[node] * counts.sizes[class_id]
        surplus = np.maximum(held * counts.records - expected, 0)
        merged = (
            pl.DataFrame(
                {"class_id": class_id, "node": parent[node], "held": held, "surplus": surplus}
            )
            .group_by("class_id", "node")
            .sum()
        )
        class_id, node, held, surplus = (merged[name].to_numpy() for name in merged.columns)
        totals = _sums(parent, totals, int(parent.max()) + 1)
        own = held * counts.records - totals[node] * counts.sizes[class_id]
        moved = np.minimum(surplus, surplus - own)
        cost += height * _sums(class_id, moved, len(cost))
    return cost / (counts.sizes * counts.records) / len(levels)


def _natural(counts: SensitiveCounts) -> tuple[Integers, Integers]:
    dtype = counts.values.dtype
    if not (dtype.is_numeric() or dtype in _NaturalOrder):
        raise ParameterError(
            f"`order` is 'natural', but `{counts.column}` is {dtype}, which has no natural order; "
            "name its values from lowest to highest."
        )
    if counts.values.has_nulls():
        raise ParameterError(
            f"`order` is 'natural', but `{counts.column}` has missing values, which have no "
            "natural place; name all values in order, None among them."
        )
    return np.arange(len(counts.values)), counts.totals


def _ordered(counts: SensitiveCounts, order: Sequence[Any]) -> tuple[Integers, Integers]:
    place_of = {value: place for place, value in enumerate(order)}
    if len(place_of) < len(order):
        raise ParameterError("`order` names a value more than once; each must be there once.")
    _require_values(counts, place_of, name="order")
    places = np.array([place_of[value] for value in counts.values], dtype=np.int64)
    totals = np.zeros(len(order), dtype=np.int64)
    totals[places] = counts.totals
    return places, totals


def _levels(counts: SensitiveCounts, hierarchy: Hierarchy) -> list[Integers]:
    """Of each level the parent of each node, nodes numbered by their order of appearance."""
    _require_values(counts, hierarchy, name="hierarchy")
    paths = [tuple(hierarchy[value]) for value in counts.values]
    if len({len(path) for path in paths}) > 1 or not paths[0]:
        raise ParameterError("`hierarchy` must give every value equally many labels, one or more.")
    if len({path[-1] for path in paths}) > 1:
        raise ParameterError(
            "`hierarchy` must end in one root, the same last label for all values."
        )
    levels = []
    below: list[Any] = list(range(len(paths)))
    for level in range(len(paths[0])):
        labels = [path[level] for path in paths]
        parent_of = dict(zip(below, labels, strict=True))
        if any(parent_of[child] != label for child, label in zip(below, labels, strict=True)):
            raise ParameterError(
                f"`hierarchy` has a label of level {level} with two parents; it must be a tree."
            )
        number = {label: place for place, label in enumerate(dict.fromkeys(labels))}
        levels.append(np.array([number[label] for label in parent_of.values()], dtype=np.int64))
        below = labels
    return levels


def _require_values(counts: SensitiveCounts, known: Mapping[Any, Any], *, name: str) -> None:
    lacking = sum(value not in known for value in counts.values)
    if lacking:
        raise ParameterError(
            f"`{name}` lacks {lacking} of the {len(counts.values)} values of `{counts.column}`; "
            "it must have all of them."
        )


def _running(count: Integers, begin: Integers) -> Integers:
    """Running sum that starts anew at each of `begin`."""
    running = np.cumsum(count)
    before = np.r_[0, running[begin[1:] - 1]]
    lengths = np.diff(np.r_[begin, len(running)])
    return np.asarray(running - np.repeat(before, lengths), dtype=np.int64)


def _sums(group: Integers, numbers: Integers, groups: int) -> Integers:
    """Exact sum of whole numbers by group (`bincount` would add them up as floats)."""
    sums = np.zeros(groups, dtype=np.int64)
    np.add.at(sums, group, numbers)
    return sums
