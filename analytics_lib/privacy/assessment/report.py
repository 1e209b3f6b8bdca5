"""All measures of one table from one pass over it."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from analytics_lib.core.errors import ParameterError
from analytics_lib.privacy.assessment.anonymity import (
    AlphaKAnonymity,
    KAnonymity,
    alpha_k_anonymity,
    k_anonymity,
)
from analytics_lib.privacy.assessment.classes import equivalence_classes, sensitive_counts
from analytics_lib.privacy.assessment.closeness import TCloseness, t_closeness
from analytics_lib.privacy.assessment.distances import Hierarchy, Order
from analytics_lib.privacy.assessment.diversity import LDiversity, l_diversity
from analytics_lib.privacy.assessment.likeness import (
    BetaLikeness,
    DeltaDisclosure,
    beta_likeness,
    delta_disclosure,
)
from analytics_lib.privacy.assessment.population import KMap, k_map
from analytics_lib.privacy.assessment.risk import (
    ReidentificationRisk,
    journalist_risk,
    prosecutor_risk,
)
from analytics_lib.privacy.assessment.roles import MINIMUM_K, require_names
from analytics_lib.privacy.assessment.uniqueness import Uniqueness, uniqueness


@dataclass(frozen=True, slots=True, kw_only=True)
class SensitiveAssessment:
    """What a table gives away of one sensitive column.

    Attributes:
        sensitive: Name of the column.
        alpha_k: (alpha,k)-anonymity.
        diversity: l-diversity.
        closeness: t-closeness.
        likeness: beta-likeness.
        disclosure: delta-disclosure.
    """

    sensitive: str
    alpha_k: AlphaKAnonymity
    diversity: LDiversity
    closeness: TCloseness
    likeness: BetaLikeness
    disclosure: DeltaDisclosure


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivacyAssessment:
    """What a table gives away: counts and shares, never a value of a person.

    Attributes:
        quasi_identifiers: Columns that an attacker was taken to know.
        k_anonymity: Sizes of the classes.
        prosecutor: Risk of somebody known to be in the table; its average is the marketer's.
        uniqueness: Who is alone in the table and, by estimate, in the population.
        sensitive: One entry a sensitive column.
        k_map: Sizes of the classes in the population; None without one.
        journalist: Risk against a register of the population; None without one.
    """

    quasi_identifiers: tuple[str, ...]
    k_anonymity: KAnonymity
    prosecutor: ReidentificationRisk
    uniqueness: Uniqueness
    sensitive: tuple[SensitiveAssessment, ...]
    k_map: KMap | None
    journalist: ReidentificationRisk | None

    def to_dict(self) -> dict[str, Any]:
        """All fields as plain nested values that JSON knows.

        What is undefined (`nan`) becomes None, what is infinite the text "infinite".
        """
        plain: dict[str, Any] = _plain(asdict(self))
        return plain


def assess_privacy(
    table: Any,  # noqa: ANN401 - any supported frame
    *,
    quasi_identifiers: Sequence[str],
    sensitive: Sequence[str] = (),
    k: int = MINIMUM_K,
    population: Any = None,  # noqa: ANN401 - any supported frame
    population_size: int | None = None,
    orders: Mapping[str, Order] | None = None,
    hierarchies: Mapping[str, Hierarchy] | None = None,
) -> PrivacyAssessment:
    """What does a table give away to somebody who knows the quasi-identifiers?

    The trap: each sensitive column is assessed by itself, as if an attacker knew
    none of the others. Where he may, assess again with them among the
    quasi-identifiers. No number here makes a table anonymous: they bound what
    linking on the named columns yields, and nothing else.

    Args:
        table: One row a person; polars (eager or lazy), pandas, a DuckDB relation, a PySpark
            frame or a pyarrow table. It is grouped once, in its own library.
        quasi_identifiers: Columns that an attacker may know; a missing value is a value.
        sensitive: Columns he wants to learn.
        k: The k that is asked for, 2 or more.
        population: One row a person of the population, the table included; for k-map and the
            journalist's risk.
        population_size: People of the population, where there is only their number; for the
            estimate of uniques.
        orders: Order of the values of a sensitive column, for its ordered distance; "natural"
            for the order of numbers.
        hierarchies: Labels of the values of a sensitive column, for its hierarchical distance.

    Returns:
        All measures; they hold counts, never values.

    Raises:
        ParameterError: A name is unknown or has two roles; `k` is below 2 or above the number of
            records; an order or hierarchy does not fit; the population is given
            twice.
        SchemaError: The table is empty, or the population does not hold it.

    Examples:
        >>> import polars as pl
        >>> people = pl.DataFrame({"age": [30, 30, 41, 41], "ill": ["a", "b", "b", "b"]})
        >>> found = assess_privacy(people, quasi_identifiers=["age"], sensitive=["ill"])
        >>> found.k_anonymity.k, found.prosecutor.average
        (2, 0.5)
        >>> found.sensitive[0].diversity.homogeneous_records, found.sensitive[0].closeness.t
        (2, 0.25)
    """
    orders, hierarchies = orders or {}, hierarchies or {}
    require_names(sensitive, list(orders), name="orders")
    require_names(sensitive, list(hierarchies), name="hierarchies")
    if population is not None and population_size is not None:
        raise ParameterError(
            "`population` and `population_size` are both given; the table has its own size."
        )
    classes = equivalence_classes(table, quasi_identifiers=quasi_identifiers, sensitive=sensitive)
    everybody = (
        None
        if population is None
        else equivalence_classes(population, quasi_identifiers=quasi_identifiers)
    )
    assessed = []
    for column in sensitive:
        counts = sensitive_counts(classes, column=column)
        assessed.append(
            SensitiveAssessment(
                sensitive=column,
                alpha_k=alpha_k_anonymity(counts),
                diversity=l_diversity(counts),
                closeness=t_closeness(
                    counts, order=orders.get(column), hierarchy=hierarchies.get(column)
                ),
                likeness=beta_likeness(counts),
                disclosure=delta_disclosure(counts),
            )
        )
    return PrivacyAssessment(
        quasi_identifiers=tuple(quasi_identifiers),
        k_anonymity=k_anonymity(classes, k=k),
        prosecutor=prosecutor_risk(classes),
        uniqueness=uniqueness(
            classes, population_size=everybody.records if everybody else population_size
        ),
        sensitive=tuple(assessed),
        k_map=k_map(classes, population=everybody, k=k) if everybody else None,
        journalist=journalist_risk(classes, population=everybody) if everybody else None,
    )


def _plain(value: Any) -> Any:  # noqa: ANN401 - nested values of any kind
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None if math.isnan(value) else "infinite"
    return value
