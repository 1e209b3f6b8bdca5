"""The two sides of a comparison as numbers, and by how much they differ."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from operator import and_
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import numpy.typing as npt

from analytics_lib.core.checks import require_choice
from analytics_lib.core.errors import SchemaError
from analytics_lib.events.boundary import as_table
from analytics_lib.metrics.frames import finish, flag
from analytics_lib.metrics.insights.comparisons import Comparison
from analytics_lib.metrics.segment_rules import Condition, fits
from analytics_lib.statistics import estimate_share, mean_ratio, paired_ratio, share_difference

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sides:
    """The numbers of both sides, missing ones left out.

    Attributes:
        group: Of the group.
        base: Of what it is compared with.
    """

    group: Floats
    base: Floats

    @property
    def least(self) -> int:
        """Rows of the smaller side."""
        return min(self.group.size, self.base.size)


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """By how much the sides differ.

    Attributes:
        group_value: Mean or share of the group.
        base_value: Of the base.
        effect: Times as large, or the difference of shares.
        ci_lower: Lower end of its interval.
        ci_upper: Upper end.
        pvalue: Of no difference; `nan` where it cannot be tested. For means and pairs the larger
            of two: that of the ratio and that of the ranks, which no few large numbers can make.
    """

    group_value: float
    base_value: float
    effect: float
    ci_lower: float
    ci_upper: float
    pvalue: float


def sides_of(tables: Mapping[str, Any], asked: Comparison) -> Sides:
    """The numbers that a comparison puts beside each other.

    Raises:
        ParameterError: There is no such table or column, or a condition compares a column with a
            value of another kind.
        SchemaError: The values are no numbers, or those of shares are not 0 and 1.
    """
    require_choice(asked.table, sorted(tables), name=f"{asked.name}.table")
    table = as_table(tables[asked.table], [], name=asked.table)
    schema = dict(table.collect_schema())
    for name in filter(None, (asked.value, asked.base_value)):
        require_choice(name, list(schema), name=f"{asked.name}.value")
        if not (schema[name].is_numeric() or schema[name] == nw.Boolean):
            raise SchemaError(f"`{asked.table}` has {schema[name]} in {name!r}; it needs numbers.")
    inside = _all(asked.where, asked.name, schema)
    outside = _all(asked.against, asked.name, schema) if asked.against else _rest(asked, inside)
    read = finish(
        table.select(
            value=nw.col(asked.value).cast(nw.Float64),
            partner=nw.col(asked.base_value or asked.value).cast(nw.Float64),
            inside=flag(inside),
            outside=flag(outside),
        )
    )
    columns = {name: read[name].to_numpy().astype(np.float64) for name in read.columns}
    return _split(columns, asked)


def effect_of(sides: Sides, *, asked: Comparison, confidence_level: float) -> Effect:
    """By how much the sides differ, with interval and p-value."""
    if asked.measure == "shares":
        first, second = (
            estimate_share(int(side.sum()), side.size, confidence_level=confidence_level)
            for side in (sides.base, sides.group)
        )
        difference = share_difference(first, second)
        return Effect(
            group_value=second.value,
            base_value=first.value,
            effect=difference.effect_size,
            ci_lower=difference.ci_lower,
            ci_upper=difference.ci_upper,
            pvalue=difference.pvalue,
        )
    is_paired = asked.measure == "pairs"
    compare, rank_test = (paired_ratio, _signed_ranks) if is_paired else (mean_ratio, _ranks)
    ratio = compare(sides.base, sides.group, confidence_level=confidence_level)
    return Effect(
        group_value=float(sides.group.mean()) if sides.group.size else math.nan,
        base_value=float(sides.base.mean()) if sides.base.size else math.nan,
        effect=ratio.value,
        ci_lower=ratio.ci_lower,
        ci_upper=ratio.ci_upper,
        pvalue=max(ratio.pvalue, rank_test(sides)) if ratio.pvalue >= 0 else math.nan,
    )


def _ranks(sides: Sides) -> float:
    """P-value of Mann and Whitney's test: do the numbers of one side tend to be larger?"""
    from scipy.stats import mannwhitneyu  # noqa: PLC0415 - start-up time

    return float(mannwhitneyu(sides.group, sides.base, method="asymptotic").pvalue)


def _signed_ranks(sides: Sides) -> float:
    """P-value of Wilcoxon's test: do numbers tend to be larger than their partners?"""
    from scipy.stats import wilcoxon  # noqa: PLC0415 - start-up time

    return float(wilcoxon(sides.group, sides.base, method="asymptotic").pvalue)


def _split(columns: Mapping[str, Floats], asked: Comparison) -> Sides:
    value, inside, outside = columns["value"], columns["inside"] == 1, columns["outside"] == 1
    if asked.measure == "pairs":
        both = inside & ~np.isnan(value) & ~np.isnan(columns["partner"])
        return Sides(group=value[both], base=columns["partner"][both])
    known = ~np.isnan(value)
    if asked.measure == "shares" and not np.isin(value[known], (0, 1)).all():
        raise SchemaError(f"`{asked.value}` of `{asked.table}` must be 0 or 1 to be a share.")
    return Sides(group=value[known & inside], base=value[known & outside & ~inside])


def _all(conditions: list[Condition], name: str, schema: Mapping[str, Any]) -> nw.Expr:
    return reduce(and_, (fits(one, name, schema) for one in conditions), nw.lit(value=True))


def _rest(asked: Comparison, inside: nw.Expr) -> nw.Expr:
    """Rows of which it is known that they are not in the group."""
    known = (~nw.col(one.column).is_null() for one in asked.where if one.missing is None)
    return reduce(and_, known, nw.lit(value=True)) & ~inside
