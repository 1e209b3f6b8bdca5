"""Generalisation hierarchies: which coarser label may stand for a value, level by level."""

from analytics_lib.privacy.hierarchies.building import (
    hierarchy_by_date_part,
    hierarchy_by_interval,
    hierarchy_by_prefix,
    hierarchy_by_suppression,
    hierarchy_from_table,
)
from analytics_lib.privacy.hierarchies.hierarchy import ANYTHING, Hierarchy

__all__ = [
    "ANYTHING",
    "Hierarchy",
    "hierarchy_by_date_part",
    "hierarchy_by_interval",
    "hierarchy_by_prefix",
    "hierarchy_by_suppression",
    "hierarchy_from_table",
]
