"""What a page shows of a community: groups that live, and the parts of its resilience."""

from typing import Any

import polars as pl

from analytics_lib.events.boundary import as_table
from analytics_lib.events.frames import finish, like
from analytics_lib.impact.resilience import ResilienceScore
from analytics_lib.statistics import add_share_interval

PART_WORDS = {
    "regular": "Recipients who are regulars",
    "mutual": "People who both gave and received",
    "crossing": "Exchanges between communities",
    "spread": "Spread over givers (1 less the Herfindahl index)",
}
_GROUP = ("group_id", "interval_start", "interval_end", "members", "members_at_end", "active")


def active_groups(
    sizes: Any,  # noqa: ANN401 - any frame
    *,
    confidence_level: float = 0.95,
) -> Any:  # noqa: ANN401 - any frame
    """How many groups are there in each period, and how lively are they together?

    A group whose members have all gone is no group any more. Members are
    memberships: a person of two groups is two.

    Args:
        sizes: Result of `group_sizes`: one row a group and period.
        confidence_level: Coverage of the Wilson intervals.

    Returns:
        One row a period, sorted: `interval_start`, `interval_end`, `groups`
        (with a member on the last day), `active_groups` (with an active
        member), `members`, `active_members`, `share` of members who are
        active, `ci_lower`, `ci_upper`; null while the period is not complete.

    Raises:
        SchemaError: A column is missing.

    Examples:
        >>> sizes = pl.DataFrame(
        ...     {"group_id": ["a", "b"], "members": 4, "members_at_end": [3, 2], "active": [1, 0]}
        ... ).with_columns(interval_start=pl.lit(0), interval_end=pl.lit(7))
        >>> active_groups(sizes).select("groups", "active_groups", "share").row(0)
        (2, 1, 0.125)
    """
    table = finish(as_table(sizes, list(_GROUP), name="sizes"))
    known = pl.col("active").is_not_null().all()
    counts = {
        "groups": (pl.col("members_at_end") > 0).sum(),
        "active_groups": (pl.col("active") > 0).sum(),
        "members": pl.col("members").sum(),
        "active_members": pl.col("active").sum(),
    }
    found = table.group_by("interval_start", "interval_end").agg(
        pl.when(known).then(count.cast(pl.Int64)).alias(name) for name, count in counts.items()
    )
    shares = add_share_interval(
        found.sort("interval_start"), numerator="active_members", denominator="members",
        confidence_level=confidence_level,
    )  # fmt: skip
    return like(shares, sizes)


def resilience_parts(score: ResilienceScore) -> pl.DataFrame:
    """The parts of a resilience score: how they add up, for everybody to see.

    Returns:
        One row a part: `part`, `name` (in words), `value`, `weight`,
        `contribution` (their product); a part without a weight counts nothing.

    Examples:
        >>> score = ResilienceScore(value=0.5, parts={"mutual": 0.5}, weights={"mutual": 1.0}, n=4)
        >>> resilience_parts(score).select("name", "contribution").rows()
        [('People who both gave and received', 0.5)]
    """
    rows = [
        {
            "part": part,
            "name": PART_WORDS[part],
            "value": value,
            "weight": score.weights.get(part, 0.0),
        }
        for part, value in score.parts.items()
    ]
    schema = {"part": pl.String, "name": pl.String, "value": pl.Float64, "weight": pl.Float64}
    frame = pl.DataFrame(rows, schema=schema).with_columns(pl.col("value").fill_nan(None))
    return frame.with_columns(contribution=pl.col("value") * pl.col("weight"))
