"""The table laid beside the population it was drawn from: k-map."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from analytics_lib.core.errors import SchemaError
from analytics_lib.privacy.assessment.classes import (
    SIZE,
    EquivalenceClasses,
    Integers,
    equivalence_classes,
)
from analytics_lib.privacy.assessment.roles import MINIMUM_K, require_k


@dataclass(frozen=True, slots=True, kw_only=True)
class KMap:
    """How many people of the population look like the most exposed one of the table.

    Attributes:
        k: Records of the population in the smallest class that the table touches.
        required_k: The k that was asked for.
        records: Records of the table.
        population_records: Records of the population.
        classes_below: Classes of the table with fewer than `required_k` people of the population.
        records_below: Records of the table in such classes.
        population_uniques: Records of the table that are alone in the population.
    """

    k: int
    required_k: int
    records: int
    population_records: int
    classes_below: int
    records_below: int
    population_uniques: int

    @property
    def holds(self) -> bool:
        """Whether every class has `required_k` people of the population."""
        return self.k >= self.required_k


def assess_k_map(
    table: Any,  # noqa: ANN401 - any supported frame
    *,
    population: Any,  # noqa: ANN401 - any supported frame
    quasi_identifiers: Sequence[str],
    k: int = MINIMUM_K,
) -> KMap:
    """How many people of the population look like somebody in the table?

    The trap: this protects only against somebody who does not know who is in the
    table. Whoever knows that his neighbour took part needs k-anonymity against him.
    A population table that does not hold the table proves nothing, so it is refused.

    Args:
        table: One row a person of the sample; any supported frame.
        population: One row a person of the population, the sample included, with
            the same quasi-identifiers coded in the same way.
        quasi_identifiers: Columns that an attacker may know; a missing value is a value.
        k: The least that is asked for, 2 or more.

    Returns:
        The k of k-map, and how much of the table is below the k asked for.

    Raises:
        ParameterError: A name is unknown; `k` is below 2 or above the records of the population.
        SchemaError: A table is empty, or the population does not hold the table.

    Examples:
        >>> import polars as pl
        >>> everybody = pl.DataFrame({"age": [30, 30, 30, 41, 41]})
        >>> found = assess_k_map(
        ...     pl.DataFrame({"age": [30, 41]}), population=everybody, quasi_identifiers=["age"]
        ... )
        >>> found.k, found.holds
        (2, True)

    References:
        Sweeney L. (2001), Computational disclosure control, PhD thesis, MIT; Emam K. E.,
        Dankar F. K. (2008), J. Am. Med. Inform. Assoc. 15, 627-637.
    """
    classes = equivalence_classes(table, quasi_identifiers=quasi_identifiers)
    everybody = equivalence_classes(population, quasi_identifiers=quasi_identifiers)
    return k_map(classes, population=everybody, k=k)


def k_map(
    classes: EquivalenceClasses, *, population: EquivalenceClasses, k: int = MINIMUM_K
) -> KMap:
    """k-map of classes already counted; see `assess_k_map`."""
    require_k(k, records=population.records)

    found = population_sizes(classes, population=population)
    below = found < k
    return KMap(
        k=int(found.min()),
        required_k=k,
        records=classes.records,
        population_records=population.records,
        classes_below=int(below.sum()),
        records_below=int(classes.sizes[below].sum()),
        population_uniques=int((found == 1).sum()),
    )


def population_sizes(classes: EquivalenceClasses, *, population: EquivalenceClasses) -> Integers:
    """People of the population in each class of the table, in the order of its classes.

    Raises:
        SchemaError: Columns are of other types, or the population does not hold the table.
    """
    names = classes.keys.columns
    try:
        keys = population.keys.cast(classes.keys.schema)
    except pl.exceptions.InvalidOperationError:
        raise SchemaError(
            "`population` has quasi-identifiers of other types than `table`; both must be coded "
            "in the same way."
        ) from None
    everybody = keys.with_columns(pl.Series(SIZE, population.sizes))
    joined = classes.keys.join(
        everybody, on=names, how="left", nulls_equal=True, maintain_order="left"
    )
    found: Integers = joined[SIZE].fill_null(0).to_numpy()
    lacking = found < classes.sizes
    if lacking.any():
        raise SchemaError(
            f"`population` lacks records of {int(lacking.sum())} of the {len(found)} classes of "
            "`table`; it must hold the whole table, coded in the same way."
        )
    return found
