"""Sums that one or two people make up almost alone: the p % rule and the (n, k) rule."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from analytics_lib.core.checks import require_at_least, require_between, require_columns
from analytics_lib.core.errors import ParameterError, SchemaError

CONTRIBUTORS = "contributors"
CONTRIBUTED = "contributed"
LARGEST = "largest"
SECOND = "second_largest"
TOGETHER = "largest_together"
PROTECTION = "dominance_rule"
MEASURES = (CONTRIBUTORS, CONTRIBUTED, LARGEST, SECOND, TOGETHER)
_PERCENT = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class DominanceRule:
    """When a sum of what people contributed says too much of one of them.

    Who knows these numbers learns more from what was held back: they belong in
    the policy and on no page.

    Attributes:
        p: Unsafe is a sum whose total less the two largest contributions is below p % of the
            largest: the second largest contributor could tell the largest to within p %.
        n: How many contributors the second rule takes together; without it there is none.
        k: Unsafe is a sum of which the n largest contributions are more than k %.
    """

    p: float
    n: int | None = None
    k: float | None = None

    def __post_init__(self) -> None:
        """Refuse percentages out of range, and half a rule."""
        require_between(self.p, 0, float("inf"), name="p")
        if (self.n is None) != (self.k is None):
            raise ParameterError("`n` and `k` belong together; give both or neither.")
        if self.n is not None and self.k is not None:
            require_at_least(self.n, 1, name="n")
            require_between(self.k, 0, _PERCENT, name="k")

    def is_as_strict_as(self, other: "DominanceRule") -> bool:
        """Whether every sum that is unsafe by the other rule is so by this one, by their numbers.

        Examples:
            >>> DominanceRule(p=15).is_as_strict_as(DominanceRule(p=10))
            True
            >>> DominanceRule(p=15).is_as_strict_as(DominanceRule(p=10, n=1, k=75))
            False
        """
        if self.p < other.p:
            return False
        if other.n is None or other.k is None:
            return True
        return self.n is not None and self.k is not None and self.n >= other.n and self.k <= other.k

    def unsafe(self, *, total: pl.Expr, largest: pl.Expr, second: pl.Expr, top: pl.Expr) -> pl.Expr:
        """Whether a sum is unsafe; one to which nobody contributed is safe.

        Args:
            total: All contributions.
            largest: The largest of them.
            second: The second largest; 0 where there is one only.
            top: The n largest together.
        """
        unsafe = total - largest - second < largest * (self.p / _PERCENT)
        if self.k is not None:
            unsafe |= top > total * (self.k / _PERCENT)
        return (total > 0) & unsafe


def largest_contributions(
    contributions: pl.DataFrame,
    *,
    value: str,
    by: Sequence[str],
    rule: DominanceRule,
    person: str = "user_id",
) -> pl.DataFrame:
    """Who stands behind each sum: how many people, and how much the largest of them contributed.

    The trap is a row for each payment: one person who paid a hundred times
    looks like a crowd. So what a person contributed to a sum is added up first.

    Args:
        contributions: One row a contribution, or several of one person to be added up.
        value: Column of what was contributed. Refunds are taken from the person's own
            contribution; what is then below 0 counts by its size.
        by: Columns that name the sum.
        rule: The rule, for how many contributors are taken together.
        person: Column of the contributor; those without a name are taken to be one person.

    Returns:
        One row a sum, sorted by `by`: its columns, `contributors`, `contributed`, `largest`,
        `second_largest` (0 where there is one only), `largest_together` (the n largest; of the
        p % rule alone, two), in the unit of the value.

    Raises:
        SchemaError: A named column is missing, or the value is not a number.

    Examples:
        >>> paid = pl.DataFrame({"shop": ["a", "a", "a"], "user_id": [1, 1, 2], "eur": [5, 5, 4]})
        >>> largest_contributions(paid, value="eur", by=["shop"], rule=DominanceRule(p=10)).rows()
        [('a', 2, 14.0, 10.0, 4.0, 14.0)]
    """
    require_columns(contributions.columns, [*by, person, value], name="contributions")
    if not contributions.schema[value].is_numeric():
        raise SchemaError(f"`{value}` is {contributions.schema[value]}; it must be a number.")
    each = contributions.group_by([*by, person]).agg(
        pl.col(value).cast(pl.Float64).sum().abs().alias(CONTRIBUTED)
    )
    ordered = pl.col(CONTRIBUTED).sort(descending=True)
    return (
        each.filter(pl.col(CONTRIBUTED) > 0)
        .group_by(list(by))
        .agg(
            pl.len().cast(pl.Int64).alias(CONTRIBUTORS),
            # Largest first, so that the sum is the same in whatever order rows come.
            ordered.sum().alias(CONTRIBUTED),
            ordered.first().alias(LARGEST),
            ordered.slice(1, 1).sum().alias(SECOND),
            ordered.head(rule.n or 2).sum().alias(TOGETHER),
        )
        .sort(list(by))
    )


def as_plain(rule: DominanceRule) -> dict[str, Any]:
    """The rule as plain values."""
    return {"p": rule.p, "n": rule.n, "k": rule.k}
