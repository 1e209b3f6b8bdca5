"""Exchanges as milligrams on every engine against plain Python."""

import datetime as dt
from fractions import Fraction

import polars as pl
import pytest

from analytics_lib.core.errors import ParameterError, SchemaError
from analytics_lib.events.frames import finish
from analytics_lib.impact.factors.platform_default import PLATFORM_DEFAULT
from analytics_lib.impact.masses import exchange_masses

AS_OF = dt.date(1970, 1, 31)
SCHEMA = {
    "exchange_id": pl.String, "day": pl.Int32, "region": pl.String, "serving": pl.String,
    "amount": pl.Float64, "unit": pl.String,
}  # fmt: skip
ROWS = [
    ("1", 0, "GB", "small", None, None),
    ("2", 1, "GB", "family", None, None),
    ("3", 2, "US-CA", None, 100.0, "lb"),
    ("4", 3, "US-CA", None, 1.0, "oz"),
    ("5", 30, "US-CA", None, 2.5, "containers"),
    ("6", 30, "GB", None, 0.0, "g"),
    ("7", 31, "GB", "large", None, None),
    ("8", 30, "GB", None, 0.02, "t"),
]
# origin: by hand; 1 lb = 453.59237 g and 1 oz = 1/16 lb by definition (NIST Handbook 44).
EXPECTED = {
    "1": 300_000,
    "2": 2_400_000,
    "3": 45_359_237,
    "4": round(Fraction(45359237, 100) / 16),
    "5": 20_000_000,
    "6": 0,
    "8": 20_000_000,
}


def frame(rows):
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def masses(table, **given):
    asked = {"servings": PLATFORM_DEFAULT, "kilograms_each": {"containers": 8}, **given}
    return finish(exchange_masses(table, as_of=AS_OF, **asked))


def test_every_unit(engine):
    found = masses(engine.make(frame(ROWS)))
    assert dict(found.select("exchange_id", "mass_mg").rows()) == EXPECTED
    assert found["day"].dtype == pl.Int64


def test_no_exchanges(engine):
    assert masses(engine.make(frame([]))).height == 0


def test_only_servings(engine):
    table = frame(ROWS[:2]).drop("amount", "unit")
    assert masses(engine.make(table))["mass_mg"].sum() == 2_700_000


def test_only_weights(engine):
    table = frame(ROWS[2:4]).drop("serving")
    found = masses(engine.make(table), servings=None)
    assert found["mass_mg"].sum() == EXPECTED["3"] + EXPECTED["4"]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (("9", 0, "GB", "small", 1.0, "kg"), "1 rows .* have a serving size and an amount"),
        (("9", 0, "GB", None, None, None), "1 rows .* have neither"),
        (("9", 0, "GB", None, float("nan"), "kg"), "1 rows .* have neither"),
        (("9", 0, "GB", None, 1.0, None), "an amount without a unit"),
        (("9", 0, "GB", None, -0.1, "kg"), "`amount` of `exchanges` goes from -0.1"),
        (("9", 0, "GB", None, 40_000.1, "kg"), "at most 40,000 kg"),
        (("9", 0, "GB", None, 1.0, "stone"), "`unit` of `exchanges` is 'stone'"),
        (("9", 0, "GB", "smal", None, None), "`serving` .* Did you mean 'small'"),
    ],
)
def test_bad_rows(engine, row, said):
    with pytest.raises(SchemaError, match=said):
        masses(engine.make(frame([*ROWS, row])))


def test_a_bad_row_after_the_last_day_is_not_read(engine):
    assert masses(engine.make(frame([("9", 31, "GB", "vast", None, None)]))).height == 0


def test_a_full_lorry_is_allowed():
    found = masses(frame([("9", 0, "GB", None, 40_000.0, "kg")]))
    assert found["mass_mg"].item() == 40_000_000_000


def test_containers_need_a_declared_weight():
    with pytest.raises(ParameterError, match="declare the weight of one in `kilograms_each`"):
        masses(frame(ROWS), kilograms_each=None)


@pytest.mark.parametrize("kilograms", [0, -1, 40_001, float("nan")])
def test_a_declared_weight_must_be_possible(kilograms):
    with pytest.raises(ParameterError, match="must be above 0"):
        masses(frame(ROWS), kilograms_each={"pickups": kilograms})
    with pytest.raises(ParameterError, match="must be above 0"):
        masses(frame(ROWS), servings={"small": kilograms})


def test_only_counted_units_are_declared():
    with pytest.raises(ParameterError, match="`kilograms_each` names 'lb'"):
        masses(frame(ROWS), kilograms_each={"lb": 1})


def test_own_serving_sizes():
    found = masses(frame(ROWS[:2]), servings={"small": 1, "family": 2})
    assert found["mass_mg"].to_list() == [1_000_000, 2_000_000]
