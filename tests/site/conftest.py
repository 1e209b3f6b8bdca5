"""A real browser, and how every page is opened in it."""

import shutil

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]


@pytest.fixture(scope="session")
def browser():
    """Chromium of the operating system; tests that need it are skipped without it."""
    if CHROMIUM is None:
        pytest.skip("no Chromium: install your system's `chromium`")
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - only where Chromium is

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def opened(browser):
    """Open an address; `page.said` holds every request and complaint."""
    pages = []

    def run(address, *, width=1280, scheme="light", media="screen"):
        page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
        pages.append(page)
        page.emulate_media(media=media, color_scheme=scheme)
        page.said = []
        page.on("request", lambda request: page.said.append(request.url))
        page.on("console", lambda message: page.said.append(message.text))
        page.on("pageerror", lambda error: page.said.append(str(error)))
        page.goto(address)
        return page

    yield run
    for page in pages:
        page.close()


@pytest.fixture
def barriers(opened):
    """What axe finds on a page with everything unfolded, however it is looked at.

    The page is opened once and looked at in each way: a report for every way in which
    axe finds something, nothing for a good page.
    """
    from axe_playwright_python.sync_playwright import Axe  # noqa: PLC0415 - see browser

    def run(address, looks):
        page = opened(address)
        page.evaluate("document.querySelectorAll('details').forEach(item => { item.open = true })")
        found = {}
        for width, media, scheme in looks:
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(media=media, color_scheme=scheme)
            results = Axe().run(page)
            assert len(results.response["passes"]) > 10
            if results.violations_count:
                found[width, media, scheme] = results.generate_report()
        return found

    return run
