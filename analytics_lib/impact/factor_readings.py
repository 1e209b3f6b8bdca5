"""What a page shows of factors: every one with its source, and what the result hangs on."""

import datetime as dt
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import polars as pl

from analytics_lib.core.checks import require_choice
from analytics_lib.core.periods import Period
from analytics_lib.core.results import Estimate
from analytics_lib.events.tables.exchanges import MASS_UNITS
from analytics_lib.impact.assumptions import NetAssumptions
from analytics_lib.impact.estimates import estimate_impact
from analytics_lib.impact.factors.adjustments import CAR, DISPOSAL, REBOUND
from analytics_lib.impact.factors.catalogue import FACTOR_SETS, factor_set
from analytics_lib.impact.factors.factor import Factor
from analytics_lib.impact.factors.factor_set import FactorSet
from analytics_lib.impact.factors.published import WRAP_MEAL
from analytics_lib.impact.places import GLOBAL
from analytics_lib.impact.words import FIGURE_WORDS, QUANTITY_WORDS, factor_words

ADJUSTMENTS = FactorSet(
    name="adjustments",
    title="Rebound, driving, disposal, meals",
    factors=(*REBOUND.factors, CAR, *DISPOSAL.factors, WRAP_MEAL),
)
_LONG = ("by_food", "by_product")
_SETS: tuple[str | FactorSet, ...] = (
    *(name for name in FACTOR_SETS if name not in _LONG),
    ADJUSTMENTS,
)

_MOVES = {
    "figure": pl.String, "name": pl.String, "factor": pl.String, "low": pl.Float64,
    "value": pl.Float64, "high": pl.Float64, "unit": pl.String, "at_low": pl.Float64,
    "at_value": pl.Float64, "at_high": pl.Float64, "width": pl.Float64, "figure_unit": pl.String,
}  # fmt: skip


def factors_in_words(sets: Sequence[str | FactorSet] = _SETS) -> pl.DataFrame:
    """Every factor of some sets, for a reader to check.

    Args:
        sets: Names of factor sets, or sets; left out, all but the two with
            hundreds of foods, and what stands between gross and net.

    Returns:
        One row a factor, in the order of the sets: `set`, `name` (in words),
        `measure` (unit and what it is applied to), `origin` (source, year and
        confidence), and the fields of `Factor`.

    Raises:
        ParameterError: There is no set of a name.

    Examples:
        >>> factors_in_words(["wrap"]).select("name", "value", "source").row(0)[:2]
        ('Greenhouse gas', 2.0)
    """
    rows = [
        {
            "set": chosen.title, "name": _name(one), "measure": _measure(one),
            "origin": _origin(one), **one.to_dict(),
        }
        for chosen in map(factor_set, sets)
        for one in chosen.factors
    ]  # fmt: skip
    return pl.DataFrame(rows, infer_schema_length=None)


def item_ranges(sets: Sequence[str | FactorSet] = _LONG) -> pl.DataFrame:
    """How far the foods of the long factor sets lie apart.

    Returns:
        One row a set and quantity: `set`, `name` (in words), `items`, `lowest`,
        `lowest_item`, `median`, `highest`, `highest_item`, `unit`, `source`, `year`.

    Raises:
        ParameterError: There is no set of a name.
    """
    rows = [
        _spread(chosen, quantity)
        for chosen in map(factor_set, sets)
        for quantity in ("ghg", "water", "land")
        if chosen.items(quantity)
    ]
    return pl.DataFrame(rows, infer_schema_length=None)


def sensitivity(
    exchanges: Any,  # noqa: ANN401 - any supported frame
    *,
    factors: str | FactorSet,
    figures: Sequence[str],
    period: Period,
    as_of: dt.date,
    region: str = GLOBAL,
    net: NetAssumptions | None = None,
) -> pl.DataFrame:
    """What would figures be with each factor at the ends of its range, all others unchanged?

    One factor at a time shows what a number rests on; it is no interval, since
    no row moves two factors at once. A factor without a published range has
    none here either, and that does not make it certain.

    Args:
        exchanges: One row an exchange (contract `exchanges`).
        factors: Name of a factor set, or a researcher's own.
        figures: Names such as `ghg_net`; those the set says nothing of are left out.
        period: Days that count.
        as_of: Last complete day.
        region: The place.
        net: What stands between gross and net.

    Returns:
        One row a figure, in the order given, and factor that moves it, the
        widest first: `figure`, `name` and `factor` (in words), `low`, `value`,
        `high`, `unit`, `at_low`, `at_value`, `at_high`, `width` (of the
        figure), `figure_unit`.

    Raises:
        SchemaError: A weight, unit, serving or food is bad.
        ParameterError: The set, place or a figure is unknown.
    """
    for name in figures:
        require_choice(name, FIGURE_WORDS, name="figures")
    chosen, assumed = factor_set(factors), net or NetAssumptions()

    def at(one: FactorSet, between: NetAssumptions) -> Mapping[str, Estimate]:
        return estimate_impact(
            exchanges, factors=one, period=period, as_of=as_of, region=region, net=between,
            sampling="none", draws=1, seed=0,
        ).figures  # fmt: skip

    taken = at(chosen, assumed)
    rows = [
        row
        for factor, ends in _with_ends(chosen, assumed)
        for row in _moves(factor, taken, [at(*end) for end in ends], figures)
    ]
    order = pl.col("figure").replace_strict({name: place for place, name in enumerate(figures)})
    return pl.DataFrame(rows, schema=_MOVES).sort(
        order, "width", "factor", descending=[False, True, False]
    )


def _moves(
    factor: Factor,
    taken: Mapping[str, Estimate],
    ends: Sequence[Mapping[str, Estimate]],
    figures: Sequence[str],
) -> Iterator[dict[str, Any]]:
    """What the ends of one factor make of each figure that it moves."""
    for figure in figures:
        if figure not in taken:
            continue
        low, high = (end[figure].value for end in ends)
        if not math.isclose(low, high):
            yield {
                "figure": figure, "name": FIGURE_WORDS[figure], "factor": _name(factor),
                "low": factor.low, "value": factor.value, "high": factor.high,
                "unit": factor.unit, "at_low": low, "at_value": taken[figure].value,
                "at_high": high, "width": abs(high - low), "figure_unit": taken[figure].unit,
            }  # fmt: skip


def _with_ends(
    chosen: FactorSet, net: NetAssumptions
) -> Iterator[tuple[Factor, list[tuple[FactorSet, NetAssumptions]]]]:
    """Each factor with a range, with everything as it is but this one at its ends."""
    for one in chosen.factors:
        if one.has_range:
            yield one, [(_moved(chosen, one, end), net) for end in _ends(one)]
    for one in net.rebound.factors:
        if one.has_range:
            moved = [replace(net, rebound=_moved(net.rebound, one, end)) for end in _ends(one)]
            yield one, [(chosen, between) for between in moved]


def _moved(of: FactorSet, one: Factor, end: float) -> FactorSet:
    there = replace(one, value=end, low=None, high=None)
    return replace(of, factors=tuple(there if factor is one else factor for factor in of.factors))


def _ends(one: Factor) -> tuple[float, float]:
    value = float(one.value)
    return (
        value if one.low is None else one.low,
        value if one.high is None else one.high,
    )


def _spread(chosen: FactorSet, quantity: str) -> dict[str, Any]:
    ordered = sorted(
        (one for one in chosen.factors if one.quantity == quantity and one.item),
        key=lambda one: float(one.value),
    )
    values = pl.Series([float(one.value) for one in ordered])
    return {
        "set": chosen.title,
        "name": QUANTITY_WORDS[quantity],
        "items": len(ordered),
        "lowest": values[0],
        "lowest_item": ordered[0].item,
        "median": values.median(),
        "highest": values[-1],
        "highest_item": ordered[-1].item,
        "unit": ordered[0].unit,
        "source": ordered[0].source,
        "year": ordered[0].year,
    }


def _name(one: Factor) -> str:
    name = one.quantity if one.item is None else f"{one.quantity} of {one.item}"
    return factor_words(name)


def _measure(one: Factor) -> str:
    """The unit with what it is applied to: kg CO2e per kg of waste prevented."""
    is_of_food = one.unit.endswith(tuple(f" per {unit}" for unit in MASS_UNITS))
    return f"{one.unit} of {one.per}" if is_of_food or one.unit == "share" else one.unit


def _origin(one: Factor) -> str:
    year = "" if one.year is None or str(one.year) in one.source else f", {one.year}"
    said = "" if one.confidence in one.source else f" ({one.confidence})"
    return f"{one.source}{year}{said}"
