"""Units are exact, and kinds do not mix."""

from fractions import Fraction

import pytest

from analytics_lib.core.errors import ParameterError
from analytics_lib.impact.units import base_unit, conversion, parse_unit


@pytest.mark.parametrize(
    ("source", "target", "factor"),
    [
        # origin: NIST Handbook 44, appendix C: definitions of pound, ounce, short ton, mile.
        ("lb", "g", Fraction("453.59237")),
        ("oz", "lb", Fraction(1, 16)),
        ("short ton", "lb", Fraction(2000)),
        ("mile", "m", Fraction("1609.344")),
        ("t", "kg", Fraction(1000)),
        ("m3", "L", Fraction(1000)),
        ("km3", "L", Fraction(10**12)),
        ("ha", "m2", Fraction(10_000)),
        ("percent", "share", Fraction(1, 100)),
        ("t CO2e per short ton", "kg CO2e per kg", Fraction(1000) / Fraction("907.18474")),
        ("kg CO2e per t", "kg CO2e per kg", Fraction(1, 1000)),
    ],
)
def test_conversions(source, target, factor):
    assert conversion(source, target) == factor
    assert conversion(target, source) == 1 / factor


@pytest.mark.parametrize(
    ("source", "target"),
    [("kg", "kg CO2e"), ("USD", "GBP"), ("m2", "m2 year"), ("kg", "kg per kg"), ("L", "kg")],
)
def test_kinds_do_not_mix(source, target):
    with pytest.raises(ParameterError, match="cannot be converted"):
        conversion(source, target)


@pytest.mark.parametrize("unit", ["", "  ", None, 3])
def test_a_missing_unit_is_refused(unit):
    with pytest.raises(ParameterError, match="`unit` is missing"):
        parse_unit(unit)


@pytest.mark.parametrize("unit", ["kgs", "kg per dozen", "furlong"])
def test_an_unknown_unit_is_refused(unit):
    with pytest.raises(ParameterError, match="must be one of"):
        parse_unit(unit)


@pytest.mark.parametrize(("kind", "unit"), [("mass", "kg"), ("volume", "L"), ("area", "m2")])
def test_base_units(kind, unit):
    assert base_unit(kind) == unit
