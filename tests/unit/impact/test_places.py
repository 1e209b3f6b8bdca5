"""Places are codes, and one lies in another or does not."""

import pytest

from analytics_lib.core.errors import ParameterError
from analytics_lib.impact.places import country_of, covers, require_place


@pytest.mark.parametrize(
    ("outer", "inner", "expected"),
    [
        ("global", "GB", True), ("GB", "GB", True), ("GB", "GB-SCT", True),
        ("GB", "GB/London", True), ("GB-SCT", "GB-SCT/Leith", True), ("GB", "global", False),
        ("GB-SCT", "GB", False), ("US", "GB", False), ("US-C", "US-CA", False),
    ],
)  # fmt: skip
def test_covers(outer, inner, expected):
    assert covers(outer, inner) is expected


@pytest.mark.parametrize("place", ["", "gb", "UK of Great Britain", "GB-", "GB/", "GBR", None])
def test_odd_places_are_refused(place):
    with pytest.raises(ParameterError, match="`region` is"):
        require_place(place)


def test_countries():
    assert [country_of(place) for place in ("global", "GB", "US-CA/Oakland")] == [
        "global", "GB", "US",
    ]  # fmt: skip
