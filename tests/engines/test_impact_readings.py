"""Readings of exchanges give the same on every engine."""

import datetime as dt

import pytest
from polars.testing import assert_frame_equal

from analytics_lib.core.periods import Period
from analytics_lib.impact import exchanges_within, impact_by_month, impact_of_places, sensitivity
from analytics_lib.synthetic import SharingParameters, sharing_platform

AS_OF = dt.date(2023, 3, 31)
MARCH = Period(start=dt.date(2023, 3, 1), end=dt.date(2023, 4, 1))


@pytest.fixture(scope="module")
def exchanges():
    return sharing_platform(SharingParameters(users=120, days=90), seed=3).exchanges


def readings(frame):
    asked = {"factors": "platform_default", "as_of": AS_OF}
    inside = exchanges_within(frame, region="GB-ENG")
    return [
        impact_by_month(inside, figures=["ghg_net"], months=2, draws=50, seed=1, **asked),
        impact_of_places(frame, period=MARCH, level="city", **asked),
        sensitivity(frame, figures=["land_net"], period=MARCH, **asked),
    ]


def test_every_engine_reads_the_same(exchanges, engine):
    assert isinstance(exchanges_within(engine.make(exchanges), region="GB"), engine.library)
    for mine, theirs in zip(readings(exchanges), readings(engine.make(exchanges)), strict=True):
        assert_frame_equal(theirs, mine, rel_tol=1e-12, abs_tol=0)
        assert mine.height > 0
