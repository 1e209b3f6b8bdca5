"""The last look at a page: planted leaks and requests, each must be caught."""

import pytest

from analytics_lib.core.errors import DisclosureError, RunError
from analytics_lib.reporting.page_checks import require_safe_page

PSEUDONYM = "0123456789abcdef" * 4
SAFE = (
    '<html><head><style>p{background:url("data:image/png;base64,AA")}</style></head><body>'
    '<h1 id="a">x</h1><a href="https://example.org/paper">paper</a><a href="data/x.csv">CSV</a>'
    '<svg><use href="#mark"/></svg><img alt="" src="data:image/png;base64,AA"></body></html>'
)


def test_a_safe_page_passes():
    require_safe_page(SAFE, name="page")


@pytest.mark.parametrize(
    ("planted", "said"),
    [
        ("<script>1</script>", "a <script> element"),
        ("<SCRIPT>1</SCRIPT>", "a <script> element"),
        ('<iframe src="x"></iframe>', "a <iframe> element"),
        ('<link rel="stylesheet" href="x.css">', "a <link> element"),
        ('<p onclick="x()">p</p>', "an event handler `onclick`"),
        ('<img alt="" src="https://example.org/a.png">', "`src` of <img> loads"),
        ('<img alt="" srcset="a.png 2x" src="data:image/png;base64,A">', "`srcset` of <img>"),
        ('<a href="JavaScript:alert(1)">x</a>', "a running link on <a>"),
        ('<svg><use href="other.svg#m"/></svg>', "`href` of <use> loads"),
        ('<svg><image xlink:href="https://example.org/a"/></svg>', "`href` of <image> loads"),
        ("<style>@import 'x.css';</style>", "a style sheet that loads"),
        ("<style>p{background:url(https://example.org)}</style>", "a style sheet that loads"),
        ('<p style="background:url(x.png)">p</p>', "the style of <p> loads"),
        ('<h2 id="a">twice</h2>', "ids that are not unique: ['a']"),
    ],
)
def test_whatever_runs_or_loads_is_refused(planted, said):
    with pytest.raises(RunError) as caught:
        require_safe_page(SAFE.replace("</body>", planted + "</body>"), name="page")
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("planted", "caught"),
    [
        pytest.param("f" + PSEUDONYM[:62], False, id="63 digits are no pseudonym"),
        pytest.param(PSEUDONYM, True, id="64 digits"),
        pytest.param(PSEUDONYM + "f", False, id="65 digits"),
        pytest.param("ann@example.org", True, id="an e-mail address"),
        pytest.param("12 @ 3", False, id="no address"),
    ],
)
def test_identifiers_are_refused_and_never_repeated_in_the_message(planted, caught):
    page = SAFE.replace("</body>", f'<svg aria-label="{planted}"></svg></body>')
    if not caught:
        require_safe_page(page, name="page")
        return
    with pytest.raises(DisclosureError) as error:
        require_safe_page(page, name="page")
    assert planted not in str(error.value)
    assert error.value.exit_code == 4
