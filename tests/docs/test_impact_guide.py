"""The numbers of the guide to impact are those of the code."""

import datetime as dt
import re
from pathlib import Path

import polars as pl
import pytest

from analytics_lib.core.periods import Period
from analytics_lib.impact import (
    CAR,
    REBOUND,
    RESILIENCE_WEIGHTS,
    compare_factor_sets,
    factor_set,
    food_mass,
    meals,
)
from analytics_lib.impact.community import REGULAR_DAYS
from analytics_lib.impact.factors.published import WRAP_MEAL

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "impact.md").read_text()
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in TEXT.splitlines()
    if line.startswith("| `")
]
FACTORS = [row for row in ROWS if len(row) == 8]
RESULTS = [row for row in ROWS if len(row) == 3]


def number(cell):
    return None if cell == "none" else float(cell.replace(",", "").split()[0])


def test_all_sets_are_there():
    names = ["platform_default", "fao_2013", "wrap", "too_good_to_go_2024", "olio_2024"]
    assert [row[0].strip("`") for row in FACTORS] == names
    assert [row[0].strip("`") for row in RESULTS] == names


@pytest.mark.parametrize("row", FACTORS, ids=lambda row: row[0])
def test_factors(row):
    chosen = factor_set(row[0].strip("`"))
    for cell, quantity in zip(row[1:5], ("ghg", "water", "land", "price"), strict=True):
        found = chosen.find(quantity, region="GB")
        assert (found is None) == (cell == "none")
        if found is not None:
            assert found.value == pytest.approx(number(cell), abs=0.1 if quantity == "water" else 0)
        if quantity == "price" and found is not None:
            assert found.unit.startswith(cell.split()[1])
    ghg = chosen.require("ghg", region="GB")
    assert (ghg.per, ghg.region) == (row[5], row[6])
    assert row[7].split()[0].strip(",") in ghg.source


def test_results():
    sizes = [size for size in ("small", "medium", "large", "family") for _ in range(1000)]
    exchanges = pl.DataFrame({"exchange_id": list(map(str, range(4000))), "serving": sizes})
    month = Period(start=dt.date(1970, 1, 1), end=dt.date(1970, 2, 1))
    found = compare_factor_sets(
        exchanges.with_columns(day=pl.lit(0), region=pl.lit("GB")), period=month, as_of=month.end,
        region="GB", sets=[row[0].strip("`") for row in RESULTS], draws=10, seed=1,
    )  # fmt: skip
    for name, gross, net in RESULTS:
        values = dict(
            found.filter(pl.col("factor_set") == name.strip("`")).select("figure", "value").rows()
        )
        assert round(values["ghg_gross"]) == number(gross)
        assert round(values["ghg_net"]) == number(net)


def test_rebound_transport_and_meals():
    for one in REBOUND.factors:
        assert f"{one.low * 100:.0f} to {one.high * 100:.0f} %" in TEXT.replace("\n", " ")
    assert f"times {CAR.value} kg" in TEXT
    assert f"{meals(food_mass(235, 't'), WRAP_MEAL).number():,.0f} meals" in TEXT
    assert f"the {REGULAR_DAYS} days of a regular" in TEXT
    assert len(set(RESILIENCE_WEIGHTS.values())) == 1


def test_foods():
    by_food = factor_set("by_food")
    foods, products = by_food.items("ghg"), factor_set("by_product").items("ghg")
    assert f"{len(foods)} foods" in TEXT
    assert f"{len(products)} products" in TEXT
    beef, roots = (
        by_food.require("ghg", region="GB", item=item).value
        for item in ("Beef (beef herd)", "Root Vegetables")
    )
    assert re.search(rf"herd is {beef} kg CO2e per kg, root vegetables are {roots}", TEXT)


def test_what_is_said_of_the_platforms_own_numbers():
    own = factor_set("platform_default")
    published = [factor_set(name) for name in ("fao_2013", "too_good_to_go_2024", "olio_2024")]
    for quantity, is_beyond in (("water", max), ("land", min)):
        values = [one.find(quantity, region="GB") for one in [own, *published]]
        numbers = [one.value for one in values if one is not None]
        assert is_beyond(numbers) == own.require(quantity, region="GB").value
