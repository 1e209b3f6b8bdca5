"""Mondrian: the table is cut in two, again and again, as long as both sides meet the demands."""

from typing import NamedTuple

import numpy as np

from analytics_lib.privacy.anonymisation.coding import CodedTable, Floats
from analytics_lib.privacy.anonymisation.criteria import Criteria
from analytics_lib.privacy.anonymisation.partition import label_losses
from analytics_lib.privacy.anonymisation.value_sets import Basis, range_losses
from analytics_lib.privacy.hierarchies.hierarchy import Codes

_EVENNESS = 1e-6


class _Cut(NamedTuple):
    gain: float
    column: int
    last: int


def mondrian(
    coded: CodedTable, criteria: Criteria, *, basis: Basis, start: Codes | None = None
) -> Codes:
    """Which cuts of the table gain most, if both sides of each must meet k, l and t?

    Every cell is cut at a value of one quasi-identifier (values under one
    label are neighbours, so a cut may follow the hierarchy): at the one where
    the loss of the column falls most, over all cuts that are allowed. Equal
    cuts are decided by evenness. Strict: equal values stay on one side.

    Args:
        coded: The table; as a whole it must meet the demands.
        criteria: The demands on each class.
        basis: Whether cells will be labelled by the hierarchy or by their values.
        start: Classes to be cut further, which must meet the demands; without them the table.

    Returns:
        The class of each row, from 0; -1 only where `start` has it.

    References:
        LeFevre et al., "Mondrian multidimensional k-anonymity", ICDE 2006.
    """
    classes = np.full(coded.rows, -1, dtype=np.int64)
    waiting = [np.arange(coded.rows)] if start is None else _members(start)
    number = 0
    while waiting:
        rows = waiting.pop()
        cut = _best_cut(coded, criteria, rows, basis)
        if cut is None:
            classes[rows] = number
            number += 1
            continue
        left = coded.codes[cut.column][rows] <= cut.last
        waiting += [rows[left], rows[~left]]
    return classes


def _members(classes: Codes) -> list[Codes]:
    """The rows of each class."""
    order = np.argsort(classes, kind="stable")
    order = order[np.searchsorted(classes[order], 0) :]
    return np.split(order, np.flatnonzero(np.diff(classes[order])) + 1)


def _best_cut(coded: CodedTable, criteria: Criteria, rows: Codes, basis: Basis) -> _Cut | None:
    if len(rows) < 2 * criteria.k:
        return None
    secrets = [codes[rows] for codes in coded.sensitive]
    best: _Cut | None = None
    for column in range(coded.width):
        cut = _best_cut_of(coded, criteria, column, coded.codes[column][rows], secrets, basis)
        if cut is not None and (best is None or cut.gain > best.gain):
            best = cut
    return best


def _best_cut_of(
    coded: CodedTable,
    criteria: Criteria,
    column: int,
    codes: Codes,
    secrets: list[Codes],
    basis: Basis,
) -> _Cut | None:
    first = int(codes.min())
    counts = np.bincount(codes - first)
    values = np.flatnonzero(counts)
    if len(values) == 1:
        return None
    left = np.cumsum(counts[values])[:-1]
    right = len(codes) - left
    allowed = np.flatnonzero((left >= criteria.k) & (right >= criteria.k))
    if len(allowed) and (criteria.l is not None or criteria.t is not None):
        allowed = allowed[_meet(coded, criteria, codes - first, values, secrets, allowed)]
    if not len(allowed):
        return None
    gain = _gains(coded, column, values + first, left, right, allowed, basis)
    gain += _EVENNESS * np.minimum(left[allowed], right[allowed]) / coded.rows
    at = int(np.argmax(gain))
    return _Cut(float(gain[at]), column, int(values[allowed[at]]) + first)


def _meet(
    coded: CodedTable,
    criteria: Criteria,
    codes: Codes,
    values: Codes,
    secrets: list[Codes],
    allowed: Codes,
) -> Codes:
    """Which of the cuts leave both sides with what l and t demand."""
    lefts, rights = [], []
    span = int(values[-1]) + 1
    for secret, size in zip(secrets, coded.sensitive_sizes, strict=True):
        table = np.bincount(secret * span + codes, minlength=size * span).reshape(size, span)
        below = np.cumsum(table[:, values], axis=1)
        lefts.append(below[:, allowed])
        rights.append(below[:, -1:] - below[:, allowed])
    met = (criteria.shortfall(lefts) == 0) & (criteria.shortfall(rights) == 0)
    return np.flatnonzero(met)


def _gains(
    coded: CodedTable,
    column: int,
    values: Codes,
    left: Codes,
    right: Codes,
    allowed: Codes,
    basis: Basis,
) -> Floats:
    """By how much the loss of the column falls with each cut."""
    whole, lower, upper = (
        _losses(coded, column, values, starts, ends, basis)
        for starts, ends in (
            (np.zeros(1, dtype=np.int64), np.array([len(values) - 1])),
            (np.zeros(len(allowed), dtype=np.int64), allowed),
            (allowed + 1, np.full(len(allowed), len(values) - 1)),
        )
    )
    rows = left[0] + right[0]
    gain: Floats = whole * rows - lower * left[allowed] - upper * right[allowed]
    return gain


def _losses(
    coded: CodedTable, column: int, values: Codes, starts: Codes, ends: Codes, basis: Basis
) -> Floats:
    """Loss of the cells that hold these runs of the values."""
    low, high = values[starts], values[ends]
    if basis == "hierarchy":
        return label_losses(coded, column, low, high)
    if coded.hierarchies[column].positions is not None:
        return range_losses(coded, column, low, high)
    share = (ends - starts + 1) / coded.spans[column]
    return np.where(ends > starts, share, 0.0)
