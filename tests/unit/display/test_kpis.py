import math

import pytest

from analytics_lib.core.errors import ParameterError
from analytics_lib.core.results import Estimate
from analytics_lib.display import Tile, change_words, tiles

MINUS = "\N{MINUS SIGN}"


def share(value: float) -> Estimate:
    return Estimate(value=value, ci_lower=value - 0.02, ci_upper=value + 0.02, n=1767, unit="share")


@pytest.mark.parametrize(
    ("now", "before", "better", "words"),
    [
        (110, 100, True, "up 10 (+10.0%) on May, better"),
        (110, 100, False, "up 10 (+10.0%) on May, worse"),
        (110, 100, None, "up 10 (+10.0%) on May"),
        (90, 100, True, f"down 10 ({MINUS}10.0%) on May, worse"),
        (90, 100, False, f"down 10 ({MINUS}10.0%) on May, better"),
        (100, 100, True, "the same as May"),
        (3, 0, True, "up 3 on May, which was 0, better"),
        (0, 0, True, "the same as May"),
        (5, -5, None, f"up 10 on May, which was {MINUS}5"),
        (None, 5, True, "no comparison with May"),
        (5, math.nan, True, "no comparison with May"),
    ],
)
def test_change_words(
    now: float | None, before: float | None, *, better: bool | None, words: str
) -> None:
    # origin: by hand
    assert change_words(now, before, unit="", against="May", higher_is_better=better) == words


@pytest.mark.parametrize(
    ("now", "words"),
    [
        (0.2504, "almost the same as May"),
        (0.2506, "up 0.1 percentage points on May, better"),
        (0.24, "down 1 percentage point on May, worse"),
    ],
)
def test_shares_change_in_points(now: float, words: str) -> None:
    assert change_words(now, 0.25, unit="share", against="May", higher_is_better=True) == words


def test_a_whole_tile() -> None:
    tile = Tile(
        name="withdrawal", label="Withdrawn", value=share(0.286), n_label="enrolments",
        previous=share(0.26), previous_label="2012", year_before=0.3, higher_is_better=False,
        target=0.25,
    )  # fmt: skip
    made = tiles([tile], id="key")
    assert made.to_text() == (
        "Withdrawn: 28.6%. 95% interval 26.6% to 30.6%, of 1,767 enrolments. up 2.6 percentage "
        "points on 2012, worse. down 1.4 percentage points on a year before, better. target "
        "25.0%: not reached"
    )
    html = made.to_html()
    assert '<p class="tile-value">28.6%</p>' in html
    assert (
        '<p class="change bad"><span class="arrow" aria-hidden="true">▲</span> Up 2.6 percentage '
        "points on 2012, worse</p>"
    ) in html
    assert '<p class="change good"><span class="arrow" aria-hidden="true">▼</span> Down' in html
    assert made.to_payload() == {
        "kind": "tiles", "id": "key", "title": "Key figures",
        "results": {
            "withdrawal": share(0.286).to_dict() | {"n_unit": "enrolments", "label": "Withdrawn"}
        },
    }  # fmt: skip


def test_a_plain_number_keeps_its_unit() -> None:
    made = tiles([Tile(name="n", label="Active", value=1, unit="students", previous=1)], id="key")
    assert '<p class="tile-value">1 <span class="unit">student</span></p>' in made.to_html()
    assert '<p class="change">The same as the period before</p>' in made.to_html()
    assert made.to_payload()["results"]["n"]["unit"] == "students"


@pytest.mark.parametrize("missing", ["no value", "not complete", "suppressed"])
def test_a_tile_without_a_value_says_why(missing: str) -> None:
    for value in (None, math.nan, Estimate(value=math.nan, n=0, unit="share")):
        tile = Tile(name="n", label="Kept", value=value, previous=3, target=1, missing=missing)  # type: ignore[arg-type]
        made = tiles([tile], id="key")
        assert f'<p class="tile-value missing">{missing}</p>' in made.to_html()
        assert made.to_text() == f"Kept: {missing}"
        assert made.to_payload()["results"]["n"]["value"] is None


def test_a_comparison_without_a_value_is_named() -> None:
    made = tiles([Tile(name="n", label="Kept", value=3, previous=math.nan)], id="key")
    assert '<p class="change">No comparison with the period before</p>' in made.to_html()


@pytest.mark.parametrize(
    ("value", "better", "words"),
    [
        (9, True, "target 10: not reached"),
        (10, True, "target 10: reached"),
        (11, True, "target 10: reached"),
        (9, False, "target 10: reached"),
        (10, False, "target 10: reached"),
        (11, False, "target 10: not reached"),
        (10, None, "target 10"),
    ],
)
def test_targets(value: int, *, better: bool | None, words: str) -> None:
    tile = Tile(name="n", label="Kept", value=value, target=10, higher_is_better=better)
    assert tiles([tile], id="key").to_text() == f"Kept: {value}. {words}"


def test_tiles_escape_and_refuse() -> None:
    tile = Tile(name="n", label="<script>", value=1, unit="<b>", previous=2, previous_label="<i>")
    html = tiles([tile], id="key", title='"><script>').to_html()
    assert "<script" not in html
    assert "<b>" not in html
    assert "<i>" not in html
    with pytest.raises(ParameterError, match="`items` is empty"):
        tiles([], id="key")
    with pytest.raises(ParameterError, match=r"`items` holds the names \['n'\] more than once"):
        tiles([tile, tile], id="key")
