"""Quantiles, chosen from a declared grid."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import polars as pl

from analytics_lib.core.checks import require_at_least, require_between
from analytics_lib.core.errors import ParameterError
from analytics_lib.privacy.differential.answers import PrivateAnswer, answer_of
from analytics_lib.privacy.differential.bounds import Bounded
from analytics_lib.privacy.differential.budget import Terms
from analytics_lib.privacy.differential.contributions import bounded_rows, question_of
from analytics_lib.privacy.differential.noise import noisy_choice

PERMUTE_AND_FLIP = "noisy choice by whole-number scores (OpenDP)"
_FINEST = 1000


def private_quantiles(
    table: Any,  # noqa: ANN401 - any supported frame
    *,
    terms: Terms,
    value: Bounded,
    quantiles: Sequence[float] = (0.5,),
    candidates: int = 101,
) -> PrivateAnswer:
    """Below which values lie these shares of the rows?

    The trap: a quantile is a value of somebody. Here one of equally spaced candidates between
    the declared bounds is chosen, the likelier the better it divides the rows.

    Args:
        table: One row a value; any supported frame.
        terms: Privacy loss of all quantiles together, each an equal part; rows a person, who asks.
        value: The column with its declared bounds.
        quantiles: Shares between 0 and 1, with at most three decimals, ascending.
        candidates: Number of them, two or more; each is rounded to a step.

    Returns:
        One row a quantile: `quantile`, `value`, and `ci_lower` and `ci_upper` as null, since no
        interval of values can be given without the table. `accuracy` is in rows: with the
        stated confidence the rows between the chosen candidate and the best one are at most that
        many for each quantile.

    Raises:
        BudgetError: The ledger has not enough left; nothing was computed.
        ParameterError: A share is not between 0 and 1, or a name is unknown.
        SchemaError: A column is missing or has missing values.
        AccessError: OpenDP is not installed.
    """
    shares = _shares(quantiles)
    require_at_least(candidates, 2, name="candidates")
    if terms.delta:
        raise ParameterError(f"`delta` is {terms.delta}, but this answer needs none; it must be 0.")
    question = question_of(table, terms=terms, values=[value.column])
    value.reach(rows=terms.rows_per_person)
    grid = _grid(value, candidates)
    choices = [
        noisy_choice(
            sensitivity=terms.rows_per_person * max(p.numerator, p.denominator - p.numerator),
            epsilon=terms.epsilon / len(shares),
        )
        for p in shares
    ]
    asked = f"quantiles {[float(p) for p in shares]} of {value.column}"
    receipt = terms.charge(question=asked, mechanism=PERMUTE_AND_FLIP)

    units = bounded_rows(question).select(value.in_units())[value.column].sort()
    below = units.search_sorted(pl.Series(grid), side="left").cast(pl.Int64)
    above = len(units) - units.search_sorted(pl.Series(grid), side="right").cast(pl.Int64)
    chosen = [
        grid[choice.choose(_scores(p, below, above))]
        for p, choice in zip(shares, choices, strict=True)
    ]
    excess = [
        choice.excess(candidates=len(grid)) / p.denominator
        for p, choice in zip(shares, choices, strict=True)
    ]
    rows = pl.DataFrame(
        {
            "quantile": [float(p) for p in shares],
            "value": [unit * value.step for unit in chosen],
            "ci_lower": None,
            "ci_upper": None,
        },
        schema=dict.fromkeys(("quantile", "value", "ci_lower", "ci_upper"), pl.Float64),
        strict=False,
    )
    return answer_of(
        rows, terms=terms, receipt=receipt, mechanism=PERMUTE_AND_FLIP, accuracy=max(excess)
    )


def _shares(quantiles: Sequence[float]) -> list[Fraction]:
    if not quantiles or list(quantiles) != sorted(set(quantiles)):
        raise ParameterError(f"`quantiles` is {list(quantiles)}; they must ascend.")
    for share in quantiles:
        require_between(share, 0, 1, name="quantiles")
    found = [Fraction(repr(float(share))) for share in quantiles]
    if any(share.denominator > _FINEST for share in found):
        raise ParameterError("`quantiles` must have at most three decimals.")
    return found


def _grid(value: Bounded, candidates: int) -> list[int]:
    low, high = value.units
    spaced = (low + round(Fraction((high - low) * n, candidates - 1)) for n in range(candidates))
    return sorted(set(spaced))


def _scores(share: Fraction, below: pl.Series, above: pl.Series) -> list[int]:
    """Distance from dividing the rows as asked, times the denominator of the share."""
    p, d = share.numerator, share.denominator
    return ((d - p) * below - p * above).abs().to_list()
