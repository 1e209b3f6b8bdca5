"""The formulas of food, against figures that others published or hands worked out."""

import numpy as np
import pytest

from analytics_lib.core.errors import ParameterError
from analytics_lib.impact.amounts import Amount, food_mass, ratio_of, times, total
from analytics_lib.impact.factors.catalogue import factor_set
from analytics_lib.impact.factors.platform_default import PLATFORM_DEFAULT
from analytics_lib.impact.factors.published import WRAP_MEAL
from analytics_lib.impact.food import (
    bond_strength,
    food_consumed,
    food_shared,
    food_value,
    greenhouse_gas_avoided,
    land_spared,
    lasting_connections,
    local_activity,
    meals,
    money_saved,
    waste_prevented,
    water_saved,
)


def default(quantity):
    return PLATFORM_DEFAULT.require(quantity, region="global")


def test_the_default_set_on_a_thousand_of_each():
    # origin: the issue, by hand: 1,000 x (0.3 + 0.6 + 1.2 + 2.4) kg; x 0.85; x 3, 1,500, 2.1.
    sizes = dict.fromkeys(("small", "medium", "large", "family"), 1000)
    shared = food_shared(sizes, PLATFORM_DEFAULT, region="global")
    waste = waste_prevented(shared, default("waste_prevention"))
    assert shared.number() == 4500
    assert waste.number() == 3825
    assert greenhouse_gas_avoided(waste, default("ghg")).number() == 11_475
    assert water_saved(waste, default("water")).number() == 5_737_500
    assert land_spared(waste, default("land")).number() == pytest.approx(8_032.5, rel=1e-12)


def test_money_of_the_default_set():
    # origin: by hand: 100 kg x 12 USD = 1,200 USD; 70 % saved, 20 % local activity.
    value = food_value(food_mass(100, "kg"), default("price"))
    assert (value.number(), value.unit) == (1200, "USD")
    assert money_saved(value, default("saved_share")).number() == pytest.approx(840)
    assert local_activity(value, default("local_share")).number() == pytest.approx(240)


def test_bonds_of_the_default_set():
    # origin: by hand: 1,000 x 0.3 and x 0.15.
    done = Amount(value=1000, unit="exchanges", of="exchanges")
    assert lasting_connections(done, default("lasting_connections")).number() == 300
    assert bond_strength(done, default("bond_strength")).number() == 150


def test_too_good_to_go():
    # origin: Too Good To Go 2024: 300,000 bags, 810 t, 243 million L, 840,000 m2.
    factors = factor_set("too_good_to_go_2024")
    bags = food_shared({"surprise bag": 300_000}, factors, region="DE")
    gas = greenhouse_gas_avoided(bags, factors.require("ghg", region="DE"))
    assert gas.to("t CO2e").number() == pytest.approx(810, rel=1e-12)
    water = water_saved(bags, factors.require("water", region="DE"))
    assert water.number() == pytest.approx(243e6, rel=1e-12)
    land = land_spared(bags, factors.require("land", region="DE"))
    assert (land.number(), land.unit) == (pytest.approx(840_000, rel=1e-12), "m2 year")


def test_olio_item():
    # origin: 4.3182 kg CO2e per kg at 0.325 kg an item, by hand: 1.4034 kg an item.
    factors = factor_set("olio_2024")
    item = food_shared({"item": 1}, factors, region="GB")
    gas = greenhouse_gas_avoided(item, factors.require("ghg", region="GB"))
    assert round(gas.number(), 4) == 1.4034
    assert water_saved(item, factors.require("water", region="GB")).number() == pytest.approx(196)


def test_compass_meals():
    # origin: Compass Group: 235 t are 558,762 meals; at exactly 0.42 kg, 235,000 / 0.42.
    found = meals(food_mass(235, "t", region="GB"), WRAP_MEAL).number()
    assert found == pytest.approx(235_000 / 0.42)
    assert found == pytest.approx(558_762, rel=0.002)
    assert found // 1000 == 559


def test_consumed():
    assert food_consumed(food_mass(200, "lb"), consumed_share=0.5).number() == pytest.approx(
        45.359237
    )
    for share in (-0.01, 1.01, float("nan")):
        with pytest.raises(ParameterError, match="`consumed_share`"):
            food_consumed(food_mass(1, "kg"), consumed_share=share)


def test_without_a_rate_every_kilogram_counts():
    assert waste_prevented(food_mass(7, "kg"), None).number() == 7


@pytest.mark.parametrize(
    ("value", "unit", "kilograms"),
    [
        # origin: definitions of the units, by hand.
        (1, "lb", 0.45359237), (16, "oz", 0.45359237), (1, "short ton", 907.18474),
        (250, "g", 0.25), (0, "kg", 0), (2, "t", 2000),
    ],
)  # fmt: skip
def test_weights(value, unit, kilograms):
    assert food_mass(value, unit).number() == pytest.approx(kilograms)


def test_containers_and_pickups():
    assert food_mass(12, "containers", kilograms_each=7.5).number() == 90
    assert food_mass(2, "pickups", kilograms_each=25).number() == 50
    with pytest.raises(ParameterError, match="need a declared weight each"):
        food_mass(12, "containers")
    with pytest.raises(ParameterError, match="weights must have none"):
        food_mass(12, "kg", kilograms_each=3)
    with pytest.raises(ParameterError, match="must be above 0"):
        food_mass(12, "pickups", kilograms_each=0)


@pytest.mark.parametrize("value", [-0.001, float("nan"), float("inf"), 1e13])
def test_absurd_weights(value):
    with pytest.raises(ParameterError, match="`value` is"):
        food_mass(value, "kg")


def test_unknown_units_and_servings():
    with pytest.raises(ParameterError, match="`unit` is 'L'"):
        food_mass(1, "L")
    with pytest.raises(ParameterError, match="`serving` is 'hugr'"):
        food_shared({"hugr": 1}, PLATFORM_DEFAULT, region="global")
    with pytest.raises(ParameterError, match="must be 0 or more"):
        food_shared({"small": -1}, PLATFORM_DEFAULT, region="global")
    with pytest.raises(ParameterError, match="is empty"):
        food_shared({}, PLATFORM_DEFAULT, region="global")


def test_the_base_is_checked():
    with pytest.raises(ParameterError, match="not the same base"):
        greenhouse_gas_avoided(food_mass(1, "kg"), default("ghg"))
    with pytest.raises(ParameterError, match="must be of `ghg`"):
        greenhouse_gas_avoided(food_mass(1, "kg"), default("water"))
    with pytest.raises(ParameterError, match="must be of `food shared`"):
        waste_prevented(Amount(value=1, unit="kg", of="waste prevented"), None)
    with pytest.raises(ParameterError, match="mass of a meal"):
        meals(food_mass(1, "kg"), default("price"))


def test_the_unit_is_checked():
    wet = Amount(value=1, unit="L", of="waste prevented")
    with pytest.raises(ParameterError, match="but the amount is in 'L'"):
        times(wet, default("ghg"), of="greenhouse gas")


def test_a_figure_of_one_place_never_meets_another():
    ghg = factor_set("wrap").require("ghg", region="GB")
    with pytest.raises(ParameterError, match="holds for 'GB', not for 'US-CA'"):
        times(Amount(value=1, unit="kg", of="waste prevented", region="US-CA"), ghg, of="x")
    # Makov and others 2020: 87 t are of Greater London, 90 t of the country.
    city = Amount(value=87, unit="t CO2e", of="greenhouse gas", region="GB/London")
    with pytest.raises(ParameterError, match="different places"):
        ratio_of(city, food_mass(90, "t", region="GB"))
    assert ratio_of(city, food_mass(90, "t", region="GB/London")) == pytest.approx(87 / 90)


def test_ratios_of_nothing():
    assert np.isnan(ratio_of(food_mass(1, "kg"), food_mass(0, "kg")))


def test_sums():
    assert total([food_mass(1, "kg"), food_mass(500, "g")]).number() == 1.5
    for other in (
        food_mass(1, "kg", region="GB"),
        food_mass(1, "kg", of="food consumed"),
        Amount(value=1, unit="L", of="food shared"),
    ):
        with pytest.raises(ParameterError):
            total([food_mass(1, "kg"), other])


def test_a_simulation_is_not_one_number():
    many = Amount(value=np.array([1.0, 2.0]), unit="kg", of="food shared")
    assert many.to("g").value.tolist() == [1000.0, 2000.0]
    with pytest.raises(ParameterError, match="many possible values"):
        many.number()
    with pytest.raises(ParameterError, match="finite"):
        Amount(value=float("nan"), unit="kg", of="food shared")
