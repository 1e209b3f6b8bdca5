"""`EventLog`: the canonical event log, on whatever engine the caller uses."""

from dataclasses import dataclass
from typing import Any, Literal

import narwhals.stable.v2 as nw

from analytics_lib.core.errors import ParameterError
from analytics_lib.core.periods import require_zone
from analytics_lib.events.preparation_account import Preparation

Resolution = Literal["microsecond", "day"]


@dataclass(frozen=True, slots=True, kw_only=True)
class EventLog:
    """The canonical event log, lazily, on the engine of the frame it was made from.

    Attributes:
        frame: One row an event with at least `user_id` and `day` (local
            calendar day number in the report zone); `t_us` (microseconds since
            1970-01-01 UTC) where the source knows the time of day.
        zone: The report zone `day` was computed in.
        resolution: `"day"` where the source knows only the day.
        preparation: The account of duplicates, robots, late events and merged
            identities; None for a log that `prepare_events` has not seen.
    """

    frame: nw.LazyFrame[Any]
    zone: str
    resolution: Resolution
    preparation: Preparation | None = None

    def __post_init__(self) -> None:
        """Refuse a zone that does not exist."""
        require_zone(self.zone)

    def require_time_of_day(self, *, question: str) -> None:
        """Refuse a question that needs the time of day of a log that has only days."""
        if self.resolution == "day":
            raise ParameterError(
                f"`{question}` needs the time of day, but this log knows only the day of each "
                "event. Ask a question by day, or ingest a source with timestamps."
            )
