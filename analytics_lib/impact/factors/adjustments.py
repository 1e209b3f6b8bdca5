"""Factors that take away: transport, rebound, disposal; and what a reader can picture."""

from analytics_lib.impact.factors.factor import Factor
from analytics_lib.impact.factors.factor_set import FactorSet

_REBOUND = "Meshulam, Font-Vivanco, Blass and Makov, J. Ind. Ecol. (2022/23)"
_REBOUND_NOTE = "Published as a range; the value is its middle."
_EPA = "EPA GHG Emission Factors Hub (WARM)"
_DEFRA = "DEFRA/DESNZ conversion factors"
_SECONDARY = "Read in a third party; edition not confirmed."


def _rebound(quantity: str, low: float, high: float) -> Factor:
    return Factor(
        quantity=quantity,
        value=(low + high) / 2,
        low=low,
        high=high,
        unit="share",
        per="expected benefit",
        region="GB",
        scope="share of the expected benefit offset by what people do with the money they save; "
        "OLIO, UK, 2017-2020, 750,000 items",
        source=_REBOUND,
        year=2022,
        confidence="seen",
        notes=_REBOUND_NOTE,
    )


REBOUND = FactorSet(
    name="rebound",
    title="Rebound",
    factors=(
        _rebound("rebound_ghg", 0.59, 0.94),
        _rebound("rebound_water", 0.20, 0.81),
        _rebound("rebound_land", 0.23, 0.90),
    ),
)

CAR = Factor(
    quantity="car",
    value=0.17,
    unit="kg CO2e per km",
    per="distance",
    region="GB",
    scope="average car; CO2",
    source="OLIO help centre, article 158",
    year=2024,
    confidence="seen",
)


def _disposal(
    item: str, value: float, unit: str, *, region: str, source: str, year: int | None,
    low: float | None = None, high: float | None = None, notes: str = "",
) -> Factor:  # fmt: skip
    return Factor(
        quantity="disposal",
        value=value,
        low=low,
        high=high,
        unit=unit,
        per="waste prevented",
        region=region,
        scope="disposal only",
        source=source,
        year=year,
        confidence="secondary",
        item=item,
        notes=f"{_SECONDARY} {notes}".strip(),
    )


_PER_T, _PER_SHORT_TON = "kg CO2e per t", "t CO2e per short ton"
DISPOSAL = FactorSet(
    name="disposal",
    title="Disposal",
    factors=(
        _disposal("landfill", 700.20961, _PER_T, region="GB", source=_DEFRA, year=2024,
                  notes="The edition of 2021 has 626.87."),
        _disposal("compost", 8.88386, _PER_T, region="GB", source=_DEFRA, year=2024),
        _disposal("combustion", 6.41061, _PER_T, region="GB", source=_DEFRA, year=2024),
        _disposal("digestion", 8.98311, _PER_T, region="GB", source=_DEFRA, year=2025,
                  notes="Digestion or composting."),
        _disposal("landfill", 0.67, _PER_SHORT_TON, region="US", source=_EPA, year=None,
                  notes="Food other than meat; meat alone 0.69."),
        _disposal("combustion", 0.05, _PER_SHORT_TON, region="US", source=_EPA, year=None),
        _disposal("compost", 0.11, _PER_SHORT_TON, region="US", source=_EPA, year=None),
        _disposal("digestion", 0.14, _PER_SHORT_TON, region="US", source=_EPA, year=None,
                  low=0.11, high=0.14, notes="Dry; wet 0.11."),
    ),
)  # fmt: skip
