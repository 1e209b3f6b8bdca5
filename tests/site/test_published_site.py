"""The pages that `make reports` publishes, in a real browser, in every way they are read."""

import json

import pytest

REPORTS = {
    "learning_overview": "2015-06-30",
    "retention": "2015-06-30",
    "user_growth": "2024-06-30",
    "funnels": "2024-06-30",
    "engagement": "2024-06-30",
    "journeys": "2024-06-30",
    "revenue": "1998-06-30",
    "segments": "1998-06-30",
    "learning_outcomes": "2015-06-30",
    "operations": "2024-06-30",
    "content_performance": "2024-06-30",
    "custom/executive_dashboard": "2024-06-30",
    "custom/operational_dashboard": "2024-06-30",
    "custom/user_dashboard": "2024-06-30",
    "social_impact": "2024-06-30",
    "community_health": "2024-06-30",
    "impact_methods": "2024-06-30",
    "executive_summary": "2024-06-30",
    "marketplace": "2024-06-30",
    "research_dataset": "2015-06-30",
    "research_programme": "2024-06-30",
}


def run_of(name):
    """`report/run`: monthly where the run is not named."""
    return name if "/" in name else f"{name}/monthly"


PAGES = {
    "index": "index.html",
    "metrics": "metrics.html",
    "search": "search.html",
    "archive": "learning_overview/monthly/index.html",
    **{name: f"{run_of(name)}/{as_of}/index.html" for name, as_of in REPORTS.items()},
}
LOOKS = [
    (1280, "screen", "light"),
    (320, "screen", "dark"),
    (794, "print", "light"),
]
FIRST_SCREEN = 900
MOST_BYTES = 200_000

pytestmark = pytest.mark.browser


@pytest.fixture(params=PAGES)
def page_file(request, sample_project):
    return sample_project.root / "outputs" / "site" / PAGES[request.param]


@pytest.fixture(params=REPORTS)
def report_file(request, sample_project):
    return sample_project.root / "outputs" / "site" / PAGES[request.param]


def test_axe_finds_nothing(barriers, page_file):
    assert barriers(page_file.as_uri(), LOOKS) == {}


def test_no_request_leaves_a_page_and_nothing_complains(opened, page_file):
    assert opened(page_file.as_uri()).said == [page_file.as_uri()]


def test_no_page_scrolls_sideways(opened, page_file):
    page = opened(page_file.as_uri())
    page.evaluate("document.querySelectorAll('details').forEach(item => { item.open = true })")
    for width in (320, 390, 768, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width, width


def test_the_answer_and_the_tiles_are_in_the_first_screen(opened, report_file):
    page = opened(report_file.as_uri())
    for selector in ("h1", ".answer", "ul.tiles"):
        found = page.locator(selector)
        if found.count() or selector != "ul.tiles":
            box = found.first.bounding_box()
            assert box["y"] + box["height"] < FIRST_SCREEN, selector


def test_a_page_is_one_light_file(report_file):
    assert report_file.stat().st_size < MOST_BYTES


def test_every_link_of_a_page_leads_somewhere(opened, page_file):
    page = opened(page_file.as_uri())
    links = page.evaluate("[...document.querySelectorAll('a')].map(a => a.getAttribute('href'))")
    assert links
    for link in links:
        path, _, anchor = link.partition("#")
        assert not path or (page_file.parent / path).exists(), link
        assert not anchor or page.locator(f"[id='{anchor}']").count() == 1, link


def test_every_chart_has_its_words_and_its_numbers(opened, report_file):
    page = opened(report_file.as_uri())
    figures = page.locator("figure.figure")
    assert figures.count() >= 1
    for at in range(figures.count()):
        figure = figures.nth(at)
        assert len(figure.locator("svg desc").first.text_content()) > 40
        assert figure.locator("details table tbody tr").count() > 1
        assert figure.locator(".figure-title").text_content().endswith(".")


def test_the_index_answers_every_question(opened, sample_project):
    page = opened((sample_project.root / "outputs/site/index.html").as_uri())
    titles = page.locator("article.run h2").all_text_contents()
    assert len(titles) == len(REPORTS)
    assert all(title.endswith("?") for title in titles)
    assert all("%" in text for text in page.locator("article.run .answer").all_text_contents())
    assert page.locator(".badge", has_text="Simulated data").count() == 15
    assert page.locator(".badge", has_text="Sample of real data").count() == 6
    assert page.locator(".badge", has_text="up to date").count() == len(REPORTS)


def test_the_search_finds_reports_and_metrics_without_a_request(opened, sample_project):
    page = opened((sample_project.root / "outputs/site/search.html").as_uri())
    page.fill("#query", "COME back")
    assert page.locator("#found a").all_text_contents() != []
    lines = [text.lower() for text in page.locator("#found li").all_text_contents()]
    assert all("come" in line and "back" in line for line in lines)
    page.fill("#query", "stickiness")
    assert "metrics.html#stickiness" in page.locator("#found").inner_html()
    page.fill("#query", "zebra crossing")
    assert page.locator("#said").text_content() == "0 found"
    page.fill("#query", "")
    assert page.locator("#found li").count() == 0


def test_the_search_is_quick_over_five_thousand_reports(opened, tmp_path, sample_project):
    source = (sample_project.root / "outputs/site/search.html").read_text()
    start = source.index('id="items">') + len('id="items">')
    end = source.index("</script>", start)
    items = [[f"r/{n}/index.html", f"Report {n}", f"Answer number {n}"] for n in range(5000)]
    large = tmp_path / "search.html"
    large.write_text(source[:start] + json.dumps(items) + source[end:])
    page = opened(large.as_uri())
    page.fill("#query", "number 4999")
    assert page.locator("#found a").all_text_contents() == ["Report 4999"]
