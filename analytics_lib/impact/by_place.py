"""Impact by place and period: whole millionths, so that parts add up to their total exactly."""

import datetime as dt
from collections.abc import Mapping
from typing import Any, Literal, get_args

import narwhals.stable.v2 as nw
import polars as pl

from analytics_lib.core.checks import require_choice, require_columns
from analytics_lib.core.errors import SchemaError
from analytics_lib.core.periods import CALENDAR_GRANULARITIES, CalendarGranularity
from analytics_lib.events.by_period import fill_periods
from analytics_lib.events.calendar import with_period_key
from analytics_lib.events.frames import finish, like
from analytics_lib.impact.factors.catalogue import factor_set
from analytics_lib.impact.factors.factor import Factor
from analytics_lib.impact.factors.factor_set import FactorSet
from analytics_lib.impact.factors.platform_default import PLATFORM_DEFAULT
from analytics_lib.impact.factors.published import WRAP_MEAL
from analytics_lib.impact.masses import MILLION, exchange_masses
from analytics_lib.impact.places import require_place
from analytics_lib.impact.units import parse_unit

Level = Literal["global", "country", "region", "city"]
LEVELS: dict[str, tuple[str, ...]] = {
    "global": (),
    "country": ("country",),
    "region": ("country", "region"),
    "city": ("country", "region", "city"),
}
FIGURES = {
    "ghg": "greenhouse_gas_kg",
    "water": "water_l",
    "land": "land_m2",
}
MASSES = ("food_shared_kg", "food_consumed_kg", "waste_prevented_kg")
MEASURES = (*MASSES, *FIGURES.values(), "meals")


def impact_by_place(
    exchanges: Any,  # noqa: ANN401 - any supported frame
    *,
    factors: str | FactorSet,
    granularity: CalendarGranularity,
    as_of: dt.date,
    level: Level = "region",
    servings: Mapping[str, float] | FactorSet | None = None,
    kilograms_each: Mapping[str, float] | None = None,
) -> Any:  # noqa: ANN401 - the caller's own kind of frame
    """How much food was shared in each place and period, and what did it save, gross?

    Three traps. A factor of one country used in another: each place is asked
    of the factor set, and refused where the set has none. A total that is not
    the sum of its parts: every figure is worked out for each day, place and
    food, in whole millionths, and only then added up, so countries add up to
    the world and months to the year. And a gross figure read as net: these
    are gross; `estimate_impact` takes rebound and transport away.

    Args:
        exchanges: One row an exchange (contract `exchanges`): `exchange_id`,
            `day`, `region`, and `serving`, or `amount` with `unit`; `food`
            where the set is by food, `city` where the level is.
        factors: Name of a factor set, or a researcher's own.
        granularity: `day`, `week`, `month`, `quarter` or `year`.
        as_of: Last complete day; later rows are ignored.
        level: `global`, `country`, `region` or `city`. A city may hold few
            people: what is published of it passes the disclosure gate first.
        servings: Kilograms of each serving size; those of the set, or else of
            `platform_default`, where left out.
        kilograms_each: Declared kilograms of one of `containers` or `pickups`.

    Returns:
        One row a place and period, sorted: `country`, `region`, `city` as the
        level has them, `interval_start`, `interval_end` (exclusive),
        `exchanges`, `food_shared_kg`, `food_consumed_kg` (reported eaten),
        `waste_prevented_kg`, `greenhouse_gas_kg` (CO2e), `water_l`, `land_m2`,
        `meals`; each a whole number of millionths (meals: a float), 0 in a
        quiet period, null while it is not complete and where the set says
        nothing of it.

    Raises:
        SchemaError: A column is missing, a weight is negative or absurd, a
            unit, serving or food is unknown, or a region is missing.
        ParameterError: The set is unknown, or has no factor for a region.

    Examples:
        >>> given = pl.DataFrame(
        ...     {"exchange_id": ["1", "2"], "day": [0, 1], "region": ["US-CA", "GB"]}
        ... ).with_columns(serving=pl.lit("large"))
        >>> impact_by_place(
        ...     given,
        ...     factors="platform_default",
        ...     granularity="month",
        ...     level="country",
        ...     as_of=dt.date(1970, 1, 31),
        ... ).select("country", "food_shared_kg", "waste_prevented_kg").rows()
        [('GB', 1.2, 1.02), ('US', 1.2, 1.02)]

    References:
        The sources of the factor set (`factor_set(...).table()`).
    """
    require_choice(granularity, CALENDAR_GRANULARITIES, name="granularity")
    require_choice(level, get_args(Level), name="level")
    chosen = factor_set(factors)
    by_food = any(chosen.items(quantity) for quantity in FIGURES)
    place = ["region", "city"] if level == "city" else ["region"]

    masses = exchange_masses(
        exchanges,
        as_of=as_of,
        servings=servings if servings is not None else servings_of(chosen),
        kilograms_each=kilograms_each,
        columns=["city"] if level == "city" else [],
    )
    eaten = nw.when(nw.col("status") == "consumed").then(nw.col("mass_mg")).otherwise(nw.lit(0))
    food = ["food"] if by_food else []
    cells = finish(
        with_period_key(masses.with_columns(eaten_mg=eaten), granularity=granularity)
        .group_by("key", "day", *place, *food)
        .agg(
            nw.len().alias("exchanges"),
            nw.col("mass_mg").sum().alias("food_shared_kg"),
            nw.col("eaten_mg").sum().alias("food_consumed_kg"),
        )
    )
    figured = with_figures(cells, chosen=chosen, by_food=by_food)
    by = LEVELS[level]
    counted = ["exchanges", *MASSES, *FIGURES.values()]
    counts = figured.group_by(*by, "key").agg(pl.col([*counted, "meals"]).sum())
    filled = fill_periods(
        counts.with_columns(pl.col(counted).cast(pl.Int64)),
        by=by, counted=counted, measured=["meals"], granularity=granularity, as_of=as_of,
    )  # fmt: skip
    return like(_in_base_units(filled, unknown=_unknown(chosen)), exchanges)


def roll_up(table: pl.DataFrame, *, to: Level) -> pl.DataFrame:
    """The rows of `impact_by_place` added up to a coarser level, exactly.

    Args:
        table: A result of `impact_by_place`, in polars.
        to: `global`, `country` or `region`.

    Returns:
        One row a place and period, as `impact_by_place` would return it.

    Raises:
        SchemaError: The table lacks a column of that level.
        ParameterError: The level is unknown.
    """
    require_choice(to, get_args(Level), name="to")
    by = [*LEVELS[to], "interval_start", "interval_end"]
    require_columns(table.columns, [*by, "exchanges", *MEASURES], name="table")
    exact = [name for name in MEASURES if name != "meals"]
    whole = table.with_columns((pl.col(exact) * MILLION).round().cast(pl.Int64))
    # A sum of nothing known is not 0: a running period stays null.
    sums = [
        pl.when(pl.col(name).is_not_null().any()).then(pl.col(name).sum()).alias(name)
        for name in ("exchanges", *MEASURES)
    ]
    added = whole.group_by(by).agg(sums).sort(by)
    return added.with_columns(pl.col(exact) / MILLION)


def servings_of(chosen: FactorSet) -> FactorSet:
    """The set itself where it knows serving sizes, else the platform's own."""
    return chosen if chosen.items("serving_mass") else PLATFORM_DEFAULT


def with_figures(cells: pl.DataFrame, *, chosen: FactorSet, by_food: bool) -> pl.DataFrame:
    """The cells with whole millionths of waste, greenhouse gas, water and land, and meals."""
    keys = ["region", "food"] if by_food else ["region"]
    rows = [_rates(chosen, *key) for key in cells.select(keys).unique().rows()]
    names = [*keys, "country", "per_waste", *(f"per_{name}" for name in FIGURES), "per_meal"]
    schema = {name: pl.String if name in {*keys, "country"} else pl.Float64 for name in names}
    rates = pl.DataFrame([{name: row.get(name) for name in names} for row in rows], schema=schema)
    shared = pl.col("food_shared_kg")
    return cells.join(rates, on=keys, how="left", nulls_equal=True).with_columns(
        _whole(shared * pl.col("per_waste")).alias("waste_prevented_kg"),
        (shared / MILLION / pl.col("per_meal")).alias("meals"),
        *(
            _whole(shared * pl.col(f"per_{quantity}")).alias(name)
            for quantity, name in FIGURES.items()
        ),
    )


def base_rate(factor: Factor, *, waste_rate: float) -> float:
    """A factor per kilogram of food shared, in base units."""
    rate = float(factor.value) * float(parse_unit(factor.unit).scale)
    return rate * waste_rate if factor.per == "waste prevented" else rate


def _rates(chosen: FactorSet, region: str | None, food: str | None = None) -> dict[str, Any]:
    if region is None:
        raise SchemaError("`region` of `exchanges` is missing; no factor holds nowhere.")
    require_place(region)
    rate = chosen.find("waste_prevention", region=region)
    waste_rate = 1.0 if rate is None else float(rate.value)
    meal = chosen.find("meal_mass", region=region) or WRAP_MEAL
    found = {
        "region": region, "food": food, "country": region[:2],
        "per_waste": waste_rate, "per_meal": float(meal.value),
    }  # fmt: skip
    for quantity in FIGURES:
        item = food if chosen.items(quantity) else None
        factor = chosen.find(quantity, region=region, item=item)
        if factor is not None:
            found[f"per_{quantity}"] = base_rate(factor, waste_rate=waste_rate)
    return found


def _whole(millionths: pl.Expr) -> pl.Expr:
    return (millionths + 0.5).floor().cast(pl.Int64)


def _unknown(chosen: FactorSet) -> list[str]:
    return [name for quantity, name in FIGURES.items() if quantity not in chosen.quantities()]


def _in_base_units(filled: pl.DataFrame, *, unknown: list[str]) -> pl.DataFrame:
    exact = [*MASSES, *FIGURES.values()]
    known = pl.col("exchanges").is_not_null()
    return filled.with_columns(
        pl.col(exact) / MILLION,
        pl.when(known).then(pl.col("meals").fill_null(0.0)).alias("meals"),
    ).with_columns(pl.lit(None, pl.Float64).alias(name) for name in unknown)
