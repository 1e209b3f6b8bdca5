"""Tables of sums that stay safe when added up: dominated ones are held back, others with them."""

import json
from collections.abc import Iterator, Sequence

import polars as pl

from analytics_lib.core.checks import require_at_least, require_columns
from analytics_lib.core.errors import SchemaError
from analytics_lib.privacy.dominance import (
    CONTRIBUTED,
    CONTRIBUTORS,
    LARGEST,
    MEASURES,
    PROTECTION,
    SECOND,
    TOGETHER,
    DominanceRule,
    as_plain,
)
from analytics_lib.privacy.protected_counts import FEWEST_HIDDEN, ROW, rows_by_total
from analytics_lib.privacy.small_counts import SUPPRESSED

_KNOWN = "__known"


def protect_sums(
    frame: pl.DataFrame,
    *,
    sums: Sequence[str],
    contributions: pl.DataFrame,
    by: Sequence[str],
    rule: DominanceRule,
    adds_up_over: Sequence[str] = (),
    dependents: Sequence[str] = (),
    minimum: int = 1,
) -> pl.DataFrame:
    """Suppress sums that one or two people dominate, so that they cannot be worked out either.

    The trap: a sum over many people is no secret of anybody, unless one of them makes up nearly
    all of it; and a dominated sum that is blank is the total less the rest. So wherever sums add
    up to something a reader may know, at least two rows are blank, and what they add up to is
    itself not dominated, even if the largest contributors of all of them were the same two
    people.

    Use it after `protect_counts`: rows that are suppressed stay so and hide others.

    Args:
        frame: One row a sum, or several sums of the same contributions.
        sums: Columns of the sums.
        contributions: `largest_contributions` of them. A row that is not in it has no
            contributors anybody knows of, and is held back unless its sums are 0.
        by: Columns that name a row, in both.
        rule: The rule, of the policy.
        adds_up_over: Those of `by` along which the sums add up to totals that are or may be
            published.
        dependents: Further columns that go where the sums of their row go, such as means.
        minimum: Fewest people a sum may be of, where no column of the frame counts them: ten
            sales may be those of one person.

    Returns:
        The frame with the boolean column `suppressed` (as it was, or true) and `dominance_rule`
        (what was asked for, for the release gate; show it on no page) at its end; blanked values
        are null.

    Raises:
        SchemaError: A named column is missing, or the contributions name a row twice.
        ParameterError: `minimum` is below 1.

    Examples:
        >>> rule = DominanceRule(p=10)
        >>> sums = pl.DataFrame({"shop": ["a", "b", "c"], "eur": [100.0, 90.0, 95.0]})
        >>> behind = pl.DataFrame(
        ...     {
        ...         "shop": ["a", "b", "c"],
        ...         "contributors": [3, 30, 30],
        ...         "contributed": [100.0, 90.0, 95.0],
        ...         "largest": [50.0, 5.0, 5.0],
        ...         "second_largest": [49.0, 5.0, 5.0],
        ...         "largest_together": [99.0, 10.0, 10.0],
        ...     }
        ... )
        >>> protect_sums(
        ...     sums,
        ...     sums=["eur"],
        ...     contributions=behind,
        ...     by=["shop"],
        ...     rule=rule,
        ...     adds_up_over=["shop"],
        ... )["eur"].to_list()
        [None, None, 95.0]

    References:
        Hundepool et al. (2012), Statistical Disclosure Control, section 4.2.1 (sensitivity rules)
        and 4.2.2 (secondary suppression).
    """
    named = [*sums, *by, *adds_up_over, *dependents]
    require_columns(frame.columns, named, name="frame")
    require_columns(contributions.columns, [*by, *MEASURES], name="contributions")
    require_at_least(minimum, 1, name="minimum")

    rows = _with_contributions(frame, contributions, by)
    hidden = set(rows.filter(_unsafe(rows, sums, rule, minimum))[ROW].to_list())
    lines = rows_by_total(rows, adds_up_over, by)
    grown = True
    while grown:
        more = {row for line in lines for row in _complements(line, hidden, rule)}
        grown = bool(more - hidden)
        hidden |= more
    gone = pl.col(ROW).is_in(sorted(hidden))
    marked = rows.with_columns(gone.alias(SUPPRESSED)).with_columns(
        pl.when(SUPPRESSED).then(None).otherwise(pl.col(column)).alias(column)
        for column in (*sums, *dependents)
    )
    kept = [column for column in frame.columns if column not in (SUPPRESSED, PROTECTION)]
    stated = pl.lit(json.dumps(as_plain(rule), sort_keys=True)).alias(PROTECTION)
    return marked.select(*kept, SUPPRESSED, stated)


def _with_contributions(
    frame: pl.DataFrame, contributions: pl.DataFrame, by: Sequence[str]
) -> pl.DataFrame:
    if contributions.select(pl.struct(by).is_duplicated().any()).item():
        raise SchemaError(f"`contributions` names a row by {list(by)} more than once.")
    known = contributions.select(*by, *MEASURES, pl.lit(value=True).alias(_KNOWN))
    return (
        frame.with_row_index(ROW)
        .drop(MEASURES, strict=False)
        .join(known, on=list(by), how="left", nulls_equal=True)
        .sort(ROW)
    )


def _unsafe(rows: pl.DataFrame, sums: Sequence[str], rule: DominanceRule, minimum: int) -> pl.Expr:
    nothing = pl.all_horizontal((pl.col(column).fill_null(0) == 0) for column in sums)
    dominated = rule.unsafe(
        total=pl.col(CONTRIBUTED),
        largest=pl.col(LARGEST),
        second=pl.col(SECOND),
        top=pl.col(TOGETHER),
    )
    before = pl.col(SUPPRESSED) if SUPPRESSED in rows.columns else pl.lit(value=False)
    unknown = pl.col(_KNOWN).is_null() & ~nothing
    few = pl.col(CONTRIBUTORS).is_between(1, minimum - 1)
    return before | unknown | (dominated | few).fill_null(value=False)


def _complements(line: pl.DataFrame, hidden: set[int], rule: DominanceRule) -> Iterator[int]:
    """Rows that must go too, so that their total does not give a dominated sum away."""
    cells = line.filter(pl.col(CONTRIBUTED) > 0).sort(CONTRIBUTED, ROW)
    gone = pl.col(ROW).is_in(sorted(hidden))
    together = cells.filter(gone)
    if together.is_empty():
        return
    for row in cells.filter(~gone)[ROW].to_list():
        if together.height >= FEWEST_HIDDEN and not _is_dominated(together, rule):
            return
        together = together.vstack(cells.filter(pl.col(ROW) == row))
        yield row


def _is_dominated(rows: pl.DataFrame, rule: DominanceRule) -> bool:
    """Whether the sum of several rows is unsafe if the largest of each were the same people."""
    columns = (CONTRIBUTED, LARGEST, SECOND, TOGETHER)
    total, largest, second, top = (pl.lit(rows[column].sum()) for column in columns)
    unsafe = rule.unsafe(total=total, largest=largest, second=second, top=top)
    return bool(pl.select(unsafe).item())
