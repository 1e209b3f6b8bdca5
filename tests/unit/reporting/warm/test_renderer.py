"""Charts drawn elsewhere are the charts drawn here."""

import base64

import pytest

from analytics_lib.display.svg import LocalRenderer
from analytics_lib.reporting.warm.renderer import RemoteRenderer

SPEC = {
    "data": {"values": [{"x": n, "y": n * n} for n in range(20)]},
    "mark": "line",
    "encoding": {
        "x": {"field": "x", "type": "quantitative"},
        "y": {"field": "y", "type": "quantitative"},
    },
}


@pytest.fixture
def remote(warm):
    return RemoteRenderer(address=warm.charts)


def test_the_picture_is_the_same(remote):
    assert remote.to_svg(SPEC) == LocalRenderer().to_svg(SPEC)
    assert remote.to_png(SPEC, scale=2) == LocalRenderer().to_png(SPEC, scale=2)


def test_what_cannot_be_drawn_is_the_same_error(remote):
    for renderer in (remote, LocalRenderer()):
        with pytest.raises(ValueError, match="conversion failed"):
            renderer.to_svg({"mark": "no such mark"})


def test_where_the_renderer_has_gone_the_picture_is_drawn_here(tmp_path):
    gone = RemoteRenderer(address=tmp_path / "nobody")
    assert gone.to_svg(SPEC) == LocalRenderer().to_svg(SPEC)
    assert base64.b64encode(gone.to_png(SPEC, scale=1)).startswith(b"iVBOR")


def test_a_large_chart_passes(remote):
    large = SPEC | {"data": {"values": [{"x": n, "y": n % 7} for n in range(50_000)]}}
    assert len(remote.to_svg(large)) > 100_000
