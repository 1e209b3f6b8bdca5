"""Statements about groups that appear only where the data carry them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from analytics_lib.core.checks import require_at_least, require_between, require_choice
from analytics_lib.core.errors import ParameterError
from analytics_lib.core.results import Estimate
from analytics_lib.metrics.insights.comparisons import Comparison
from analytics_lib.metrics.insights.sides import Effect, Sides, effect_of, sides_of
from analytics_lib.metrics.insights.wording import tried_in_words, words_of
from analytics_lib.statistics import CORRECTIONS, Correction, adjust_pvalues

_NUMBERS = ("group_value", "base_value", "effect", "ci_lower", "ci_upper", "pvalue")
TOLD, NOT_SHOWN, TOO_FEW = "told", "no difference shown", "too few"


@dataclass(frozen=True, slots=True, kw_only=True)
class Insights:
    """Everything that was compared, and what may be said of it.

    Attributes:
        comparisons: One row a comparison, in the order declared: `name`, `status` (`told`,
            `no difference shown` or `too few`), `statement` (null unless told), `n_group`,
            `n_base`, `group_value`, `base_value`, `effect` (times as large, or a difference of
            shares), `ci_lower`, `ci_upper`, `pvalue`, `adjusted_pvalue`, `unit`. Everything but
            the first two is null where there are too few.
        tried: Comparisons that were tested.
        correction: `holm` or `fdr_bh`.
        error: The error that the correction holds.
        minimum: Fewest rows of a side.
        confidence_level: Coverage of the intervals.
    """

    comparisons: pl.DataFrame
    tried: int
    correction: Correction
    error: float
    minimum: int
    confidence_level: float

    def told(self) -> pl.DataFrame:
        """`name` and `statement` of what may be said, the surest first."""
        told = self.comparisons.filter(status=TOLD).sort("adjusted_pvalue", "name")
        return told.select("name", "statement")

    def results(self) -> dict[str, Estimate]:
        """Each effect by the name that rules use (`insight <name>`); undefined unless told."""
        return {f"insight {row['name']}": self._estimate(row) for row in self._rows()}

    def summary(self) -> str:
        """How many were tried and left out, and what the correction holds, in one sentence."""
        too_few = self.comparisons.filter(status=TOO_FEW).height
        return tried_in_words(
            told=self.told().height,
            tried=self.tried,
            too_few=too_few,
            minimum=self.minimum,
            correction=self.correction,
            error=self.error,
        )

    def _rows(self) -> list[dict[str, Any]]:
        return self.comparisons.rows(named=True)

    def _estimate(self, row: Mapping[str, Any]) -> Estimate:
        told = row["status"] == TOLD
        value, low, high = (
            row[name] if told else float("nan") for name in ("effect", "ci_lower", "ci_upper")
        )
        return Estimate(
            value=value,
            ci_lower=low,
            ci_upper=high,
            confidence_level=self.confidence_level,
            n=row["n_group"] + row["n_base"] if told else 0,
            unit=row["unit"],
        )


def find_insights(
    tables: Mapping[str, Any],
    *,
    comparisons: Sequence[Comparison],
    correction: Correction = "holm",
    error: float = 0.05,
    minimum: int = 20,
    confidence_level: float = 0.95,
) -> Insights:
    """Which of these statements about groups do the data carry, allowing for how many were tried?

    Who looks at twenty splits finds a difference in one of them. So the comparisons are declared
    before the data are looked at, all that were tested count, and a statement appears only where
    its p-value, adjusted for all of them, is at most the declared error and its interval leaves no
    difference out. Activity is skewed, and a few busy people make a small group look busy: means
    must differ by Mann and Whitney's test of ranks as well (pairs by Wilcoxon's). Sides that are
    too small are neither tested nor told, which is decided by their size alone.

    Args:
        tables: Tables by name; the rows of each are independent units, such as users, groups or
            weeks (for users who sway each other, compare their groups).
        comparisons: What is compared.
        correction: `holm` holds the chance of any false statement, `fdr_bh` the expected share of
            false statements.
        error: What it is held at, between 0 and 1.
        minimum: Fewest rows of a side, 10 or more; for shares also the fewest on each side who
            did and who did not, or the statement stays untold.
        confidence_level: Coverage of the intervals, each on its own.

    Returns:
        The comparisons and the statements. The same data give the same result: nothing is drawn.

    Raises:
        ParameterError: There is no comparison, two have one name, a name is unknown, or a number
            is out of range.
        SchemaError: A column does not hold what is compared.

    Examples:
        >>> people = pl.DataFrame(
        ...     {"member": [True] * 40 + [False] * 40, "actions": [4, 6] * 20 + [1, 3] * 20}
        ... )
        >>> asked = Comparison.model_validate(
        ...     {
        ...         "name": "members",
        ...         "table": "people",
        ...         "measure": "means",
        ...         "value": "actions",
        ...         "group": "Members",
        ...         "base": "others",
        ...         "did": "as active",
        ...         "where": [{"column": "member", "is": True}],
        ...     }
        ... )
        >>> print(find_insights({"people": people}, comparisons=[asked]).told()["statement"][0])
        Members are 2.50 times as active as others
        (95% CI 2.10 to 2.97, n = 40 and 40; 1 comparison tried)

    References:
        Holm S. (1979), Scand. J. Stat. 6, 65-70; Benjamini Y., Hochberg Y. (1995), J. R. Stat.
        Soc. B 57, 289-300.
    """
    require_choice(correction, CORRECTIONS, name="correction")
    require_between(error, 0, 1, name="error")
    require_between(confidence_level, 0, 1, name="confidence_level")
    require_at_least(minimum, 10, name="minimum")
    _require_names(comparisons)

    sides = [sides_of(tables, asked) for asked in comparisons]
    effects = [
        effect_of(side, asked=asked, confidence_level=confidence_level)
        if side.least >= minimum
        else None
        for side, asked in zip(sides, comparisons, strict=True)
    ]
    adjusted = adjust_pvalues(
        [np.nan if effect is None else effect.pvalue for effect in effects], correction=correction
    )
    tried = int((~np.isnan(adjusted)).sum())
    rows = [
        _row(asked, side, effect, adjusted=float(low), error=error, minimum=minimum)
        for asked, side, effect, low in zip(comparisons, sides, effects, adjusted, strict=True)
    ]
    said = [
        words_of(row, asked=asked, tried=tried, confidence_level=confidence_level)
        if row["status"] == TOLD
        else None
        for row, asked in zip(rows, comparisons, strict=True)
    ]
    return Insights(
        comparisons=_frame(rows, said),
        tried=tried,
        correction=correction,
        error=error,
        minimum=minimum,
        confidence_level=confidence_level,
    )


def _require_names(comparisons: Sequence[Comparison]) -> None:
    names = [one.name for one in comparisons]
    if not names or len(set(names)) < len(names):
        raise ParameterError(
            f"`comparisons` has the names {names}; it must hold at least one, each name once."
        )


def _row(
    asked: Comparison, side: Sides, effect: Effect | None, *, adjusted: float, error: float,
    minimum: int,
) -> dict[str, Any]:  # fmt: skip
    row: dict[str, Any] = {"name": asked.name, "unit": _unit(asked), "status": TOO_FEW}
    if effect is None:
        return row
    row |= {name: getattr(effect, name) for name in _NUMBERS}
    row |= {"n_group": side.group.size, "n_base": side.base.size, "adjusted_pvalue": adjusted}
    nothing = 0.0 if asked.measure == "shares" else 1.0
    is_sure = adjusted <= error and not effect.ci_lower <= nothing <= effect.ci_upper
    told = is_sure and _may_be_told(asked, side, minimum=minimum)
    return row | {"status": TOLD if told else NOT_SHOWN}


def _may_be_told(asked: Comparison, side: Sides, *, minimum: int) -> bool:
    """Whether a share names no small group: enough who did, and enough who did not."""
    if asked.measure != "shares":
        return True
    counts = [count for one in (side.group, side.base) for count in (one.sum(), (1 - one).sum())]
    return bool(min(counts) >= minimum)


def _unit(asked: Comparison) -> str:
    return "share" if asked.measure == "shares" else "times"


def _frame(rows: Sequence[Mapping[str, Any]], said: Sequence[str | None]) -> pl.DataFrame:
    schema = {
        "name": pl.String, "status": pl.String, "statement": pl.String, "n_group": pl.Int64,
        "n_base": pl.Int64, **dict.fromkeys(_NUMBERS, pl.Float64), "adjusted_pvalue": pl.Float64,
        "unit": pl.String,
    }  # fmt: skip
    filled = [
        {**dict.fromkeys(schema), **row, "statement": words}
        for row, words in zip(rows, said, strict=True)
    ]
    return pl.DataFrame(filled, schema=schema).with_columns(pl.col(pl.Float64).fill_nan(None))
