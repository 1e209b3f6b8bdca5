"""Factors by food: Poore and Nemecek (2018), world means per kilogram of retail product.

The figures are facts of the paper as tabled by Our World in Data (which
states CC BY 4.0 for its own work). Foods without a figure per kilogram there
(oils, grains as a whole) are left out.

References:
    Poore J., Nemecek T. (2018), Reducing food's environmental impacts through
    producers and consumers, Science 360, 987-992.
"""

from analytics_lib.impact.factors.factor import Factor
from analytics_lib.impact.factors.factor_set import FactorSet
from analytics_lib.impact.factors.published import WRAP_MEAL

# Food, land (m2 year per kg), greenhouse gas (kg CO2e per kg), freshwater withdrawn (L per kg).
_ROWS: tuple[tuple[str, float, float, float], ...] = (
    ("Apples", 0.63, 0.43, 180.1),
    ("Bananas", 1.93, 0.86, 114.5),
    ("Barley", 1.11, 1.18, 17.1),
    ("Beef (beef herd)", 326.21, 99.48, 1451.2),
    ("Beef (dairy herd)", 43.24, 33.3, 2714.3),
    ("Beet Sugar", 1.83, 1.81, 217.7),
    ("Berries & Grapes", 2.41, 1.53, 419.6),
    ("Brassicas", 0.55, 0.51, 119.4),
    ("Cane Sugar", 2.04, 3.2, 620.1),
    ("Cassava", 1.81, 1.32, 0),
    ("Cheese", 87.79, 23.88, 5605.2),
    ("Citrus Fruit", 0.86, 0.39, 82.7),
    ("Coffee", 21.62, 28.53, 25.9),
    ("Dark Chocolate", 68.96, 46.65, 540.6),
    ("Eggs", 6.27, 4.67, 577.7),
    ("Fish (farmed)", 8.41, 13.63, 3691.3),
    ("Groundnuts", 9.11, 3.23, 1852.3),
    ("Lamb & Mutton", 369.81, 39.72, 1802.8),
    ("Maize", 2.94, 1.7, 215.7),
    ("Milk", 8.95, 3.15, 628.2),
    ("Nuts", 12.96, 0.43, 4133.8),
    ("Oatmeal", 7.6, 2.48, 482.4),
    ("Onions & Leeks", 0.39, 0.5, 14.3),
    ("Other Fruit", 0.89, 1.05, 153.5),
    ("Other Pulses", 15.57, 1.79, 435.7),
    ("Other Vegetables", 0.38, 0.53, 102.5),
    ("Peas", 7.46, 0.98, 396.6),
    ("Pig Meat", 17.36, 12.31, 1795.8),
    ("Potatoes", 0.88, 0.46, 59.1),
    ("Poultry Meat", 12.22, 9.87, 660),
    ("Prawns (farmed)", 2.97, 26.87, 3515.4),
    ("Rice", 2.8, 4.45, 2248.4),
    ("Root Vegetables", 0.33, 0.43, 28.4),
    ("Soy milk", 0.66, 0.98, 27.8),
    ("Tofu", 3.52, 3.16, 148.6),
    ("Tomatoes", 0.8, 2.09, 369.8),
    ("Wheat & Rye", 3.85, 1.57, 647.5),
    ("Wine", 1.78, 1.79, 78.9),
)


def _factor(quantity: str, unit: str, food: str, value: float) -> Factor:
    return Factor(
        quantity=quantity,
        value=value,
        unit=unit,
        per="waste prevented",
        region="global",
        scope="farm to retail; mean of the world, reference year 2010",
        source="Poore and Nemecek (2018), Science 360, 987-992, as tabled by Our World in Data",
        year=2018,
        confidence="seen",
        end_of_life="not contained",
        item=food,
    )


BY_FOOD = FactorSet(
    name="by_food",
    title="By food (Poore and Nemecek 2018)",
    factors=(
        *(
            _factor(quantity, unit, food, value)
            for food, land, ghg, water in _ROWS
            for quantity, unit, value in (
                ("land", "m2 year per kg", land),
                ("ghg", "kg CO2e per kg", ghg),
                ("water", "L per kg", water),
            )
        ),
        WRAP_MEAL,
    ),
)
