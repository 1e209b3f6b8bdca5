"""How users move between segments from one period to another."""

from typing import Any

import polars as pl

from analytics_lib.core.errors import SchemaError
from analytics_lib.events.boundary import as_table
from analytics_lib.metrics.frames import finish, like
from analytics_lib.metrics.segments import require_one_row_a_user, with_plain_labels
from analytics_lib.statistics import add_share_interval


def segment_migration(
    before: Any,  # noqa: ANN401 - any supported frame
    after: Any,  # noqa: ANN401 - any supported frame
    *,
    segment: str = "segment",
    confidence_level: float = 0.95,
) -> Any:  # noqa: ANN401 - the caller's own kind of frame
    """Where did the users of each segment go, and where do those of now come from?

    The trap is to match users of both periods only: who left is missing then,
    and every segment looks more faithful than it is. Those who left and those
    who entered have rows of their own.

    Args:
        before: One row a user of the first period: `user_id` and the `segment` column.
        after: One row a user of the second period, likewise.
        segment: Column of segments; users with none are a segment of their own.
        confidence_level: Coverage of the Wilson intervals.

    Returns:
        One row a pair of segments, zeros too, sorted: `segment_before`,
        `segment_after`, `movement` (`stayed`, `moved`, `entered` with no
        segment before, `left` with none after), `users`, `origin_users`
        (everybody in the segment before; for those who entered, everybody who
        did), `share` (of the origin), `ci_lower`, `ci_upper`; null where the
        origin is nobody. The shares of one origin add up to 1.

    Raises:
        SchemaError: A column is missing, a user is missing or there twice, or
            the segments of the two are of different types.

    Examples:
        >>> before = pl.DataFrame({"user_id": ["a", "b"], "segment": ["x", "x"]})
        >>> after = pl.DataFrame({"user_id": ["a", "c"], "segment": ["x", "x"]})
        >>> segment_migration(before, after).select("movement", "users", "share").rows()
        [('stayed', 1, 0.5), ('left', 1, 0.5), ('entered', 1, 1.0)]
    """
    was = _people(before, segment=segment, name="before")
    now = _people(after, segment=segment, name="after")
    if was.schema["segment_before"] != now.schema["segment_after"]:
        raise SchemaError(
            f"`{segment}` is {was.schema['segment_before']} in `before` and "
            f"{now.schema['segment_after']} in `after`; both must be of one type."
        )
    keys = ["segment_before", "segment_after", "movement"]
    both = was.join(now, on="user_id", how="full", coalesce=True)
    movement = (
        pl.when(pl.col("in_before").is_null())
        .then(pl.lit("entered"))
        .when(pl.col("in_after").is_null())
        .then(pl.lit("left"))
        .otherwise(_stayed_or_moved())
    )
    counts = (
        both.with_columns(movement=movement)
        .group_by(keys)
        .agg(pl.len().cast(pl.Int64).alias("users"))
    )
    entered = pl.col("movement") == "entered"
    found = (
        _every_pair(was, now)
        .join(counts, on=keys, how="left", nulls_equal=True)
        .with_columns(pl.col("users").fill_null(0))
        .with_columns(origin_users=pl.col("users").sum().over(entered, "segment_before"))
        .sort(keys, nulls_last=True)
        .select(*keys, "users", "origin_users")
    )
    shares = add_share_interval(
        found, numerator="users", denominator="origin_users", confidence_level=confidence_level
    )
    return like(shares, before)


def _people(frame: Any, *, segment: str, name: str) -> pl.DataFrame:  # noqa: ANN401
    """`user_id`, `segment_<name>` and a mark that they are there."""
    table = as_table(frame, ["user_id", segment], name=name).select("user_id", segment)
    users = with_plain_labels(finish(table), segment=segment)
    require_one_row_a_user(users, name=name)
    return users.select(
        "user_id",
        pl.col(segment).alias(f"segment_{name}"),
        pl.lit(1, pl.Int64).alias(f"in_{name}"),
    )


def _stayed_or_moved() -> pl.Expr:
    same = pl.col("segment_before").eq_missing(pl.col("segment_after"))
    return pl.when(same).then(pl.lit("stayed")).otherwise(pl.lit("moved"))


def _every_pair(was: pl.DataFrame, now: pl.DataFrame) -> pl.DataFrame:
    """Every segment with every other, and with outside."""
    labels = pl.concat(
        [was.select(label="segment_before"), now.select(label="segment_after")]
    ).unique()
    first = labels.rename({"label": "segment_before"})
    second = labels.rename({"label": "segment_after"})
    nothing = pl.lit(None, labels.schema["label"])
    return pl.concat(
        [
            first.join(second, how="cross").with_columns(movement=_stayed_or_moved()),
            first.with_columns(segment_after=nothing, movement=pl.lit("left")),
            second.select(nothing.alias("segment_before"), "segment_after").with_columns(
                movement=pl.lit("entered")
            ),
        ]
    )
