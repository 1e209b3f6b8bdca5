"""Tables of counts that stay safe when added up: complementary suppression and rounding."""

from collections.abc import Iterator, Mapping, Sequence

import polars as pl

from analytics_lib.core.checks import require_at_least, require_columns
from analytics_lib.core.errors import ParameterError
from analytics_lib.privacy.small_counts import SUPPRESSED, are_few, people_left_out

FEWEST_HIDDEN = 2
ROW = "__row"


def protect_counts(
    frame: pl.DataFrame,
    *,
    counts: Sequence[str],
    minimum: int,
    adds_up_over: Sequence[str] = (),
    by: Sequence[str] = (),
    additive: Sequence[str] | None = None,
    shares: Mapping[str, tuple[str, str]] | None = None,
    parts: Sequence[tuple[str, str]] = (),
    dependents: Sequence[str] = (),
    round_to: int = 1,
) -> pl.DataFrame:
    """Suppress, round and recompute so that no small count can be read or worked out.

    The trap: one blank cell in a column whose total is known is no secret, it
    is the total less the rest. So wherever the counts add up to something a
    reader may know, at least two rows are blank and stand for `minimum` people
    together; the smallest further rows go with the small ones. Shares are then
    computed anew from the counts that are shown, since a share of the exact
    counts gives them back.

    Args:
        frame: One row a group.
        counts: Columns that count people (whole numbers, null where not known).
        minimum: Fewest people a count may stand for, 2 or more.
        adds_up_over: Columns of the groups along which the counts add up to totals that are or
            may be published: `["region"]` where the sum over regions is known,
            `["month", "region"]` where the sums over months and those over regions are.
        by: All columns that name a group, where there are more than those of `adds_up_over`:
            the sums over each of those are then within the groups of the rest.
        additive: Which of the counts add up at all; all where none is named. New users of each
            month add up to all users, active users of each month add up to nothing.
        shares: Numerator and denominator (both among `counts`) by the column of their ratio.
        parts: Counts and what they are part of, both among `counts`: `[("completed", "learners")]`.
            Those left out, who did not complete, are a count too.
        dependents: Further columns that go where the counts of their row go, such as intervals;
            with rounding they would give the exact counts back, so then they are refused.
        round_to: Counts are rounded to the nearest multiple, half up; 1 leaves them.

    Returns:
        The frame with the boolean column `suppressed` at its end; blanked values are null.
        Where all rows of a total had to go, all are gone.

    Raises:
        SchemaError: A named column is missing.
        ParameterError: `minimum` is below 2, `round_to` below 1 or above `minimum`, a share or
            part is of something that is not among `counts`, or `dependents` meet rounding.

    Examples:
        >>> groups = pl.DataFrame({"region": ["a", "b", "c"], "users": [40, 9, 12]})
        >>> protect_counts(groups, counts=["users"], minimum=10, adds_up_over=["region"])[
        ...     "users"
        ... ].to_list()
        [40, None, None]

    References:
        Hundepool et al. (2012), Statistical Disclosure Control, chapter 4 (primary and secondary
        suppression, rounding).
    """
    ratios = dict(shares or {})
    groups = [*by, *adds_up_over]
    summed = counts if additive is None else additive
    require_columns(frame.columns, [*counts, *groups, *summed, *dependents], name="frame")
    _require_safe_steps(minimum, round_to)
    _require_safe_ratios(counts, [*ratios.values(), *parts], dependents, round_to)

    left_out = people_left_out(parts)
    rows = frame.with_row_index(ROW).with_columns(**left_out)
    judged = [*counts, *left_out]
    few = are_few([pl.col(column) for column in judged], minimum=minimum)
    hidden = set(rows.filter(few)[ROW].to_list())
    if {name for part in parts for name in part} <= set(summed):
        summed = [*summed, *left_out]
    lines = rows_by_total(rows, adds_up_over, groups)
    grown = True
    while grown:
        more = set(_complements(summed, lines, hidden, minimum))
        grown = bool(more - hidden)
        hidden |= more
    marked = rows.with_columns(pl.col(ROW).is_in(sorted(hidden)).alias(SUPPRESSED))
    blank = [*counts, *dependents, *ratios]
    rounded = marked.with_columns(
        (pl.col(column) + round_to // 2) // round_to * round_to for column in counts
    )
    shared = rounded.with_columns(_ratio(*pair).alias(name) for name, pair in ratios.items())
    return shared.with_columns(
        pl.when(pl.col(SUPPRESSED)).then(None).otherwise(pl.col(column)).alias(column)
        for column in blank
    ).select([*frame.columns, *(name for name in ratios if name not in frame.columns), SUPPRESSED])


def _ratio(numerator: str, denominator: str) -> pl.Expr:
    top, bottom = pl.col(numerator), pl.col(denominator)
    return pl.when(bottom > 0).then(pl.min_horizontal(top / bottom, 1.0))


def rows_by_total(
    rows: pl.DataFrame, adds_up_over: Sequence[str], by: Sequence[str]
) -> list[pl.DataFrame]:
    """The rows that add up to one total, for each total."""
    found = []
    for dimension in adds_up_over:
        others = [column for column in dict.fromkeys(by) if column != dimension]
        found += rows.partition_by(others, maintain_order=True) if others else [rows]
    return found


def _complements(
    counts: Sequence[str],
    lines: Sequence[pl.DataFrame],
    hidden: set[int],
    minimum: int,
) -> Iterator[int]:
    """Rows that must go too, so that no total gives a hidden row away."""
    for line in lines:
        for column in counts:
            yield from _complements_of(line, column, hidden, minimum)


def _complements_of(
    line: pl.DataFrame, column: str, hidden: set[int], minimum: int
) -> Iterator[int]:
    cells = line.select(ROW, column).drop_nulls().sort(column, ROW)
    gone = cells.filter(pl.col(ROW).is_in(sorted(hidden)) & (pl.col(column) > 0))
    if gone.is_empty():
        return
    people, number = int(gone[column].sum()), gone.height
    left = cells.filter(~pl.col(ROW).is_in(sorted(hidden)) & (pl.col(column) > 0))
    for row, value in left.iter_rows():
        if number >= FEWEST_HIDDEN and people >= minimum:
            return
        people, number = people + int(value), number + 1
        yield int(row)


def _require_safe_steps(minimum: int, round_to: int) -> None:
    require_at_least(minimum, 2, name="minimum")
    require_at_least(round_to, 1, name="round_to")
    if round_to > minimum:
        raise ParameterError(
            f"`round_to` is {round_to}; it must be at most `minimum`, which is {minimum}."
        )


def _require_safe_ratios(
    counts: Sequence[str],
    pairs: Sequence[tuple[str, str]],
    dependents: Sequence[str],
    round_to: int,
) -> None:
    strange = sorted({name for pair in pairs for name in pair} - set(counts))
    if strange:
        raise ParameterError(
            f"`shares` and `parts` are of {strange}; they must be of columns in `counts`."
        )
    if dependents and round_to > 1:
        raise ParameterError(
            f"`dependents` are {list(dependents)}; computed from exact counts they would give the "
            "rounded ones back. Compute them anew from the result."
        )
