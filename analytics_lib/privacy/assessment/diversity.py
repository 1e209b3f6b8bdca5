"""l-diversity: how many sensitive values a class leaves open."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from analytics_lib.core.checks import require_at_least
from analytics_lib.privacy.assessment.classes import (
    Floats,
    Integers,
    SensitiveCounts,
    equivalence_classes,
    sensitive_counts,
)

MINIMUM_L = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class LDiversity:
    """How many sensitive values the least diverse class leaves open.

    Attributes:
        sensitive: Name of the sensitive column.
        distinct_l: Fewest distinct values in a class.
        entropy_l: Lowest exp(entropy) of a class: as diverse as so many equally common values.
        recursive_l: The l of `recursive_c`.
        recursive_c: The table is recursively (c,l)-diverse for every c above this; infinite where
            a class has fewer than l values.
        homogeneous_classes: Classes with one value only.
        homogeneous_records: Records in such classes: their value is known to who knows the class.
        most_certain: Highest share of one value in a class (0 to 1).
    """

    sensitive: str
    distinct_l: int
    entropy_l: float
    recursive_l: int
    recursive_c: float
    homogeneous_classes: int
    homogeneous_records: int
    most_certain: float


def assess_l_diversity(
    table: Any,  # noqa: ANN401 - any supported frame
    *,
    quasi_identifiers: Sequence[str],
    sensitive: str,
    recursive_l: int = MINIMUM_L,
) -> LDiversity:
    """How many sensitive values remain possible for somebody whose class is known?

    The traps: two values in a class are little where one has 99 % of it, so
    distinct l alone is the weakest of the three. Where a table has several
    sensitive columns, an attacker may know one of them: assess each once more
    with the others among the quasi-identifiers.

    Other tools differ. pyCANON cuts exp(entropy) to a whole number, which
    turns two equally common values (1.9999999999999998) into 1, and
    takes the rarest value of a class for `r1`; the definition takes the commonest.

    Args:
        table: One row a person; any supported frame.
        quasi_identifiers: Columns that an attacker may know.
        sensitive: The column he wants to learn; a missing value is a value.
        recursive_l: The l of recursive (c,l)-diversity, 2 or more.

    Returns:
        Distinct, entropy and recursive diversity of the worst class each.

    Raises:
        ParameterError: A name is unknown, the column has two roles, `recursive_l` is below 2.
        SchemaError: The table is empty or of an unknown library.

    Examples:
        >>> import polars as pl
        >>> people = pl.DataFrame({"age": [30, 30, 30, 41, 41], "ill": ["a", "b", "b", "a", "b"]})
        >>> found = assess_l_diversity(people, quasi_identifiers=["age"], sensitive="ill")
        >>> found.distinct_l, round(found.entropy_l, 4), found.recursive_c  # 2/1 in the first class
        (2, 1.8899, 2.0)

    References:
        Machanavajjhala A. et al. (2007), ACM Trans. Knowl. Discov. Data 1(1), 3: definitions
        4.1 (entropy), 4.2 (recursive).
    """
    classes = equivalence_classes(table, quasi_identifiers=quasi_identifiers, sensitive=[sensitive])
    return l_diversity(sensitive_counts(classes, column=sensitive), recursive_l=recursive_l)


def l_diversity(counts: SensitiveCounts, *, recursive_l: int = MINIMUM_L) -> LDiversity:
    """l-diversity of values already counted; see `assess_l_diversity`."""
    require_at_least(recursive_l, MINIMUM_L, name="recursive_l")

    order = np.lexsort((-counts.count, counts.class_id))  # the commonest value of a class first
    class_id, count = counts.class_id[order], counts.count[order]
    begin = np.flatnonzero(np.r_[True, class_id[1:] != class_id[:-1]])
    distinct = np.diff(np.r_[begin, len(class_id)])
    sizes = counts.sizes[class_id[begin]]
    homogeneous = distinct == 1
    return LDiversity(
        sensitive=counts.column,
        distinct_l=int(distinct.min()),
        entropy_l=float(np.exp(_entropies(count, np.repeat(sizes, distinct), begin).min())),
        recursive_l=recursive_l,
        recursive_c=float(_recursive_ratios(count, begin, recursive_l).max()),
        homogeneous_classes=int(homogeneous.sum()),
        homogeneous_records=int(sizes[homogeneous].sum()),
        most_certain=float(counts.share_in_class.max()),
    )


def _entropies(count: Integers, size: Integers, begin: Integers) -> Floats:
    """Entropy of each class, added up in the order of the counts: the same bits every time."""
    share = count / size
    return np.asarray(np.maximum(np.add.reduceat(-share * np.log(share), begin), 0.0))


def _recursive_ratios(count: Integers, begin: Integers, recursive_l: int) -> Floats:
    """r1 / (r_l + ... + r_m) of each class, with the commonest value as r1."""
    place = np.arange(len(count)) - np.repeat(begin, np.diff(np.r_[begin, len(count)]))
    tail = np.add.reduceat(np.where(place >= recursive_l - 1, count, 0), begin)
    with np.errstate(divide="ignore"):
        return np.asarray(count[begin] / tail)
