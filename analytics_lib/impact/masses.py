"""Exchanges of any unit as whole milligrams, so that every sum is exact on every engine."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl

from analytics_lib.core.checks import suggest
from analytics_lib.core.errors import ParameterError, SchemaError
from analytics_lib.core.periods import day_number
from analytics_lib.events.boundary import as_table
from analytics_lib.events.frames import finish, flag
from analytics_lib.events.tables.exchanges import COUNTED_UNITS, MASS_UNITS
from analytics_lib.impact.factors.factor_set import FactorSet
from analytics_lib.impact.units import conversion

MILLION = 1_000_000
HEAVIEST_KG = 40_000.0
"""A full lorry. One exchange above it is a mistake of the unit (design assumption)."""

_TEXTS = ("serving", "unit", "food", "status")
_NUMBERS = ("amount", "distance_km")


def exchange_masses(
    exchanges: Any,  # noqa: ANN401 - any supported frame
    *,
    as_of: dt.date,
    servings: Mapping[str, float] | FactorSet | None = None,
    kilograms_each: Mapping[str, float] | None = None,
    columns: Sequence[str] = (),
) -> nw.LazyFrame[Any]:
    """How heavy was the food of each exchange?

    Serving sizes, weights in any unit, containers and pickups may stand in one
    table, but each row says one thing only. Each weight becomes whole
    milligrams, so that sums of any grouping add up exactly.

    Args:
        exchanges: One row an exchange: `exchange_id`, `day`, `region`, and
            `serving`, or `amount` with `unit` (contract `exchanges`).
        as_of: Last complete day; later rows are ignored.
        servings: Kilograms for each serving size, or a factor set that has them.
        kilograms_each: Declared kilograms of one of `containers` or `pickups`.
        columns: Further columns that must be there.

    Returns:
        The rows, lazily, with `mass_mg`; missing optional columns are there, null.

    Raises:
        SchemaError: A row has both a serving and a weight or neither, a weight
            is negative or absurd, a serving or unit is unknown.
        ParameterError: Containers or pickups come without a declared weight.
    """
    table = as_table(exchanges, ["exchange_id", "day", "region", *columns], name="exchanges")
    given = table.collect_schema()
    missing = {
        **{name: nw.lit(None).cast(nw.String) for name in _TEXTS if name not in given},
        **{name: nw.lit(None).cast(nw.Float64) for name in _NUMBERS if name not in given},
    }
    whole = table.with_columns(**missing) if missing else table
    known = whole.filter(nw.col("day") <= day_number(as_of))
    amount = nw.col("amount").cast(nw.Float64)
    plain = known.with_columns(
        nw.col("day").cast(nw.Int64), __amount=nw.when(amount.is_finite()).then(amount)
    )
    sizes = _serving_sizes(servings)
    units = _unit_sizes(kilograms_each)
    _require_sound(plain, sizes=sizes, units=units)

    by_size = _chosen("serving", sizes)
    by_unit = _chosen("unit", units)
    weighed = nw.when(nw.col("serving").is_null()).then(nw.col("__amount") * by_unit)
    kilograms = weighed.otherwise(by_size)
    return (
        plain.with_columns(__kg=kilograms.fill_null(0.0))
        .with_columns(mass_mg=(nw.col("__kg") * MILLION + 0.5).floor().cast(nw.Int64))
        .drop("__kg", "__amount")
    )


def _serving_sizes(servings: Mapping[str, float] | FactorSet | None) -> dict[str, float]:
    if servings is None:
        return {}
    if isinstance(servings, FactorSet):
        masses = [one for one in servings.factors if one.quantity == "serving_mass"]
        return {str(one.item): float(one.value) for one in masses}
    for size, kilograms in servings.items():
        _require_positive(kilograms, name=f"servings[{size!r}]")
    return dict(servings)


def _unit_sizes(kilograms_each: Mapping[str, float] | None) -> dict[str, float]:
    declared = dict(kilograms_each or {})
    for unit, kilograms in declared.items():
        if unit not in COUNTED_UNITS:
            raise ParameterError(
                f"`kilograms_each` names {unit!r}; it must name one of {list(COUNTED_UNITS)}."
            )
        _require_positive(kilograms, name=f"kilograms_each[{unit!r}]")
    return {**{unit: float(conversion(unit, "kg")) for unit in MASS_UNITS}, **declared}


def _require_positive(kilograms: float, *, name: str) -> None:
    if not 0 < kilograms <= HEAVIEST_KG:
        raise ParameterError(
            f"`{name}` is {kilograms}; it must be above 0 and at most {HEAVIEST_KG:g} kg."
        )


def _chosen(column: str, sizes: Mapping[str, float]) -> nw.Expr:
    """The size that a column names."""
    chosen = nw.lit(None).cast(nw.Float64)
    for name, kilograms in sizes.items():
        chosen = nw.when(nw.col(column) == name).then(nw.lit(float(kilograms))).otherwise(chosen)
    return chosen


def _require_sound(
    plain: nw.LazyFrame[Any], *, sizes: Mapping[str, float], units: Mapping[str, float]
) -> None:
    facts: pl.DataFrame = finish(
        plain.with_columns(
            weighed=flag(~nw.col("__amount").is_null()), sized=flag(~nw.col("serving").is_null())
        )
        .group_by("serving", "unit", "weighed", "sized")
        .agg(
            nw.len().alias("rows"),
            nw.col("__amount").min().alias("least"),
            nw.col("__amount").max().alias("most"),
        )
    )
    _require_one_measure(facts)
    _require_known(facts, "serving", sizes)
    _require_known(facts, "unit", units)
    for unit, least, most in facts.select("unit", "least", "most").rows():
        if least is None:
            continue
        if not least >= 0 or not most * units[unit] <= HEAVIEST_KG:
            raise SchemaError(
                f"`amount` of `exchanges` goes from {least:g} to {most:g} {unit}; one exchange "
                f"must be 0 or more and at most {HEAVIEST_KG:,.0f} kg."
            )


def _require_one_measure(facts: pl.DataFrame) -> None:
    both = facts.filter((pl.col("sized") == 1) & (pl.col("weighed") == 1))["rows"].sum()
    neither = facts.filter((pl.col("sized") == 0) & (pl.col("weighed") == 0))["rows"].sum()
    unitless = facts.filter((pl.col("weighed") == 1) & pl.col("unit").is_null())["rows"].sum()
    for count, what in (
        (both, "have a serving size and an amount; a row must have one"),
        (neither, "have neither a serving size nor a finite amount; a row must have one"),
        (unitless, "have an amount without a unit; name the unit of every weight"),
    ):
        if count:
            raise SchemaError(f"{count} rows of `exchanges` {what}.")


def _require_known(facts: pl.DataFrame, column: str, sizes: Mapping[str, float]) -> None:
    for name in sorted(facts[column].drop_nulls().unique().to_list()):
        if name in sizes:
            continue
        if column == "unit" and name in COUNTED_UNITS:
            raise ParameterError(
                f"`exchanges` counts {name}; declare the weight of one in `kilograms_each`."
            )
        raise SchemaError(
            f"`{column}` of `exchanges` is {name!r}; it must be one of {sorted(sizes)}."
            + suggest(str(name), sizes)
        )
