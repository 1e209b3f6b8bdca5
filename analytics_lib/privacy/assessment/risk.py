"""The risk that somebody is found again, by what the attacker knows and wants."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from analytics_lib.core.checks import require_between
from analytics_lib.privacy.assessment.classes import (
    EquivalenceClasses,
    Integers,
    equivalence_classes,
)
from analytics_lib.privacy.assessment.population import population_sizes

DEFAULT_THRESHOLD = 0.2  # a class of five


@dataclass(frozen=True, slots=True, kw_only=True)
class ReidentificationRisk:
    """Probability that a guess within the class finds the right record.

    Attributes:
        highest: Risk of the most exposed record, 0 to 1.
        average: Mean over the records, 0 to 1; also the share of records that an attacker who
            links them all expects to get right (marketer).
        expected_matches: Records that he expects to get right.
        threshold: Risk above which a record counts as exposed.
        records_at_risk: Records with a risk above the threshold.
        records: Records of the table.
    """

    highest: float
    average: float
    expected_matches: float
    threshold: float
    records_at_risk: int
    records: int


def assess_prosecutor_risk(
    table: Any,  # noqa: ANN401 - any supported frame
    *,
    quasi_identifiers: Sequence[str],
    threshold: float = DEFAULT_THRESHOLD,
) -> ReidentificationRisk:
    """How easily is somebody found who is known to be in the table?

    The trap: the average hides the worst. A table with an average risk of 1 %
    may hold a hundred people with a risk of 1; read `highest` and
    `records_at_risk` first.

    Args:
        table: One row a person; any supported frame.
        quasi_identifiers: Columns that an attacker may know; a missing value is a value.
        threshold: Risk above which a record counts as exposed, between 0 and 1.

    Returns:
        1 over the size of the class: highest, average (classes over records) and how many exceed
        the threshold. It is a count of this table, so it has no interval.

    Raises:
        ParameterError: A name is unknown, or `threshold` is not between 0 and 1.
        SchemaError: The table is empty or of an unknown library.

    Examples:
        >>> import polars as pl
        >>> people = pl.DataFrame({"age": [30, 30, 30, 41]})
        >>> found = assess_prosecutor_risk(people, quasi_identifiers=["age"], threshold=0.5)
        >>> found.highest, found.average, found.records_at_risk
        (1.0, 0.5, 1)

    References:
        El Emam K. (2013), Guide to the De-Identification of Personal Health Information,
        chapter 16.
    """
    classes = equivalence_classes(table, quasi_identifiers=quasi_identifiers)
    return prosecutor_risk(classes, threshold=threshold)


def assess_journalist_risk(
    table: Any,  # noqa: ANN401 - any supported frame
    *,
    population: Any,  # noqa: ANN401 - any supported frame
    quasi_identifiers: Sequence[str],
    threshold: float = DEFAULT_THRESHOLD,
) -> ReidentificationRisk:
    """How easily is anybody found by somebody who has a register of the population?

    The trap: it is lower than the prosecutor's risk only as long as nobody is known to be in
    the table.

    Args:
        table: One row a person of the sample; any supported frame.
        population: One row a person of the population, the sample included.
        quasi_identifiers: Columns that an attacker may know; a missing value is a value.
        threshold: Risk above which a record counts as exposed, between 0 and 1.

    Returns:
        1 over the size of the class in the population: highest, average, and how many records
        exceed the threshold.

    Raises:
        ParameterError: A name is unknown, or `threshold` is not between 0 and 1.
        SchemaError: A table is empty, or the population does not hold the table.

    Examples:
        >>> import polars as pl
        >>> everybody = pl.DataFrame({"age": [30, 30, 41, 41, 41, 41]})
        >>> found = assess_journalist_risk(
        ...     pl.DataFrame({"age": [30, 41]}), population=everybody, quasi_identifiers=["age"]
        ... )
        >>> found.highest, found.average
        (0.5, 0.375)

    References:
        El Emam K. (2013), chapter 16; Dankar F. K., El Emam K. (2010), EDBT/ICDT workshops
        (marketer risk).
    """
    classes = equivalence_classes(table, quasi_identifiers=quasi_identifiers)
    everybody = equivalence_classes(population, quasi_identifiers=quasi_identifiers)
    return journalist_risk(classes, population=everybody, threshold=threshold)


def assess_marketer_risk(
    table: Any,  # noqa: ANN401 - any supported frame
    *,
    quasi_identifiers: Sequence[str],
    population: Any = None,  # noqa: ANN401 - any supported frame
) -> float:
    """Which share of the records does somebody get right who links all of them?

    Args:
        table: One row a person; any supported frame.
        quasi_identifiers: Columns that an attacker may know; a missing value is a value.
        population: His register, the sample included; without one he is taken to know exactly
            the people of the table, which is the most he can know.

    Returns:
        Expected share, 0 to 1.

    Raises:
        ParameterError: A name is unknown.
        SchemaError: A table is empty, or the population does not hold the table.

    Examples:
        >>> import polars as pl
        >>> people = pl.DataFrame({"age": [30, 30, 30, 41]})
        >>> assess_marketer_risk(people, quasi_identifiers=["age"])
        0.5
    """
    if population is None:
        return assess_prosecutor_risk(table, quasi_identifiers=quasi_identifiers).average
    return assess_journalist_risk(
        table, population=population, quasi_identifiers=quasi_identifiers
    ).average


def prosecutor_risk(
    classes: EquivalenceClasses, *, threshold: float = DEFAULT_THRESHOLD
) -> ReidentificationRisk:
    """Prosecutor risk of classes already counted; see `assess_prosecutor_risk`."""
    return _risk(classes.sizes, among=classes.sizes, threshold=threshold)


def journalist_risk(
    classes: EquivalenceClasses,
    *,
    population: EquivalenceClasses,
    threshold: float = DEFAULT_THRESHOLD,
) -> ReidentificationRisk:
    """Journalist risk of classes already counted; see `assess_journalist_risk`."""
    among = population_sizes(classes, population=population)
    return _risk(classes.sizes, among=among, threshold=threshold)


def _risk(sizes: Integers, *, among: Integers, threshold: float) -> ReidentificationRisk:
    require_between(threshold, 0, 1, name="threshold")

    records = int(sizes.sum())
    matches = float(len(sizes)) if among is sizes else math.fsum(sizes / among)
    return ReidentificationRisk(
        highest=float(1 / among.min()),
        average=matches / records,
        expected_matches=matches,
        threshold=threshold,
        records_at_risk=int(sizes[1 / among > threshold].sum()),
        records=records,
    )
