"""What a full-domain generalisation loses, with lower bounds that hold before it is computed."""

from typing import Literal, Protocol

import numpy as np

from analytics_lib.privacy.anonymisation.coding import CodedTable, Floats
from analytics_lib.privacy.hierarchies.hierarchy import Codes

ObjectiveName = Literal["ncp", "entropy", "entropy_with_suppression"]


class Objective(Protocol):
    """A loss that is at least a sum over columns; suppression only adds to it."""

    def column_losses(self) -> list[Floats]:
        """Loss of the whole table by column and level, were nothing suppressed."""

    def least_per_suppressed(self) -> list[Floats]:
        """What each suppressed row adds at least, by column and level; they are added up."""

    def added(self, levels: Codes, suppressed: Codes, weights: Codes) -> float:
        """What the suppression of these distinct rows adds to the loss."""


class Ncp:
    """Normalised certainty penalty over all cells: a suppressed row loses 1 in each."""

    def __init__(self, coded: CodedTable, rows: Codes) -> None:
        self._coded = coded
        self._values = [codes[rows] for codes in coded.codes]
        self._cells = coded.rows * coded.width

    def column_losses(self) -> list[Floats]:
        """Mean loss of the cells by column and level."""
        return [
            np.array([np.mean(losses[level][of_value[codes]]) for level, of_value in levels])
            / self._coded.width
            for codes, losses, levels in zip(
                self._coded.codes,
                self._coded.losses,
                [list(enumerate(h.codes)) for h in self._coded.hierarchies],
                strict=True,
            )
        ]

    def least_per_suppressed(self) -> list[Floats]:
        """A suppressed cell loses 1 instead of at most the largest loss of its level."""
        return [
            np.array([1 - level.max() for level in losses]) / self._cells
            for losses in self._coded.losses
        ]

    def added(self, levels: Codes, suppressed: Codes, weights: Codes) -> float:
        """One a cell, less what the cells lose already by generalisation."""
        total = 0.0
        for column, level in enumerate(levels):
            of_value = self._coded.hierarchies[column].codes[level]
            labels = of_value[self._values[column][suppressed]]
            total += float(np.sum(weights * (1 - self._coded.losses[column][level][labels])))
        return total / self._cells


class NonUniformEntropy:
    """Bits lost by generalisation, given how frequent the values are; suppression costs nothing.

    ARX's "monotonic" variant: only for a tight suppression limit, since with a
    loose one it is best to suppress everything.

    References:
        Prasser and Kohlmayer, "Putting statistical disclosure control into practice: the
        ARX data anonymization tool", 2015; Gionis and Tassa, "k-anonymization with minimal
        loss of information", 2009.
    """

    def __init__(self, coded: CodedTable, rows: Codes) -> None:
        self._coded = coded
        self._values = [codes[rows] for codes in coded.codes]

    def column_losses(self) -> list[Floats]:
        """Bits by column and level over all rows."""
        return [
            np.array([_bits(codes, of_value) for of_value in hierarchy.codes])
            for codes, hierarchy in zip(self._coded.codes, self._coded.hierarchies, strict=True)
        ]

    def least_per_suppressed(self) -> list[Floats]:
        """Nothing: rows that are all alike have no entropy."""
        return [np.zeros(height + 1) for height in self._coded.heights()]

    def added(self, levels: Codes, suppressed: Codes, weights: Codes) -> float:  # noqa: ARG002
        """Nothing."""
        return 0.0


class NonUniformEntropyWithSuppression(NonUniformEntropy):
    """Bits lost by generalisation, then by the suppression of what is generalised.

    ARX's "non-monotonic" variant.
    """

    def added(self, levels: Codes, suppressed: Codes, weights: Codes) -> float:
        """Entropy of the generalised values among the suppressed rows, in bits."""
        total = 0.0
        for column, level in enumerate(levels):
            of_value = self._coded.hierarchies[column].codes[level]
            counts = np.bincount(of_value[self._values[column][suppressed]], weights=weights)
            counts = counts[counts > 0]
            total -= float(np.sum(counts * np.log2(counts / counts.sum())))
        return total


OBJECTIVES: dict[ObjectiveName, type[Ncp] | type[NonUniformEntropy]] = {
    "ncp": Ncp,
    "entropy": NonUniformEntropy,
    "entropy_with_suppression": NonUniformEntropyWithSuppression,
}


def _bits(codes: Codes, of_value: Codes) -> float:
    values = np.bincount(codes, minlength=len(of_value))
    labels = np.bincount(of_value, weights=values)[of_value]
    there = values > 0
    return -float(np.sum(values[there] * np.log2(values[there] / labels[there])))
