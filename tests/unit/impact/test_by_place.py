"""Places and periods add up exactly, and bad places are refused."""

import datetime as dt
import random

import polars as pl
import pytest

from analytics_lib.core.errors import ParameterError, SchemaError
from analytics_lib.core.periods import Period
from analytics_lib.impact import estimate_impact, impact_by_place, own_factor_set, roll_up
from analytics_lib.impact.by_place import MEASURES

AS_OF = dt.date(1970, 12, 31)
EXACT = [name for name in MEASURES if name != "meals"]


def given(rows=400, seed=1):
    draw = random.Random(seed)
    return pl.DataFrame(
        {
            "exchange_id": [str(n) for n in range(rows)],
            "day": [draw.randrange(365) for _ in range(rows)],
            "region": [draw.choice(["GB", "GB-SCT", "US-CA", "US-NY"]) for _ in range(rows)],
            "city": [draw.choice(["a", "b", None]) for _ in range(rows)],
            "amount": [draw.randrange(1, 900) / 7 for _ in range(rows)],
            "unit": [draw.choice(["lb", "kg", "oz"]) for _ in range(rows)],
        }
    )


def by(level, granularity="month", table=None, **changed):
    asked = {"factors": "platform_default", "as_of": AS_OF, **changed}
    return impact_by_place(
        given() if table is None else table, level=level, granularity=granularity, **asked
    )


def whole(table):
    return table.select((pl.col(EXACT) * 1_000_000).round().cast(pl.Int64))


@pytest.mark.parametrize(
    ("fine", "coarse"),
    [("city", "region"), ("region", "country"), ("country", "global"), ("region", "global")],
)
def test_roll_ups_add_up_exactly(fine, coarse):
    # City cells are finer, so their rounding is too; below them all levels agree to the millionth.
    rolled, direct = roll_up(by(fine), to=coarse), by(coarse)
    if fine != "city":
        assert rolled.select(direct.columns).drop("meals").equals(direct.drop("meals"))
    totals = whole(by(fine)).sum().row(0)
    assert totals == whole(rolled).sum().row(0)
    assert rolled["exchanges"].sum() == 400


def test_months_add_up_to_the_year_exactly():
    assert whole(by("region", "month")).sum().row(0) == whole(by("region", "year")).sum().row(0)
    assert whole(by("region", "day")).sum().row(0) == whole(by("region", "year")).sum().row(0)


def test_the_default_set_on_a_thousand_of_each():
    # origin: the issue, by hand.
    rows = [size for size in ("small", "medium", "large", "family") for _ in range(1000)]
    table = pl.DataFrame({"exchange_id": list(map(str, range(4000))), "serving": rows})
    table = table.with_columns(day=pl.lit(3), region=pl.lit("GB"), status=pl.lit("consumed"))
    found = by("global", "year", table=table)
    names = ["food_shared_kg", "food_consumed_kg", "waste_prevented_kg", "greenhouse_gas_kg"]
    assert found.select(*names, "water_l", "land_m2").row(0) == (
        4500.0, 4500.0, 3825.0, 11_475.0, 5_737_500.0, 8032.5,
    )  # fmt: skip


def test_a_running_period_is_null_and_a_quiet_one_nothing():
    table = given().filter(pl.col("day") < 59)
    found = by("global", table=table, as_of=dt.date(1970, 4, 15))
    assert found["exchanges"].to_list()[2:] == [0, None]
    assert found["greenhouse_gas_kg"].to_list()[2:] == [0.0, None]
    assert found["meals"].to_list()[2:] == [0.0, None]
    assert roll_up(found, to="global").equals(found.select(roll_up(found, to="global").columns))


def test_what_the_set_says_nothing_of_is_null():
    table = given().filter(pl.col("region").str.starts_with("GB"))
    found = by("region", table=table, factors="wrap")
    assert found["water_l"].null_count() == len(found)
    assert found["greenhouse_gas_kg"].null_count() == 0


def test_a_region_without_a_factor():
    with pytest.raises(ParameterError, match=r"no `ghg` for the region 'US-\w+'"):
        by("region", factors="wrap")


def test_each_region_gets_its_own_factor():
    rows = [
        {
            "quantity": "ghg", "value": value, "unit": "kg CO2e per kg", "per": "food shared",
            "region": region, "scope": "s", "source": "s", "year": 2020, "confidence": "seen",
        }
        for region, value in (("global", 1.0), ("US", 2.0), ("US-NY", 3.0))
    ]  # fmt: skip
    found = by("region", "year", factors=own_factor_set(rows, name="own"))
    rates = {
        region: round(gas / shared, 6)
        for region, gas, shared in found.select(
            "region", "greenhouse_gas_kg", "food_shared_kg"
        ).rows()
    }
    assert rates == {"GB": 1.0, "GB-SCT": 1.0, "US-CA": 2.0, "US-NY": 3.0}


@pytest.mark.parametrize("region", [None, "uk", "GB/London"])
def test_a_missing_or_odd_region(region):
    table = given().with_columns(region=pl.lit(region, pl.String))
    if region == "GB/London":
        assert by("country", table=table)["country"].unique().to_list() == ["GB"]
        return
    with pytest.raises((SchemaError, ParameterError), match="`region`"):
        by("region", table=table)


def test_misuse():
    with pytest.raises(ParameterError, match="`level`"):
        by("planet")
    with pytest.raises(ParameterError, match="`granularity`"):
        by("region", "fortnight")
    with pytest.raises(ParameterError, match="`to`"):
        roll_up(by("region"), to="planet")
    with pytest.raises(SchemaError, match="missing column 'region'"):
        roll_up(by("country"), to="region")
    with pytest.raises(SchemaError, match="'city'"):
        by("city", table=given().drop("city"))


def test_foods_without_a_factor_of_their_own():
    # origin: by hand: 1 kg of bread at 1, cake at 5, something and nothing named at 2.
    rows = [
        {
            "quantity": "ghg", "value": value, "unit": "kg CO2e per kg", "per": "food shared",
            "region": "global", "scope": "s", "source": "s", "year": 2020, "confidence": "seen",
            "item": item,
        }
        for item, value in (("bread", 1.0), ("cake", 5.0), (None, 2.0))
    ]  # fmt: skip
    own = own_factor_set(rows, name="own")
    table = pl.DataFrame({"food": ["bread", "cake", "soup", None], "exchange_id": list("abcd")})
    table = table.with_columns(
        day=pl.lit(0), region=pl.lit("GB"), amount=pl.lit(1.0), unit=pl.lit("kg")
    )
    assert by("global", "year", table=table, factors=own)["greenhouse_gas_kg"].item() == 10
    year = Period(start=dt.date(1970, 1, 1), end=dt.date(1971, 1, 1))
    found = estimate_impact(table, factors=own, period=year, as_of=AS_OF, draws=10, seed=1)
    assert found.figures["ghg_gross"].value == 10
