"""From gross to net, and nothing counted twice."""

import pytest

from analytics_lib.core.errors import ParameterError
from analytics_lib.impact.amounts import Amount, food_mass
from analytics_lib.impact.factors.adjustments import CAR, DISPOSAL, REBOUND
from analytics_lib.impact.factors.catalogue import FACTOR_SETS, factor_set
from analytics_lib.impact.net import (
    additional,
    after_rebound,
    car_kilometres,
    collection_transport,
    displaced,
    net_of,
    with_disposal,
)


def gas(value, region="GB"):
    return Amount(value=value, unit="kg CO2e", of="greenhouse gas", region=region)


def rebound(quantity):
    return REBOUND.require(quantity, region="GB")


def test_rebound():
    # origin: by hand: the middle of 0.59 and 0.94 is 0.765; 1,000 x 0.235.
    assert after_rebound(gas(1000), rebound("rebound_ghg")).number() == pytest.approx(235)
    with pytest.raises(ParameterError, match="is no rebound of"):
        after_rebound(gas(1), rebound("rebound_water"))
    with pytest.raises(ParameterError, match="holds for 'GB', not for 'US'"):
        after_rebound(gas(1, "US"), rebound("rebound_ghg"))


def test_transport():
    # origin: by hand: 20 km x 0.17 kg.
    driven = Amount(value=20, unit="km", of="distance", region="GB")
    spent = collection_transport(driven, CAR)
    assert spent.number() == pytest.approx(3.4)
    assert net_of(gas(2), spent).number() == pytest.approx(-1.4)
    with pytest.raises(ParameterError, match="cannot be taken"):
        net_of(gas(2, "US"), spent)
    with pytest.raises(ParameterError, match="must be of `car`"):
        collection_transport(driven, rebound("rebound_ghg"))


@pytest.mark.parametrize(("displacement", "left"), [(0, 0), (0.5, 50), (1, 100)])
def test_displacement(displacement, left):
    assert displaced(gas(100), displacement=displacement).number() == left


@pytest.mark.parametrize("displacement", [-0.1, 1.1, float("nan")])
def test_displacement_is_a_share(displacement):
    with pytest.raises(ParameterError, match="`displacement`"):
        displaced(gas(1), displacement=displacement)


def test_social_return():
    # origin: by hand: 1,000 x 0.9 x 0.8 x 0.7 x 0.7.
    found = additional(
        gas(1000), deadweight=0.1, attribution=0.2, drop_off=0.3, years_since=2
    ).number()
    assert found == pytest.approx(352.8)
    assert additional(gas(7)).number() == 7
    for name in ("deadweight", "attribution", "drop_off"):
        with pytest.raises(ParameterError, match=f"`{name}`"):
            additional(gas(1), **{name: 1.2})
    with pytest.raises(ParameterError, match="`years_since`"):
        additional(gas(1), years_since=-1)


def test_disposal_once():
    # origin: by hand: 10 kg x (23.88 + 0.70020961) kg.
    waste = food_mass(10, "kg", of="waste prevented", region="GB")
    cheese = factor_set("by_food").require("ghg", region="GB", item="Cheese")
    landfill = DISPOSAL.require("disposal", region="GB", item="landfill")
    assert with_disposal(waste, cheese, landfill).number() == pytest.approx(245.8020961)
    with pytest.raises(ParameterError, match="must be of `disposal`"):
        with_disposal(waste, cheese, cheese)


@pytest.mark.parametrize("name", sorted(set(FACTOR_SETS) - {"by_food", "by_product"}))
def test_disposal_never_twice(name):
    waste = food_mass(10, "kg", of="waste prevented", region="GB")
    landfill = DISPOSAL.require("disposal", region="GB", item="landfill")
    with pytest.raises(ParameterError, match="counted twice"):
        with_disposal(waste, factor_set(name).require("ghg", region="GB"), landfill)


def test_disposal_in_the_united_states():
    # origin: 0.67 t per short ton is 0.739 kg per kg (the compiled table).
    waste = food_mass(1, "kg", of="waste prevented", region="US")
    peas = factor_set("by_food").require("ghg", region="US", item="Peas")
    landfill = DISPOSAL.require("disposal", region="US", item="landfill")
    found = with_disposal(waste, peas, landfill).number()
    assert found == pytest.approx(0.98 + 0.739, abs=5e-4)


def test_car_kilometres():
    # origin: by hand: 1 t / 0.17 kg per km.
    tonne = Amount(value=1, unit="t CO2e", of="greenhouse gas", region="US")
    assert car_kilometres(tonne, CAR).number() == pytest.approx(1000 / 0.17)
    with pytest.raises(ParameterError, match="of greenhouse gas"):
        car_kilometres(food_mass(1, "kg"), CAR)
