"""Every factor can be defended, and a researcher's own must be too."""

import pandas as pd
import polars as pl
import pytest

from analytics_lib.core.errors import ParameterError, SchemaError
from analytics_lib.impact.factors.adjustments import CAR, DISPOSAL, REBOUND
from analytics_lib.impact.factors.catalogue import FACTOR_SETS, factor_set
from analytics_lib.impact.factors.factor_set import FactorSet, own_factor_set

GOOD = {
    "quantity": "ghg", "value": 2.0, "unit": "kg CO2e per kg", "per": "waste prevented",
    "region": "GB", "scope": "retail", "source": "Somebody (2020), p. 7", "year": 2020,
    "confidence": "seen",
}  # fmt: skip
ALL = [*FACTOR_SETS.values(), DISPOSAL, REBOUND]


def own(**changed):
    return own_factor_set([{**GOOD, **changed}], name="own")


@pytest.mark.parametrize("one", ALL, ids=lambda one: one.name)
def test_every_factor_has_unit_and_source(one):
    table = one.table()
    assert table.select("unit", "source", "scope", "region", "confidence").null_count().row(0) == (
        0, 0, 0, 0, 0,
    )  # fmt: skip
    assert table.filter(pl.col("year").is_null(), pl.col("confidence") == "seen").is_empty()


@pytest.mark.parametrize(
    ("name", "quantity", "region", "item", "value"),
    [
        # origin: the issue and the compiled table of published factors, by hand.
        ("platform_default", "ghg", "US", None, 3.0),
        ("platform_default", "water", "US", None, 1500),
        ("platform_default", "land", "US", None, 2.1),
        ("platform_default", "serving_mass", "US", "family", 2.4),
        ("fao_2013", "ghg", "FR", None, 3.3 / 1.3),
        ("fao_2013", "water", "FR", None, 250e12 / 1.3e12),
        ("fao_2013", "land", "FR", None, 1.4e13 / 1.3e12),
        ("fao_2013", "price", "FR", None, 750 / 1300),
        ("wrap", "ghg", "GB", None, 20 / 10),
        ("wrap", "price", "GB", None, 280e6 / 92e6),
        ("wrap", "meal_mass", "GB", None, 0.42),
        ("too_good_to_go_2024", "ghg", "DE", None, 2.7),
        ("olio_2024", "water", "GB-SCT", None, 603),
        ("olio_2024", "ghg", "GB", None, 4.3182),
        # origin: Poore and Nemecek 2018, table by Our World in Data, read off.
        ("by_food", "ghg", "BR", "Beef (beef herd)", 99.48),
        ("by_food", "land", "BR", "Lamb & Mutton", 369.81),
        ("by_food", "water", "BR", "Cheese", 5605.2),
        # origin: Clark and others 2022, table by Our World in Data, read off.
        ("by_product", "ghg", "GB", "Bread", 0.878761),
        ("by_product", "land", "GB", "Beef curry", 35.402),
    ],
)
def test_values(name, quantity, region, item, value):
    found = factor_set(name).require(quantity, region=region, item=item)
    assert found.value == pytest.approx(value, rel=0.005)


def test_every_food_of_the_table_is_there():
    # origin: 43 rows of the table, 5 of which (oils, grains) have no figure per kilogram.
    assert len(factor_set("by_food").items("ghg")) == 38
    assert len(factor_set("by_product").items("ghg")) == 211


def test_a_region_without_a_factor():
    with pytest.raises(ParameterError, match="no `ghg` for the region 'US', only for"):
        factor_set("olio_2024").require("ghg", region="US")


def test_a_quantity_the_set_does_not_know():
    assert factor_set("wrap").find("water", region="GB") is None
    with pytest.raises(ParameterError, match="has no `waater`"):
        factor_set("fao_2013").require("waater", region="GB")


def test_an_unknown_or_missing_food():
    with pytest.raises(ParameterError, match=r"`food` is 'Chese'.*Did you mean 'Cheese'"):
        factor_set("by_food").require("ghg", region="GB", item="Chese")
    with pytest.raises(ParameterError, match="by item; name the food"):
        factor_set("by_food").require("ghg", region="GB")


def test_an_unknown_set():
    with pytest.raises(ParameterError, match="`factor_set` is 'fao'"):
        factor_set("fao")


def test_the_nearest_region_wins():
    rows = [
        {**GOOD, "region": region, "value": value}
        for region, value in (("global", 1.0), ("GB", 2.0), ("GB-SCT", 3.0))
    ]
    found = own_factor_set(rows, name="own")
    places = ("FR", "GB-ENG", "GB-SCT/Leith")
    assert [found.require("ghg", region=place).value for place in places] == [1.0, 2.0, 3.0]


def test_a_transfer_is_written_down():
    moved = factor_set("wrap").transferred("IE", reason="same chains").require("ghg", region="IE")
    assert moved.scope.endswith("transferred from GB: same chains")
    with pytest.raises(ParameterError, match="`reason`"):
        CAR.transferred("IE", reason=" ")


@pytest.mark.parametrize("name", ["unit", "source", "scope", "per", "quantity"])
@pytest.mark.parametrize("blank", ["", "  ", None])
def test_what_cannot_be_defended_is_refused(name, blank):
    with pytest.raises(ParameterError, match=f"`{name}` of the factor .* is missing"):
        own(**{name: blank})


@pytest.mark.parametrize(
    ("low", "value", "high", "fine"),
    [
        (1.0, 1.0, 1.0, True), (1.0, 2.0, None, True), (None, 2.0, 3.0, True),
        (2.1, 2.0, 3.0, False), (1.0, 2.0, 1.9, False), (-1.0, 0.0, 1.0, False),
        (None, -1.0, None, False), (None, float("inf"), None, False), (3.0, 2.0, 1.0, False),
    ],
)  # fmt: skip
def test_a_range_rises(low, value, high, fine):
    if fine:
        assert own(low=low, value=value, high=high).factors[0].has_range
    else:
        with pytest.raises(ParameterError):
            own(low=low, value=value, high=high)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"value": None}, "`value` of the factor 'ghg' is missing"),
        ({"region": "Britain"}, "`region`"),
        ({"region": None}, "`region`"),
        ({"confidence": "sure"}, "`confidence`"),
        ({"end_of_life": "maybe"}, "`end_of_life`"),
        ({"unit": "kg CO2 per kg"}, "`unit`"),
        ({"year": 20}, "`year`"),
        ({"unit": "L per kg"}, "which is volume; it must be greenhouse gas"),
        ({"unit": "kg CO2e"}, "for each unit of mass"),
        ({"unit": "kg CO2e per L"}, "for each unit of mass"),
        ({"per": "food eaten"}, "`per of ghg`"),
        ({"quantity": "waste_prevention", "unit": "kg per kg", "per": "food shared"}, "at most 1"),
        ({"quantity": "leak", "unit": "percent", "value": 100.1}, "at most 1"),
    ],
)
def test_odd_fields(changed, said):
    with pytest.raises(ParameterError, match=said):
        own(**changed)


def test_own_sets_come_as_frames_too():
    rows = [{**GOOD, "low": None}, {**GOOD, "quantity": "water", "unit": "L per kg", "low": 1.0}]
    expected = own_factor_set(rows, name="own").factors
    for make in (pl.DataFrame, pd.DataFrame):
        assert own_factor_set(make(rows), name="own").factors == expected


def test_own_sets_that_are_none():
    with pytest.raises(SchemaError, match="holds no factor"):
        own_factor_set([], name="own")
    with pytest.raises(SchemaError, match="missing column 'source'"):
        own_factor_set([{k: v for k, v in GOOD.items() if k != "source"}], name="own")
    with pytest.raises(SchemaError, match="unknown columns"):
        own(colour="green")
    with pytest.raises(ParameterError, match="twice"):
        FactorSet(name="own", title="own", factors=own().factors * 2)


def test_rebound_is_the_published_range():
    # origin: Meshulam and others 2022/23: 59-94 %, 20-81 %, 23-90 %.
    ranges = {one.quantity: (one.low, one.high) for one in REBOUND.factors}
    assert ranges == {
        "rebound_ghg": (0.59, 0.94), "rebound_water": (0.20, 0.81), "rebound_land": (0.23, 0.90),
    }  # fmt: skip
