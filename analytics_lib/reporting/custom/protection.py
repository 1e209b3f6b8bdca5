"""What of a result may be shown: small counts go, with everything computed from them."""

from collections.abc import Sequence

import polars as pl

from analytics_lib.core.results import Estimate
from analytics_lib.privacy import protect_counts, suppress_small_counts
from analytics_lib.privacy.small_counts import SUPPRESSED
from analytics_lib.reporting.custom.amounts import Amounts, protect_amounts
from analytics_lib.reporting.custom.reading import Reading
from analytics_lib.reporting.gate.policy import DisclosurePolicy

_FEW_GROUPS = 2
_WHOLE = 1e-9
_NEAR = 1e-6
_GONE = "__gone"


def protect(
    frame: pl.DataFrame,
    reading: Reading,
    *,
    shown: Sequence[str],
    policy: DisclosurePolicy,
    amounts: Amounts | None = None,
) -> pl.DataFrame:
    """The columns of a result that are shown, as they may be, with `suppressed` at the end.

    Counts of too few people go with all that derives from them, and further
    rows with them, so that no sum over groups or periods gives them back.
    Where the policy rounds, shares are computed anew from the rounded counts,
    and what cannot be computed anew is left out. Rows of several traits that
    are suppressed go altogether, since the traits themselves would name people.

    Args:
        frame: The result.
        reading: What its columns are.
        shown: Columns of numbers that are shown.
        policy: The policy.
        amounts: What stands behind its sums, where it has any.
    """
    counts = [name for name in reading.counts if name in _behind(frame, reading, shown)]
    keys = [name for name in frame.columns if name not in reading.numbers]
    derived = [name for name in shown if name not in counts]
    kept = frame.select(*keys, *dict.fromkeys([*counts, *derived]))
    safe = _without_small_counts(kept, reading, counts, derived, policy)
    if amounts is not None:
        safe = protect_amounts(safe, frame, reading, amounts)
    return _without_rare_traits(safe, reading, counts, policy.minimum_count) if counts else safe


def _without_small_counts(
    kept: pl.DataFrame,
    reading: Reading,
    counts: list[str],
    derived: list[str],
    policy: DisclosurePolicy,
) -> pl.DataFrame:
    if not counts:
        return kept.with_columns(pl.lit(value=False).alias(SUPPRESSED))
    if policy.round_counts_to > 1:
        safe = _rounded(kept, reading, counts, derived, policy)
    elif reading.age is not None:
        # Sums over ages mean nothing, and each cohort stands in every one of its ages.
        safe = suppress_small_counts(
            kept,
            counts=counts,
            dependents=derived,
            parts=_parts(kept, counts, derived),
            minimum=policy.minimum_count,
        )
    else:
        safe = protect_counts(
            kept,
            counts=counts,
            minimum=policy.minimum_count,
            adds_up_over=_dimensions(reading, counts),
            by=[name for name in (*reading.groups, reading.time) if name],
            dependents=derived,
            parts=_parts(kept, counts, derived),
        )
    return _without_small_remainders(safe, kept, reading, counts, policy)


def _parts(frame: pl.DataFrame, counts: list[str], derived: list[str]) -> list[tuple[str, str]]:
    """Counts that a shown share says to be part of another one, which leaves people out."""
    pairs = [ratio_of(frame, name, counts) for name in derived]
    return list(dict.fromkeys(pair for pair in pairs if pair and _is_part(frame, *pair)))


def _is_part(frame: pl.DataFrame, part: str, whole: str) -> bool:
    return bool((frame[part] <= frame[whole]).all())


def _behind(frame: pl.DataFrame, reading: Reading, shown: Sequence[str]) -> set[str]:
    """The counts a reader could work out: those shown, and those behind what is shown.

    A share stands for its two counts where the result has them; anything else
    computed from counts stands for all of them.
    """
    behind = set(shown)
    for name in shown:
        if name in reading.counts or name.endswith(("lower", "upper")):
            continue
        pair = ratio_of(frame, name, reading.counts)
        behind |= set(pair or reading.counts)
    return behind


def safe_estimate(
    estimate: Estimate, *, of_people: bool, policy: DisclosurePolicy
) -> Estimate | None:
    """A single estimate, or None where it stands for too few people."""
    if not of_people or not estimate.is_defined:
        return estimate
    if estimate.n < policy.minimum_count:
        return None
    people = estimate.value * estimate.n
    small = any(
        _WHOLE < some < policy.minimum_count - _WHOLE for some in (people, estimate.n - people)
    )
    return None if estimate.unit == "share" and small else estimate


def _dimensions(reading: Reading, counts: Sequence[str]) -> list[str]:
    """Columns along which sums may be known; those active in two periods add up to nothing."""
    adds_up = reading.time is not None and not set(counts) <= set(reading.overlapping)
    return [*reading.groups, *([reading.time] if reading.time and adds_up else [])]


def _rounded(
    frame: pl.DataFrame,
    reading: Reading,
    counts: list[str],
    derived: list[str],
    policy: DisclosurePolicy,
) -> pl.DataFrame:
    pairs = {name: ratio_of(frame, name, counts) for name in derived}
    ratios = {name: pair for name, pair in pairs.items() if pair is not None}
    safe = protect_counts(
        frame,
        counts=counts,
        minimum=policy.minimum_count,
        adds_up_over=[] if reading.age else _dimensions(reading, counts),
        by=[name for name in (*reading.groups, reading.time) if name],
        shares=ratios,
        round_to=policy.round_counts_to,
    )
    lost = [name for name in derived if name not in ratios]
    return safe.with_columns(pl.lit(None, dtype=frame.schema[name]).alias(name) for name in lost)


def ratio_of(frame: pl.DataFrame, name: str, among: Sequence[str]) -> tuple[str, str] | None:
    """The two of some whole numbers whose ratio a column is in every row, or None."""
    known = frame.drop_nulls([name])
    for below in among:
        for above in among:
            if above != below and _is_ratio(known, name, above, below):
                return above, below
    return None


def _is_ratio(known: pl.DataFrame, name: str, above: str, below: str) -> bool:
    whole = known.schema[above].is_integer() and known.schema[below].is_integer()
    if not whole or known.is_empty():
        return False
    apart = (known[above] / known[below] - known[name]).abs()
    return apart.null_count() == 0 and bool((apart < _WHOLE).all())


def _without_small_remainders(
    safe: pl.DataFrame,
    frame: pl.DataFrame,
    reading: Reading,
    counts: Sequence[str],
    policy: DisclosurePolicy,
) -> pl.DataFrame:
    """Rows go where a share of a count of its row, or what it leaves out, is a small count."""
    numbers = [name for name in reading.numbers if name in frame.columns]
    small = [
        _is_small_part(people, policy.minimum_count)
        for name in numbers
        if reading.units[name] == "share" and not name.endswith(("lower", "upper"))
        for count in counts
        for people in (pl.col(name) * pl.col(count), (1 - pl.col(name)) * pl.col(count))
    ]
    if not small:
        return safe
    gone = frame.select(pl.any_horizontal(small).fill_null(value=False).alias(_GONE))
    return (
        safe.hstack(gone)
        .with_columns(
            *(pl.when(_GONE).then(None).otherwise(pl.col(name)).alias(name) for name in numbers),
            (pl.col(SUPPRESSED) | pl.col(_GONE)).alias(SUPPRESSED),
        )
        .drop(_GONE)
    )


def _is_small_part(people: pl.Expr, minimum: int) -> pl.Expr:
    whole = people.round()
    return ((people - whole).abs() < _NEAR) & (whole > 0) & (whole < minimum)


def _without_rare_traits(
    safe: pl.DataFrame, reading: Reading, counts: Sequence[str], minimum: int
) -> pl.DataFrame:
    """Where rows have several traits: no row of people who are too few, or whose count is hidden.

    An empty row goes too where its traits never fit enough people, since they name those few.
    """
    if len(reading.groups) < _FEW_GROUPS:
        return safe
    often = pl.any_horizontal(pl.col(name).max().over(reading.groups) >= minimum for name in counts)
    return safe.filter(~pl.col(SUPPRESSED) & often.fill_null(value=False))
