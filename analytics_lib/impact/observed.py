"""What was observed in a place and period, ready for the formulas."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Self

import narwhals.stable.v2 as nw
import numpy as np

from analytics_lib.core.numeric import divide
from analytics_lib.core.periods import Period
from analytics_lib.events.frames import finish
from analytics_lib.impact.amounts import Amount
from analytics_lib.impact.factors.factor import Factor, Number
from analytics_lib.impact.figures import Inputs, Key
from analytics_lib.impact.masses import MILLION
from analytics_lib.impact.places import GLOBAL, require_place
from analytics_lib.impact.uncertainty import Floats, total_draws

Sampling = Literal["compound Poisson", "none"]
_GRAM_MG = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """Food of one kind in servings of one size.

    Attributes:
        food: Kind of food; None where it does not matter.
        serving: Serving size; None where the food was weighed.
        kilograms: Its mass.
        squares: Sum of the squared masses of its exchanges, in square kilograms.
    """

    food: str | None
    serving: str | None
    kilograms: float
    squares: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """What was observed.

    Attributes:
        cells: The food by kind and serving.
        exchanges: How many exchanges.
        consumed_share: Share eaten of the mass of which it is reported; `nan` without reports.
        distances: How many exchanges have a distance.
        kilometres: Sum of the known distances.
    """

    cells: Sequence[Cell]
    exchanges: int
    consumed_share: float
    distances: int
    kilometres: float

    @classmethod
    def read(cls, masses: nw.LazyFrame[Any], *, by_food: bool) -> Self:
        """Add up exchanges with their masses."""
        mass = nw.col("mass_mg")
        eaten = nw.when(nw.col("status") == "consumed").then(mass).otherwise(nw.lit(0))
        wasted = nw.when(nw.col("status") == "wasted").then(mass).otherwise(nw.lit(0))
        grams = ((nw.col("mass_mg") + _GRAM_MG // 2) // _GRAM_MG).cast(nw.Float64)
        keys = ["food", "serving"] if by_food else ["serving"]
        rows = finish(
            masses.with_columns(
                eaten_mg=eaten,
                wasted_mg=wasted,
                squares=grams * grams,
                kilometres=nw.col("distance_km").cast(nw.Float64),
            )
            .group_by(*keys)
            .agg(
                nw.len().alias("exchanges"),
                nw.col("mass_mg").sum(),
                nw.col("eaten_mg").sum(),
                nw.col("wasted_mg").sum(),
                nw.col("squares").sum(),
                nw.col("kilometres").count().alias("distances"),
                nw.col("kilometres").sum(),
            )
        ).sort(keys)
        eaten_mg = int(rows["eaten_mg"].sum())
        return cls(
            cells=[
                Cell(
                    food=row.get("food"),
                    serving=row["serving"],
                    kilograms=row["mass_mg"] / MILLION,
                    squares=row["squares"] / MILLION,
                )
                for row in rows.iter_rows(named=True)
            ],
            exchanges=int(rows["exchanges"].sum()),
            consumed_share=divide(eaten_mg, eaten_mg + int(rows["wasted_mg"].sum())),
            distances=int(rows["distances"].sum()),
            kilometres=float(rows["kilometres"].fill_null(0.0).sum()),
        )

    def foods(self, known: Sequence[str]) -> list[str | None]:
        """The food of each cell; without exchanges any food, of which there is nothing."""
        return [cell.food for cell in self.cells] or [known[0] if known else None]

    def inputs(self, region: str, *, foods: Sequence[str | None]) -> Inputs:
        """The observation as amounts."""
        kilograms: list[Number] = [cell.kilograms for cell in self.cells] or [0.0]
        return self.with_values(kilograms, float(self.exchanges), region=region, foods=foods)

    def with_values(
        self,
        kilograms: Sequence[Number],
        exchanges: Number,
        *,
        region: str,
        foods: Sequence[str | None],
    ) -> Inputs:
        """Other masses and numbers of exchanges in place of the observed ones."""
        mean = divide(self.kilometres, self.distances)
        return Inputs(
            shared=[
                Amount(value=value, unit="kg", of="food shared", region=region)
                for value in kilograms
            ],
            foods=foods,
            consumed_share=None if np.isnan(self.consumed_share) else self.consumed_share,
            exchanges=Amount(value=exchanges, unit="exchanges", of="exchanges", region=region),
            distance=None
            if np.isnan(mean)
            else Amount(value=exchanges * mean, unit="km", of="distance", region=region),
        )

    def draw(
        self,
        serving_draws: Mapping[Key, tuple[Factor, Floats]],
        *,
        draws: int,
        rng: np.random.Generator,
        sampling: Sampling,
    ) -> list[Number]:
        """Possible masses of each cell."""
        found: list[Number] = []
        for cell in self.cells:
            mass: Number = cell.kilograms
            if sampling != "none":
                mass = total_draws(cell.kilograms, cell.squares, draws=draws, rng=rng)
            if ("serving_mass", cell.serving) in serving_draws:
                factor, drawn = serving_draws["serving_mass", cell.serving]
                mass = mass * drawn / float(factor.value)
            found.append(mass)
        return found or [0.0]


def within(masses: nw.LazyFrame[Any], *, period: Period, region: str) -> nw.LazyFrame[Any]:
    """The exchanges of a place and period.

    Raises:
        ParameterError: The place is not well formed.
    """
    require_place(region)
    known = masses.filter(nw.col("day") >= period.start_day, nw.col("day") < period.end_day)
    return inside(known, region=region)


def inside(table: nw.LazyFrame[Any], *, region: str) -> nw.LazyFrame[Any]:
    """The rows of a place: `global`, a country, a part of one or a city."""
    if region == GLOBAL:
        return table
    place, _, city = region.partition("/")
    if city:
        return table.filter(nw.col("region") == place, nw.col("city") == city)
    is_part = nw.col("region").str.starts_with(f"{place}-")
    return table.filter((nw.col("region") == place) | is_part)
