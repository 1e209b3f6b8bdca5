"""The factors the platform was designed with: assumptions, shown beside what others published.

Nobody published these numbers. The ranges of greenhouse gas, water and land
are the spread of the published sets of this package, so that a page never
shows a design assumption as if it were certain.
"""

from analytics_lib.impact.factors.factor import Factor
from analytics_lib.impact.factors.factor_set import FactorSet

SOURCE = "platform default (design assumption)"
_SERVINGS = {"small": 0.3, "medium": 0.6, "large": 1.2, "family": 2.4}


def _assumed(
    quantity: str,
    value: float,
    unit: str,
    *,
    per: str,
    scope: str,
    low: float | None = None,
    high: float | None = None,
    item: str | None = None,
    notes: str = "",
) -> Factor:
    return Factor(
        quantity=quantity,
        value=value,
        low=low,
        high=high,
        unit=unit,
        per=per,
        region="global",
        scope=scope,
        source=SOURCE,
        year=None,
        confidence="design assumption",
        item=item,
        notes=notes,
    )


PLATFORM_DEFAULT = FactorSet(
    name="platform_default",
    title="Platform default",
    factors=(
        *(
            _assumed(
                "serving_mass", mass, "kg per servings", per="servings", scope="one serving",
                item=size,
            )
            for size, mass in _SERVINGS.items()
        ),
        _assumed(
            "waste_prevention", 0.85, "kg per kg", per="food shared",
            scope="share of the food shared that would have been wasted",
        ),
        _assumed(
            "ghg", 3.0, "kg CO2e per kg", per="waste prevented", low=2.0, high=4.3182,
            scope="unstated",
            notes="Range: from WRAP (2.0) to OLIO (4.3182).",
        ),
        _assumed(
            "water", 1500, "L per kg", per="waste prevented", low=192, high=1500,
            scope="unstated",
            notes="Range: from FAO (192, blue water only) to itself; above "
            "FAO, Too Good To Go and OLIO.",
        ),
        _assumed(
            "land", 2.1, "m2 per kg", per="waste prevented", low=2.1, high=10.8,
            scope="unstated",
            notes="Range: from itself to FAO (10.8); below FAO and Too Good To Go.",
        ),
        _assumed("price", 12, "USD per kg", per="food shared", scope="what the food would cost"),
        _assumed(
            "saved_share", 0.7, "share", per="food value",
            scope="share of the value of the food that households save",
        ),
        _assumed(
            "local_share", 0.2, "share", per="food value",
            scope="share of the value of the food that becomes local economic activity",
        ),
        _assumed(
            "lasting_connections", 0.3, "connections per exchanges", per="exchanges",
            scope="connections that last",
        ),
        _assumed(
            "bond_strength", 0.15, "bond points per exchanges", per="exchanges",
            scope="points of bond strength",
        ),
    ),
)  # fmt: skip
