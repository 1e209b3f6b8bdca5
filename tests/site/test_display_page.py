"""A page made of every component, in a real browser: accessible, silent, readable on a phone."""

import datetime as dt
from types import SimpleNamespace
from typing import Any, Literal

import polars as pl
import pytest

from analytics_lib.core.results import Estimate
from analytics_lib.display import (
    Column,
    Shown,
    Tile,
    answer,
    bar,
    cohort_heatmap,
    definitions,
    line_with_interval,
    note,
    stylesheet,
    table,
    tiles,
)

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"

pytestmark = pytest.mark.browser


def components() -> list[Shown]:
    weeks = [dt.date(2014, 2, 3) + dt.timedelta(weeks=at) for at in range(20)]
    weekly = pl.DataFrame(
        {
            "week": weeks,
            "users": [None if at == 7 else 400.0 + 15 * at for at in range(20)],
            "low": [None if at == 7 else 380.0 + 15 * at for at in range(20)],
            "high": [None if at == 7 else 420.0 + 15 * at for at in range(20)],
            "complete": [at < 19 for at in range(20)],
        }
    )
    curves = pl.DataFrame(
        [
            {"course": f"Course {number}", "age": age, "share": 1 / (1 + age * number / 4)}
            for number in range(1, 7)
            for age in range(10)
        ]
    )
    cohorts = pl.DataFrame(
        [
            {"cohort": weeks[at], "age": age, "users": 900 - at,
             "share": 1 / (1 + age / 3) if at + age < 14 else None}
            for at in range(8)
            for age in range(13)
        ]
    )  # fmt: skip
    courses = pl.DataFrame(
        {
            "course": ["AAA, October 2013", "A course with a much longer name, 2014", "CCC"],
            "share": [0.157, 0.286, None],
            "low": [0.12, 0.27, None],
            "high": [0.2, 0.31, None],
            "n": [383, 1767, None],
            "why": [None, None, "suppressed"],
        }
    )
    withdrawn = Estimate(value=0.286, ci_lower=0.27, ci_upper=0.31, n=1767, unit="share")
    return [
        answer("28.6% of the enrolments ended in withdrawal (95% interval 27.0% to 31.0%)."),
        tiles(
            [
                Tile(name="a", label="Active students", value=456, unit="students", previous=518,
                     year_before=430, higher_is_better=True),
                Tile(name="b", label="Withdrawn", value=withdrawn, n_label="enrolments",
                     previous=0.25, higher_is_better=False, target=0.25),
                Tile(name="c", label="Back in week two", value=None, missing="not complete"),
            ],
            id="tiles",
        ),
        line_with_interval(weekly, id="weekly", title="More are active each week",
                           subtitle="Students a week", x="week", y="users", ci_lower="low",
                           ci_upper="high", complete="complete", unit="students"),
        line_with_interval(curves, id="curves", title="Six curves stay apart",
                           subtitle="Share active n weeks later", x="age", y="share",
                           series="course", unit="share", x_label="Weeks since the start"),
        bar(courses, id="bars", title="Withdrawal differs", subtitle="Share of enrolments",
            category="course", value="share", ci_lower="low", ci_upper="high", n="n",
            n_unit="enrolments", unit="share", reason="why"),
        cohort_heatmap(cohorts, id="cohorts", title="Half return", subtitle="Share active later",
                       cohort="cohort", age="age", share="share", users="users",
                       users_label="students", age_label="Weeks since the start"),
        table(courses, id="table", title="Withdrawal by course",
              columns={"course": "Course", "n": "Enrolments", "low": "Interval from",
                       "high": "Interval to",
                       "share": Column(label="Withdrawn", unit="share", reason="why")}),
        table(courses[:0], id="empty", title="Nothing yet", columns={"course": "Course"}),
        note("Presentations start on 1 February.", kind="assumption"),
        definitions([SimpleNamespace(name="Withdrawn", definition="Left.", source="OULAD")]),
    ]  # fmt: skip


def page_html() -> str:
    """Header, every component, plain markdown as nbconvert writes it, provenance, index entries."""
    body = "".join(
        f'<div class="cell"><div class="output_html rendered_html">{item.to_html()}</div></div>'
        for item in components()
    )
    return f"""<!doctype html><html lang="en-GB"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{POLICY}">
<meta name="color-scheme" content="light dark"><title>Components</title>
<style>{stylesheet()}</style></head><body>
<a class="skip-link" href="#main">Skip to the report</a>
<header class="page-header"><nav class="site-nav" aria-label="Site"><a href="#main">All reports</a>
<a href="#more">Other dates</a></nav>
<p class="meta">Weekly · data up to 30 June 2014 <span class="badge">Sample</span></p></header>
<main id="main"><h1>How do students take part?</h1>
<nav class="toc" aria-label="Contents"><ul><li><a href="#text">Text</a></li></ul></nav>
<h2 id="text">Text</h2><p>Some <code>code</code>, <a href="#more">a link</a>.</p>
<blockquote><p>Quoted.</p></blockquote><pre><code>a_very_long_line_of_code_{"x" * 80}</code></pre>
<ul><li>One</li></ul>{body}
<p class="notice"><strong>Stale.</strong> The run failed.</p><ul class="runs"><li>x</li></ul>
<article class="run" aria-labelledby="r"><h2 id="r"><a href="#more">Retention</a></h2>
<p class="answer">Half.</p><p class="meta">Monthly <span class="badge">new</span></p></article>
<section class="provenance" aria-labelledby="more"><h2 id="more">Where this comes from</h2>
<details><summary>Versions</summary><dl><dt>events</dt><dd>{"3" * 70}</dd></dl></details></section>
</main><footer class="page-footer"><p>Made by <a href="#main">us</a>.</p></footer></body></html>"""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    file = tmp_path_factory.mktemp("page") / "index.html"
    file.write_text(page_html(), encoding="utf-8")
    return file.as_uri()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("width", "media"), [(1280, "screen"), (320, "screen"), (794, "print")])
def test_axe_finds_nothing(
    barriers: Any,
    address: str,
    width: int,
    media: Literal["screen", "print"],
    scheme: Literal["light", "dark"],
) -> None:
    assert barriers(address, [(width, media, scheme)]) == {}


def test_nothing_is_requested_and_nothing_complains(opened: Any, address: str) -> None:
    page = opened(address)
    assert page.said == [address]


@pytest.mark.parametrize("width", [320, 360, 600, 768, 1280])
def test_the_page_never_scrolls_sideways(opened: Any, address: str, width: int) -> None:
    page = opened(address, width=width)
    page.evaluate("document.querySelectorAll('details').forEach(item => { item.open = true })")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize(("width", "size"), [(320, "narrow"), (1280, "wide")])
def test_one_picture_is_shown_and_its_texts_are_inside(
    opened: Any,
    address: str,
    width: int,
    size: str,
) -> None:
    page = opened(address, width=width)
    shown = page.evaluate(
        "[...document.querySelectorAll('svg')].filter(item => item.getClientRects().length)"
        ".map(item => item.getAttribute('aria-labelledby').split(' ')[0])"
    )
    assert shown == [f"{name}-{size}-title" for name in ("weekly", "curves", "bars", "cohorts")]
    outside = page.evaluate(
        """[...document.querySelectorAll('svg')].filter(item => item.getClientRects().length)
        .flatMap(svg => { const box = svg.getBoundingClientRect();
          return [...svg.querySelectorAll('text')].filter(text => {
            const own = text.getBoundingClientRect();
            return own.left < box.left - 1 || own.right > box.right + 1
              || own.top < box.top - 1 || own.bottom > box.bottom + 1 })
          .map(text => text.textContent) })"""
    )
    assert outside == []


def test_dark_mode_reaches_the_marks(opened: Any, address: str) -> None:
    script = "getComputedStyle(document.querySelector('#bars-wide-title').parentNode"
    script += ".querySelector('path')).fill"
    colours = {}
    for scheme in ("light", "dark"):
        page = opened(address, scheme=scheme)
        colours[scheme] = page.evaluate(script)
        # origin: SERIES[0] of the theme, #0d59c6 and #6a9dd4, as decimal numbers
    assert colours == {"light": "rgb(13, 89, 198)", "dark": "rgb(106, 157, 212)"}


def test_print_is_light_even_in_dark_mode(opened: Any, address: str) -> None:
    page = opened(address, scheme="dark", media="print")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"


def test_tables_scroll_by_keyboard(opened: Any, address: str) -> None:
    page = opened(address, width=320)
    page.locator("#table .table-scroll").focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(300)
    assert page.evaluate("document.querySelector('#table .table-scroll').scrollLeft") > 0
