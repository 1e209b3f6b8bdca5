"""Contrast by WCAG 2.2 and separation for colour-blind readers, computed independently."""

from itertools import combinations

import numpy as np
import pytest
from numpy.typing import NDArray

from analytics_lib.display import theme
from analytics_lib.display.theme import TOKENS, Mode, Token

MODES: tuple[Mode, ...] = ("light", "dark")

# origin: Machado, Oliveira, Fernandes 2009, IEEE TVCG 15(6), table 1, severity 1.0
VISION = {
    "normal": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
         [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
         [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602],
         [0.004733, 0.691367, 0.303900]]
    ),
}  # fmt: skip


def linear(colour: str) -> NDArray[np.float64]:
    parts = np.array([int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)])
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def luminance(colour: str) -> float:
    return float(linear(colour) @ np.array([0.2126, 0.7152, 0.0722]))


def contrast(first: str, second: str) -> float:
    low, high = sorted([luminance(first), luminance(second)])
    return (high + 0.05) / (low + 0.05)


def lab(colour: str, matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    seen = np.clip(matrix @ linear(colour), 0, 1)
    to_xyz = np.array(
        [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750],
         [0.0193339, 0.1191920, 0.9503041]]
    )  # fmt: skip
    scaled = to_xyz @ seen / np.array([0.95047, 1.0, 1.08883])
    f = np.where(scaled > 0.008856, np.cbrt(scaled), 7.787 * scaled + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def of(token: Token, mode: Mode) -> str:
    return token.light if mode == "light" else token.dark


def test_contrast_formula_gives_the_published_extremes() -> None:
    # origin: WCAG 2.2, 1.4.3: black on white is 21 to 1, a colour on itself 1 to 1
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#777777") == pytest.approx(1)
    # origin: WebAIM contrast checker, #767676 on white
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.005)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("ground", [theme.SURFACE, theme.RAISED], ids=lambda token: token.name)
@pytest.mark.parametrize(
    "token",
    [theme.INK, theme.MUTED, theme.ACCENT, theme.GOOD, theme.BAD],
    ids=lambda token: token.name,
)
def test_text_can_be_read(token: Token, ground: Token, mode: Mode) -> None:
    assert contrast(of(token, mode), of(ground, mode)) >= 4.5


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("token", theme.SERIES, ids=lambda token: token.name)
def test_series_colours_carry_their_labels(token: Token, mode: Mode) -> None:
    assert contrast(of(token, mode), of(theme.SURFACE, mode)) >= 4.5


@pytest.mark.parametrize("mode", MODES)
def test_axis_lines_can_be_seen(mode: Mode) -> None:
    assert contrast(of(theme.RULE, mode), of(theme.SURFACE, mode)) >= 3


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("token", [theme.MUTED, theme.SERIES[0]], ids=lambda token: token.name)
def test_words_and_lines_show_on_the_band_of_incomplete_periods(token: Token, mode: Mode) -> None:
    assert contrast(of(token, mode), of(theme.BAND, mode)) >= 4.5


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("bin_number", range(7))
def test_the_text_of_each_heat_map_cell_can_be_read(bin_number: int, mode: Mode) -> None:
    ground = theme.HEAT[bin_number]
    assert contrast(of(theme.heat_ink(bin_number), mode), of(ground, mode)) >= 4.5


@pytest.mark.parametrize("mode", MODES)
def test_heat_map_colours_move_one_way(mode: Mode) -> None:
    steps = [luminance(of(token, mode)) for token in theme.HEAT]
    assert steps == sorted(steps, reverse=mode == "light")


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("sight", VISION)
def test_series_stay_apart_for_every_reader(sight: str, mode: Mode) -> None:
    seen = [lab(of(token, mode), VISION[sight]) for token in theme.SERIES]
    nearest = min(float(np.linalg.norm(a - b)) for a, b in combinations(seen, 2))
    # origin: CIE 1976; 2.3 is one just noticeable difference, we ask for eight of them
    assert nearest >= 8 * 2.3


def test_no_two_tokens_share_a_light_colour() -> None:
    assert len({token.light for token in TOKENS}) == len(TOKENS)


def test_each_drawn_colour_has_a_twin_in_dark_mode() -> None:
    rules = theme.dark_marks_css("svg ")
    for token in (*theme.SERIES, *theme.HEAT, theme.INK, theme.MUTED, theme.GRID, theme.SURFACE):
        assert f'svg [fill="{token.light}"]{{fill:var(--{token.name})}}' in rules
    for token in (*theme.SERIES, theme.GRID, theme.RULE, theme.INK, theme.SURFACE):
        assert f'svg [stroke="{token.light}"]{{stroke:var(--{token.name})}}' in rules
