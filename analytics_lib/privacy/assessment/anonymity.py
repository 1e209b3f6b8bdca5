"""k-anonymity and (alpha,k)-anonymity."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from analytics_lib.privacy.assessment.classes import (
    EquivalenceClasses,
    SensitiveCounts,
    equivalence_classes,
    sensitive_counts,
)
from analytics_lib.privacy.assessment.roles import MINIMUM_K, require_k


@dataclass(frozen=True, slots=True, kw_only=True)
class KAnonymity:
    """How small the smallest class is.

    Attributes:
        k: Records of the smallest class.
        required_k: The k that was asked for.
        records: Records of the table.
        classes: Equivalence classes.
        unique_records: Records alone in their class.
        classes_below: Classes of fewer than `required_k` records.
        records_below: Records in such classes.
        largest_class: Records of the largest class.
    """

    k: int
    required_k: int
    records: int
    classes: int
    unique_records: int
    classes_below: int
    records_below: int
    largest_class: int

    @property
    def holds(self) -> bool:
        """Whether every class has `required_k` records."""
        return self.k >= self.required_k


@dataclass(frozen=True, slots=True, kw_only=True)
class AlphaKAnonymity:
    """How sure the commonest sensitive value of a class is, beside its size.

    Attributes:
        sensitive: Name of the sensitive column.
        alpha: Highest share of one value in one class, 0 to 1; at 1 some class gives its value
            away whatever its size.
        k: Records of the smallest class.
    """

    sensitive: str
    alpha: float
    k: int


def assess_k_anonymity(
    table: Any,  # noqa: ANN401 - any supported frame
    *,
    quasi_identifiers: Sequence[str],
    k: int = MINIMUM_K,
) -> KAnonymity:
    """How many people look alike to somebody who knows the quasi-identifiers?

    The trap: k says nothing of what the alike have in common. In the Adult
    census at k = 5 nearly half of the records sit in classes with one salary
    only, so read `assess_l_diversity` beside it. And k counts records: where a
    person has several, or where some are synthetic, count the real persons.

    Args:
        table: One row a person; any supported frame.
        quasi_identifiers: Columns that an attacker may know; a missing value is a value.
        k: The least that is asked for, 2 or more.

    Returns:
        The k that the table has, and how much of it is below the k asked for.

    Raises:
        ParameterError: A name is unknown; `k` is below 2 or above the number of records.
        SchemaError: The table is empty or of an unknown library.

    Examples:
        >>> import polars as pl
        >>> people = pl.DataFrame({"age": [30, 30, 30, 41, 41, 57]})
        >>> found = assess_k_anonymity(people, quasi_identifiers=["age"], k=3)
        >>> found.k, found.classes, found.unique_records, found.records_below, found.holds
        (1, 3, 1, 3, False)

    References:
        Sweeney L. (2002), Int. J. Uncertain. Fuzz. 10, 557-570.
    """
    return k_anonymity(equivalence_classes(table, quasi_identifiers=quasi_identifiers), k=k)


def assess_alpha_k_anonymity(
    table: Any,  # noqa: ANN401 - any supported frame
    *,
    quasi_identifiers: Sequence[str],
    sensitive: str,
) -> AlphaKAnonymity:
    """How sure can an attacker be of the sensitive value of a class?

    Args:
        table: One row a person; any supported frame.
        quasi_identifiers: Columns that an attacker may know.
        sensitive: The column he wants to learn; a missing value is a value.

    Returns:
        alpha (share, 0 to 1, taken over all values) and k.

    Raises:
        ParameterError: A name is unknown, or the column has two roles.
        SchemaError: The table is empty or of an unknown library.

    Examples:
        >>> import polars as pl
        >>> people = pl.DataFrame({"age": [30, 30, 30, 30], "ill": ["a", "a", "a", "b"]})
        >>> found = assess_alpha_k_anonymity(people, quasi_identifiers=["age"], sensitive="ill")
        >>> found.alpha, found.k
        (0.75, 4)

    References:
        Wong R. C. et al. (2006), KDD '06, 754-759. Theirs bounds one chosen value; here the
        worst of all is reported.
    """
    classes = equivalence_classes(table, quasi_identifiers=quasi_identifiers, sensitive=[sensitive])
    return alpha_k_anonymity(sensitive_counts(classes, column=sensitive))


def k_anonymity(classes: EquivalenceClasses, *, k: int = MINIMUM_K) -> KAnonymity:
    """k-anonymity of classes already counted; see `assess_k_anonymity`."""
    require_k(k, records=classes.records)

    sizes = classes.sizes
    below = sizes[sizes < k]
    return KAnonymity(
        k=int(sizes.min()),
        required_k=k,
        records=classes.records,
        classes=len(sizes),
        unique_records=int((sizes == 1).sum()),
        classes_below=len(below),
        records_below=int(below.sum()),
        largest_class=int(sizes.max()),
    )


def alpha_k_anonymity(counts: SensitiveCounts) -> AlphaKAnonymity:
    """(alpha,k)-anonymity of values already counted; see `assess_alpha_k_anonymity`."""
    return AlphaKAnonymity(
        sensitive=counts.column,
        alpha=float(counts.share_in_class.max()),
        k=int(counts.sizes.min()),
    )
