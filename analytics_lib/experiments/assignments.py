"""Who was assigned to which variant of an experiment, as the log says."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl

from analytics_lib.core.checks import require_choice, require_columns
from analytics_lib.core.periods import day_number
from analytics_lib.events.boundary import event_frame
from analytics_lib.events.frames import finish

ASSIGNED = "experiment_assigned"
_SEPARATOR = ": "


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignments:
    """Who is in which group.

    Attributes:
        users: One row a user, sorted: `user_id`, `variant`, `assigned_day` (day number of the
            first assignment).
        in_several: Users left out because they were assigned to more than one variant.
    """

    users: pl.DataFrame
    in_several: int

    def counts(self) -> dict[str, int]:
        """Users of each variant."""
        return dict(self.users.group_by("variant").len().sort("variant").rows())


def read_assignments(
    events: Any,  # noqa: ANN401 - an EventLog or any supported frame
    *,
    experiment: str,
    as_of: dt.date,
) -> Assignments:
    """Who was assigned to which variant, and when?

    A user who was assigned to two variants has seen both: counted in either, they would blur the
    effect, so they are left out and told.

    Args:
        events: An `EventLog`, or a frame with `user_id`, `day`, `event_type` and `category`; an
            assignment has the type `experiment_assigned` and the category `experiment: variant`.
        experiment: Name of the experiment.
        as_of: Last complete day; later rows are ignored.

    Returns:
        The users with their variant and the day of their first assignment.

    Raises:
        SchemaError: A column is missing.
        ParameterError: The log knows no such experiment.

    Examples:
        >>> log = pl.DataFrame(
        ...     {
        ...         "user_id": ["a", "b", "b"],
        ...         "day": [3, 4, 5],
        ...         "event_type": ["experiment_assigned"] * 3,
        ...         "category": ["tips: control", "tips: control", "tips: treatment"],
        ...     }
        ... )
        >>> found = read_assignments(log, experiment="tips", as_of=dt.date(1970, 1, 31))
        >>> found.users.rows(), found.in_several
        ([('a', 'control', 3)], 1)
    """
    frame = event_frame(events)
    require_columns(frame.collect_schema().names(), ["event_type", "category"], name="events")

    assigned = frame.filter(
        nw.col("event_type") == ASSIGNED,
        nw.col("day") <= day_number(as_of),
        ~nw.col("user_id").is_null(),
        ~nw.col("category").is_null(),
    )
    days = finish(
        assigned.group_by("user_id", "category").agg(nw.col("day").min().alias("assigned_day"))
    )
    split = days.select(
        "user_id",
        "assigned_day",
        pl.col("category").cast(pl.String).str.split_exact(_SEPARATOR, 1)
        .struct.rename_fields(["experiment", "variant"]).struct.unnest(),
    )  # fmt: skip
    require_choice(experiment, split["experiment"].unique().to_list(), name="experiment")
    ours = split.filter(experiment=experiment)
    once = ours.filter(pl.len().over("user_id") == 1)
    users = once.select("user_id", "variant", "assigned_day").sort("user_id")
    return Assignments(users=users, in_several=ours["user_id"].n_unique() - users.height)
