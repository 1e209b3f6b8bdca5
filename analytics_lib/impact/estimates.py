"""Every figure of a place and period with its interval, what drives it, and what it leaves out."""

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

import numpy as np
import polars as pl

from analytics_lib.core.checks import require_at_least, require_between, require_choice
from analytics_lib.core.numeric import divide
from analytics_lib.core.periods import Period
from analytics_lib.core.results import Estimate
from analytics_lib.impact.amounts import Amount
from analytics_lib.impact.assumptions import NetAssumptions
from analytics_lib.impact.by_place import servings_of
from analytics_lib.impact.factors.catalogue import factor_set
from analytics_lib.impact.factors.factor import Factor
from analytics_lib.impact.factors.factor_set import FactorSet
from analytics_lib.impact.figures import ENVIRONMENT, Key, factors_for, figures
from analytics_lib.impact.masses import exchange_masses
from analytics_lib.impact.observed import Observed, Sampling, within
from analytics_lib.impact.uncertainty import (
    Distribution,
    Floats,
    factor_draws,
    rank_correlations,
    simulated_estimate,
)

DATA = "the exchanges themselves"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImpactEstimates:
    """The impact of one place and period by one factor set.

    Attributes:
        factor_set: Name of the set.
        region: The place.
        period: The period.
        figures: Estimate by name of figure: `food_shared`, `food_consumed`,
            `waste_prevented`, `meals`, `ghg_gross`, `ghg_net`, `water_gross`
            and so on. Figures that the set says nothing of are not there.
        drivers: One row a figure and factor: `figure`, `factor`,
            `rank_correlation`, strongest first.
        without_range: Factors for which no range was published; the interval
            takes them for certain.
        notes: What a reader must be told.
    """

    factor_set: str
    region: str
    period: Period
    figures: Mapping[str, Estimate]
    drivers: pl.DataFrame
    without_range: tuple[str, ...]
    notes: tuple[str, ...]

    def table(self) -> pl.DataFrame:
        """One row a figure: name, value, interval, base, unit and its strongest driver."""
        strongest = dict(
            self.drivers.group_by("figure", maintain_order=True).first().select(
                "figure", "factor"
            ).rows()
        )  # fmt: skip
        rows = [
            {"figure": name, **estimate.to_dict(), "driver": strongest.get(name)}
            for name, estimate in self.figures.items()
        ]
        return pl.DataFrame(rows, infer_schema_length=None)


def estimate_impact(
    exchanges: Any,  # noqa: ANN401 - any supported frame
    *,
    factors: str | FactorSet,
    period: Period,
    as_of: dt.date,
    region: str = "global",
    net: NetAssumptions | None = None,
    servings: Mapping[str, float] | FactorSet | None = None,
    kilograms_each: Mapping[str, float] | None = None,
    sampling: Sampling = "compound Poisson",
    distribution: Distribution = "triangular",
    draws: int = 100_000,
    seed: int,
    confidence_level: float = 0.9,
) -> ImpactEstimates:
    """What did sharing food in a place and period do, gross and net, and how sure is that?

    Factors differ twofold between publishers, and what people do with the
    money they save takes most of the benefit back. So every figure comes with
    an interval from the published ranges and the chance of the data together,
    and gross stands beside net.

    Args:
        exchanges: One row an exchange (contract `exchanges`).
        factors: Name of a factor set, or a researcher's own.
        period: Days that count; any.
        as_of: Last complete day.
        region: `global`, a country, a part of one or a city: only its
            exchanges count, and the factors must hold there.
        net: What stands between gross and net. Rebound and cars of a place
            without a study are transferred from the one that has; the notes say so.
        servings: Kilograms of each serving size; those of the set, or else of
            `platform_default`, where left out.
        kilograms_each: Declared kilograms of one of `containers` or `pickups`.
        sampling: `compound Poisson` takes the period as one of many it might
            have been; `none` takes the data for a full count.
        distribution: Of factors within their range.
        draws: Size of the simulation.
        seed: Of the simulation; the same seed gives the same bits.
        confidence_level: Coverage of the intervals.

    Returns:
        The figures; all `nan` while the period is not complete.

    Raises:
        SchemaError: A weight, unit, serving or food is bad.
        ParameterError: The set or place is unknown or has no factor.

    Examples:
        >>> given = pl.DataFrame({"exchange_id": ["1", "2"], "day": [0, 1]}).with_columns(
        ...     region=pl.lit("GB"), serving=pl.lit("large")
        ... )
        >>> january = Period(start=dt.date(1970, 1, 1), end=dt.date(1970, 2, 1))
        >>> found = estimate_impact(
        ...     given, factors="wrap", period=january, as_of=january.end, region="GB", seed=1
        ... )
        >>> round(found.figures["ghg_gross"].value, 9)  # 2.4 kg times 2 kg CO2e
        4.8
        >>> round(found.figures["ghg_net"].value, 9)  # less 76.5 % rebound
        1.128
    """
    require_choice(sampling, get_args(Sampling), name="sampling")
    require_between(confidence_level, 0, 1, name="confidence_level")
    require_at_least(draws, 1, name="draws")
    chosen = factor_set(factors)
    sizes = servings if servings is not None else servings_of(chosen)
    masses = exchange_masses(
        exchanges, as_of=as_of, servings=sizes, kilograms_each=kilograms_each,
        columns=["city"] if "/" in region else [],
    )  # fmt: skip
    by_food = any(chosen.items(quantity) for quantity in ENVIRONMENT)
    observed = Observed.read(within(masses, period=period, region=region), by_food=by_food)
    foods = observed.foods(chosen.items("ghg"))
    assumed = (net or NetAssumptions()).for_place(region)
    needed = factors_for(chosen, net=assumed, region=region, foods=foods)
    point = figures(observed.inputs(region, foods=foods), needed)

    rng = np.random.default_rng(seed)
    drawn = _drawn({**_sizes(sizes), **needed}, draws=draws, rng=rng, distribution=distribution)
    kilograms = observed.draw(drawn, draws=draws, rng=rng, sampling=sampling)
    count = float(observed.exchanges)
    inputs = observed.with_values(
        kilograms,
        count if sampling == "none" else rng.poisson(count, draws).astype(np.float64),
        region=region,
        foods=foods,
    )
    simulated = figures(
        inputs,
        {
            key: one.with_draws(drawn[key][1]) if key in drawn else one
            for key, one in needed.items()
        },
    )
    causes = {_name(key): values for key, (_, values) in drawn.items()}
    causes[DATA] = np.broadcast_to(sum(kilograms), (draws,)) if sampling != "none" else np.zeros(1)
    known = period.is_complete(as_of=as_of)
    return ImpactEstimates(
        factor_set=chosen.name,
        region=region,
        period=period,
        figures={
            name: _estimate(amount, simulated[name], n=observed.exchanges, level=confidence_level)
            if known
            else _undefined(amount, n=observed.exchanges, level=confidence_level)
            for name, amount in point.items()
        },
        drivers=_drivers(simulated, causes),
        without_range=_without_range({**needed, **_sizes(sizes)}, observed),
        notes=tuple(_notes(chosen, list(needed.values()), observed, region=region)),
    )


def _sizes(servings: Mapping[str, float] | FactorSet) -> dict[Key, Factor]:
    if not isinstance(servings, FactorSet):
        return {}
    masses = [one for one in servings.factors if one.quantity == "serving_mass"]
    return {("serving_mass", one.item): one for one in masses}


def _without_range(factors: Mapping[Key, Factor], observed: Observed) -> tuple[str, ...]:
    """Factors taken for certain; of the serving sizes those that were shared."""
    shared = {cell.serving for cell in observed.cells}
    return tuple(
        _name(key)
        for key, one in factors.items()
        if not one.has_range and (key[0] != "serving_mass" or key[1] in shared)
    )


def _drawn(
    factors: Mapping[Key, Factor],
    *,
    draws: int,
    rng: np.random.Generator,
    distribution: Distribution,
) -> dict[Key, tuple[Factor, Floats]]:
    return {
        key: (one, factor_draws(one, draws=draws, rng=rng, distribution=distribution))
        for key, one in factors.items()
        if one.has_range
    }


def _estimate(amount: Amount, simulated: Amount, *, n: int, level: float) -> Estimate:
    drawn = np.atleast_1d(np.asarray(simulated.value, dtype=np.float64))
    return simulated_estimate(amount.number(), drawn, n=n, unit=amount.unit, confidence_level=level)


def _undefined(amount: Amount, *, n: int, level: float) -> Estimate:
    return Estimate(value=math.nan, confidence_level=level, n=n, unit=amount.unit)


def _drivers(simulated: Mapping[str, Amount], causes: Mapping[str, Floats]) -> pl.DataFrame:
    rows = [
        (figure, cause, correlation)
        for figure, amount in simulated.items()
        if np.ndim(amount.value)
        for cause, correlation in rank_correlations(causes, np.asarray(amount.value)).items()
    ]
    schema = {"figure": pl.String, "factor": pl.String, "rank_correlation": pl.Float64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _notes(
    chosen: FactorSet, needed: Sequence[Factor], observed: Observed, *, region: str
) -> list[str]:
    notes = []
    if "waste_prevention" not in chosen.quantities():
        notes.append(
            f"{chosen.title} has no waste prevention rate: every kilogram shared counts as waste "
            "prevented, an upper bound."
        )
    if observed.distances == 0:
        notes.append("No distances are known: collection transport is not deducted.")
    elif observed.distances < observed.exchanges:
        share = divide(observed.distances, observed.exchanges)
        notes.append(
            f"Distances are known of {share:.0%} of the exchanges; the others are taken to be as "
            "far on average."
        )
    moved = sorted({one.quantity for one in needed if "transferred from" in one.scope})
    if moved:
        notes.append(f"Transferred to {region} from elsewhere: {', '.join(moved)}.")
    return notes


def _name(key: Key) -> str:
    quantity, item = key
    return quantity if item is None else f"{quantity} of {item}"
