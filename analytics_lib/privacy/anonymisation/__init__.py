"""Anonymisation: generalising quasi-identifiers until every class meets k, l and t."""

from analytics_lib.privacy.anonymisation.anonymise import Anonymised, anonymise
from analytics_lib.privacy.anonymisation.coding import CodedTable, coded_table
from analytics_lib.privacy.anonymisation.criteria import Criteria, criteria_for
from analytics_lib.privacy.anonymisation.full_domain import (
    FullDomain,
    find_full_domain,
    full_domain_classes,
)
from analytics_lib.privacy.anonymisation.verification import Achieved

__all__ = [
    "Achieved",
    "Anonymised",
    "CodedTable",
    "Criteria",
    "FullDomain",
    "anonymise",
    "coded_table",
    "criteria_for",
    "find_full_domain",
    "full_domain_classes",
]
