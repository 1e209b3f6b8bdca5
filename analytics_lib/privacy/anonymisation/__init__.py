"""Anonymisation: generalising quasi-identifiers until every class meets k, l and t."""

from analytics_lib.privacy.anonymisation.coding import CodedTable, coded_table
from analytics_lib.privacy.anonymisation.criteria import Criteria, criteria_for
from analytics_lib.privacy.anonymisation.full_domain import (
    FullDomain,
    find_full_domain,
    full_domain_classes,
)

__all__ = [
    "CodedTable",
    "Criteria",
    "FullDomain",
    "coded_table",
    "criteria_for",
    "find_full_domain",
    "full_domain_classes",
]
