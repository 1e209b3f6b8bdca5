"""Sums of what people contributed on a custom page: held back where few people make them up."""

import datetime as dt
import inspect
from collections.abc import Iterator, Mapping, Sequence
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
_LEFT_OUT = "__left_out"
_NOTHING = 1e-9
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
        left_out: What each person contributed to the same rows without the conditions of the
            measure and not with them.
    """

    family: str
    each: pl.DataFrame
    sums: tuple[str, ...]
    judged: tuple[str, ...]
    rule: DominanceRule
    minimum: int
    left_out: pl.DataFrame


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
    given = {k: v for k, v in asked.items() if k in known and v}
    everybody = tables[_PAYMENTS]
    each = function(rows_of(everybody, _PAYMENTS, measure), as_of=as_of, **given)
    whole = function(everybody, as_of=as_of, **given) if measure.where else each
    return Amounts(
        family=card.contributions,
        each=each,
        sums=card.sums,
        judged=card.sums,
        rule=policy.dominance.rule(),
        minimum=policy.minimum_count,
        left_out=_difference(whole, each, sums=card.sums),
    )


def _difference(whole: pl.DataFrame, each: pl.DataFrame, *, sums: Sequence[str]) -> pl.DataFrame:
    """What people contributed to some sums and not to others of the same rows."""
    keys = [name for name in whole.columns if name not in sums]
    less = each.with_columns(-pl.col(name) for name in sums)
    apart = pl.concat([whole, less]).group_by(keys).agg(pl.col(name).sum() for name in sums)
    some = pl.any_horizontal(pl.col(name).abs() > _NOTHING for name in sums)
    return apart.filter(some).select(each.columns)


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
    each = _known(amounts.each, known)
    totals = [] if reading.age else [name for name in (*reading.groups, reading.time) if name]
    parts = [name for name in rows.columns if name in reading.numbers and name not in reading.whole]
    rows, each = _beside_left_out(rows, each, _known(amounts.left_out, known), keys=keys, own=own)
    for name in [name for name in own if name in amounts.judged] or own:
        behind = largest_contributions(each, value=name, by=[*keys, _LEFT_OUT], rule=amounts.rule)
        rows = protect_sums(
            rows,
            sums=[name],
            contributions=behind,
            by=[*keys, _LEFT_OUT],
            rule=amounts.rule,
            adds_up_over=[*(total for total in totals if total in keys), _LEFT_OUT],
            dependents=[column for column in parts if column != name],
            minimum=1 if reading.age else amounts.minimum,  # members of a cohort are counted
        )
    rows = rows.filter(~pl.col(_LEFT_OUT)).drop(_LEFT_OUT)
    if reading.age in keys:
        cohort = [key for key in keys if key != reading.age]
        rows = _without_later_ages(rows, cohort, str(reading.age), parts)
    return rows.drop(set(own) - set(safe.columns))


def _known(contributed: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    return contributed.join(known, on=known.columns, how="semi", nulls_equal=True)


def _beside_left_out(
    rows: pl.DataFrame,
    each: pl.DataFrame,
    left_out: pl.DataFrame,
    *,
    keys: Sequence[str],
    own: Sequence[str],
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Below the rows asked for those of everybody else, which a page of everybody would give away.

    They are protected together: a sum under a condition and what it leaves out add up to
    everybody's, like two groups.
    """
    # sorted: which rows go with others must be the same each time, or two pages give all away
    rest = left_out.group_by(keys).agg(pl.col(name).sum() for name in own).sort(keys)
    rest = rest.with_columns(
        pl.lit(value=True).alias(_LEFT_OUT), pl.lit(value=False).alias(SUPPRESSED)
    )
    return (
        pl.concat([rows.with_columns(pl.lit(value=False).alias(_LEFT_OUT)), rest], how="diagonal"),
        pl.concat(
            [
                each.with_columns(pl.lit(value=False).alias(_LEFT_OUT)),
                left_out.with_columns(pl.lit(value=True).alias(_LEFT_OUT)),
            ]
        ),
    )


def _without_later_ages(
    rows: pl.DataFrame, cohort: Sequence[str], age: str, parts: Sequence[str]
) -> pl.DataFrame:
    """What a cohort has brought so far grows by what it brought at an age: later ones tell it."""
    gone = pl.col(SUPPRESSED).cum_max().over(cohort, order_by=age)
    return rows.with_columns(gone.alias(SUPPRESSED)).with_columns(
        pl.when(SUPPRESSED).then(None).otherwise(pl.col(part)).alias(part) for part in parts
    )


def several_ways(measures: Mapping[str, Measure], policy: DisclosurePolicy) -> list[str]:
    """Sums of one family asked in ways that could be subtracted from each other.

    Sums by week less those by month are of a few days, and two groupings hide different rows.
    What can be protected as a whole is one period, one grouping and one condition, with totals
    and with everybody beside them.

    Args:
        measures: Every measure of a page, by its place.
        policy: The policy.
    """
    if policy.dominance is None:
        return []
    families: dict[str, dict[str, Measure]] = {}
    for place, measure in measures.items():
        family = metric(measure.metric).contributions
        if family:
            families.setdefault(family, {})[place] = measure
    return [words for family in families.values() for words in _ways_apart(family)]


def _ways_apart(family: Mapping[str, Measure]) -> Iterator[str]:
    for field in ("period", "by", "where"):
        ways = [(place, getattr(m, field)) for place, m in family.items() if getattr(m, field)]
        for place, way in ways[1:]:
            first, other = ways[0]
            if _unordered(way) != _unordered(other):
                yield (
                    f"`{place}`: `{field}` is {way!r} and that of `{first}` is {other!r}; sums of "
                    "the same contributions could be subtracted from each other, so a page shows "
                    "them in one way."
                )
                break


def _unordered(way: Any) -> Any:  # noqa: ANN401 - out of a file
    return sorted(way) if isinstance(way, list) else way


def unknown_contributors(metric_name: str, policy: DisclosurePolicy) -> str:
    """Why a file cannot ask for the sums of a metric; empty where it can."""
    card = metric(metric_name)
    if policy.dominance is None or not card.sums or card.contributions:
        return ""
    return (
        f"`{metric_name}` gives sums of what people contributed, and nothing says who contributed "
        "how much, so one person's could be read off the page; it needs a notebook."
    )
