"""Suppressing counts of few people, with everything that was computed from them."""

from collections.abc import Sequence

import polars as pl

from analytics_lib.core.checks import require_at_least, require_columns
from analytics_lib.core.results import Estimate
from analytics_lib.statistics.shares import estimate_share

SUPPRESSED = "suppressed"


def safe_count(value: float, *, minimum: int) -> float | None:
    """A count of people, or None where it stands for too few; none at all is safe.

    Args:
        value: The count; `nan` stays.
        minimum: Fewest people a count may stand for, 2 or more.

    Raises:
        ParameterError: `minimum` is below 2.

    Examples:
        >>> safe_count(12, minimum=10), safe_count(3, minimum=10), safe_count(0, minimum=10)
        (12, None, 0)
    """
    require_at_least(minimum, 2, name="minimum")

    return None if 0 < value < minimum else value


def rounded_share(share: Estimate, *, to: int) -> Estimate:
    """A share of people computed anew from counts that are rounded.

    The trap: a share with all its digits, or its interval, gives both counts away, and a base
    that is everybody gives away whoever is missing elsewhere. So both counts are rounded first
    and share and interval are those of the rounded ones. Say so beside it.

    Args:
        share: The share and its base.
        to: Both counts become the nearest multiple of it, half up; 2 or more.

    Returns:
        The share; `nan` where the base is rounded to none.

    Raises:
        ParameterError: `to` is below 2.

    Examples:
        >>> found = rounded_share(Estimate(value=155 / 603, n=603, unit="share"), to=10)
        >>> found.n, round(found.value, 4)
        (600, 0.2667)
    """
    require_at_least(to, 2, name="to")

    people = round(share.value * share.n) if share.is_defined else 0
    base = (share.n + to // 2) // to * to
    counted = min((people + to // 2) // to * to, base)
    return estimate_share(counted, base, confidence_level=share.confidence_level)


def suppress_small_counts(
    frame: pl.DataFrame,
    *,
    counts: Sequence[str],
    dependents: Sequence[str] = (),
    parts: Sequence[tuple[str, str]] = (),
    minimum: int,
) -> pl.DataFrame:
    """Blank the counts of fewer than `minimum` people, and what derives from them.

    A published share together with its base gives the count away, so a row
    with one small count loses all its counts and dependents, never the small
    one alone. A count of none is kept: it is about nobody. Totals beside the
    table can still give a single suppressed row away; publish none that add
    up over it.

    Args:
        frame: One row a group.
        counts: Columns that count people (whole numbers).
        dependents: Columns computed from them, such as a share and its interval.
        parts: Counts and what they are part of: `[("returned", "users")]`. Those left out, who
            did not return, are a count too.
        minimum: Fewest people a count may stand for, 2 or more.

    Returns:
        The frame with the boolean column `suppressed` at its end; the blanked
        values are null.

    Raises:
        SchemaError: A named column is missing.
        ParameterError: `minimum` is below 2.

    Examples:
        >>> groups = pl.DataFrame({"users": [40, 9, 0], "share": [0.4, 0.1, 0.0]})
        >>> suppress_small_counts(groups, counts=["users"], dependents=["share"], minimum=10)[
        ...     "users"
        ... ].to_list()
        [40, None, 0]
    """
    left_out = people_left_out(parts)
    require_columns(
        frame.columns,
        [*counts, *dependents, *(name for part in parts for name in part)],
        name="frame",
    )
    require_at_least(minimum, 2, name="minimum")

    small = are_few([*(pl.col(column) for column in counts), *left_out.values()], minimum=minimum)
    blanked = [
        pl.when(pl.col(SUPPRESSED)).then(None).otherwise(pl.col(column)).alias(column)
        for column in (*counts, *dependents)
    ]
    marked = frame.with_columns(small.alias(SUPPRESSED)).with_columns(blanked)
    return marked.select([*frame.columns, SUPPRESSED])


def are_few(counts: Sequence[pl.Expr], *, minimum: int) -> pl.Expr:
    """Whether one of the counts of a row stands for somebody, and for too few."""
    return pl.any_horizontal((count > 0) & (count < minimum) for count in counts).fill_null(
        value=False
    )


def people_left_out(parts: Sequence[tuple[str, str]]) -> dict[str, pl.Expr]:
    """Those of the whole who are not in the part, by a name that no column has."""
    return {
        f"__left_out_{part}_{whole}": pl.col(whole).cast(pl.Int64) - pl.col(part).cast(pl.Int64)
        for part, whole in parts
    }
