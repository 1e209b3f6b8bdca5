"""What figures and factors are called on a page."""

FIGURE_WORDS = {
    "food_shared": "Food shared",
    "food_consumed": "Food reported eaten",
    "waste_prevented": "Waste prevented",
    "meals": "Meals",
    "ghg_gross": "Greenhouse gas, gross",
    "ghg_net": "Greenhouse gas, net",
    "water_gross": "Water, gross",
    "water_net": "Water, net",
    "land_gross": "Land, gross",
    "land_net": "Land, net",
    "car_kilometres": "Kilometres by car",
    "food_value": "Value of the food",
    "money_saved": "Money saved",
    "local_activity": "Local activity",
    "lasting_connections": "Lasting connections",
    "bond_strength": "Bond strength",
}
QUANTITY_WORDS = {
    "ghg": "Greenhouse gas",
    "water": "Water",
    "land": "Land",
    "price": "Price",
    "waste_prevention": "Waste prevention rate",
    "serving_mass": "Weight of a serving",
    "meal_mass": "Weight of a meal",
    "saved_share": "Share of the value saved",
    "local_share": "Share spent locally",
    "lasting_connections": "Lasting connections",
    "bond_strength": "Bond strength",
    "car": "Driving",
    "disposal": "Disposal",
    "rebound_ghg": "Rebound of greenhouse gas",
    "rebound_water": "Rebound of water",
    "rebound_land": "Rebound of land",
    "displacement": "Share that replaced a purchase",
    "the exchanges themselves": "Chance: which exchanges took place",
}


def factor_words(name: str) -> str:
    """A factor such as `ghg of Rice` in words.

    Examples:
        >>> factor_words("rebound_ghg"), factor_words("ghg of Rice"), factor_words("ours")
        ('Rebound of greenhouse gas', 'Greenhouse gas of Rice', 'ours')
    """
    quantity, of, item = name.partition(" of ")
    return f"{QUANTITY_WORDS.get(quantity, quantity)}{of}{item}"
