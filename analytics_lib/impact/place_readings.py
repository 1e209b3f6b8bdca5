"""Impact of each place of a period, with the people behind it, so that small places can be held."""

import datetime as dt
from collections.abc import Mapping
from typing import Any, Literal, get_args

import narwhals.stable.v2 as nw
import polars as pl

from analytics_lib.core.checks import require_choice
from analytics_lib.core.periods import Period
from analytics_lib.events.frames import finish
from analytics_lib.impact.by_place import MEASURES, impact_by_place, servings_of
from analytics_lib.impact.community import known_exchanges
from analytics_lib.impact.factors.catalogue import factor_set
from analytics_lib.impact.factors.factor_set import FactorSet
from analytics_lib.impact.masses import MILLION, exchange_masses

PlaceLevel = Literal["region", "city"]
Side = Literal["giver_id", "recipient_id"]
ELSEWHERE = "Elsewhere in {}"


def impact_of_places(
    exchanges: Any,  # noqa: ANN401 - any supported frame
    *,
    factors: str | FactorSet,
    period: Period,
    as_of: dt.date,
    level: PlaceLevel = "region",
    servings: Mapping[str, float] | FactorSet | None = None,
    kilograms_each: Mapping[str, float] | None = None,
) -> pl.DataFrame:
    """How much was shared in each place of a period, gross, and by how many people?

    The trap is a place of three people: its kilograms are theirs. So the
    people stand beside the kilograms, for `protect_counts` to hold both back.

    Args:
        exchanges: One row an exchange (contract `exchanges`).
        factors: Name of a factor set, or a researcher's own.
        period: Days that count; whole days only.
        as_of: Last complete day.
        level: `region` or `city`.
        servings: As in `impact_by_place`.
        kilograms_each: As in `impact_by_place`.

    Returns:
        One row a place, most food first: `place`, `region` (and `city`, null
        elsewhere in the region), `exchanges`, `people` (gave or received),
        `people_helped` (received), and the measures of `impact_by_place`; no
        rows while the period is not complete.

    Raises:
        SchemaError: A column is missing, or a weight, unit, serving or food is bad.
        ParameterError: The set or level is unknown, or has no factor for a region.
    """
    require_choice(level, get_args(PlaceLevel), name="level")
    place = ["region", "city"] if level == "city" else ["region"]
    days = impact_by_place(
        exchanges, factors=factors, granularity="day", as_of=as_of, level=level,
        servings=servings, kilograms_each=kilograms_each,
    )  # fmt: skip
    inside = finish(nw.from_native(days).lazy()).filter(
        pl.col("interval_start") >= period.start, pl.col("interval_start") < period.end
    )
    if not period.is_complete(as_of=as_of):
        inside = inside.clear()
    # A measure the set says nothing of is null every day, and stays so.
    summed = [
        pl.when(pl.col(name).count() > 0).then(pl.col(name).sum()).alias(name) for name in MEASURES
    ]
    sums = inside.group_by(place).agg(pl.col("exchanges").sum(), *summed)
    people = _people(exchanges, period=period, as_of=as_of, place=place)
    counts = ["people", "people_helped"]
    joined = sums.join(people, on=place, how="left", nulls_equal=True).with_columns(
        pl.col(counts).fill_null(0), place=_name(level)
    )
    shown = joined.filter(pl.col("exchanges") > 0).select(
        "place", *place, "exchanges", *counts, *MEASURES
    )
    return shown.sort("food_shared_kg", "place", descending=[True, False])


def food_by_person(
    exchanges: Any,  # noqa: ANN401 - any supported frame
    *,
    factors: str | FactorSet,
    period: Period,
    as_of: dt.date,
    person: Side = "giver_id",
    level: PlaceLevel = "region",
    servings: Mapping[str, float] | FactorSet | None = None,
    kilograms_each: Mapping[str, float] | None = None,
) -> pl.DataFrame:
    """How much of each place's food did each person give, or receive?

    Rows about single people: for `largest_contributions`, never for a page. All
    figures of `impact_of_places` are made of these kilograms, so who dominates
    these dominates them.

    Args:
        exchanges: One row an exchange (contract `exchanges`).
        factors: Name of a factor set, or a researcher's own.
        period: Days that count; whole days only.
        as_of: Last complete day.
        person: `giver_id` or `recipient_id`: both sides know what they gave or received.
        level: `region` or `city`.
        servings: As in `impact_by_place`.
        kilograms_each: As in `impact_by_place`.

    Returns:
        One row a place and person, sorted: `place`, `person`, `food_shared_kg`.

    Raises:
        SchemaError: A column is missing, or a weight, unit or serving is bad.
        ParameterError: The set, side or level is unknown.
    """
    require_choice(level, get_args(PlaceLevel), name="level")
    require_choice(person, get_args(Side), name="person")
    place = ["region", "city"] if level == "city" else ["region"]
    masses = exchange_masses(
        exchanges,
        as_of=as_of,
        servings=servings if servings is not None else servings_of(factor_set(factors)),
        kilograms_each=kilograms_each,
        columns=[*place, person],
    )
    inside = masses.filter(nw.col("day") >= period.start_day, nw.col("day") < period.end_day)
    each = finish(inside.group_by(*place, person).agg(nw.col("mass_mg").sum()))
    return each.select(
        _name(level).alias("place"),
        pl.col(person).alias("person"),
        food_shared_kg=pl.col("mass_mg") / MILLION,
    ).sort("place", "person")


def _people(
    exchanges: Any,  # noqa: ANN401 - any supported frame
    *,
    period: Period,
    as_of: dt.date,
    place: list[str],
) -> pl.DataFrame:
    known = known_exchanges(exchanges, as_of=as_of, columns=tuple(place)).filter(
        nw.col("day") >= period.start_day, nw.col("day") < period.end_day
    )
    sides = {
        column: finish(known.group_by(*place, column).agg(nw.len().alias("exchanges")))
        for column in ("giver_id", "recipient_id")
    }
    all_ = pl.concat([side.select(*place, person=pl.col(column)) for column, side in sides.items()])
    helped = sides["recipient_id"].group_by(place).agg(people_helped=pl.len().cast(pl.Int64))
    everybody = all_.group_by(place).agg(people=pl.col("person").n_unique().cast(pl.Int64))
    return everybody.join(helped, on=place, how="left", nulls_equal=True)


def _name(level: PlaceLevel) -> pl.Expr:
    if level == "region":
        return pl.col("region")
    return pl.coalesce("city", pl.format(ELSEWHERE, "region"))
