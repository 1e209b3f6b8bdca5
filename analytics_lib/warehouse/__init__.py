"""Floor 5: tables in and out of storage, privacy at the door.

Reading is loaded at once, writing when it is first used: most processes only read.
"""

from typing import TYPE_CHECKING

from analytics_lib.core.on_demand import loaded_on_demand
from analytics_lib.warehouse.lake import Lake, open_lake
from analytics_lib.warehouse.source_cards import SourceInfo

if TYPE_CHECKING:
    from analytics_lib.warehouse.accounts import IngestReport, TableReport
    from analytics_lib.warehouse.ingestion import ingest
    from analytics_lib.warehouse.mapping import lake_of_mapping

__all__ = [
    "IngestReport",
    "Lake",
    "SourceInfo",
    "TableReport",
    "ingest",
    "lake_of_mapping",
    "open_lake",
]

__getattr__ = loaded_on_demand(
    __name__,
    {
        "IngestReport": "accounts",
        "TableReport": "accounts",
        "ingest": "ingestion",
        "lake_of_mapping": "mapping",
    },
)
