"""The methods by name: each makes classes that meet the demands; the best loses least."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from analytics_lib.core.errors import ParameterError
from analytics_lib.privacy.anonymisation.coding import CodedTable
from analytics_lib.privacy.anonymisation.criteria import Criteria
from analytics_lib.privacy.anonymisation.full_domain import (
    FullDomain,
    find_full_domain,
    full_domain_classes,
)
from analytics_lib.privacy.anonymisation.joining import join_short_classes
from analytics_lib.privacy.anonymisation.mondrian import mondrian
from analytics_lib.privacy.anonymisation.partition import (
    Partition,
    hierarchy_ncp,
    partition_of,
)
from analytics_lib.privacy.anonymisation.peel import peel
from analytics_lib.privacy.anonymisation.value_sets import Basis, value_ncp

Method = Literal["best", "full_domain", "peel", "hybrid", "mondrian"]
_MOST_ROWS_OF_MONDRIAN = 200_000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Recoding:
    """Classes, the method that made them and what they lose."""

    method: Method
    partition: Partition
    ncp: float
    search: FullDomain | None = None


def recode(
    coded: CodedTable,
    criteria: Criteria,
    *,
    method: Method,
    basis: Basis,
    suppression_limit: float,
    rng: np.random.Generator,
) -> Recoding:
    """Classes of the table by the named method, or by the one that loses least."""
    if method == "full_domain":
        return _full_domain(coded, criteria, basis, suppression_limit)
    most = int(suppression_limit * coded.rows + 1e-9)
    names = [method] if method != "best" else _worth_trying(coded, criteria, basis)
    found = [_local(coded, criteria, name, basis, most, rng) for name in names]
    return min(found, key=lambda recoding: recoding.ncp)


def _worth_trying(coded: CodedTable, criteria: Criteria, basis: Basis) -> list[Method]:
    plain = criteria.l is None and criteria.t is None
    first: Method = "peel" if plain else "hybrid"
    if (plain and basis == "hierarchy") or coded.rows > _MOST_ROWS_OF_MONDRIAN:
        return [first]
    return [first, "mondrian"]


def _local(
    coded: CodedTable,
    criteria: Criteria,
    method: Method,
    basis: Basis,
    most_suppressed: int,
    rng: np.random.Generator,
) -> Recoding:
    start = None
    if method != "mondrian":
        if method == "peel" and (criteria.l is not None or criteria.t is not None):
            raise ParameterError(
                "`method` is 'peel', which knows only `k`; 'hybrid' knows l and t."
            )
        start = join_short_classes(
            coded,
            partition_of(coded, peel(coded, criteria.k)),
            criteria,
            most_suppressed=most_suppressed,
            rng=rng,
        ).classes
    partition = partition_of(coded, mondrian(coded, criteria, basis=basis, start=start))
    loss = hierarchy_ncp if basis == "hierarchy" else value_ncp
    return Recoding(method=method, partition=partition, ncp=loss(coded, partition))


def _full_domain(
    coded: CodedTable, criteria: Criteria, basis: Basis, suppression_limit: float
) -> Recoding:
    if basis != "hierarchy":
        raise ParameterError(
            "`labels` is 'values'; 'full_domain' knows labels of hierarchies only."
        )
    search = find_full_domain(coded, criteria, suppression_limit=suppression_limit)
    classes = full_domain_classes(coded, criteria, search.levels)
    return Recoding(
        method="full_domain",
        partition=partition_of(coded, classes),
        ncp=search.loss,
        search=search,
    )
