"""Floor 5: tables in and out of storage, privacy at the door."""

from analytics_lib.warehouse.accounts import IngestReport, TableReport
from analytics_lib.warehouse.ingestion import ingest
from analytics_lib.warehouse.lake import Lake, open_lake
from analytics_lib.warehouse.mapping import lake_of_mapping
from analytics_lib.warehouse.source_cards import SourceInfo

__all__ = [
    "IngestReport",
    "Lake",
    "SourceInfo",
    "TableReport",
    "ingest",
    "lake_of_mapping",
    "open_lake",
]
