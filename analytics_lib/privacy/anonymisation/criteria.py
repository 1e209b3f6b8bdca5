"""What a class must have: k rows, l sensitive values, a distribution within t of the table's."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from analytics_lib.core.checks import require_at_least
from analytics_lib.core.errors import ParameterError
from analytics_lib.privacy.anonymisation.coding import CodedTable, Floats
from analytics_lib.privacy.hierarchies.hierarchy import Codes

Distance = Literal["equal", "ordered"]
TOLERANCE = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Criteria:
    """The demands on every class, and the distributions of the sensitive columns of the table.

    Attributes:
        k: Fewest rows.
        l: Fewest distinct values of each sensitive column, if asked for.
        t: Largest distance of each sensitive column's distribution from the table's.
        distance: "equal" (total variation) or "ordered" (earth mover's over the ranks).
        distributions: Share of each value of each sensitive column in the whole table.
    """

    k: int
    l: int | None = None  # noqa: E741 - its name since Machanavajjhala et al.
    t: float | None = None
    distance: Distance = "equal"
    distributions: tuple[Floats, ...] = ()

    def shortfall(self, counts: Sequence[Codes]) -> Floats:
        """How much each class lacks, in rows and values; 0 where it meets every demand.

        Args:
            counts: For each sensitive column one row a value and one column a class;
                without sensitive columns one array of one row, the sizes.
        """
        sizes = counts[0].sum(axis=0)
        lacking: Floats = np.maximum(self.k - sizes, 0) / self.k
        if self.l is not None:
            for table in counts:
                lacking = lacking + np.maximum(self.l - (table > 0).sum(axis=0), 0)
        if self.t is not None:
            for table, shares in zip(counts, self.distributions, strict=True):
                excess = self.distances(table, sizes, shares) - self.t
                lacking = lacking + np.where(excess > TOLERANCE, excess, 0) * sizes / self.k
        return lacking

    def distances(self, table: Codes, sizes: Codes, shares: Floats) -> Floats:
        """Distance of each class's distribution from the table's."""
        apart: Floats = table / np.maximum(sizes, 1) - shares[:, None]
        steps: float = 2
        if self.distance == "ordered":
            apart = np.cumsum(apart, axis=0)
            steps = max(len(shares) - 1, 1)
        total: Floats = np.abs(apart).sum(axis=0) / steps
        return total

    def for_suppression(self) -> "Criteria":
        """The part that a class keeps when it is joined with any other: k and l, not t."""
        return Criteria(k=self.k, l=self.l)


def criteria_for(
    coded: CodedTable,
    *,
    k: int,
    l: int | None = None,  # noqa: E741 - its name since Machanavajjhala et al.
    t: float | None = None,
    distance: Distance = "equal",
) -> Criteria:
    """The demands, once they are known to be possible for this table.

    Raises:
        ParameterError: `k` is below 2 or above the number of rows, `l` is above the number
            of sensitive values, `t` is no share, or there is no sensitive column for them.
    """
    require_at_least(k, 2, name="k")
    if coded.rows < k:
        raise ParameterError(f"`k` is {k}, but the table has {coded.rows} rows.")
    for name, demand in (("l", l), ("t", t)):
        if demand is not None and not coded.sensitive:
            raise ParameterError(f"`{name}` is {demand}; it needs a column named as `sensitive`.")
    if l is not None:
        require_at_least(l, 2, name="l")
        fewest = min(coded.sensitive_sizes)
        if l > fewest:
            raise ParameterError(f"`l` is {l}, but a sensitive column has {fewest} values.")
    if t is not None and not 0 <= t <= 1:
        raise ParameterError(f"`t` is {t}; it must lie between 0 and 1.")
    shares = tuple(
        np.bincount(codes, minlength=size) / coded.rows
        for codes, size in zip(coded.sensitive, coded.sensitive_sizes, strict=True)
    )
    return Criteria(k=k, l=l, t=t, distance=distance, distributions=shares)


def class_counts(
    sensitive: Sequence[Codes],
    sizes: Sequence[int],
    classes: Codes,
    number: int,
    weights: Codes | None = None,
) -> tuple[Codes, ...]:
    """For each sensitive column one row a value and one column a class; without any, the sizes."""
    if not sensitive:
        return (_counted(classes, number, weights).reshape(1, number),)
    return tuple(
        _counted(codes * number + classes, number * size, weights).reshape(size, number)
        for codes, size in zip(sensitive, sizes, strict=True)
    )


def _counted(numbers: Codes, size: int, weights: Codes | None) -> Codes:
    return np.bincount(numbers, weights=weights, minlength=size).astype(np.int64)
