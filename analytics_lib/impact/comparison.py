"""All factor sets side by side, on the same food."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from analytics_lib.core.periods import Period
from analytics_lib.impact.assumptions import NetAssumptions
from analytics_lib.impact.estimates import estimate_impact
from analytics_lib.impact.factors.catalogue import FACTOR_SETS, factor_set
from analytics_lib.impact.factors.factor_set import FactorSet, NoFactorError
from analytics_lib.impact.factors.platform_default import PLATFORM_DEFAULT

_SCHEMA = {
    "factor_set": pl.String,
    "figure": pl.String,
    "value": pl.Float64,
    "ci_lower": pl.Float64,
    "ci_upper": pl.Float64,
    "confidence_level": pl.Float64,
    "n": pl.Int64,
    "unit": pl.String,
    "reason": pl.String,
}


def compare_factor_sets(
    exchanges: Any,  # noqa: ANN401 - any supported frame
    *,
    period: Period,
    as_of: dt.date,
    region: str = "global",
    sets: Sequence[str | FactorSet] = tuple(FACTOR_SETS),
    net: NetAssumptions | None = None,
    servings: Mapping[str, float] | FactorSet = PLATFORM_DEFAULT,
    kilograms_each: Mapping[str, float] | None = None,
    draws: int = 20_000,
    seed: int,
) -> pl.DataFrame:
    """What do the factor sets each make of the same food?

    The mass is the same for all: only the factors differ. A set that does not
    hold for the place, or is by food where the food is not known, is there
    with the reason and without numbers, so that nobody takes it for 0.

    Args:
        exchanges: One row an exchange (contract `exchanges`).
        period: Days that count.
        as_of: Last complete day.
        region: The place.
        sets: Factor sets to compare, by name or own ones.
        net: What stands between gross and net.
        servings: Kilograms of each serving size, for all sets alike.
        kilograms_each: Declared kilograms of one of `containers` or `pickups`.
        draws: Size of each simulation.
        seed: Of each simulation.

    Returns:
        One row a set and figure, in the order of the sets: `factor_set`,
        `figure`, `value`, `ci_lower`, `ci_upper` (90 %), `confidence_level`,
        `n`, `unit`, `reason` (why there is no number; null where there is).

    Raises:
        SchemaError: A weight, unit or serving is bad.
        ParameterError: A set, food or place is unknown.
    """
    rows: list[dict[str, Any]] = []
    for chosen in map(factor_set, sets):
        try:
            found = estimate_impact(
                exchanges, factors=chosen, period=period, as_of=as_of, region=region, net=net,
                servings=servings, kilograms_each=kilograms_each, draws=draws, seed=seed,
            )  # fmt: skip
        except NoFactorError as error:
            rows.append({"factor_set": chosen.name, "reason": str(error)})
            continue
        rows += [
            {"factor_set": chosen.name, "figure": name, **estimate.to_dict()}
            for name, estimate in found.figures.items()
        ]
    return pl.DataFrame(rows, schema=_SCHEMA)
