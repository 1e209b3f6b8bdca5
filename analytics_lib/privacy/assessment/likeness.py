"""beta-likeness and delta-disclosure: how much likelier a class makes a sensitive value."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from analytics_lib.privacy.assessment.classes import (
    SensitiveCounts,
    equivalence_classes,
    sensitive_counts,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class BetaLikeness:
    """How much likelier than in the table a value is in the worst class.

    Attributes:
        sensitive: Name of the sensitive column.
        basic_beta: Largest relative gain `(q - p) / p` of a value's share q in a class over its
            share p in the table.
        enhanced_beta: Lowest beta of enhanced likeness that the table has; infinite where a gain
            is above -ln(p) of its value, which no beta allows.
        enhanced_ceiling: Highest bound `min(basic_beta, -ln(p))` over the values; what pyCANON
            calls enhanced beta.
    """

    sensitive: str
    basic_beta: float
    enhanced_beta: float
    enhanced_ceiling: float


@dataclass(frozen=True, slots=True, kw_only=True)
class DeltaDisclosure:
    """How much likelier or unlikelier than in the table a value is in the worst class.

    Attributes:
        sensitive: Name of the sensitive column.
        delta: Largest `|ln(q / p)|` over the values that occur in a class (natural logarithm).
        delta_bits: The same with the binary logarithm, as ARX has it.
        classes_lacking_a_value: Classes in which some value does not occur.
        strict_delta: By the letter of the definition, infinite where there are such classes.
    """

    sensitive: str
    delta: float
    delta_bits: float
    classes_lacking_a_value: int
    strict_delta: float


def assess_beta_likeness(
    table: Any,  # noqa: ANN401 - any supported frame
    *,
    quasi_identifiers: Sequence[str],
    sensitive: str,
) -> BetaLikeness:
    """How much does knowing the class raise the odds of a rare sensitive value?

    The trap t-closeness leaves open: a value of 0.1 % that makes up 5 % of a
    class is a small step in t and a fifty-fold gain for an attacker. Only gains
    count; a value that is absent from a class is no gain.

    Other tools differ: pyCANON's enhanced beta bounds the largest gain of
    all values by each value's -ln(p) and reports the loosest bound, which a table
    may break. It is `enhanced_ceiling` here.

    Args:
        table: One row a person; any supported frame.
        quasi_identifiers: Columns that an attacker may know.
        sensitive: The column he wants to learn; a missing value is a value.

    Returns:
        The lowest beta of basic and of enhanced likeness.

    Raises:
        ParameterError: A name is unknown, or the column has two roles.
        SchemaError: The table is empty or of an unknown library.

    Examples:
        >>> import polars as pl
        >>> people = pl.DataFrame({"age": [30, 30, 41, 41], "ill": ["a", "b", "b", "b"]})
        >>> found = assess_beta_likeness(people, quasi_identifiers=["age"], sensitive="ill")
        >>> found.basic_beta, found.enhanced_beta  # a: 1/2 for 1/4; b: 1 for 3/4, above -ln(3/4)
        (1.0, inf)

    References:
        Cao J., Karras P. (2012), Proc. VLDB Endow. 5(11), 1388-1399, definitions 2 and 3.
    """
    classes = equivalence_classes(table, quasi_identifiers=quasi_identifiers, sensitive=[sensitive])
    return beta_likeness(sensitive_counts(classes, column=sensitive))


def assess_delta_disclosure(
    table: Any,  # noqa: ANN401 - any supported frame
    *,
    quasi_identifiers: Sequence[str],
    sensitive: str,
) -> DeltaDisclosure:
    """How much does knowing the class change the odds of any sensitive value, up or down?

    The trap: by the definition a class that lacks a value has infinite delta,
    for its people are known not to have it. pyCANON and ARX pass over absent
    values, and ARX counts in bits; all of it is reported here.

    Args:
        table: One row a person; any supported frame.
        quasi_identifiers: Columns that an attacker may know.
        sensitive: The column he wants to learn; a missing value is a value.

    Returns:
        delta over the values that occur, and by the letter. The criterion asks for less than its
        delta, so a table has it for every delta above the one reported.

    Raises:
        ParameterError: A name is unknown, or the column has two roles.
        SchemaError: The table is empty or of an unknown library.

    Examples:
        >>> import polars as pl
        >>> people = pl.DataFrame({"age": [30, 30, 41, 41], "ill": ["a", "b", "b", "b"]})
        >>> found = assess_delta_disclosure(people, quasi_identifiers=["age"], sensitive="ill")
        >>> found.delta_bits, found.classes_lacking_a_value, found.strict_delta
        (1.0, 1, inf)

    References:
        Brickell J., Shmatikov V. (2008), KDD '08, 70-78, definition 4.
    """
    classes = equivalence_classes(table, quasi_identifiers=quasi_identifiers, sensitive=[sensitive])
    return delta_disclosure(sensitive_counts(classes, column=sensitive))


def beta_likeness(counts: SensitiveCounts) -> BetaLikeness:
    """beta-likeness of values already counted; see `assess_beta_likeness`."""
    expected = counts.share_in_table
    gain = (counts.share_in_class - expected) / expected
    surprise = -np.log(expected)
    basic = float(gain.max())
    return BetaLikeness(
        sensitive=counts.column,
        basic_beta=basic,
        enhanced_beta=basic if bool((gain <= surprise).all()) else np.inf,
        enhanced_ceiling=float(np.minimum(basic, surprise).max()),
    )


def delta_disclosure(counts: SensitiveCounts) -> DeltaDisclosure:
    """delta-disclosure of values already counted; see `assess_delta_disclosure`."""
    delta = float(np.abs(np.log(counts.share_in_class / counts.share_in_table)).max())
    distinct = np.bincount(counts.class_id, minlength=len(counts.sizes))
    lacking = int((distinct < len(counts.totals)).sum())
    return DeltaDisclosure(
        sensitive=counts.column,
        delta=delta,
        delta_bits=float(delta / np.log(2)),
        classes_lacking_a_value=lacking,
        strict_delta=np.inf if lacking else delta,
    )
