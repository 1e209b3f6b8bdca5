"""t-closeness: how far the sensitive values of a class are from those of the table."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from analytics_lib.core.errors import ParameterError
from analytics_lib.privacy.assessment.classes import (
    Floats,
    SensitiveCounts,
    equivalence_classes,
    sensitive_counts,
)
from analytics_lib.privacy.assessment.distances import (
    Hierarchy,
    Order,
    equal_distances,
    hierarchical_distances,
    ordered_distances,
)

Distance = Literal["equal", "ordered", "hierarchical"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TCloseness:
    """How far the worst class is from the table.

    Attributes:
        sensitive: Name of the sensitive column.
        distance: Which distance of values was used; results of two distances cannot be compared.
        t: Largest earth mover's distance between a class and the table, 0 to 1.
        mean: Mean of the distance over the records.
    """

    sensitive: str
    distance: Distance
    t: float
    mean: float


def assess_t_closeness(
    table: Any,  # noqa: ANN401 - any supported frame
    *,
    quasi_identifiers: Sequence[str],
    sensitive: str,
    order: Order | None = None,
    hierarchy: Hierarchy | None = None,
) -> TCloseness:
    """How much more does the class of a person say of his sensitive value than the table does?

    The distance of two values is 1 wherever they differ (equal), the number of
    steps between them over the most there can be (ordered), or the height of
    their lowest common label over the height of the tree (hierarchical).

    The traps: the table is the one given. After suppression the distribution of
    what remains differs from the one of the people, so a release has to be
    compared with the original as well. And pyCANON and ARX choose the distance
    by other rules: pyCANON takes the ordered one for numbers, unasked, with
    steps between the values that occur; ARX takes it where it is asked for. Here
    numbers too have the equal distance until an `order` is given.

    Args:
        table: One row a person; any supported frame.
        quasi_identifiers: Columns that an attacker may know.
        sensitive: The column he wants to learn; a missing value is a value.
        order: All values from lowest to highest, for the ordered distance; "natural" takes the
            order of those numbers, dates or truth values that occur.
        hierarchy: For the hierarchical distance, of each value its labels from the finest to the
            root, all of the same length.

    Returns:
        The distance of the worst class, and the mean over the records.

    Raises:
        ParameterError: A name is unknown, the column has two roles, both `order` and `hierarchy`
            are given, or one of them lacks a value or contradicts itself.
        SchemaError: The table is empty or of an unknown library.

    Examples:
        >>> import polars as pl
        >>> people = pl.DataFrame({"age": [30, 30, 41, 41], "pay": [1, 2, 3, 3]})
        >>> assess_t_closeness(people, quasi_identifiers=["age"], sensitive="pay").t
        0.5
        >>> assess_t_closeness(  # cumulative differences 1/4 and 1/2 over 2 steps
        ...     people, quasi_identifiers=["age"], sensitive="pay", order="natural"
        ... ).t
        0.375

    References:
        Li N., Li T., Venkatasubramanian S. (2007), ICDE '07, 106-115, section 3.
    """
    classes = equivalence_classes(table, quasi_identifiers=quasi_identifiers, sensitive=[sensitive])
    return t_closeness(
        sensitive_counts(classes, column=sensitive), order=order, hierarchy=hierarchy
    )


def t_closeness(
    counts: SensitiveCounts, *, order: Order | None = None, hierarchy: Hierarchy | None = None
) -> TCloseness:
    """t-closeness of values already counted; see `assess_t_closeness`."""
    distance, distances = _distances(counts, order, hierarchy)
    return TCloseness(
        sensitive=counts.column,
        distance=distance,
        t=float(distances.max()),
        mean=math.fsum(distances * counts.sizes) / counts.records,
    )


def _distances(
    counts: SensitiveCounts, order: Order | None, hierarchy: Hierarchy | None
) -> tuple[Distance, Floats]:
    if order is not None and hierarchy is not None:
        raise ParameterError("`order` and `hierarchy` are both given; one distance can be used.")
    if order is not None:
        return "ordered", ordered_distances(counts, order=order)
    if hierarchy is not None:
        return "hierarchical", hierarchical_distances(counts, hierarchy=hierarchy)
    return "equal", equal_distances(counts)
