"""Sums of what people contributed on a custom page: held back where few people make them up."""

import datetime as dt
import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from analytics_lib import metrics
from analytics_lib.metrics import metric
from analytics_lib.privacy import largest_contributions, protect_sums
from analytics_lib.privacy.dominance import DominanceRule
from analytics_lib.privacy.small_counts import SUPPRESSED
from analytics_lib.reporting.custom.asking import rows_of
from analytics_lib.reporting.custom.definition import Measure
from analytics_lib.reporting.custom.reading import Reading
from analytics_lib.reporting.gate.policy import DisclosurePolicy

_PAYMENTS = "payments"
WORDS = "Sums made up by too few people, or almost by one or two, are suppressed."


@dataclass(frozen=True, slots=True, kw_only=True)
class Amounts:
    """What stands behind the sums of a result.

    Attributes:
        family: The function that says so; sums of one family can be subtracted from each other.
        each: What each person contributed, row for row of the result.
        sums: Columns of the result that are sums of it.
        judged: Those of them that must be safe.
        rule: The rule of the policy.
        minimum: Fewest people a sum may be of.
    """

    family: str
    each: pl.DataFrame
    sums: tuple[str, ...]
    judged: tuple[str, ...]
    rule: DominanceRule
    minimum: int


def amounts_of(
    measure: Measure, tables: Mapping[str, Any], *, as_of: dt.date, policy: DisclosurePolicy
) -> Amounts | None:
    """What stands behind the sums of a measure; None where it has none or nothing is asked."""
    card = metric(measure.metric)
    if policy.dominance is None or not card.contributions:
        return None
    function = getattr(metrics, card.contributions)
    known = inspect.signature(function).parameters
    asked = {"granularity": measure.period, "by": measure.by}
    rows = rows_of(tables[_PAYMENTS], _PAYMENTS, measure)
    each = function(rows, as_of=as_of, **{k: v for k, v in asked.items() if k in known and v})
    return Amounts(
        family=card.contributions,
        each=each,
        sums=card.sums,
        judged=card.sums,
        rule=policy.dominance.rule(),
        minimum=policy.minimum_count,
    )


def judged_sums(amounts: Amounts, shown: Sequence[str], reading: Reading) -> set[str]:
    """The sums a reader knows of those columns: those shown, and those behind what is shown.

    Two sums give a third one as their difference, so two of them stand for all.
    """
    sums = {name for name in shown if name in amounts.sums}
    derived = {name for name in shown if name in reading.numbers} - sums - set(reading.whole)
    return set(amounts.sums) if derived or len(sums) > 1 else sums


def protect_amounts(
    safe: pl.DataFrame, raw: pl.DataFrame, reading: Reading, amounts: Amounts
) -> pl.DataFrame:
    """Suppress the rows of sums that few people make up, so that no total gives them back.

    Args:
        safe: The keys and shown columns, row for row of the result, with `suppressed`.
        raw: The result.
        reading: What its columns are.
        amounts: What stands behind its sums.

    Returns:
        The same with `dominance_rule`, for the release gate.
    """
    keys = [name for name in amounts.each.columns if name in raw.columns and name != "user_id"]
    keys = [name for name in keys if name not in amounts.sums]
    own = [name for name in amounts.sums if name in raw.columns]
    rows = safe.with_columns(raw[name] for name in own if name not in safe.columns)
    known = raw.drop_nulls(own).select(keys)  # a period that is not over hides nothing
    each = amounts.each.join(known, on=keys, how="semi", nulls_equal=True)
    totals = [] if reading.age else [name for name in (*reading.groups, reading.time) if name]
    parts = [name for name in rows.columns if name in reading.numbers and name not in reading.whole]
    for name in [name for name in own if name in amounts.judged] or own:
        rows = protect_sums(
            rows,
            sums=[name],
            contributions=largest_contributions(each, value=name, by=keys, rule=amounts.rule),
            by=keys,
            rule=amounts.rule,
            adds_up_over=[total for total in totals if total in keys],
            dependents=[column for column in parts if column != name],
            minimum=1 if reading.age else amounts.minimum,  # members of a cohort are counted
        )
    if reading.age in keys:
        cohort = [key for key in keys if key != reading.age]
        rows = _without_later_ages(rows, cohort, str(reading.age), parts)
    return rows.drop(set(own) - set(safe.columns))


def _without_later_ages(
    rows: pl.DataFrame, cohort: Sequence[str], age: str, parts: Sequence[str]
) -> pl.DataFrame:
    """What a cohort has brought so far grows by what it brought at an age: later ones tell it."""
    gone = pl.col(SUPPRESSED).cum_max().over(cohort, order_by=age)
    return rows.with_columns(gone.alias(SUPPRESSED)).with_columns(
        pl.when(SUPPRESSED).then(None).otherwise(pl.col(part)).alias(part) for part in parts
    )


def unknown_contributors(metric_name: str, policy: DisclosurePolicy) -> str:
    """Why a file cannot ask for the sums of a metric; empty where it can."""
    card = metric(metric_name)
    if policy.dominance is None or not card.sums or card.contributions:
        return ""
    return (
        f"`{metric_name}` gives sums of what people contributed, and nothing says who contributed "
        "how much, so one person's could be read off the page; it needs a notebook."
    )
