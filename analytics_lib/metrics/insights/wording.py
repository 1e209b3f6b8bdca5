"""Statements in words, made of the numbers themselves."""

from collections.abc import Mapping
from typing import Any

from analytics_lib.metrics.insights.comparisons import Comparison
from analytics_lib.statistics import Correction

_HOLDS = {
    "holm": "Holm's correction holds the chance of any false statement at",
    "fdr_bh": "the correction of Benjamini and Hochberg holds the expected share of false "
    "statements at",
}


def words_of(
    row: Mapping[str, Any], *, asked: Comparison, tried: int, confidence_level: float
) -> str:
    """The statement: who, how much, against whom, how sure, of how many, after how many tries."""
    if asked.measure == "shares":
        more = "more" if row["effect"] > 0 else "fewer"
        low, high = sorted(abs(row[name]) for name in ("ci_lower", "ci_upper"))
        size = (
            f"{row['group_value']:.1%} of {asked.group} {asked.did}, against "
            f"{row['base_value']:.1%} of {asked.base}: {100 * abs(row['effect']):.1f} percentage "
            f"points {more}"
        )
        sure = f"{100 * low:.1f} to {100 * high:.1f}"
    else:
        size = f"{asked.group} are {row['effect']:.2f} times {asked.did} as {asked.base}"
        sure = f"{row['ci_lower']:.2f} to {row['ci_upper']:.2f}"
    base = f"{row['n_group']:,} and {row['n_base']:,}"
    if asked.measure == "pairs":
        base = f"{row['n_group']:,} pairs"
    said = f"{size} ({confidence_level:.0%} CI {sure}, n = {base}; {_tried(tried)})"
    return said[:1].upper() + said[1:]


def tried_in_words(
    *, told: int, tried: int, too_few: int, minimum: int, correction: Correction, error: float
) -> str:
    """How many comparisons were tried and told, and what the correction holds."""
    left = ""
    if too_few:
        were = "was" if too_few == 1 else "were"
        left = f" {too_few} more {were} not, because a side has fewer than {minimum} rows;"
    holds = f"{_HOLDS[correction]} {error:.0%}"
    return f"Of {_tried(tried)}, {told} can be told;{left} {holds}."


def _tried(tried: int) -> str:
    return f"{tried} comparison{'' if tried == 1 else 's'} tried"
