"""Factor sets that others published: FAO, WRAP, Too Good To Go, OLIO."""

from analytics_lib.impact.factors.factor import Factor
from analytics_lib.impact.factors.factor_set import FactorSet

_FAO = "FAO, Food Wastage Footprint (2013)"
_FAO_SCOPE = "global average; production and supply chain; land-use change left out"
_TGTG = "Too Good To Go impact calculation 2024"
_TGTG_SCOPE = "life cycle assessment (Merieux NutriSciences | Blonk), reviewed by three experts"
_OLIO = "OLIO help centre, article 158 (data of WRAP)"

WRAP_MEAL = Factor(
    quantity="meal_mass",
    value=0.42,
    unit="kg per meals",
    per="food shared",
    region="global",
    scope="a convention, not a measurement of a place",
    source="WRAP guidance, as given by OLIO; Compass Group counts 235 t as 558,762 meals",
    year=2021,
    confidence="seen",
)

FAO_2013 = FactorSet(
    name="fao_2013",
    title="FAO 2013",
    factors=(
        Factor(
            quantity="ghg", value=2.53846, low=2.06, high=2.54, unit="kg CO2e per kg",
            per="waste prevented", region="global", scope=_FAO_SCOPE,
            source=f"{_FAO}: 3.3 Gt CO2e / 1.3 Gt edible", year=2013, confidence="seen",
            notes="3.3 / 1.6 Gt of primary products = 2.06 is the cautious reading.",
        ),
        Factor(
            quantity="water", value=192, unit="L per kg", per="waste prevented",
            region="global", scope="blue water only; global average",
            source=f"{_FAO}: 250 km3 / 1.3 Gt", year=2013, confidence="derived",
        ),
        Factor(
            quantity="land", value=10.8, unit="m2 per kg", per="waste prevented",
            region="global", scope="agricultural area occupied; global average",
            source=f"{_FAO}: 1.4 thousand million ha / 1.3 Gt", year=2013,
            confidence="derived",
        ),
        Factor(
            quantity="price", value=0.577, unit="USD per kg", per="food shared",
            region="global", scope="producer prices, without fish and seafood",
            source=f"{_FAO}: USD 750 thousand million / 1.3 Gt", year=2013, confidence="derived",
            notes="A producer price, not a retail price.",
        ),
        WRAP_MEAL,
    ),
)  # fmt: skip

WRAP = FactorSet(
    name="wrap",
    title="WRAP",
    factors=(
        Factor(
            quantity="ghg", value=2.0, unit="t CO2e per t", per="waste prevented", region="GB",
            scope="UK food waste after the farm gate, edible and inedible",
            source="WRAP, estimates of food surplus and waste: about 10 Mt with 20 Mt CO2e",
            year=2016, confidence="derived",
        ),
        Factor(
            quantity="price", value=3.04, unit="GBP per kg", per="food shared", region="GB",
            scope="food redistributed in the UK in 2020",
            source="WRAP: 92,000 t valued at GBP 280 million", year=2020, confidence="derived",
        ),
        WRAP_MEAL,
    ),
)  # fmt: skip

TOO_GOOD_TO_GO_2024 = FactorSet(
    name="too_good_to_go_2024",
    title="Too Good To Go 2024",
    factors=(
        Factor(
            quantity="serving_mass", value=1.0, unit="kg per servings", per="servings",
            region="global", scope="one surprise bag", source=_TGTG, year=2024,
            confidence="seen", item="surprise bag",
            notes="The measured mean is 1.5 kg, rounded down by the publisher.",
        ),
        Factor(
            quantity="ghg", value=2.7, unit="kg CO2e per kg", per="food shared",
            region="global", scope=_TGTG_SCOPE, source=_TGTG, year=2024, confidence="seen",
        ),
        Factor(
            quantity="water", value=810, unit="L per kg", per="food shared", region="global",
            scope=_TGTG_SCOPE, source=_TGTG, year=2024, confidence="seen",
        ),
        Factor(
            quantity="land", value=2.8, unit="m2 year per kg", per="food shared",
            region="global", scope=_TGTG_SCOPE, source=_TGTG, year=2024, confidence="seen",
        ),
        Factor(
            quantity="meal_mass", value=1.0, unit="kg per meals", per="food shared",
            region="global", scope="1 meal = 1 surprise bag = 1 kg", source=_TGTG, year=2024,
            confidence="seen",
        ),
    ),
)  # fmt: skip

OLIO_2024 = FactorSet(
    name="olio_2024",
    title="OLIO 2024",
    factors=(
        Factor(
            quantity="serving_mass", value=0.325, unit="kg per servings", per="servings",
            region="GB", scope="one personal food item", source=_OLIO, year=2023,
            confidence="seen", item="item",
            notes="An older edition has 0.707 kg for each listing; a listing is not an item.",
        ),
        Factor(
            quantity="ghg", value=4.3182, unit="kg CO2e per kg", per="food shared", region="GB",
            scope="upstream and downstream; each kilogram shared is one not produced; no rebound",
            source=_OLIO, year=2024, confidence="seen", end_of_life="contained",
            notes="Upper end: full displacement assumed; collection reduces it by about 2 %.",
        ),
        Factor(
            quantity="water", value=196 / 0.325, unit="L per kg", per="food shared", region="GB",
            scope="UK household food", source=f"{_OLIO}: 196 L for each item of 0.325 kg",
            year=2023, confidence="derived",
            notes="An older edition: 528 L for each listing of 0.707 kg, 747 L per kg.",
        ),
        WRAP_MEAL,
    ),
)  # fmt: skip
