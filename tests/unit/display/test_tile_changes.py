"""What the press says on tiles of pages published before."""

import pytest

from analytics_lib.display import Tile, tiles
from analytics_lib.display.tile_changes import with_changes

EARLIER = {
    "previous": ("31 May 2024", {"users": (120, 100, "users", "more than chance")}),
    "year_before": ("30 June 2023", {"users": (120, 120, "users", "")}),
}


def page(**given):
    made = tiles([Tile(name="users", label="Users", value=120, unit="users", **given)], id="t")
    return made.to_html()


def test_a_tile_says_both_changes_that_the_notebook_leaves_open():
    html = with_changes(page(), EARLIER)
    # origin: by hand, 20 more than 100 are 20 %
    assert '<p class="change"><span class="arrow" aria-hidden="true">▲</span> ' in html
    assert "Up 20 (+20.0%) on 31 May 2024 (more than chance)</p>" in html
    assert '<p class="change">The same as 30 June 2023</p>' in html


def test_what_the_notebook_says_is_not_said_again():
    html = with_changes(page(previous=110, previous_label="May"), EARLIER)
    assert "Up 10 (+9.1%) on May</p>" in html
    assert "31 May 2024" not in html
    assert "30 June 2023" in html


@pytest.mark.parametrize(("better", "kind"), [(True, "good"), (False, "bad")])
def test_a_change_is_judged_as_the_tile_says(better, kind):
    html = with_changes(page(higher_is_better=better), EARLIER)
    assert f'<p class="change {kind}">' in html
    assert f", {'better' if better else 'worse'} (more than chance)</p>" in html


@pytest.mark.parametrize("earlier", [{}, {"previous": ("31 May 2024", {})}])
def test_without_an_earlier_page_nothing_is_left_of_the_places(earlier):
    html = with_changes(page(), earlier)
    assert "<!--" not in html
    assert "change" not in html


def test_a_tile_without_a_value_has_no_change():
    made = tiles([Tile(name="users", label="Users", value=None)], id="t").to_html()
    assert "<!--" not in made


def test_a_name_cannot_write_into_the_page():
    made = tiles([Tile(name="a --><b>", label="Users", value=1)], id="t").to_html()
    assert "<b>" not in made
    assert "<!--" not in made
